import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A value that nothing else holds. */
export const canaryOf = (name: string, index: number) =>
  `canary-${index}-${createHash("sha256").update(name).digest("hex").slice(0, 24)}`;

/** Variables that tools read secrets from, each with a canary. */
export const canaries: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
    "ARM_CLIENT_SECRET",
    "ARM_ACCESS_KEY",
    "PG_CONN_STR",
    "TF_HTTP_PASSWORD",
    "TF_HTTP_USERNAME",
    "TF_TOKEN_app_terraform_io",
    "TF_VAR_hub_token",
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "KUBE_TOKEN",
    "KUBE_PASSWORD",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "NGC_API_KEY",
    "VAULT_TOKEN",
    "GITHUB_TOKEN",
  ].map((name, index) => [name, canaryOf(name, index)]),
);

/** Names of the canaries that a text holds. */
export function canariesIn(text: string, wanted: Readonly<Record<string, string>> = canaries): string[] {
  return Object.entries(wanted).flatMap(([name, value]) => (text.includes(value) ? [name] : []));
}

/** Every file below a folder with its content, as bytes are in Latin-1, so that nothing is lost to an encoding. */
export function filesBelow(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((item) => item.isFile());
  return Object.fromEntries(
    files.map((item) => {
      const path = join(item.parentPath, item.name);
      return [path.slice(folder.length + 1), readFileSync(path, "latin1")];
    }),
  );
}
