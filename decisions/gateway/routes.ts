import type { Escalation, Overflow } from "../../config/routes.ts";
import { frontiersOf } from "../../config/routes.ts";
import type { Config } from "../../config/schema/index.ts";
import { milliseconds } from "../../config/schema/primitives.ts";
import { lookUp } from "../catalog/look-up.ts";
import { mountedAt } from "../mounted-secret.ts";
import type { EgressFacts, FrontierFact } from "../residency/facts.ts";
import { gatewayConsumer } from "./namespace.ts";
import type { OutsideBackend, OutsideModel, Way, WaysOfModel } from "./settings-form.ts";

type Verify = NonNullable<NonNullable<WaysOfModel["escalation"]>["verify"]>;

/** Name of a frontier among the gateway's backends: no release has a slash in its name. */
export function backendNameOf(frontier: string): string {
  return `outside/${frontier}`;
}

/** Backends and models outside. Only those that some request may be sent to are there at all. */
export function outsideSettings(
  config: Config,
  frontiers: readonly FrontierFact[],
  egress: EgressFacts | null,
): {
  readonly backends: Readonly<Record<string, OutsideBackend>>;
  readonly models: Readonly<Record<string, OutsideModel>>;
} {
  const known = frontiersOf(config).filter(([name]) => frontiers.some((fact) => fact.name === name));
  const port = egress?.workloads.find(({ name }) => name === gatewayConsumer)?.port;
  return {
    backends: Object.fromEntries(
      known.map(([name, { url, provider, model, apiKey }]) => [
        backendNameOf(name),
        {
          url: new URL(url).origin,
          model,
          digest: `${provider}/${model}`,
          location: "outside",
          api: "openai",
          tokenIds: false,
          ...(egress === null || port === undefined
            ? {}
            : { proxy: `http://${egress.service}.${egress.namespace}.svc:${port}` }),
          ...(apiKey === undefined ? {} : { apiKeyFile: mountedAt(`frontier-${name}`, apiKey.key) }),
        },
      ]),
    ),
    models: Object.fromEntries(
      known.map(([name, { maxModelLen, price }]) => [
        name,
        {
          maxModelLen,
          versions: { outside: { weight: 1, backends: [backendNameOf(name)] } },
          price: { inputUsdPerMillionTokens: price.input.usd, outputUsdPerMillionTokens: price.output.usd },
        },
      ]),
    ),
  };
}

/** The ways of one model; a way that leads to a frontier which no request may reach is none. */
export function waysOf(config: Config, model: string, frontiers: readonly FrontierFact[]): WaysOfModel {
  const { escalation, overflow } = config.routing ?? {};
  const [hard, full] = [lookUp(escalation ?? {}, model), lookUp(overflow ?? {}, model)];
  const isOpen = ({ to }: { readonly to: string }) =>
    lookUp(config.models, to) !== null || frontiers.some(({ name }) => name === to);
  return {
    ...(hard === null || !isOpen(hard) ? {} : { escalation: escalationSettings(hard) }),
    ...(full === null || !isOpen(full) ? {} : { overflow: overflowSettings(full) }),
  };
}

function escalationSettings({ rules, verify, unavailable, ...way }: Escalation): WaysOfModel["escalation"] {
  return {
    ...wayOf(way),
    rules,
    ...(verify === undefined ? {} : { verify: verifySettings(verify) }),
    unavailable,
  };
}

function verifySettings({ deadline, objective, ...checks }: NonNullable<Escalation["verify"]>): Verify {
  return {
    ...checks,
    deadlineMilliseconds: milliseconds(deadline),
    objectiveMilliseconds: milliseconds(objective),
  };
}

function overflowSettings({ requestsPerReplicaAtLeast, ttft, ...way }: Overflow): WaysOfModel["overflow"] {
  return {
    ...wayOf(way),
    ...(requestsPerReplicaAtLeast === undefined ? {} : { requestsPerReplicaAtLeast }),
    ...(ttft === undefined ? {} : { timeToFirstTokenMilliseconds: milliseconds(ttft) }),
  };
}

function wayOf({ to, dataClasses, tenants, budget }: Way): Way {
  return {
    to,
    ...(dataClasses === undefined ? {} : { dataClasses }),
    ...(tenants === undefined ? {} : { tenants }),
    budget,
  };
}
