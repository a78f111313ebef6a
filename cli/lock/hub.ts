import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import type { WeightsReference } from "../../config/lock/references.ts";
import { filePath, type LockedWeights } from "../../config/lock/schema.ts";
import { servedFiles } from "../../config/lock/served-files.ts";
import { type Asked, faultFailure, HttpFault, unusable, unusableSetting } from "./fault.ts";
import { type HttpAnswer, type HttpClient, retryAfterSeconds } from "./http-client.ts";
import type { Environment } from "./proxy.ts";

/** A model reference as the hub has it now. */
interface ResolvedWeights {
  readonly commit: string;
  readonly files: LockedWeights["files"];
  /** Address of the hub or mirror that answered. */
  readonly source: string;
  /** The files are handed out only to accounts that accepted the model's terms. */
  readonly isGated: boolean;
}

/** Repositories have at most some ten thousand files; each takes about 300 bytes here. */
const answerLimitBytes = 64 * 2 ** 20;

/**
 * The part of the answer that is used.
 * @see https://huggingface.co/docs/huggingface_hub/package_reference/hf_api `HfApi.model_info(files_metadata=True)`
 */
const modelInfo = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  gated: z.union([z.boolean(), z.string()]).optional(),
  siblings: z.array(
    z.object({
      rfilename: filePath,
      size: z.int().min(0),
      lfs: z.object({ size: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }).nullish(),
    }),
  ),
});

/** Commits and files of model references, from the Hugging Face hub or a mirror that speaks its API. */
export class ModelHub {
  readonly #http: HttpClient;
  readonly #endpoint: URL;
  readonly #isMirror: boolean;
  readonly #token: { readonly value: string; readonly source: string } | null;

  constructor(http: HttpClient, environment: Environment) {
    this.#http = http;
    const endpoint = environment.HF_ENDPOINT || "https://huggingface.co";
    this.#isMirror = Boolean(environment.HF_ENDPOINT);
    if (!URL.canParse(endpoint) || !["http:", "https:"].includes(new URL(endpoint).protocol)) {
      throw unusableSetting("HF_ENDPOINT", "it is not an http or https address", "`https://mirror.example.com`");
    }
    this.#endpoint = new URL(endpoint);
    this.#token = accessToken(environment);
  }

  /** The commit that a reference leads to now, with the files of it that an engine is given. */
  async resolve({ repository, revision }: WeightsReference, asked: Asked): Promise<ResolvedWeights> {
    const base = `${this.#endpoint.origin}${this.#endpoint.pathname.replace(/\/+$/, "")}`;
    const url = new URL(`${base}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`);
    let answer: HttpAnswer;
    try {
      answer = await this.#http.send({
        url,
        origin: this.#isMirror ? "HF_ENDPOINT" : "The hub's address",
        headers: { accept: "application/json" },
        authorization: this.#token === null ? null : `Bearer ${this.#token.value}`,
        limitBytes: answerLimitBytes,
      });
    } catch (error) {
      throw error instanceof HttpFault ? faultFailure(error, asked) : error;
    }
    if (answer.status !== 200) throw this.#refusal(answer, asked);

    const info = readInfo(answer, asked);
    if (/^[0-9a-f]{40}$/.test(revision) && info.sha !== revision) {
      throw unusable(answer.url.host, asked, `It was asked for that commit and answered with ${info.sha}`);
    }
    const { files, unserved } = servedFiles(
      info.siblings.map(({ rfilename, size, lfs }) => ({ name: rfilename, bytes: size, sha256: lfs?.sha256 ?? null })),
    );
    if (files.length === 0) {
      throw new Failure(finding("LCK-239", asked.place, { reference: asked.reference, unserved }));
    }
    return {
      commit: info.sha,
      files: Object.fromEntries(
        files.map(({ name, bytes, sha256 }) => [name, sha256 === null ? { bytes } : { bytes, sha256 }]),
      ),
      source: base,
      isGated: info.gated !== undefined && info.gated !== false,
    };
  }

  #refusal(answer: HttpAnswer, { reference, place }: Asked): Failure {
    const { status, headers } = answer;
    const { host } = answer.url;
    const code = headers["x-error-code"];
    if (status === 401 || status === 403) {
      const token = this.#token?.source ?? null;
      return new Failure(finding("LCK-237", place, { reference, host, status, token, gated: code === "GatedRepo" }));
    }
    if (status === 404) {
      const missing = code === "RevisionNotFound" ? "revision" : "model";
      return new Failure(finding("LCK-238", place, { reference, host, missing }));
    }
    if (status === 429) {
      return new Failure(finding("LCK-233", place, { reference, host, waitSeconds: retryAfterSeconds(answer) }));
    }
    return new Failure(finding("LCK-234", place, { reference, host, status }));
  }
}

function readInfo({ body, url }: HttpAnswer, asked: Asked): z.output<typeof modelInfo> {
  let content: unknown;
  try {
    content = JSON.parse(body.toString("utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw unusable(url.host, asked, "What came is not JSON");
  }
  const { success, data, error } = modelInfo.safeParse(content);
  if (!success) {
    const path = error.issues[0]?.path.map(String).join(".") ?? "";
    throw unusable(
      url.host,
      asked,
      `What came is not a description of a model: \`${path}\` is missing or of another form`,
    );
  }
  for (const { rfilename, size, lfs } of data.siblings) {
    if (lfs && lfs.size !== size) throw unusable(url.host, asked, `It gives two sizes for \`${rfilename}\``);
  }
  return data;
}

/** The token that the hub's own clients would send: HF_TOKEN, HUGGING_FACE_HUB_TOKEN, or the file they keep it in. */
function accessToken(environment: Environment): { value: string; source: string } | null {
  for (const source of ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]) {
    const value = environment[source]?.trim();
    if (value) return checked(value, source);
  }
  const named = environment.HF_TOKEN_PATH;
  const cache = environment.XDG_CACHE_HOME || (environment.HOME ? join(environment.HOME, ".cache") : null);
  const home = environment.HF_HOME || (cache === null ? null : join(cache, "huggingface"));
  const file = named || (home === null ? null : join(home, "token"));
  if (file === null) return null;
  try {
    const value = readFileSync(file, "utf8").trim();
    return value === "" ? null : checked(value, file);
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (!named) return null;
    throw unusableSetting("HF_TOKEN_PATH", `\`${file}\` cannot be read`, "the path of a file with the token");
  }
}

function checked(value: string, source: string): { value: string; source: string } {
  if (/^[\x21-\x7e]+$/.test(value)) return { value, source };
  throw unusableSetting(source, "it holds characters that no token has", "the token alone");
}
