// The agents' stack as it is written, and that no guard has anything against it in any mode of residency. What its chart renders is
// tested in test/charts/, that an API server takes it in test/cluster/.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { manifestUnits } from "../../cli/apply/manifest-units.ts";
import { residencyModes } from "../../config/schema/residency.ts";
import type { Blueprint } from "../../decisions/blueprint.ts";
import { buildStacks } from "../../stacks/build.ts";
import { bundleItems } from "../../stacks/bundle.ts";
import { synthesize } from "../../stacks/synthesize.ts";
import { agentsConfig, toolPods, toolServerConfig, withAgents } from "../support/agents.ts";
import { blueprintFor } from "../support/blueprint.ts";
import { modelConfig, versionConfig } from "../support/config.ts";
import { soundResidency } from "../support/residency.ts";
import { onlyResource, sources } from "./support/stacks.ts";

const chartsDirectory = fileURLToPath(new URL("../../charts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "freehold-agents-"));
const image = "registry.example.com/freehold/orchestrator:0.1.0";

interface JobResource {
  readonly metadata: { readonly generate_name: string };
  readonly wait_for_completion: boolean;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly service_account_name: string;
        readonly automount_service_account_token: boolean;
        readonly container: readonly [{ readonly args: readonly string[] }];
        readonly volume: readonly { readonly name: string }[];
      };
    };
  };
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Agents with a database and a tool server in private networks, another one in the cluster, and one outside where there is an outside. */
function deployed(mode: (typeof residencyModes)[number]): Blueprint {
  const hasOutside = mode === "region-bound" || mode === "sovereign";
  const { gateway, agents } = withAgents({
    image,
    database: {
      url: { secret: "agents-database", key: "url" },
      port: 5432,
      connections: 10,
      networks: ["10.50.7.0/24"],
    },
    toolServers: {
      orders: toolServerConfig({ pods: toolPods }),
      search: toolServerConfig({ url: "https://search.example.com/mcp", networks: ["10.60.0.0/24"] }),
      ...(hasOutside ? { partner: toolServerConfig({ url: "https://mcp.example.com/mcp" }) } : {}),
    },
  });
  return blueprintFor({
    gateway: { ...gateway, tenants: gateway?.tenants ?? {}, image: "registry.example.com/freehold/gateway:0.1.0" },
    ...(agents === undefined ? {} : { agents }),
    residency: soundResidency(mode),
    models: {
      chat: modelConfig({
        versions: { v1: versionConfig({ image: "registry.example.com/vllm/vllm-openai:v0.33.0" }) },
      }),
    },
  });
}

describe("the agents' stack", () => {
  it.each(residencyModes)("is written without a word of the guards under %s", (mode) => {
    const outputDirectory = join(folder, mode);
    const { findings, stacks } = synthesize(deployed(mode), { outputDirectory, chartsDirectory });
    expect(findings.map(({ code, title }) => `${code} ${title}`)).toEqual([]);
    expect(stacks.map(({ name }) => name)).toEqual(["platform", "inference", "agents"]);
    const agents = stacks.find(({ name }) => name === "agents");
    if (agents === undefined) throw new Error("There is no stack of agents.");
    const { chart } = onlyResource<{ chart: string }>(agents.json, "helm_release");
    expect(existsSync(join(outputDirectory, "stacks/agents", chart, "templates/deployment.yaml"))).toBe(true);
  });

  it("changes the tables before the release is touched, by a Job that only another image or database replaces", () => {
    const job = (changes: Parameters<typeof withAgents>[0]) => {
      const agents = buildStacks(blueprintFor(withAgents(changes)), sources).find(({ name }) => name === "agents");
      if (agents === undefined) throw new Error("There is no stack of agents.");
      return onlyResource<JobResource>(agents.json, "kubernetes_job_v1");
    };
    const database = agentsConfig().database;
    const { metadata, spec, wait_for_completion: waits } = job({});
    expect(waits).toBe(true);
    expect(spec).toMatchObject({ backoff_limit: 3, active_deadline_seconds: 1120 });
    const {
      container,
      volume,
      service_account_name: account,
      automount_service_account_token: token,
    } = spec.template.spec;
    expect([account, token]).toEqual(["migrate-agents", false]);
    expect(container[0].args).toEqual(["migrate", "/etc/freehold/settings/settings.json"]);
    expect(volume.map(({ name }) => name)).toEqual(["settings", "database"]);
    const name = metadata.generate_name;
    expect(name).toMatch(/^migrate-agents-[0-9a-f]{8}-$/);
    const same = { runsAtOnce: 20, replicas: 4, assistants: { other: { graph: "support", model: "chat" } } };
    expect(job(same).metadata.generate_name).toBe(name);
    const owned = job({ database: { ...database, owner: { secret: "owner", key: "url" } } });
    expect(owned.spec.template.spec.volume.map(({ name }) => name)).toEqual(["settings", "database", "database-owner"]);
    expect(owned.metadata.generate_name).not.toBe(name);
    expect(job({ image }).metadata.generate_name).not.toBe(name);
  });

  it("has its Job done before its release as manifests too", () => {
    const blueprint = deployed("none");
    const units = manifestUnits(buildStacks(blueprint, sources), blueprint, "cdktf.out");
    const unit = (name: string) => units.find((each) => each.name === name);
    const tables = unit("before.agents");
    if (tables === undefined || !("objects" in tables)) throw new Error("The Job is in no unit of its own.");
    expect(tables.objects.map(({ kind }) => kind)).toEqual(["ServiceAccount", "ConfigMap", "Job"]);
    expect(tables.timeoutSeconds).toBe(1120 + 60);
    expect(tables.phase).toBeLessThan(unit("orchestrator")?.phase ?? 0);
    expect(tables.phase).toBeGreaterThan(unit("platform")?.phase ?? 0);
  });

  it("is not there in a file without agents", () => {
    expect(buildStacks(blueprintFor(), sources).map(({ name }) => name)).toEqual(["platform", "inference"]);
  });

  it("is carried into a site without a network with its image and its chart", () => {
    const blueprint = deployed("air-gapped");
    const items = bundleItems(blueprint, buildStacks(blueprint, sources), []).map(
      ({ kind, name }) => `${kind} ${name}`,
    );
    expect(items).toContain(`image ${image}`);
    expect(items).toContain("chart orchestrator 0.1.0");
  });
});
