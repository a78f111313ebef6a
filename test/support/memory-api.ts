import type { Certificate } from "./certificate.ts";
import type { LoopbackServer } from "./loopback-server.ts";
import { listen } from "./loopback-server.ts";

export interface MemoryApi extends LoopbackServer {
  /** The objects by path, as they are now. */
  readonly objects: Map<string, object>;
  /** Requests that changed something, such as `POST /api/v1/nodes`. */
  readonly changes: string[];
}

/**
 * As much of an API server as keeps objects: reads, lists, creates, merges and deletes. It checks nothing; what a real
 * one makes of the same requests is proved in test/cluster/.
 */
export async function memoryApi(certificate: Certificate): Promise<MemoryApi> {
  const objects = new Map<string, object>();
  const changes: string[] = [];
  const server = await listen((request, response) => {
    const path = new URL(request.url ?? "/", "https://api").pathname;
    const target = path.replace(/\/status$/, "");
    const answer = (status: number, body: object) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body =
        chunks.length === 0
          ? { metadata: { name: "" } }
          : (JSON.parse(Buffer.concat(chunks).toString()) as { metadata: { name: string } });
      const existing = objects.get(target);
      if (request.method !== "GET") changes.push(`${request.method} ${path}`);
      if (request.method === "POST") {
        const key = `${target}/${body.metadata.name}`;
        if (objects.has(key)) return answer(409, { message: `${key} is there already` });
        objects.set(key, body);
        return answer(201, body);
      }
      if (
        request.method === "PATCH" &&
        (existing !== undefined || /apply/.test(request.headers["content-type"] ?? ""))
      ) {
        const merged = merge(existing ?? {}, body) as object;
        objects.set(target, merged);
        return answer(200, merged);
      }
      const isList = /^(persistentvolumes|nodes)$/.test(target.split("/").at(-1) ?? "");
      if (request.method === "GET" && isList) {
        const items = [...objects].filter(([key]) => key.startsWith(`${target}/`)).map(([, object]) => object);
        return answer(200, { items });
      }
      if (existing === undefined) return answer(404, { message: `${target} is not there` });
      if (request.method === "DELETE") objects.delete(target);
      answer(200, existing);
    });
  }, certificate);
  return { ...server, objects, changes };
}

/** JSON merge patch, as RFC 7396 has it. */
function merge(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(typeof target === "object" && target !== null ? target : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}
