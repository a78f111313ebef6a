import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { runProcess } from "../process.ts";
import type { Asked } from "./fault.ts";
import type { Environment } from "./proxy.ts";

/** What opens a registry. An identity token is exchanged at the registry's token address. */
export type Credentials =
  | { readonly kind: "password"; readonly username: string; readonly password: string; readonly source: string }
  | { readonly kind: "identity"; readonly token: string; readonly source: string };

/** Docker's own key for Docker Hub, in its file and towards its helpers. */
const dockerHubKey = "https://index.docker.io/v1/";
const dockerHubHosts = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);
const helperTimeoutSeconds = 15;

/**
 * The credentials that Docker's clients would use for a host, or null for none: DOCKER_AUTH_CONFIG (the file's
 * content, as CI systems give it), else REGISTRY_AUTH_FILE, else `config.json` in DOCKER_CONFIG or `~/.docker`.
 * A helper for the host comes before the general one, and that before what the file itself holds.
 * @see https://docs.docker.com/reference/cli/docker/login/
 */
export async function registryCredentials(
  host: string,
  environment: Environment,
  asked: Asked,
  signal?: AbortSignal,
): Promise<Credentials | null> {
  const unreadable = (source: string, detail: string) =>
    new Failure(finding("LCK-241", asked.place, { reference: asked.reference, host, source, detail }));
  const configuration = readConfiguration(environment, unreadable);
  if (configuration === null) return null;
  const { source, content } = configuration;
  const keys = dockerHubHosts.has(host) ? [dockerHubKey, ...dockerHubHosts] : [host];

  const helpers = mapOf(content.credHelpers);
  const helper = keys.map((key) => helpers[key]).find((name) => name !== undefined) ?? content.credsStore;
  if (typeof helper === "string" && helper !== "") {
    const server = dockerHubHosts.has(host) ? dockerHubKey : host;
    const found = await askHelper(helper, server, environment, unreadable, signal);
    if (found !== null) return found;
  }
  const auths = Object.entries(mapOf(content.auths));
  const stored = auths.find(([key]) => keys.includes(key) || keys.includes(hostOf(key)));
  return stored === undefined ? null : readEntry(mapOf(stored[1]), source, unreadable);
}

type Unreadable = (source: string, detail: string) => Failure;

function readConfiguration(
  environment: Environment,
  unreadable: Unreadable,
): { source: string; content: Record<string, unknown> } | null {
  const inline = environment.DOCKER_AUTH_CONFIG;
  if (inline !== undefined && inline !== "") {
    return { source: "DOCKER_AUTH_CONFIG", content: parseMap(inline, "DOCKER_AUTH_CONFIG", unreadable) };
  }
  const folder = environment.DOCKER_CONFIG || (environment.HOME ? join(environment.HOME, ".docker") : null);
  const file = environment.REGISTRY_AUTH_FILE || (folder === null ? null : join(folder, "config.json"));
  if (file === null) return null;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw unreadable(file, `it cannot be read (${code})`);
  }
  return { source: file, content: parseMap(text, file, unreadable) };
}

function parseMap(text: string, source: string, unreadable: Unreadable): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === "object" && content !== null && !Array.isArray(content)) return mapOf(content);
  } catch {
    // Node's own message would repeat a part of the text, which holds passwords.
  }
  throw unreadable(source, "it is not a JSON object");
}

function readEntry(entry: Record<string, unknown>, source: string, unreadable: Unreadable): Credentials | null {
  if (typeof entry.identitytoken === "string" && entry.identitytoken !== "") {
    return { kind: "identity", token: entry.identitytoken, source };
  }
  if (typeof entry.username === "string" && typeof entry.password === "string" && entry.username !== "") {
    return { kind: "password", username: entry.username, password: entry.password, source };
  }
  // Docker leaves an empty entry behind for each host whose credentials its helper keeps.
  if (typeof entry.auth !== "string" || entry.auth === "") return null;
  const decoded = Buffer.from(entry.auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1) throw unreadable(source, "`auth` is not `user:password` in base64");
  return { kind: "password", username: decoded.slice(0, colon), password: decoded.slice(colon + 1), source };
}

/** Asks `docker-credential-<name>`, which takes the host on stdin and answers with JSON. */
async function askHelper(
  name: string,
  server: string,
  environment: Environment,
  unreadable: Unreadable,
  signal?: AbortSignal,
): Promise<Credentials | null> {
  const program = `docker-credential-${name}`;
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw unreadable("credsStore", `\`${name}\` is not the name of a helper`);
  const { status, stdout, stderr } = await runProcess(program, ["get"], {
    environment,
    input: server,
    timeoutSeconds: helperTimeoutSeconds,
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  if (status === 127) throw unreadable(program, "it is not on PATH, or does not start");
  if (status >= 128) throw unreadable(program, `it gave no answer in ${helperTimeoutSeconds} s`);
  if (status !== 0) {
    // Helpers report a missing entry as an error, in these words.
    if (/credentials not found/i.test(stdout + stderr)) return null;
    throw unreadable(program, (stdout.trim() || stderr.trim() || `it ended with ${status}`).split("\n")[0] ?? "");
  }
  const answer = parseMap(stdout, program, unreadable);
  if (typeof answer.Username !== "string" || typeof answer.Secret !== "string") {
    throw unreadable(program, "its answer has no `Username` and `Secret`");
  }
  if (answer.Username === "<token>") return { kind: "identity", token: answer.Secret, source: program };
  return { kind: "password", username: answer.Username, password: answer.Secret, source: program };
}

/** The host in a key of `auths`, which is a host or an address: `https://ghcr.io/v2/`. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").split("/")[0] ?? "";
}

function mapOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
