// Proves: what contradicts a boundary is shown where it stands, and so is the other side of the contradiction, each with its line.
// A key that is missing has no other side.
import { expect, it } from "vitest";
import { renderFindings } from "../../config/diagnostics/render.ts";
import { load } from "../../config/load.ts";
import { decideResidencyFor } from "../support/residency.ts";
import { type Change, closed, file, inMode, nothingLeaves, withoutExceptions } from "../support/resident-file.ts";

/** Lines that the screen points at for the only finding of a code: its own, then the other sides. */
function linesOf(code: string, changes: readonly Change[], today?: string): readonly string[] {
  const text = file(...changes);
  const { config, findings } = load(text);
  const all = config === null ? findings : [...findings, ...decideResidencyFor(config, today).findings];
  const found = all.filter((each) => each.code === code);
  expect(
    found.map(({ title }) => title),
    all.map((each) => `${each.code} ${each.title}`).join("\n"),
  ).toHaveLength(1);
  const screen = renderFindings(found, { files: { stack: { name: "stack.yaml", text } }, color: false });
  expect(screen).not.toContain("    at ");
  const lines = text.split("\n");
  return [...screen.matchAll(/^(?: {2}also )?stack\.yaml:(\d+):/gm)].map(
    ([, line]) => lines[Number(line) - 1]?.trim() ?? "",
  );
}

const bucket = (text: string): Change => ["state: { backend: local }", `state: ${text}`];
const strict = (...changes: readonly Change[]) => [...inMode("sovereign"), ...changes];
const egress = (text: string): Change => ["  exceptions:\n", `  egress: ${text}\n  exceptions:\n`];
const mode = "mode: region-bound";
const keys = 'keys: { custody: customer, reference: "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d" }';
const classes = "dataClasses:";
const tokens = "{ issuer: https://login.example.com, audience: freehold, keySet: { secret: login, key: jwks.json } }";
const services = (tenant: string, agents: string) => `gateway: { jwt: ${tokens}, tenants: { website: ${tenant} } }
agents:
  database: { url: { secret: agents-database, key: url }, pods: { namespace: data, labels: { app: postgres } } }
  gatewayKeys: { secret: agents-gateway-keys, key: keys.json }
  jwt: ${tokens}
  ${agents}
`;
const desk = (dataClass: string) => `assistants: { desk: { graph: support, model: chat, dataClass: ${dataClass} } }`;
const withServices = (tenant: string, agents: string): Change => [
  "workloads:\n",
  `${services(tenant, agents)}workloads:\n`,
];
const routing = `routing:
  frontiers:
    large:
      provider: mistral
      model: mistral-large-2512
      url: https://api.example.com
      maxModelLen: 8192
      regions: [eu]
      agreement: DPA-1
      streams: { acceptedBy: head of platform, reason: accepted for a trial }
      price: { input: { usd: 1, per: million-tokens }, output: { usd: 1, per: million-tokens } }
  escalation:
    chat:
      to: large
      rules: [{ name: long, promptTokensAtLeast: 1000 }]
      budget: { usdPerDay: 1, shareOfRequests: 0.1 }
      unavailable: local
      dataClasses: [publik]
`;

it.each<readonly [string, string, readonly Change[], readonly string[]]>([
  ["an unknown region", "CST-113", [["[eu-central-1]", "[atlantis]"]], ["regions: [atlantis]", mode]],
  [
    "a region of another cloud",
    "RES-208",
    [bucket("{ backend: s3, bucket: state, region: westeurope, kmsKeyId: alias/state }")],
    ["state: { backend: s3, bucket: state, region: westeurope, kmsKeyId: alias/state }", "regions: [eu-central-1]"],
  ],
  [
    "a region outside",
    "RES-207",
    [bucket("{ backend: s3, bucket: state, region: us-east-1, kmsKeyId: alias/state }")],
    ["state: { backend: s3, bucket: state, region: us-east-1, kmsKeyId: alias/state }", "regions: [eu-central-1]"],
  ],
  [
    "escalation in a mode that forbids it",
    "RES-103",
    strict(["escalationShare: 0", "escalationShare: 0.1"]),
    ["escalationShare: 0.1", "mode: sovereign"],
  ],
  [
    "escalation of a class that stays",
    "RES-104",
    [["dataClass: public", "dataClass: restricted"]],
    ["escalationShare: 0.1", "restricted: { personalData: true, leavesBoundary: never }", "dataClass: restricted"],
  ],
  [
    "a data class nobody defined",
    "RES-102",
    [["dataClass: public", "dataClass: publik"]],
    ["dataClass: publik", classes],
  ],
  [
    "a data class nobody defined, of a tenant",
    "GTW-104",
    [withServices("{ dataClasses: [publik] }", `retention: { threadDays: 30 }\n  ${desk("public")}`)],
    [`gateway: { jwt: ${tokens}, tenants: { website: { dataClasses: [publik] } } }`, classes],
  ],
  [
    "a data class nobody defined, of an assistant",
    "AGT-106",
    [withServices("{}", `retention: { threadDays: 30 }\n  ${desk("publik")}`)],
    [desk("publik"), classes],
  ],
  [
    "a data class nobody defined, of what is routed",
    "RTE-108",
    [
      withServices("{ mayEscalate: true }", `retention: { threadDays: 30 }\n  ${desk("public")}`),
      ["workloads:\n", `${routing}workloads:\n`],
    ],
    ["dataClasses: [publik]", classes],
  ],
  ["an exception without an end", "CFG-101", [["      until: 2026-12-31\n", ""]], ["hub:"]],
  [
    "an exception past its end",
    "RES-201",
    [["until: 2026-12-31", "until: 2026-11-25"]],
    ["until: 2026-11-25", "chat:"],
  ],
  ["an exception without an end in sight", "RES-202", [["2026-12-31", "2036-12-31"]], ["until: 2036-12-31", "chat:"]],
  ["an exception that lifts nothing", "RES-203", [], ["hub:", "chat:"]],
  ["an exception about nothing", "RES-107", [["models.chat", "models.chatt"]], ["subject: models.chatt", "models:"]],
  [
    "an exception from what the mode forbids",
    "RES-106",
    [...nothingLeaves, closed, ["custody: customer", "custody: external"], [mode, "mode: sovereign"]],
    ["rule: public-hub", "mode: sovereign"],
  ],
  [
    "a class that contradicts itself",
    "RES-101",
    [["true, leavesBoundary: redacted", "true, leavesBoundary: allowed"]],
    Array(2).fill("customer: { personalData: true, leavesBoundary: allowed }"),
  ],
  [
    "a class that contradicts the mode",
    "RES-105",
    strict([
      "restricted: { personalData: true, leavesBoundary: never }",
      "restricted: { personalData: true, leavesBoundary: redacted }",
    ]),
    ["restricted: { personalData: true, leavesBoundary: redacted }", "mode: sovereign"],
  ],
  [
    "a registry without a host",
    "RES-108",
    [["registry.example.com/mirror", "vllm/vllm-openai"]],
    ["registries: [vllm/vllm-openai]", mode],
  ],
  [
    "a homoglyph",
    "RES-108",
    [["hub: hub.example.com", "hub: h\u0443b.example.com"]],
    ["hub: h\u0443b.example.com", mode],
  ],
  [
    "punycode",
    "RES-108",
    [["hub: hub.example.com", "hub: xn--hb-xka.example.com"]],
    ["hub: xn--hb-xka.example.com", mode],
  ],
  ["a wildcard", "RES-108", [["hub: hub.example.com", 'hub: "*.example.com"']], ['hub: "*.example.com"', mode]],
  [
    "a wildcard on the way out",
    "RES-121",
    [egress('{ hosts: { fetch-weights: ["*.example.com"] } }')],
    ['egress: { hosts: { fetch-weights: ["*.example.com"] } }', mode],
  ],
  [
    "the world as a network",
    "RES-110",
    [["10.20.0.0/16", "0.0.0.0/0"]],
    ['networks: [0.0.0.0/0, "fd00:20::/48"]', mode],
  ],
  [
    "a network outside the building",
    "RES-114",
    [...inMode("air-gapped"), ["10.20.0.0/16", "203.0.112.0/20"]],
    ['networks: [203.0.112.0/20, "fd00:20::/48"]', "mode: air-gapped"],
  ],
  [
    "a way out of the building",
    "RES-120",
    [...inMode("air-gapped"), ["workloads:\n", "  egress: {}\nworkloads:\n"]],
    ["egress: {}", "mode: air-gapped"],
  ],
  [
    "a key for its reference",
    "RES-111",
    [["arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d", "0f".repeat(32)]],
    Array(2).fill(keys.replace(/arn[^"]*/, "0f".repeat(32))),
  ],
  [
    "what is said about people, kept for ever",
    "RES-125",
    [withServices("{}", desk("customer"))],
    ["agents:", "customer: { personalData: true, leavesBoundary: redacted }", mode],
  ],
  [
    "keys that the provider holds",
    "RES-113",
    [["custody: customer", "custody: provider"]],
    [keys.replace("customer", "provider"), mode],
  ],
])("%s: %s", (_, code, changes, expected) => expect(linesOf(code, changes)).toEqual(expected));

it("repeats no key that stands in the place of its reference", () => {
  const key = "0f".repeat(32);
  const text = file(["arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d", key], withoutExceptions);
  const { findings } = load(text);
  expect(renderFindings(findings, { files: {}, color: false })).not.toContain(key);
});
