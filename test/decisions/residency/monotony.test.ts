// Proves: of two modes, the stricter one never allows what the weaker one denies, whatever else the file says. Compared are
// the facts that everything else is made from; that the output holds to them is what the guards prove. FREEHOLD_RUNS sets
// how many pairs are drawn: 2,000 by habit, 100,000 in the nightly run.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config, ResidencyConfig } from "../../../config/schema/index.ts";
import { exceptionRules, keyCustodies, residencyModes } from "../../../config/schema/residency.ts";
import { catalog } from "../../../decisions/catalog/index.ts";
import type { EgressWorkload, Party, ResidencyBlueprint } from "../../../decisions/residency/facts.ts";
import { agentsConfig, toolServerConfig } from "../../support/agents.ts";
import { modelConfig, stackConfig, versionConfig } from "../../support/config.ts";
import { workloadConfig } from "../../support/hosting.ts";
import { decideResidencyFor } from "../../support/residency.ts";

const runs = Number(process.env.FREEHOLD_RUNS ?? "2000");

const place = fc.constantFrom("eu", "de", "eu-central-1", "us-east-1", "us", "atlantis", "constructor");
const host = fc.constantFrom("hub.example.com", "huggingface.co", "registry.example.com/mirror", "docker.io/vllm", "x");
const network = fc.constantFrom("10.0.0.0/8", "203.0.112.0/20", "169.254.0.0/16", "0.0.0.0/0", "fc00::/7", "nothing");
const outside = fc.constantFrom("storage.example.com", "storage.example.com:8443", "hub.example.com", "*.example.com");
const name = fc.constantFrom("public", "customer", "constructor", "restricted");

const optional = { requiredKeys: [] };
const residency: fc.Arbitrary<Omit<ResidencyConfig, "mode">> = fc.record(
  {
    regions: fc.array(place, { minLength: 1, maxLength: 3 }),
    dataClasses: fc.dictionary(
      name,
      fc.record({
        personalData: fc.boolean(),
        leavesBoundary: fc.constantFrom("allowed" as const, "redacted" as const, "never" as const),
      }),
    ),
    keys: fc.record(
      { custody: fc.constantFrom(...keyCustodies), reference: fc.constantFrom("pkcs11:token=a", "x") },
      { requiredKeys: ["custody"] },
    ),
    sources: fc.record(
      {
        registries: fc.array(host, { minLength: 1, maxLength: 2 }),
        hub: host,
        networks: fc.array(network, { minLength: 1, maxLength: 3 }),
      },
      optional,
    ),
    egress: fc.record(
      { hosts: fc.record({ "fetch-weights": fc.array(outside, { minLength: 1, maxLength: 3 }) }, optional) },
      optional,
    ),
    exceptions: fc.dictionary(
      name,
      fc.record({
        rule: fc.constantFrom(...exceptionRules),
        subject: fc.constantFrom("models", "models.chat", "models.chat.versions.v1", "state", "nothing"),
        acceptedBy: fc.constant("head of platform"),
        reason: fc.constant("accepted for a trial"),
        until: fc.constantFrom("2026-11-01", "2027-01-01", "2099-01-01"),
      }),
      { maxKeys: 3 },
    ),
  },
  optional,
);

/** A model outside that hard requests of `chat` go to. */
function routed(provider: string, regions: string[] | undefined, dataClass: string | undefined): Config["routing"] {
  const price = { usd: 1, per: "million-tokens" as const };
  return {
    frontiers: {
      large: {
        provider,
        model: "any",
        url: "https://api.example.com",
        maxModelLen: 8192,
        price: { input: price, output: price },
        ...(regions === undefined ? {} : { regions }),
      },
    },
    escalation: {
      chat: {
        to: "large",
        rules: [{ name: "long", promptTokensAtLeast: 1000 }],
        budget: { usdPerDay: 1, shareOfRequests: 0.1 },
        unavailable: "local",
        ...(dataClass === undefined ? {} : { dataClasses: [dataClass] }),
      },
    },
  };
}

const rest: fc.Arbitrary<Partial<Config>> = fc
  .record({
    image: fc.constantFrom("docker.io/vllm/vllm-openai:v0.33.0", "registry.example.com/mirror/vllm:v1", "vllm", "@"),
    escalationShare: fc.constantFrom(0, 0.1),
    dataClass: fc.option(name, { nil: undefined }),
    provider: fc.constantFrom("anthropic", "mistral", "scaleway", "nobody"),
    regions: fc.option(fc.array(place, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    cni: fc.constantFrom("cilium" as const, "other" as const),
    redactor: fc.constantFrom(undefined, { timeout: "1s" }),
    mayEscalate: fc.boolean(),
    agents: fc.constantFrom(
      undefined,
      agentsConfig({ toolServers: { search: toolServerConfig({ networks: ["10.60.0.0/24"] }) } }),
    ),
  })
  .map(({ image, escalationShare, dataClass, provider, regions, cni, redactor, mayEscalate, agents }) => ({
    ...(agents === undefined ? {} : { agents }),
    gateway: { tenants: { support: { mayEscalate } }, ...(redactor === undefined ? {} : { redactor }) },
    routing: routed(provider, regions, dataClass),
    cluster: { target: "existing" as const, existing: { storageClass: "fast", cni } },
    models: { chat: modelConfig({ versions: { v1: versionConfig({ image }) } }) },
    workloads: {
      support: workloadConfig({
        escalationShare,
        ...(dataClass === undefined ? {} : { dataClass }),
        alternative: { provider, model: "any", ...(regions === undefined ? {} : { regions }) },
      }),
    },
  }));

/** Everything that a stack allows, one line each; null stands for all there is. */
function allowed(facts: ResidencyBlueprint): Readonly<Record<string, readonly string[] | null>> {
  const egress = facts.egress.value;
  return {
    regions: facts.regions.value,
    registries: facts.registries.value,
    hub: facts.hub.value === null ? [] : [facts.hub.value],
    endpoints: facts.endpoints.value,
    frontiers: facts.frontiers.flatMap(({ name: frontier, requests }) =>
      requests.flatMap(({ dataClass, tenants }) => tenants.map((tenant) => `${dataClass} of ${tenant} to ${frontier}`)),
    ),
    custody: facts.custody.value.accepted,
    // What leaves as it is might leave redacted as well.
    escalation: Object.entries(facts.escalation).flatMap(([of, { value }]) => [
      ...(value === "nothing" ? [] : [`${of} redacted`]),
      ...(value === "everything" ? [`${of} as it is`] : []),
    ]),
    // Without a proxy any name will do under none; under air-gapped none leads out.
    hosts: egress === null ? (facts.mode.value === "none" ? null : []) : egress.workloads.flatMap(hostsOf),
    connections: reached(facts).flatMap(({ from, to, ports }) =>
      targetsOf(to).flatMap((target) => ports.map(({ protocol, port }) => `${from} to ${target} ${protocol} ${port}`)),
    ),
  };
}

function hostsOf({ name: workload, hosts }: EgressWorkload): string[] {
  return hosts.value.map(({ host: to, port }) => `${workload} to ${to}:${port}`);
}

function targetsOf(to: Party): readonly string[] {
  if (to.kind === "networks") return to.networks.map(({ cidr, except }) => `${cidr} without ${except}`);
  return to.kind === "names" ? to.hosts.map((each) => `${each} without addresses`) : [to.name];
}

/** Who reaches what in the end: what a workload is let through to counts as its own, and the proxy as a wire. */
function reached({ edges, egress: { value } }: ResidencyBlueprint) {
  const isProxy = (party: Party) => value !== null && party.name === value.proxy.name;
  return edges.flatMap(({ from, to, ports }) => {
    if (isProxy(to) || (isProxy(from) && to.kind === "dns")) return [];
    // The proxy has one connection for each workload, named by its hosts.
    const asked = (value?.workloads ?? []).filter(
      ({ hosts }) => hosts.value.map(({ host }) => host).join(", ") === to.name,
    );
    const callers = isProxy(from) ? asked.map(({ name: workload }) => workload) : [from.name];
    return callers.map((caller) => ({ from: caller, to, ports }));
  });
}

/** `0.0.0.0/0` holds every network, so a named one is inside it. */
function isInside(item: string, all: readonly string[]): boolean {
  if (all.includes(item)) return true;
  const network = /^(.+ to )\S+( without .*)$/.exec(item);
  return network !== null && all.some((other) => /^.+ to (0\.0\.0\.0\/0|::\/0) without/.test(other));
}

/** What the stricter facts allow and the weaker ones do not. */
function widened(stricter: ResidencyBlueprint, weaker: ResidencyBlueprint): string[] {
  const outer = allowed(weaker);
  return Object.entries(allowed(stricter)).flatMap(([question, items]) => {
    const limit = outer[question];
    if (limit === null || limit === undefined) return [];
    if (items === null) return [`${question}: anything`];
    return items.filter((item) => !isInside(item, limit)).map((item) => `${question}: ${item}`);
  });
}

const pairs = residencyModes.flatMap((weak, index) =>
  residencyModes.slice(index + 1).map((strict) => [weak, strict] as const),
);

describe("a stricter mode", () => {
  it("never allows what a weaker one denies", () => {
    fc.assert(
      fc.property(residency, rest, fc.constantFrom(...pairs), (section, others, [weak, strict]) => {
        const facts = (mode: ResidencyConfig["mode"]) =>
          decideResidencyFor(stackConfig({ ...others, residency: { ...section, mode } })).residency;
        expect(widened(facts(strict), facts(weak))).toEqual([]);
      }),
      { numRuns: runs },
    );
    // 100,000 pairs take 23 s on two idle cores, and a busy machine is slow, not wrong.
  }, 600_000);

  it("keeps every switch of a weaker one", () => {
    for (const [weak, strict] of pairs) {
      const switches = (mode: ResidencyConfig["mode"]) =>
        decideResidencyFor(stackConfig({ residency: { mode } })).residency.switches;
      expect(switches(strict)).toEqual(expect.arrayContaining([...switches(weak)]));
    }
  });

  it("is told from a weaker one by the comparison itself", () => {
    const facts = (mode: ResidencyConfig["mode"]) => decideResidencyFor(stackConfig({ residency: { mode } })).residency;
    expect(widened(facts("none"), facts("sovereign"))).toEqual(
      expect.arrayContaining(["regions: anything", "registries: anything", "hub: huggingface.co", "custody: provider"]),
    );
  });

  it("denies every connection out of an air-gapped stack", () => {
    fc.assert(
      fc.property(residency, rest, (section, others) => {
        const { edges, endpoints, frontiers } = decideResidencyFor(
          stackConfig({ ...others, residency: { ...section, mode: "air-gapped" } }),
        ).residency;
        expect(endpoints.value).toEqual([]);
        expect(frontiers).toEqual([]);
        for (const { to } of edges) {
          expect(to.kind).not.toBe("names");
          if (to.kind !== "networks") continue;
          for (const { cidr } of to.networks) expect(cidr).toMatch(/^(10\.|fc00:)/);
        }
      }),
      { numRuns: Math.min(runs, 2000) },
    );
  });
});

it("draws providers that the catalog knows", () => {
  expect(Object.keys(catalog.providers)).toEqual(expect.arrayContaining(["anthropic", "mistral", "scaleway"]));
});
