// Proves: tokens, keys and certificates are made once, kept from others, and replaced when they cannot be used.
import { createPrivateKey, createPublicKey, createSign, createVerify, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  dropUnusableCertificate,
  ensureServiceAccountKey,
  ensureTokens,
  kubeconfig,
  readCertificateAuthority,
} from "../../local-cluster/credentials.ts";
import { Layout } from "../../local-cluster/layout.ts";
import { makePrivateFolder } from "../../local-cluster/private-files.ts";
import { selfSigned } from "../support/certificate.ts";

let layout: Layout;
beforeEach(() => {
  layout = new Layout(mkdtempSync(path.join(tmpdir(), "freehold-credentials-")));
  for (const folder of layout.folders) makePrivateFolder(folder);
});
afterEach(() => rmSync(layout.directory, { recursive: true }));

describe("the tokens", () => {
  it("are long, all different, and the same the next time", () => {
    const tokens = ensureTokens(layout);
    expect(Object.keys(tokens)).toEqual(["admin", "kube-controller-manager", "kube-scheduler", "kwok"]);
    expect(new Set(Object.values(tokens)).size).toBe(4);
    for (const token of Object.values(tokens)) expect(token).toMatch(/^[\w-]{43}$/);
    expect(ensureTokens(layout)).toEqual(tokens);
    expect(statSync(layout.tokens).mode & 0o777).toBe(0o600);
  });

  it("make only one user a master", () => {
    ensureTokens(layout);
    const lines = readFileSync(layout.tokens, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => line.split(",").slice(1))).toEqual([
      ["freehold:admin", "freehold:admin", "system:masters"],
      ["system:kube-controller-manager", "system:kube-controller-manager"],
      ["system:kube-scheduler", "system:kube-scheduler"],
      ["freehold:kwok", "freehold:kwok"],
    ]);
  });

  it("are completed when some are missing", () => {
    writeFileSync(layout.tokens, "known,freehold:admin,freehold:admin,system:masters\n,freehold:kwok\n");
    const tokens = ensureTokens(layout);
    expect(tokens.admin).toBe("known");
    expect(tokens.kwok).toMatch(/^[\w-]{43}$/);
  });
});

describe("the key of service accounts", () => {
  it("is made once, and its public half verifies what it signs", () => {
    ensureServiceAccountKey(layout);
    const key = readFileSync(layout.serviceAccountKey, "utf8");
    const signature = createSign("sha256").update("token").sign(createPrivateKey(key));
    const publicKey = createPublicKey(readFileSync(layout.serviceAccountPublicKey, "utf8"));
    expect(createVerify("sha256").update("token").verify(publicKey, signature)).toBe(true);
    rmSync(layout.serviceAccountPublicKey);
    ensureServiceAccountKey(layout);
    expect(readFileSync(layout.serviceAccountKey, "utf8")).toBe(key);
    expect(existsSync(layout.serviceAccountPublicKey)).toBe(true);
  });
});

describe("the certificate that kube-apiserver made for itself", () => {
  const now = new Date("2026-11-24T00:00:00Z");
  const leaf = selfSigned(["127.0.0.1"]);
  const authority = selfSigned(["127.0.0.1"], { authority: true });
  const write = (certificate: string) => {
    writeFileSync(layout.servingCertificate, certificate);
    writeFileSync(layout.servingKey, leaf.key);
  };

  it("names the authority that signed it, once both files are there", () => {
    expect(readCertificateAuthority(layout)).toBeUndefined();
    writeFileSync(layout.servingCertificate, leaf.cert + authority.cert);
    expect(readCertificateAuthority(layout)).toBeUndefined();
    write(leaf.cert + authority.cert);
    expect(readCertificateAuthority(layout)).toBe(authority.cert);
    expect(statSync(layout.servingCertificate).mode & 0o777).toBe(0o600);
  });

  it("names no authority while it is only half there", () => {
    write(leaf.cert + authority.cert.slice(0, 200));
    expect(readCertificateAuthority(layout)).toBeUndefined();
  });

  it("is kept while it is good for more than a month", () => {
    expect(dropUnusableCertificate(layout, now)).toBe(false);
    write(leaf.cert);
    expect(dropUnusableCertificate(layout, now)).toBe(false);
    expect(existsSync(layout.servingCertificate)).toBe(true);
  });

  it("is dropped with its key a month before it ends", () => {
    write(leaf.cert);
    const end = Date.parse(new X509Certificate(leaf.cert).validTo);
    expect(dropUnusableCertificate(layout, new Date(end - 29 * 24 * 3600 * 1000))).toBe(true);
    expect([existsSync(layout.servingCertificate), existsSync(layout.servingKey)]).toEqual([false, false]);
  });

  it.each(["", leaf.cert.slice(0, 200), leaf.cert.replace(/[A-Z]{4}/, "????")])(
    "is dropped when it was written half (case %#)",
    (text) => {
      write(text);
      expect(dropUnusableCertificate(layout, now)).toBe(true);
    },
  );
});

describe("a kubeconfig", () => {
  it("has one context with address, authority and token", () => {
    const settings = { context: "freehold-local-1", port: 6443, certificateAuthority: "PEM", token: "secret" };
    expect(parse(kubeconfig(settings))).toEqual({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "freehold-local-1",
      clusters: [
        {
          name: "freehold-local-1",
          cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": "UEVN" },
        },
      ],
      users: [{ name: "freehold-local-1", user: { token: "secret" } }],
      contexts: [{ name: "freehold-local-1", context: { cluster: "freehold-local-1", user: "freehold-local-1" } }],
    });
  });
});
