import type { Decided, GatewayBlueprint } from "../blueprint.ts";
import { exposureLines } from "../exposure/text.ts";
import { countText, durationText, gibText } from "../figures.ts";
import { reasonList } from "../reason.ts";
import { routeLines } from "./routes-text.ts";
import { heldIn } from "./secrets.ts";
import type { GatewaySettings } from "./settings-form.ts";

/** The gateway as a section of a stack's explanation. */
export function gatewaySection(
  gateway: GatewayBlueprint,
  stack: { readonly name: string; readonly environment: string },
) {
  const {
    service,
    namespace,
    port,
    image,
    replicas,
    cpu,
    memoryBytes,
    drain,
    secrets,
    settings,
    budgets,
    answerDeadline,
    exposure,
  } = gateway;
  return [
    "## The gateway",
    "",
    `Callers reach every model at http://${service}.${namespace}.svc:${port}/v1. Only pods with the label \`freehold/gateway-client: "true"\` may call, in namespaces with the labels \`freehold/stack: ${stack.name}\` and \`freehold/environment: ${stack.environment}\`; each request carries a key or token of one of ${countText(Object.keys(settings.tenants).length, "tenant")}. Engines are called by nobody else.`,
    "A change of tenants, limits or traffic is taken without a restart, once the kubelet has brought it to the pods: within two minutes as a rule, and half a second after that.",
    "",
    ...fact("Image", image.value.deployed, image, "Set `gateway.image`, then run `freehold lock`."),
    ...fact("Replicas", String(replicas.value), replicas, "Set `gateway.replicas`."),
    ...fact(
      "CPU a replica",
      `${cpu.value.requestMillicores} m, no limit`,
      cpu,
      "It follows from the workloads and the number of replicas.",
    ),
    ...fact(
      "The longest answer",
      durationText(answerDeadline.value),
      answerDeadline,
      "It follows from the models' `maxModelLen` and the workloads' `objectives.itl`.",
    ),
    ...fact("Memory a replica", gibText(memoryBytes.value), memoryBytes, "No key changes it."),
    ...fact(
      "Stopping",
      `within ${drain.value.terminationGracePeriodSeconds} s`,
      drain,
      "It follows from `drainTimeout` of the models.",
    ),
    ...fact(
      "Budgets of a day",
      budgets.value === "shared" ? "counted by all replicas together" : "divided by the replicas",
      budgets,
      budgets.value === "shared"
        ? "Remove `gateway.budgets`, and each replica has its share."
        : "Set `gateway.budgets`.",
    ),
    ...routeLines(settings),
    settings.redactor === undefined
      ? "Nothing is redacted: data of classes that leave only redacted does not leave."
      : `Mail addresses, phone numbers, accounts, cards, national ids and keys${patternNames(settings.redactor)} are taken out of what leaves, and put back into answers; within ${settings.redactor.timeoutMilliseconds} ms, or the request is refused. Names and what a text says about somebody are not looked for.`,
    "",
    ...secrets.map(
      ({ purpose, secret, key }) => `- The Secret ${secret} in ${namespace} must hold ${key}: ${heldIn(purpose)}.`,
    ),
    ...(exposure === null ? [] : exposureLines("gateway", exposure)),
  ].join("\n");
}

function patternNames({ patterns }: NonNullable<GatewaySettings["redactor"]>): string {
  return patterns.length === 0 ? "" : `, and ${patterns.map(({ name }) => name).join(", ")},`;
}

function fact(title: string, value: string, { because }: Decided<unknown>, change: string): string[] {
  return [`**${title}: ${value}.**`, "", ...reasonList(because), `- ${change}`, ""];
}
