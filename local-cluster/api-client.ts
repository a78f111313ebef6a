import { Agent, request } from "node:https";

export interface ApiAccess {
  readonly port: number;
  /** The certificate authority that signed the server's certificate, as PEM. */
  readonly certificateAuthority: string;
  readonly token: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** How long the server may take for one answer; every call here is a small one. */
const answerTimeoutSeconds = 15;

export type PatchKind = "merge" | "apply";

const patchTypes: Readonly<Record<PatchKind, string>> = {
  merge: "application/merge-patch+json",
  apply: "application/apply-patch+yaml",
};

/** As much of the Kubernetes API as the local cluster needs to set itself up. */
export class ApiClient {
  readonly #access: ApiAccess;
  readonly #agent: Agent;

  constructor(access: ApiAccess) {
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 8, ca: access.certificateAuthority });
  }

  /** Lets go of open connections, so that they keep no process waiting. */
  close(): void {
    this.#agent.destroy();
  }

  /** What the server answers, whatever its status; rejects when it does not answer at all. */
  async call(method: string, path: string, body?: object, contentType = "application/json"): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent: this.#agent,
          host: "127.0.0.1",
          port: this.#access.port,
          method,
          path,
          headers: {
            authorization: `Bearer ${this.#access.token}`,
            accept: "application/json",
            ...(body === undefined ? {} : { "content-type": contentType }),
          },
          timeout: answerTimeoutSeconds * 1000,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            resolve({ status: incoming.statusCode ?? 0, body: parse(text) });
          });
        },
      );
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${answerTimeoutSeconds} s`)));
      outgoing.on("error", reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** The object or list at `path`; undefined when there is none. */
  async get<T>(path: string): Promise<T | undefined> {
    const answer = await this.call("GET", path);
    if (answer.status === 404) return undefined;
    return this.#expect<T>("GET", path, answer);
  }

  async create(path: string, object: object): Promise<void> {
    this.#expect("POST", path, await this.call("POST", path, object));
  }

  async patch(path: string, kind: PatchKind, object: object): Promise<void> {
    const query = kind === "apply" ? "?fieldManager=freehold-local-cluster&force=true" : "";
    this.#expect("PATCH", path, await this.call("PATCH", path + query, object, patchTypes[kind]));
  }

  async delete(path: string): Promise<void> {
    const answer = await this.call("DELETE", path);
    if (answer.status !== 404) this.#expect("DELETE", path, answer);
  }

  #expect<T>(method: string, path: string, { status, body }: ApiAnswer): T {
    if (status >= 200 && status < 300) return body as T;
    const message = (body as { message?: unknown } | undefined)?.message;
    throw new Error(
      `${method} ${path} was answered with ${status}: ${typeof message === "string" ? message : "no reason"}`,
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
