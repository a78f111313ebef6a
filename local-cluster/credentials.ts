import { createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import type { Layout } from "./layout.ts";
import { readIfThere, writePrivateFile } from "./private-files.ts";

/** Who talks to the API server from outside, and as whom. Users of Kubernetes' own have their roles built in. */
const identities = {
  admin: { user: "freehold:admin", group: "system:masters" },
  "kube-controller-manager": { user: "system:kube-controller-manager", group: "" },
  "kube-scheduler": { user: "system:kube-scheduler", group: "" },
  kwok: { user: "freehold:kwok", group: "" },
} as const;

export type Identity = keyof typeof identities;

export const kwokUser = identities.kwok.user;

/** The tokens of all identities: made at random once for a cluster, then read back. */
export function ensureTokens(layout: Layout): Readonly<Record<Identity, string>> {
  const names = Object.keys(identities) as Identity[];
  const known = new Map(
    (readIfThere(layout.tokens) ?? "").split("\n").map((line) => {
      const [token = "", user = ""] = line.split(",");
      return [user, token] as const;
    }),
  );
  const tokens = Object.fromEntries(
    names.map((name) => [name, known.get(identities[name].user) || randomBytes(32).toString("base64url")]),
  ) as Record<Identity, string>;
  const lines = names.map((name) => {
    const { user, group } = identities[name];
    return [tokens[name], user, user, ...(group === "" ? [] : [group])].join(",");
  });
  writePrivateFile(layout.tokens, `${lines.join("\n")}\n`);
  return tokens;
}

/** Sees that the key which signs the tokens of service accounts is there. */
export function ensureServiceAccountKey(layout: Layout): void {
  const existing = readIfThere(layout.serviceAccountKey);
  const key =
    existing ??
    generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" }).toString();
  writePrivateFile(layout.serviceAccountKey, key);
  writePrivateFile(
    layout.serviceAccountPublicKey,
    createPublicKey(key).export({ type: "spki", format: "pem" }).toString(),
  );
}

const renewBeforeDays = 30;

/**
 * Throws away a serving certificate that is about to expire or was written half, and says whether it did.
 * kube-apiserver makes a new one at its next start; it would use the old one for as long as it can be read.
 */
export function dropUnusableCertificate(layout: Layout, now: Date): boolean {
  const text = readIfThere(layout.servingCertificate);
  if (text === undefined) return false;
  const [leaf] = certificatesIn(text);
  const lastUse = leaf === undefined ? 0 : Date.parse(leaf.validTo) - renewBeforeDays * 24 * 3600 * 1000;
  if (lastUse > now.getTime()) return false;
  rmSync(layout.servingCertificate, { force: true });
  rmSync(layout.servingKey, { force: true });
  return true;
}

/** The certificate of the authority that kube-apiserver made for itself; undefined while it has not yet done so. */
export function readCertificateAuthority(layout: Layout): string | undefined {
  const text = readIfThere(layout.servingCertificate);
  if (text === undefined || readIfThere(layout.servingKey) === undefined) return undefined;
  const authority = certificatesIn(text).find(({ ca }) => ca);
  if (authority === undefined) return undefined;
  // It holds no secret, but nothing in the folder is anyone else's business.
  chmodSync(layout.servingCertificate, 0o600);
  return authority.toString();
}

function certificatesIn(pem: string): X509Certificate[] {
  try {
    return (pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g) ?? []).map(
      (block) => new X509Certificate(block),
    );
  } catch {
    return [];
  }
}

/** A kubeconfig with everything in it: the address, the pinned authority and the token. */
export function kubeconfig(settings: {
  readonly context: string;
  readonly port: number;
  readonly certificateAuthority: string;
  readonly token: string;
}): string {
  const { context, port, certificateAuthority, token } = settings;
  return `apiVersion: v1
kind: Config
current-context: ${context}
clusters:
  - name: ${context}
    cluster:
      server: https://127.0.0.1:${port}
      certificate-authority-data: ${Buffer.from(certificateAuthority).toString("base64")}
users:
  - name: ${context}
    user:
      token: ${token}
contexts:
  - name: ${context}
    context:
      cluster: ${context}
      user: ${context}
`;
}
