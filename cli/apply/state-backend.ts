import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sortedJson } from "../../stacks/values/sorted-json.ts";

/** A backend block: where Terraform keeps a state. */
interface Backend {
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface BackendChange {
  /** True when the folder was used for another stack file before, whose state stays where it is. */
  readonly otherStack: boolean;
  /** Old place and new place of the state, in words. */
  readonly from: string;
  readonly to: string;
}

/** How the place of the state differs between what a stack's folder was prepared for and what it says now. */
export function backendChange(directory: string): BackendChange {
  const before = preparedFor(directory);
  const now = written(directory);
  const changed = [...new Set([...Object.keys(before?.config ?? {}), ...Object.keys(now?.config ?? {})])].filter(
    (key) => sortedJson(before?.config[key] ?? null) !== sortedJson(now?.config[key] ?? null),
  );
  const inWords = (backend: Backend | null) => {
    if (backend === null) return "an unknown place";
    const words = changed.filter(isAddress).flatMap((key) => {
      const value = backend.config[key];
      return value === undefined || value === null
        ? []
        : [`${key} ${typeof value === "string" ? value : sortedJson(value)}`];
    });
    return [backend.type, ...words].join(", ");
  };
  const [old, current] = [identityOf(before), identityOf(now)];
  return {
    otherStack: old !== null && current !== null && old !== current,
    from: inWords(before),
    to: inWords(now),
  };
}

/** Attributes that say where something lies. Others may come from somebody's command line and be a secret. */
function isAddress(key: string): boolean {
  return /^(path|bucket|key|prefix|region|endpoints|resource_group_name|storage_account_name|container_name|schema_name|address|namespace|secret_suffix|config_context)$/.test(
    key,
  );
}

/** Which stack of which file a state belongs to, from the name that Freehold gives it there; null when it is none. */
function identityOf(backend: Backend | null): string | null {
  const { path, key, prefix, schema_name: schema, address, secret_suffix: suffix } = backend?.config ?? {};
  const name = [key, prefix, schema, suffix].find((value) => typeof value === "string");
  const file =
    typeof path === "string" ? path.replace(/^.*\.freehold\/state\//, "").replace(/\.tfstate$/, "") : undefined;
  const last = typeof address === "string" ? address.split("/").at(-1) : undefined;
  const found = name ?? file ?? last;
  return typeof found === "string" ? found.replace(/[^A-Za-z0-9]+/g, "-") : null;
}

/** What `init` has noted in the stack's folder. */
function preparedFor(directory: string): Backend | null {
  const { backend } =
    readJson<{ readonly backend?: Backend }>(join(directory, ".terraform", "terraform.tfstate")) ?? {};
  if (backend === undefined) return null;
  const set = Object.entries(backend.config ?? {}).filter(([, value]) => value !== null);
  return { type: backend.type, config: Object.fromEntries(set) };
}

function written(directory: string): Backend | null {
  const stack = readJson<{ readonly terraform?: { readonly backend?: Readonly<Record<string, Backend["config"]>> } }>(
    join(directory, "cdk.tf.json"),
  );
  const [entry] = Object.entries(stack?.terraform?.backend ?? {});
  return entry === undefined ? null : { type: entry[0], config: entry[1] };
}

function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    // Not there, or written half: then nothing is known, and nobody's state is passed over silently.
    return null;
  }
}
