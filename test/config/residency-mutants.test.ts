// Proves: each rule about the residency section, alone and beside the rest of the file, catches its mutants of a sound file,
// itself and no other, and lets its near misses pass.
import { type Change, closed, codes, inMode, sound, withoutExceptions } from "../support/resident-file.ts";
import { describeRules } from "../support/rule-table.ts";

const change =
  (...changes: readonly Change[]) =>
  () =>
    codes(...changes);
const customer = (text: string): Change => [
  "customer: { personalData: true, leavesBoundary: redacted }",
  `customer: ${text}`,
];
const isolated = (text: string): Change => [
  "public: { personalData: false, leavesBoundary: allowed }",
  `public: ${text}`,
];
const dataClass = (text: string): Change => ["dataClass: public", `dataClass: ${text}`];
const subject = (text: string): Change => ["subject: models.chat", `subject: ${text}`];
const registry = (text: string): Change => ["registry.example.com/mirror", JSON.stringify(text)];
const hub = (text: string): Change => ["hub: hub.example.com", `hub: ${JSON.stringify(text)}`];
const network = (text: string): Change => ["10.20.0.0/16", JSON.stringify(text)];
const reference = (text: string): Change => ["arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d", text];
const custody = (text: string): Change => ["custody: customer", `custody: ${text}`];
const exceptionOf = (rule: string): Change => ["rule: public-hub", `rule: ${rule}`];
const strict = (mode: "sovereign" | "air-gapped", ...more: readonly Change[]) => change(...inMode(mode), ...more);
/** A file of a stricter mode that still has its exception, of a rule. */
const excepted = (mode: "sovereign" | "air-gapped", rule: string) =>
  change(...inMode(mode).filter((each) => each !== withoutExceptions), exceptionOf(rule));
const signatures = (image: string, ...command: readonly string[]): Change => [
  "  exceptions:\n",
  `  signatures: { image: "${image}", publicKeySecret: signer${command.length === 0 ? "" : `, command: ${JSON.stringify(command)}`} }\n  exceptions:\n`,
];
const egress = (text: string): Change => ["  exceptions:\n", `  egress: ${text}\n  exceptions:\n`];
const outside = (host: string) => change(egress(`{ hosts: { fetch-weights: ["${host}"] } }`));
const withProxy = (text: string): Change => ["workloads:\n", `  egress: ${text}\nworkloads:\n`];
const pinned = `registry.example.com/mirror/verifier@sha256:${"6d".repeat(32)}`;
const snapshot = "$(FREEHOLD_SNAPSHOT)";
const keysWithout: Change = [', reference: "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d"', ""];

/** A sound file with agents: what their one assistant is sent, and what is kept of it. */
const agents = (dataClass: string, retention: string, ...more: readonly Change[]) => {
  const jwt = "{ issuer: https://login.example.com, audience: freehold, keySet: { secret: login, key: jwks.json } }";
  const text = `gateway: { jwt: ${jwt}, tenants: { website: {} } }
agents:
  database: { url: { secret: agents-database, key: url }, pods: { namespace: data, labels: { app: postgres } } }
  gatewayKeys: { secret: agents-gateway-keys, key: keys.json }
  jwt: ${jwt}
  ${retention}
  assistants: { desk: { graph: support, model: chat${dataClass} } }
`;
  return change(["workloads:\n", `${text}workloads:\n`], ...more);
};

describeRules({
  "CST-114": {
    caught: {
      "a region": change(closed, withoutExceptions, ["mode: region-bound", "mode: none"]),
      "an area": change(closed, withoutExceptions, ["mode: region-bound", "mode: none"], ["[eu-central-1]", "[eu]"]),
      "a country": change(closed, withoutExceptions, ["mode: region-bound", "mode: none"], ["[eu-central-1]", "[de]"]),
    },
    passed: {
      "no region": change(withoutExceptions, ["mode: region-bound", "mode: none"], ["  regions: [eu-central-1]\n", ""]),
      "a mode that binds": change(),
    },
  },
  "CST-115": {
    caught: {
      "region-bound": change(["  regions: [eu-central-1]\n", ""]),
      sovereign: strict("sovereign", ["  regions: [eu-central-1]\n", ""]),
      "region-bound without exceptions": change(withoutExceptions, ["  regions: [eu-central-1]\n", ""]),
    },
    passed: {
      "a building": strict("air-gapped", ["  regions: [eu-central-1]\n", ""]),
      "a building with a region": strict("air-gapped"),
    },
  },
  "RES-101": {
    caught: {
      "personal data that leaves as it is": change(customer("{ personalData: true, leavesBoundary: allowed }")),
      "a public class that becomes personal": change(isolated("{ personalData: true, leavesBoundary: allowed }")),
      "a closed class that opens": change(["true, leavesBoundary: never", "true, leavesBoundary: allowed"]),
    },
    passed: {
      redacted: change(customer("{ personalData: true, leavesBoundary: redacted }")),
      "no data about people": change(customer("{ personalData: false, leavesBoundary: allowed }")),
    },
  },
  "RES-102": {
    caught: {
      "a typing error": change(dataClass("publik")),
      "what every object has": change(dataClass("constructor")),
      "no class defined at all": change([sound.slice(sound.indexOf("  dataClasses:"), sound.indexOf("  keys:")), ""]),
      "a name in capitals": change(dataClass("Public")),
    },
    passed: {
      "another class that may leave": change(dataClass("public"), ["public: {", "open: {"], dataClass("open")),
      "a class that stays, and nothing leaves": change(dataClass("restricted"), closed),
    },
  },
  "RES-103": {
    caught: {
      "under sovereign": strict("sovereign", ["escalationShare: 0", "escalationShare: 0.1"]),
      "under air-gapped": strict("air-gapped", ["escalationShare: 0", "escalationShare: 0.1"]),
      "the smallest share": strict("sovereign", ["escalationShare: 0", "escalationShare: 0.001"]),
    },
    passed: {
      "no share": strict("sovereign"),
      "no share in a closed building": strict("air-gapped"),
    },
  },
  "RES-104": {
    caught: {
      "no class": change(["    dataClass: public\n", ""]),
      "a class that never leaves": change(dataClass("restricted")),
      "a class that leaves redacted": change(dataClass("customer")),
    },
    passed: {
      "a class that leaves": change(dataClass("public")),
      "no class, and nothing leaves": change(["    dataClass: public\n", ""], closed),
    },
  },
  "RES-105": {
    caught: {
      "all leaves under sovereign": strict("sovereign", isolatedNever("allowed")),
      "redacted leaves under sovereign": strict("sovereign", isolatedNever("redacted")),
      "redacted leaves under air-gapped": strict("air-gapped", isolatedNever("redacted")),
    },
    passed: {
      "nothing leaves": strict("sovereign"),
      "all leaves under region-bound": change(closed),
    },
  },
  "RES-106": {
    caught: {
      "from the hub": excepted("sovereign", "public-hub"),
      "from the registry": excepted("sovereign", "public-registry"),
      "from keys": excepted("air-gapped", "provider-keys"),
    },
    passed: {
      none: strict("sovereign"),
      "under region-bound": change(),
    },
  },
  "RES-107": {
    caught: {
      "a typing error": change(subject("models.chatt")),
      "what every object has": change(subject("models.constructor")),
      "a version that is gone": change(subject("models.chat.versions.v2")),
    },
    passed: {
      "a version": change(subject("models.chat.versions.v1")),
      "a section": change(subject("models")),
    },
  },
  "RES-108": {
    caught: {
      "a wildcard": change(registry("*.example.com")),
      punycode: change(registry("xn--rgistry-bya.example.com")),
      "a letter that looks like another": change(registry("regist\u0491y.example.com")),
      "no host": change(registry("vllm/vllm-openai")),
      "an address": change(hub("10.0.0.5")),
      "a wildcard of a hub": change(hub("*.example.com")),
    },
    passed: {
      "a port": change(registry("registry.example.com:5000/mirror")),
      "a hyphen": change(hub("model-hub.example.com")),
    },
  },
  "RES-109": {
    caught: {
      "bits behind the length": change(network("10.20.0.1/16")),
      "no length": change(network("10.20.0.0")),
      "a name": change(network("hub.example.com")),
    },
    passed: {
      "one address": change(network("10.20.0.7/32")),
      "another family": change(network("fd00:30::/48")),
    },
  },
  "RES-110": {
    caught: {
      "the world": change(network("0.0.0.0/0")),
      "half of it": change(network("128.0.0.0/1")),
      "the other family's": change(network("::/0")),
      "a bit too wide": change(network("203.0.0.0/11")),
    },
    passed: {
      "just narrow enough": change(network("203.0.0.0/12")),
      "a private one": change(network("10.0.0.0/8")),
    },
  },
  "RES-111": {
    caught: {
      hexadecimal: change(reference("0f".repeat(32))),
      "a private key": change(reference("-----BEGIN PRIVATE KEY-----")),
      "a PIN": change(reference("pkcs11:token=a;object=b?pin-value=1234")),
    },
    passed: {
      "without the PIN": change(reference("pkcs11:token=a;object=b")),
      "an address": change(reference("https://acme.vault.azure.net/keys/state")),
    },
  },
  "RES-112": {
    caught: {
      "a sentence": change(reference("the key in the safe")),
      "another service": change(reference("arn:aws:s3:::bucket")),
      "an address elsewhere": change(reference("https://acme.example.com/keys/state")),
    },
    passed: {
      "of Google Cloud": change(reference("projects/p/locations/europe-west3/keyRings/r/cryptoKeys/k")),
      "of AWS": change(reference("arn:aws:kms:eu-central-1:111122223333:key/1")),
    },
  },
  "RES-113": {
    caught: {
      "the provider under region-bound": change(custody("provider")),
      "in the cloud under sovereign": strict("sovereign", ["custody: external", "custody: customer"]),
      "outside the building": strict("air-gapped", ["custody: local", "custody: external"]),
    },
    passed: {
      "more than asked for": change(custody("local")),
      "for a time": change(custody("provider"), exceptionOf("provider-keys")),
    },
  },
  "RES-114": {
    caught: {
      "an address outside": strict("air-gapped", network("203.0.112.0/20")),
      "beside private space": strict("air-gapped", network("172.32.0.0/12")),
      "the other family's": strict("air-gapped", ["fd00:20::/48", "2001:db8::/48"]),
    },
    passed: {
      "the last private one": strict("air-gapped", network("172.16.0.0/12")),
      "an address outside under sovereign": strict("sovereign", network("203.0.112.0/20")),
    },
  },
  "RES-115": {
    caught: {
      "of the customer": change(keysWithout),
      "outside the cloud": change(keysWithout, custody("external")),
      "in the building": strict("air-gapped", keysWithout),
    },
    passed: {
      "of the provider, for a time": change(keysWithout, custody("provider"), exceptionOf("provider-keys")),
      said: change(),
    },
  },
  "RES-120": {
    caught: {
      "one with nothing said": strict("air-gapped", withProxy("{}")),
      "one with a host": strict("air-gapped", withProxy('{ hosts: { fetch-weights: ["storage.example.com"] } }')),
      "one with an image": strict("air-gapped", withProxy('{ image: "registry.example.com/mirror/envoy:v1.40.0" }')),
    },
    passed: {
      sovereign: strict("sovereign", withProxy("{}")),
      "none under air-gapped": strict("air-gapped"),
    },
  },
  "RES-121": {
    caught: {
      "a wildcard": outside("*.example.com"),
      punycode: outside("xn--exmple-cua.com"),
      "a letter of another script": outside("ex\u0430mple.com"),
      "an address": outside("203.0.113.9"),
      "the metadata service": outside("metadata.google.internal"),
    },
    passed: {
      "a host": outside("storage.example.com"),
      "a host with its port": outside("storage.example.com:8443"),
    },
  },
  "RES-122": {
    caught: {
      "a tag": change(signatures("registry.example.com/mirror/verifier:v1")),
      nothing: change(signatures("registry.example.com/mirror/verifier")),
      "a short digest": change(signatures("registry.example.com/mirror/verifier@sha256:abc")),
    },
    passed: {
      "a digest": change(signatures(pinned)),
      "tag and digest": change(signatures(pinned.replace("@", ":v1@"))),
    },
  },
  "RES-123": {
    caught: {
      "another name": change(signatures(pinned, snapshot, "$(SNAPSHOT)")),
      "inside a word": change(signatures(pinned, snapshot, "--key=$(HOME)/key")),
      "in small letters": change(signatures(pinned, snapshot, "$(freehold_snapshot)")),
    },
    passed: {
      "a program's own brackets": change(signatures(pinned, snapshot, "$$(HOME)")),
      "the key's file": change(signatures(pinned, snapshot, "$(FREEHOLD_PUBLIC_KEY)")),
    },
  },
  "RES-124": {
    caught: {
      "a program that agrees": change(signatures(pinned, "true")),
      "the key alone": change(signatures(pinned, "verify", "$(FREEHOLD_PUBLIC_KEY)")),
      "the name instead of the place": change(signatures(pinned, "verify", "$$(FREEHOLD_SNAPSHOT)")),
    },
    passed: {
      "the folder": change(signatures(pinned, "verify", snapshot)),
      "a file in it": change(signatures(pinned, "verify", `${snapshot}/model.sig`)),
      "the words of model signing": change(signatures(pinned)),
    },
  },
  "RES-125": {
    caught: {
      "no word about it": agents(", dataClass: restricted", ""),
      "another time": agents(", dataClass: customer", "retention: { logDays: 7 }"),
      "an assistant that may be sent anything": agents("", ""),
      sovereign: agents(", dataClass: restricted", "", ...inMode("sovereign")),
    },
    passed: {
      "a time for threads": agents(", dataClass: restricted", "retention: { threadDays: 365 }"),
      "no data about people": agents(", dataClass: public", ""),
    },
  },
});

/** The class `public` of a file in which nothing leaves. */
function isolatedNever(leaves: string): Change {
  return [
    "public: { personalData: false, leavesBoundary: never",
    `public: { personalData: false, leavesBoundary: ${leaves}`,
  ];
}
