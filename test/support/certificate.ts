import { generateKeyPairSync, sign } from "node:crypto";
import { isIPv4 } from "node:net";

export interface Certificate {
  /** PEM, its own trust anchor. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

/**
 * A certificate for host names and IPv4 addresses, signed by itself. Node cannot make one, so its few DER fields are put
 * together here. An `authority` says of itself that it may sign others.
 */
export function selfSigned(names: readonly string[], options: { readonly authority?: boolean } = {}): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = sequence(der(0x06, Buffer.from("2a8648ce3d040302", "hex")));
  const commonName = sequence(der(0x06, Buffer.from("550403", "hex")), der(0x0c, Buffer.from("freehold test")));
  const subject = sequence(der(0x31, commonName));
  const alternativeNames = sequence(
    ...names.map((name) =>
      isIPv4(name) ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name)),
    ),
  );
  const alternatives = sequence(der(0x06, Buffer.from("551d11", "hex")), der(0x04, alternativeNames));
  const mayBeAuthority = sequence(
    der(0x06, Buffer.from("551d13", "hex")),
    der(0x04, sequence(der(0x01, Buffer.from([0xff])))),
  );
  const extensions = options.authority === true ? [alternatives, mayBeAuthority] : [alternatives];
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    subject,
    sequence(der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231235959Z"))),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", content, privateKey)]));
  const base64 = sequence(content, ecdsaWithSha256, signature).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
