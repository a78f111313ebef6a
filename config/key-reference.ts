/** Where a key is, read from how it is referred to. */
export type KeyReference =
  /** `region` is null where the form does not say it. */
  | { readonly kind: "aws" | "gcp" | "azure" | "pkcs11"; readonly region: string | null }
  /** The text is a key or a password, not a place. */
  | { readonly kind: "key" }
  | { readonly kind: "unknown" };

const aws = /^arn:aws(-[a-z-]+)?:kms:([a-z0-9-]+):[0-9]{12}:(key|alias)\/[A-Za-z0-9/_-]+$/;
const gcp = /^projects\/[a-z0-9:.-]+\/locations\/([a-z0-9-]+)\/keyRings\/[\w-]+\/cryptoKeys\/[\w-]+$/;
const azure = /^https:\/\/[a-z0-9-]+\.(vault|managedhsm)\.azure\.net\/keys\/[A-Za-z0-9-]+(\/[0-9a-f]{32})?$/;
const pkcs11 = /^pkcs11:([a-z-]+=[^;?]+)(;[a-z-]+=[^;?]+)*$/;

/** Armour, hexadecimal and base64 of 128 bits and more, and the forms that issuers give to secrets. */
const keyForms = [
  /-----BEGIN/,
  /^[0-9a-fA-F]{32,}$/,
  /^[A-Za-z0-9+/_-]{22,}={1,2}$/,
  /^[A-Za-z0-9+/]{40,}$/,
  /^(AKIA|ASIA)[0-9A-Z]{16}$/,
  /^(hf_|sk-|ghp_|glpat-|AGE-SECRET-KEY-)/,
  /[?&;](pin-value|password|secret)=/i,
];

/** What a text in `residency.keys.reference` is. What looks like a key is one, whatever else it could be. */
export function keyReference(text: string): KeyReference {
  if (keyForms.some((form) => form.test(text))) return { kind: "key" };
  const arn = aws.exec(text);
  if (arn !== null) return { kind: "aws", region: arn[2] ?? null };
  const named = gcp.exec(text);
  if (named !== null) return { kind: "gcp", region: named[1] ?? null };
  if (azure.test(text)) return { kind: "azure", region: null };
  return pkcs11.test(text) ? { kind: "pkcs11", region: null } : { kind: "unknown" };
}
