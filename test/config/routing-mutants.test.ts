// Proves: each rule about routing, alone and beside the rest of the file, catches its mutants of a sound file, itself and no other,
// and lets its near misses pass. What needs the catalog is in test/decisions/routing/frontiers.test.ts.
import { expect, it } from "vitest";
import { type Change, codes, file, inMode } from "../support/resident-file.ts";
import { describeRules } from "../support/rule-table.ts";
import { screenOf } from "../support/stack-file.ts";

const gateway = `gateway:
  jwt: { issuer: https://login.example.com, audience: freehold, keySet: { secret: login, key: jwks.json } }
  redactor: {}
  tenants:
    website: { mayEscalate: true }
    audit: {}
`;
const frontier = `    large:
      provider: mistral
      model: mistral-large-2512
      url: https://api.example.com
      agreement: DPA-2026-114
      streams: { acceptedBy: security office, reason: topics may be guessed }
      maxModelLen: 262144
      price: { input: { usd: 0.5, per: million-tokens }, output: { usd: 1.5, per: million-tokens } }
`;
const routing = `routing:
  frontiers:
${frontier}  escalation:
    chat:
      to: large
      dataClasses: [public, customer]
      tenants: [website]
      rules: [{ name: long, promptTokensAtLeast: 20000 }]
      verify: { judge: { model: judge, scoreAtLeast: 0.7 } }
      budget: { usdPerDay: 100 }
  overflow:
    chat: { to: large, requestsPerReplicaAtLeast: 64, budget: { usdPerDay: 100 } }
`;
const judge = `  judge: { engine: vllm, nodePool: h100, maxModelLen: 8192, tensorParallelSize: 1, replicas: 1, versions: { v1: { weights: { repository: Qwen/Qwen3-8B } } }, traffic: { v1: 100 } }
  vectors: { engine: vllm, task: embed, nodePool: h100, maxModelLen: 8192, tensorParallelSize: 1, replicas: 1, versions: { v1: { weights: { repository: Qwen/Qwen3-Embedding-8B } } }, traffic: { v1: 100 } }
`;
const routed: readonly Change[] = [
  ["workloads:\n", `${gateway}${routing}workloads:\n`],
  ["models:\n", `models:\n${judge}`],
];
const change =
  (...changes: readonly Change[]) =>
  () =>
    codes(...routed, ...changes);
const without = (text: string): Change => [text, ""];
const to = (text: string): Change => ["      to: large", `      to: ${text}`];
const url = (text: string): Change => ["https://api.example.com", text];
const grader = (text: string): Change => ["judge: { model: judge", `judge: { model: ${text}`];
const classes = (text: string): Change => ["dataClasses: [public, customer]", `dataClasses: [${text}]`];
const tenants = (text: string): Change => ["tenants: [website]", `tenants: [${text}]`];
const rules: Change = without("      rules: [{ name: long, promptTokensAtLeast: 20000 }]\n");
const verify: Change = without("      verify: { judge: { model: judge, scoreAtLeast: 0.7 } }\n");
const agreement = without("      agreement: DPA-2026-114\n");
const streams = without("      streams: { acceptedBy: security office, reason: topics may be guessed }\n");
const none: readonly Change[] = [["mode: region-bound", "mode: none"], without("  regions: [eu-central-1]\n")];
const strict = (mode: "sovereign" | "air-gapped", ...more: readonly Change[]) =>
  change(...inMode(mode), without("      dataClasses: [public, customer]\n"), ...more);
const second: Change = [frontier, `${frontier}${frontier.replace("    large:", "    larger:")}`];
const optedOut: readonly Change[] = [
  ["website: { mayEscalate: true }", "website: {}"],
  without("      tenants: [website]\n"),
];
const allClasses = without("      dataClasses: [public, customer]\n");
const noneLeaves: readonly Change[] = [
  ["dataClass: public", "dataClass: restricted"],
  ["escalationShare: 0.1", "escalationShare: 0"],
  ["leavesBoundary: allowed", "leavesBoundary: never"],
  ["leavesBoundary: redacted", "leavesBoundary: never"],
];
const inside: readonly Change[] = [to("vectors"), ["chat: { to: large", "chat: { to: vectors"]];

it("finds nothing in the sound file", () => expect(codes(...routed)).toEqual([]));

it("shows both places of a class that must stay", () => {
  const screen = screenOf(file(...routed, classes("restricted")));
  expect(screen).toContain(
    'RTE-110  routing.escalation.chat would send data of the class "restricted" to large, outside.',
  );
  expect(screen).toContain("the class is set here");
  expect(screen).toContain('Of the class "restricted": it never leaves.');
});

describeRules({
  "RTE-101": {
    caught: {
      "no gateway": change(without(gateway)),
      "no gateway, and one way less": change(without(gateway), rules),
      "no gateway under none": change(without(gateway), ...none),
    },
    passed: { "a gateway": change(), "no gateway and no routing": change(without(gateway), without(routing)) },
  },
  "RTE-102": {
    caught: {
      "a typing error": change(["    chat:\n      to", "    chatt:\n      to"]),
      "a typing error in overflow": change(["    chat: { to: large", "    chatt: { to: large"]),
      "a name in capitals": change(["    chat: { to: large", "    Chat: { to: large"]),
    },
    passed: {
      "another model": change(["    chat: { to: large", "    judge: { to: large"]),
      "one way alone": change(
        without("  overflow:\n    chat: { to: large, requestsPerReplicaAtLeast: 64, budget: { usdPerDay: 100 } }\n"),
      ),
    },
  },
  "RTE-103": {
    caught: {
      "a typing error": change(to("larg")),
      "the model itself": change(to("chat")),
      "nobody at all": change(["chat: { to: large", "chat: { to: nobody"]),
    },
    passed: { "a model of one's own": change(to("vectors")), "the other frontier": change(second, to("larger")) },
  },
  "RTE-104": {
    caught: {
      "a model's name": change(["    large:\n", "    judge:\n"], to("judge"), [
        "chat: { to: large",
        "chat: { to: judge",
      ]),
      "the name of where the way begins": change(second, ["    larger:\n", "    chat:\n"]),
      "the name of a model that gives vectors": change(second, ["    larger:\n", "    vectors:\n"]),
    },
    passed: {
      "a second one": change(second),
      "nearly a model's name": change(second, ["    larger:\n", "    judges:\n"]),
    },
  },
  "RTE-105": {
    caught: {
      "a path": change(url("https://api.example.com/v1")),
      "an address": change(url("https://203.0.113.7")),
      "a Service of the cluster": change(url("https://models.other.svc")),
      "a name with a user": change(url("https://me@api.example.com")),
      "the metadata service": change(url("https://metadata.google.internal")),
    },
    passed: {
      "a port": change(url("https://api.example.com:8443")),
      "a slash at the end": change(url("https://api.example.com/")),
    },
  },
  "RTE-106": {
    caught: {
      "neither rules nor checks": change(rules, verify),
      "a rule without a condition": change(["{ name: long, promptTokensAtLeast: 20000 }", "{ name: long }"]),
      "no sign of overload": change(without("requestsPerReplicaAtLeast: 64, ")),
    },
    passed: {
      "rules alone": change(verify),
      "checks alone": change(rules),
      "a time to first token": change(["requestsPerReplicaAtLeast: 64", "ttft: 2s"]),
    },
  },
  "RTE-107": {
    caught: {
      "a typing error": change(grader("jugde")),
      "the model itself": change(grader("chat")),
      "a model outside": change(grader("large")),
      "a model that gives vectors": change(grader("vectors")),
    },
    passed: { "another model": change(), "no judge": change(verify) },
  },
  "RTE-108": {
    caught: {
      "a class by a typing error": change(classes("publik")),
      "a tenant by a typing error": change(tenants("websit")),
      "a class that every object has": change(classes("constructor")),
    },
    passed: {
      "one of the classes": change(classes("public")),
      "all tenants": change(without("      tenants: [website]\n")),
    },
  },
  "RTE-109": {
    caught: {
      "a tenant that did not ask": change(tenants("audit")),
      "one of two": change(tenants("website, audit")),
      "a tenant that says no": change(["audit: {}", "audit: { mayEscalate: false }"], tenants("audit")),
    },
    passed: {
      "a tenant that asked": change(),
      "another that asked": change(["audit: {}", "audit: { mayEscalate: true }"], tenants("audit")),
    },
  },
  "RTE-110": {
    caught: {
      "a class that never leaves": change(classes("public, restricted")),
      "a class that leaves redacted, without a redactor": change(without("  redactor: {}\n")),
      "a class that was closed": change(
        [
          "public: { personalData: false, leavesBoundary: allowed }",
          "public: { personalData: false, leavesBoundary: never }",
        ],
        ["escalationShare: 0.1", "escalationShare: 0"],
      ),
    },
    passed: {
      "a class that leaves redacted": change(classes("customer")),
      "a class that never leaves, to a model of one's own": change(classes("restricted"), ...inside),
    },
  },
  "RTE-111": {
    caught: {
      "under sovereign": strict("sovereign"),
      "under air-gapped": strict("air-gapped"),
      "that nothing leads to": strict("sovereign", ...inside),
    },
    passed: {
      "under region-bound": change(),
      "none outside": strict("sovereign", ...inside, without(`  frontiers:\n${frontier}`)),
    },
  },
  "RTE-112": {
    caught: {
      "no agreement": change(agreement),
      "no agreement in a second one": change(second, [
        frontier,
        frontier.replace("      agreement: DPA-2026-114\n", ""),
      ]),
      "no agreement where only redacted data leaves": change(agreement, classes("customer")),
    },
    passed: {
      "under none": change(...none, agreement),
      "a place instead of a number": change(["DPA-2026-114", "contracts/mistral.pdf"]),
    },
  },
  "RTE-113": {
    caught: {
      "nobody accepts streams": change(streams),
      "nobody in a second one": change(second, [frontier, frontier.replace(/ +streams:.*\n/, "")]),
      "nobody where only public data leaves": change(streams, classes("public")),
    },
    passed: {
      "under none": change(...none, streams),
      "an office": change(["security office", "data protection officer"]),
    },
  },
  "RTE-114": {
    caught: {
      "no tenant asked": change(...optedOut),
      "every tenant says no": change(...optedOut, ["audit: {}", "audit: { mayEscalate: false }"]),
      "no tenant asked, to a model of one's own": change(...optedOut, ...inside),
    },
    passed: {
      "one asked": change(without("      tenants: [website]\n")),
      "another asked": change(...optedOut, ["audit: {}", "audit: { mayEscalate: true }"]),
    },
  },
  "RTE-115": {
    caught: {
      "every class stays": change(...noneLeaves, allClasses),
      "personal data without a redactor": change(
        ...noneLeaves,
        allClasses,
        [
          "customer: { personalData: true, leavesBoundary: never",
          "customer: { personalData: true, leavesBoundary: redacted",
        ],
        without("  redactor: {}\n"),
      ),
      "one way, every class stays": change(...noneLeaves, allClasses, verify),
    },
    passed: {
      "one class leaves": change(allClasses),
      "every class stays, to a model of one's own": change(...noneLeaves, allClasses, ...inside),
    },
  },
});
