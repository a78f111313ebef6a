import type { TerraformStack } from "cdktf";
import { RootConstruct } from "constructs";
import type { Blueprint } from "../decisions/blueprint.ts";
import { AgentsStack } from "./agents.ts";
import type { ChartSource } from "./constructs/chart-release.ts";
import { InferenceStack } from "./inference.ts";
import { PlatformStack } from "./platform.ts";
import { escapeTemplates, hideTokens, showTokens } from "./terraform-text.ts";
import { withoutStackTraces } from "./without-stack-traces.ts";

/** Terraform's JSON configuration of one stack, as plain data. */
export interface TerraformJson {
  readonly "//": { readonly metadata: Readonly<Record<string, unknown>>; readonly outputs: unknown };
  readonly terraform: {
    readonly backend: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly required_providers: Readonly<Record<string, { readonly source: string; readonly version?: string }>>;
    readonly required_version: string;
  };
  readonly provider: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  /** By type, then by logical id. */
  readonly resource: Readonly<Record<string, Readonly<Record<string, TerraformResource>>>>;
  readonly output: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface TerraformResource extends Readonly<Record<string, unknown>> {
  readonly "//": { readonly metadata: { readonly path: string; readonly uniqueId: string } };
}

export interface SynthesizedStack {
  readonly name: string;
  /** Stacks that have to be applied before. */
  readonly dependencies: readonly string[];
  readonly json: TerraformJson;
}

export interface StackSources {
  /** Version of cdktf, as its own manifest names it. */
  readonly cdktfVersion: string;
  readonly admissionPolicies: ChartSource;
  readonly egressProxy: ChartSource;
  readonly modelServer: ChartSource;
  readonly gateway: ChartSource;
  readonly orchestrator: ChartSource;
  readonly wayIn: ChartSource;
}

/**
 * Only what makes data of a stack. cdktf's preparation looks for references between stacks, of which there are none,
 * and its validations run `terraform version`: a stack is synthesized where no Terraform is.
 */
function synthesizeStack(stack: TerraformStack): SynthesizedStack {
  return {
    name: stack.node.id,
    dependencies: stack.dependencies.map(({ node }) => node.id),
    json: showTokens(stack.toTerraform() as TerraformJson),
  };
}

/**
 * The stacks of a Blueprint as plain data, in the order they are applied. Nothing is read or written, and cdktf's own
 * `App` is left out: it takes its output folder, its context and the form of its output from the environment.
 */
export function buildStacks(blueprint: Blueprint, sources: StackSources): readonly SynthesizedStack[] {
  const root = new RootConstruct("");
  root.node.setContext("cdktfVersion", sources.cdktfVersion);
  const escaped = hideTokens(escapeTemplates(blueprint));
  return withoutStackTraces(() => {
    const platform = new PlatformStack(root, escaped, sources);
    const inference = new InferenceStack(root, escaped, sources);
    inference.addDependency(platform);
    return [platform, inference, ...agentsOf(root, escaped, sources, inference)].map(synthesizeStack);
  });
}

/** The agents' stack, where there are any: after the gateway that they ask. */
function agentsOf(
  root: RootConstruct,
  blueprint: Blueprint,
  sources: StackSources,
  inference: TerraformStack,
): TerraformStack[] {
  if (blueprint.agents === null) return [];
  const stack = new AgentsStack(root, blueprint, blueprint.agents, sources);
  stack.addDependency(inference);
  return [stack];
}
