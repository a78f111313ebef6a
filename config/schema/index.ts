import * as z from "zod";
import { agents } from "./agents.ts";
import { catalogSection } from "./catalog.ts";
import { cluster } from "./cluster.ts";
import { gateway } from "./gateway.ts";
import { model } from "./model.ts";
import { nodePool } from "./node-pool.ts";
import { name, shortName, shortWord } from "./primitives.ts";
import { residency } from "./residency.ts";
import { routing } from "./routing.ts";
import { state } from "./state.ts";
import { team } from "./team.ts";
import { workload } from "./workload.ts";

/** The whole stack file. */
export const stackFile = z.strictObject({
  apiVersion: z.literal("freehold/v1alpha1").meta({ description: "Version of this file's format." }),
  name: shortName.meta({
    description: "Name of the stack. Everything cluster-scoped carries it, so two stacks share a cluster.",
  }),
  environment: shortWord.meta({
    description: "Which environment this file describes, such as `production`: lower-case letters and digits.",
  }),
  silence: z.record(z.string(), z.string().min(10)).optional().meta({
    description:
      "Warnings that are accepted: code, then the written reason. Errors cannot be silenced. Left out: none.",
  }),
  residency: residency.optional().meta({
    description: "Where data may go, and what that forbids. Left out: mode `none`.",
  }),
  workloads: z.record(name, workload).optional().meta({
    description:
      "What is asked of the models, by name: hosting and cost are decided from it. Left out: neither is computed.",
  }),
  team: team.optional().meta({
    description:
      "Who runs the stack. Left out: one engineer at 25000 US dollars a month is assumed where `workloads` is given.",
  }),
  state,
  cluster,
  nodePools: z.record(name, nodePool).meta({ description: "GPU node pools, by name." }),
  catalog: catalogSection,
  models: z.record(name, model).meta({ description: "Served models, by the name callers use." }),
  gateway: gateway.optional().meta({
    description:
      "The one door to every model: who may call, within which limits. Left out: pods with a label call the engines themselves, and one version serves each model.",
  }),
  agents: agents.optional().meta({
    description:
      "Agents that ask the models through the gateway, with threads and runs that outlive every replica. Left out: none.",
  }),
  routing: routing.optional().meta({
    description:
      "Where hard requests go, and who helps out while a model is overloaded. Left out: each request is answered by the model that it names.",
  }),
});

/** The stack file as read: shapes checked, defaults filled in. */
export type Config = z.output<typeof stackFile>;
export type ModelConfig = Config["models"][string];
export type NodePoolConfig = Config["nodePools"][string];
export type WorkloadConfig = NonNullable<Config["workloads"]>[string];
export type TeamConfig = NonNullable<Config["team"]>;
export type GatewayConfig = NonNullable<Config["gateway"]>;
export type AgentsConfig = NonNullable<Config["agents"]>;
export type RoutingConfig = NonNullable<Config["routing"]>;
export type ResidencyConfig = NonNullable<Config["residency"]>;
export type StateConfig = Config["state"];
export type ClusterConfig = Config["cluster"];
