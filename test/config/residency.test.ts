// Proves: what is refused in the residency section, and in workloads that disagree with it. Each row is a whole file with one
// thing wrong. What needs the catalog or the day is in test/decisions/residency/findings.test.ts.
import { describe, expect, it } from "vitest";
import { load } from "../../config/load.ts";
import { type Change, closed, codes, file, nothingLeaves, sound, withoutExceptions } from "../support/resident-file.ts";
import { codesOf, screenOf } from "../support/stack-file.ts";

describe("what verifies signatures", () => {
  const digest = `@sha256:${"6d".repeat(32)}`;
  const sections = (image: string, command?: readonly string[]): Change => [
    "  exceptions:\n",
    `  signatures:
    image: ${image}
    publicKeySecret: signer
${command === undefined ? "" : `    command: ${JSON.stringify(command)}\n`}  exceptions:\n`,
  ];
  const image = `registry.example.com/mirror/verifier${digest}`;
  const looks = ["cosign", "verify-blob", "$(FREEHOLD_SNAPSHOT)/model.sig", "--key=$(FREEHOLD_PUBLIC_KEY)"];

  it.each<readonly [string, Change, readonly string[]]>([
    ["by digest", sections(image), []],
    ["by tag and digest", sections(image.replace("@", ":v1@")), []],
    ["by tag", sections("registry.example.com/mirror/verifier:v1"), ["RES-122"]],
    ["with nothing", sections("registry.example.com/mirror/verifier"), ["RES-122"]],
    ["by a digest that is none", sections("registry.example.com/mirror/verifier@sha256:abc"), ["RES-122"]],
    ["with a command", sections(image, looks), []],
    ["with a program's own brackets", sections(image, [...looks, "$$(HOME)"]), []],
    ["with a place nobody fills in", sections(image, [...looks, "$(SNAPSHOT)"]), ["RES-123"]],
    ["with another place in a word", sections(image, [...looks, "--key=$(HOME)/k"]), ["RES-123"]],
    ["with a place in small letters", sections(image, [...looks, "$(freehold_snapshot)"]), ["RES-123"]],
    ["that looks at nothing", sections(image, ["true"]), ["RES-124"]],
    ["that looks at the key alone", sections(image, ["verify", "$(FREEHOLD_PUBLIC_KEY)"]), ["RES-124"]],
    ["that is given the name, not the place", sections(image, ["verify", "$$(FREEHOLD_SNAPSHOT)"]), ["RES-124"]],
  ])("is named %s", (_, change, expected) => expect(codes(change)).toEqual(expected));

  it("rejects a key in the place of its Secret", () => {
    const [from, to] = sections(image);
    const found = load(file([from, to.replace("signer", '"-----BEGIN PUBLIC KEY-----"')])).findings;
    expect(found.map(({ place }) => JSON.stringify(place))).toEqual([expect.stringContaining("publicKeySecret")]);
  });
});

it("is read when every part of it is given", () => {
  const { config, findings } = load(file());
  expect(findings).toEqual([]);
  expect(config?.residency?.exceptions?.hub).toMatchObject({ rule: "public-hub", until: "2026-12-31" });
});

describe("the way out", () => {
  const egress = (text: string): Change => ["  exceptions:\n", `  egress: ${text}\n  exceptions:\n`];
  const hosts = (host: string): Change => egress(`{ hosts: { fetch-weights: ["${host}"] } }`);

  it.each<readonly [string, readonly Change[], readonly string[]]>([
    ["a host", [hosts("storage.example.com")], []],
    ["a host with its port", [hosts("storage.example.com:8443")], []],
    ["nothing but itself", [egress("{}")], []],
    ["a wildcard", [hosts("*.example.com")], ["RES-121"]],
    ["the world", [hosts("*")], ["RES-121"]],
    ["punycode", [hosts("xn--exmple-cua.com")], ["RES-121"]],
    ["a letter of another script", [hosts("ex\u0430mple.com")], ["RES-121"]],
    ["an address", [hosts("203.0.113.9")], ["RES-121"]],
    ["a scheme", [hosts("https://example.com")], ["RES-121"]],
    ["a port that is none", [hosts("example.com:70000")], ["RES-121"]],
    ["the metadata service", [hosts("metadata.google.internal")], ["RES-121"]],
    ["a Service of the cluster", [hosts("kubernetes.default.svc")], ["RES-121"]],
    ["the same by its whole name", [hosts("kubernetes.default.svc.cluster.local:443")], ["RES-121"]],
    [
      "an air-gapped stack",
      [
        withoutExceptions,
        closed,
        ...nothingLeaves,
        ["mode: region-bound", "mode: air-gapped"],
        ["custody: customer", "custody: local"],
        ["workloads:\n", "  egress: {}\nworkloads:\n"],
      ],
      ["RES-120"],
    ],
  ])("to %s", (_, changes, expected) => expect(codes(...changes)).toEqual(expected));

  it("shows both places of a way out of an air-gapped stack", () => {
    const screen = screenOf(file(["mode: region-bound", "mode: air-gapped"], egress("{}")));
    expect(screen).toContain("RES-120");
    expect(screen).toContain("the mode is set here: air-gapped");
  });
});

const redactor = (text: string): Change => [
  "workloads:\n",
  `gateway:
  jwt: { issuer: https://login.example.com, audience: freehold, keySet: { secret: login, key: jwks.json } }
  redactor: ${text}
  tenants: { support: {} }
workloads:
`,
];

describe("data classes", () => {
  it.each<readonly [string, readonly Change[], readonly string[]]>([
    [
      "personal data that leaves as it is",
      [
        [
          "customer: { personalData: true, leavesBoundary: redacted",
          "customer: { personalData: true, leavesBoundary: allowed",
        ],
      ],
      ["RES-101"],
    ],
    ["a class nobody defined", [["dataClass: public", "dataClass: publik"]], ["RES-102"]],
    ["a class that every object has", [["dataClass: public", "dataClass: constructor"]], ["RES-102"]],
    ["no class under region-bound", [["    dataClass: public\n", ""]], ["RES-104"]],
    ["a class that never leaves", [["dataClass: public", "dataClass: restricted"]], ["RES-104"]],
    ["a class that leaves redacted, without a redactor", [["dataClass: public", "dataClass: customer"]], ["RES-104"]],
    ["a class that leaves redacted, with one", [["dataClass: public", "dataClass: customer"], redactor("{}")], []],
    [
      "a class that never leaves, with one",
      [["dataClass: public", "dataClass: restricted"], redactor("{}")],
      ["RES-104"],
    ],
    [
      "a class that leaves redacted, where the gateway cannot be read",
      [["dataClass: public", "dataClass: customer"], redactor("7")],
      ["CFG-103"],
    ],
    [
      "a class that leaves, and a mode that lets nothing leave",
      [
        withoutExceptions,
        closed,
        ["custody: customer", "custody: external"],
        ["mode: region-bound", "mode: sovereign"],
      ],
      ["RES-105", "RES-105"],
    ],
    ["a leak in words of its own", [["leavesBoundary: never", "leavesBoundary: maybe"]], ["CFG-104"]],
  ])("%s", (_, changes, expected) => expect(codes(...changes)).toEqual(expected));

  it("are asked for where the file has no residency at all", () => {
    expect(codesOf(load(file([sound.slice(0, sound.indexOf("workloads:")), ""])))).toEqual(["RES-102"]);
  });

  it("are not called undefined where the section cannot be read", () => {
    expect(codes(["mode: region-bound", "mode: regional"])).toEqual(["CFG-104"]);
  });
});

describe("escalation", () => {
  it.each(["sovereign", "air-gapped"])("is refused under %s", (mode) => {
    const custody: Change = ["custody: customer", "custody: local"];
    expect(codes(withoutExceptions, ...nothingLeaves, custody, ["mode: region-bound", `mode: ${mode}`])).toContain(
      "RES-103",
    );
  });

  it("shows both places", () => {
    const text = file(
      withoutExceptions,
      ...nothingLeaves,
      ["custody: customer", "custody: external"],
      ["mode: region-bound", "mode: sovereign"],
    );
    expect(screenOf(text)).toMatchInlineSnapshot(`
      "config/stack.yaml:25:22  RES-103  The workload "support" escalates requests, and residency.mode is sovereign.

        24 |     outputTokens: { mean: 400, p95: 1500 }
        25 |     escalationShare: 0.1
           |                      ^^^
        also config/stack.yaml:7:9  the mode is set here: sovereign

        Why: Under sovereign no request goes to a provider, wherever it stands.
        Fix: Remove workloads.support.escalationShare; a second model of your own can take hard cases. Or set residency.mode to region-bound.
        More: docs/reference/errors.md#res-103

      1 error
      "
    `);
  });
});

describe("an exception", () => {
  it.each<readonly [string, readonly Change[], readonly string[]]>([
    ["without an end", [["\n      until: 2026-12-31", ""]], ["CFG-101"]],
    ["that ends on no day", [["until: 2026-12-31", "until: 2026-02-30"]], ["CFG-121"]],
    ["nobody accepted", [["      acceptedBy: head of platform\n", ""]], ["CFG-101"]],
    ["from nothing that can be lifted", [["rule: public-hub", "rule: metadata-address"]], ["CFG-104"]],
    ["about nothing in the file", [["subject: models.chat", "subject: models.chatt"]], ["RES-107"]],
    ["about what every object has", [["subject: models.chat", "subject: models.constructor"]], ["RES-107"]],
    [
      "from what the mode forbids outright",
      [...nothingLeaves, closed, ["custody: customer", "custody: external"], ["mode: region-bound", "mode: sovereign"]],
      ["RES-106"],
    ],
  ])("%s", (_, changes, expected) => expect(codes(...changes)).toEqual(expected));
});

describe("a source", () => {
  it.each([
    ["*.example.com", "wildcard"],
    ["https://registry.example.com", "scheme"],
    ["vllm/vllm-openai", "names no host"],
    ["registry", "full name"],
    ["xn--rgistry-bya.example.com", "punycode"],
    // The first letter is Cyrillic.
    ["\u0433egistry.example.com", "U+0433"],
    ["regist\u0491y.example.com", "U+0491"],
    ["10.0.0.5", "address"],
    ["user@registry.example.com", "user"],
    ["registry.example.com:99999", "port"],
    ["Registry.example.com", "upper-case"],
    ["registry.example.com/../other", "path"],
  ])("%s is no registry", (text, told) => {
    const { findings } = load(file(["registry.example.com/mirror", JSON.stringify(text)]));
    expect(findings.map(({ code }) => code)).toEqual(["RES-108"]);
    expect(findings[0]?.title).toContain(told);
  });

  it.each(["registry.example.com", "registry.example.com:5000", "registry.example.com/a/b-c", "localhost:5000/mirror"])(
    "%s is a registry",
    (text) => {
      const expected = text.startsWith("localhost") ? ["RES-108"] : [];
      expect(codes(["registry.example.com/mirror", JSON.stringify(text)])).toEqual(expected);
    },
  );

  it.each([
    ["10.20.0.1/16", ["RES-109"]],
    ["10.20.0.0", ["RES-109"]],
    ["10.020.0.0/16", ["RES-109"]],
    ["10.20.0.0/33", ["RES-109"]],
    ["hub.example.com", ["RES-109"]],
    ["1::2::3/64", ["RES-109"]],
    ["0.0.0.0/0", ["RES-110"]],
    ["128.0.0.0/1", ["RES-110"]],
    ["203.0.0.0/11", ["RES-110"]],
    ["::/0", ["RES-110"]],
    ["2001:db8::/31", ["RES-110"]],
    ["2001:d00::/24", ["RES-110"]],
    ["203.0.112.0/20", []],
    ["10.0.0.0/8", []],
    ["2001:db8::/32", []],
  ])("%s as a network", (text, expected) => {
    expect(codes(["10.20.0.0/16", JSON.stringify(text)])).toEqual(expected);
  });

  it("outside the private ranges is none of an air-gapped stack", () => {
    const gapped: readonly Change[] = [
      withoutExceptions,
      ...nothingLeaves,
      closed,
      ["custody: customer", "custody: local"],
      ["mode: region-bound", "mode: air-gapped"],
    ];
    expect(codes(...gapped)).toEqual([]);
    expect(codes(...gapped, ["10.20.0.0/16", "203.0.112.0/20"])).toEqual(["RES-114"]);
  });
});

describe("keys", () => {
  const reference = (text: string): Change => ["arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d", text];

  it.each([
    ["0f".repeat(32), ["RES-111"]],
    [`${"Qk".repeat(21)}g==`, ["RES-111"]],
    ["-----BEGIN PRIVATE KEY-----", ["RES-111"]],
    ["AGE-SECRET-KEY-1QQQ", ["RES-111"]],
    ["pkcs11:token=a;object=b?pin-value=1234", ["RES-111"]],
    ["the key in the safe", ["RES-112"]],
    ["arn:aws:s3:::bucket", ["RES-112"]],
    ["projects/p/locations/europe-west3/keyRings/r/cryptoKeys/k", []],
    ["https://acme.vault.azure.net/keys/state", []],
    ["pkcs11:token=a;object=b", []],
  ])("referred to as %s", (text, expected) => expect(codes(reference(text))).toEqual(expected));

  it("are not repeated by the finding that calls them keys", () => {
    const key = "0f".repeat(32);
    const { findings } = load(file(reference(key)));
    expect(JSON.stringify(findings)).not.toContain(key);
  });

  it.each([
    ["custody: provider", ["RES-113"]],
    ["custody: customer", []],
    ["custody: external", []],
  ])("held by %s under region-bound", (custody, expected) => {
    expect(codes(["custody: customer", custody])).toEqual(expected);
  });

  it("may lie with the provider for a time", () => {
    expect(codes(["custody: customer", "custody: provider"], ["rule: public-hub", "rule: provider-keys"])).toEqual([]);
  });

  it("lie somewhere", () => {
    expect(codes([', reference: "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d"', ""])).toEqual(["RES-115"]);
  });
});
