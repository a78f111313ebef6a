import { entry } from "./entry.ts";
import { correction, defined, type Unknown } from "./unknown-name.ts";

/** GTW-1xx: what the gateway's section says against itself and against the rest of the file. */
export const gatewayCodes = {
  "GTW-101": entry<Record<never, never>>({
    severity: "error",
    summary: "Nobody could call the gateway",
    title: () => "The gateway names neither `keys` nor `jwt`.",
    why: () => "Every request has to say which tenant it belongs to, so without credentials all are refused.",
    fix: () =>
      "Add `gateway.jwt` with issuer, audience and key set; under residency mode none, `gateway.keys` will do.",
    example: {},
  }),
  "GTW-102": entry<{ mode: string }>({
    severity: "error",
    summary: "API keys stand for callers under a residency",
    title: ({ mode }) => `The gateway takes API keys, and residency.mode is ${mode}.`,
    why: () =>
      "A key that has leaked is good for ever and for any data class; a signed token ends, and says for whom it was made.",
    fix: () => "Remove `gateway.keys` and add `gateway.jwt`, or set residency.mode to none.",
    example: { mode: "region-bound" },
  }),
  "GTW-103": entry<{ tenant: string; model: string } & Unknown>({
    severity: "error",
    summary: "A tenant may call a model that is not there",
    title: ({ tenant, model }) => `The tenant "${tenant}" may call the model "${model}", which is not defined.`,
    why: (unknown) => defined(unknown, "models"),
    fix: (unknown) => correction(unknown, "models"),
    example: { tenant: "support", model: "chatt", known: ["chat"], nearest: "chat" },
  }),
  "GTW-104": entry<{ tenant: string; dataClass: string } & Unknown>({
    severity: "error",
    summary: "A tenant sends a data class that nobody defined",
    title: ({ tenant, dataClass }) =>
      `The tenant "${tenant}" may send the data class "${dataClass}", which is not defined.`,
    why: (unknown) => `${defined(unknown, "residency.dataClasses")} Where its data may go would be nobody's decision.`,
    fix: (unknown) => correction(unknown, "residency.dataClasses"),
    example: { tenant: "support", dataClass: "custommer", known: ["customer"], nearest: "customer" },
  }),
  "GTW-105": entry<{ model: string } & Unknown>({
    severity: "error",
    summary: "A price for a model that is not there",
    title: ({ model }) => `gateway.prices names the model "${model}", which is not defined.`,
    why: (unknown) => defined(unknown, "models"),
    fix: (unknown) => correction(unknown, "models"),
    example: { model: "chatt", known: ["chat"], nearest: "chat" },
  }),
  "GTW-106": entry<{ tenant: string; models: readonly string[] }>({
    severity: "error",
    summary: "A limit of money where tokens cost nothing",
    title: ({ tenant, models }) =>
      `The tenant "${tenant}" has a limit of money, and ${models.join(", ")} ${models.length === 1 ? "has" : "have"} no price.`,
    why: () => "Without a price their tokens cost nothing, and the limit would never be reached.",
    fix: ({ models }) =>
      `Add gateway.prices.${models[0]}, or limit tokensPerDay instead. \`freehold decide\` says what hosting costs for a million tokens.`,
    example: { tenant: "support", models: ["chat"] },
  }),
  "GTW-107": entry<{ target: string }>({
    severity: "error",
    summary: "The gateway has no image",
    title: ({ target }) => `gateway.image is missing, and the cluster's target is ${target}.`,
    why: () =>
      "Freehold publishes no images: the gateway's is built from this checkout and lies in your registry. Only the local cluster, whose containers are simulated, needs none.",
    fix: () => "Build and push the image, then name it, such as `registry.example.com/freehold/gateway:0.1.0`.",
    example: { target: "existing" },
  }),
  "GTW-108": entry<{ model: string; versions: readonly string[]; correction: string }>({
    severity: "error",
    summary: "Vectors of one index would come from two models",
    title: ({ model, versions }) =>
      `The traffic of "${model}", which returns vectors, is split over ${versions.join(" and ")}.`,
    why: () =>
      "Vectors of two versions lie in different spaces: documents found by the one are not found by the other.",
    fix: ({ correction: whole }) =>
      `Give one version all of it, such as \`{ ${whole} }\`, and index anew before you swap.`,
    example: { model: "embeddings", versions: ["v1", "v2"], correction: "v1: 100" },
  }),
  "GTW-109": entry<{ key: string; isBoth: boolean }>({
    severity: "error",
    summary: "It is not said once where something stands that the gateway calls",
    title: ({ key, isBoth }) =>
      isBoth ? `gateway.${key} names both \`pods\` and \`networks\`.` : `gateway.${key} does not say where it stands.`,
    why: () => "The gateway may open no connection that is not named: its policy opens the way to one place alone.",
    fix: () =>
      "Name `pods` with their namespace and labels where it runs in this cluster, else `networks`, and not both.",
    example: { key: "budgets", isBoth: false },
  }),
  "GTW-110": entry<{ text: string; problem: string }>({
    severity: "error",
    summary: "A network of the gateway is none, or is not inside",
    title: ({ text, problem }) => `${JSON.stringify(text)} ${problem}.`,
    why: () => "The gateway connects to addresses in these networks, and they must not hold anybody else's hosts.",
    fix: () =>
      "Name networks in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 or fc00::/7, as small as they are.",
    example: { text: "0.0.0.0/0", problem: "covers hosts of strangers" },
  }),
  "GTW-111": entry<{ host: string; namespace: string }>({
    severity: "error",
    summary: "The collector's address does not lead to its pods",
    title: ({ host, namespace }) => `gateway.telemetry.endpoint names ${host}, and the pods are in ${namespace}.`,
    why: () => "The policy opens the way to the pods that are named, so that nothing sent elsewhere would arrive.",
    fix: ({ namespace }) => `Name the Service in front of those pods, such as \`collector.${namespace}.svc\`.`,
    example: { host: "collector.monitoring.svc", namespace: "observability" },
  }),
  "GTW-112": entry<{ name: string; detail: string }>({
    severity: "error",
    summary: "A pattern of the redactor cannot be read",
    title: ({ name, detail }) => `gateway.redactor.patterns.${name} is no pattern: ${detail}.`,
    why: () => "With a pattern that cannot be read the gateway would not start, and what it names would leave.",
    fix: () => "Write it as JavaScript does with the flag `u`, without slashes around it, such as `\\bK-[0-9]{8}\\b`.",
    example: { name: "CUSTOMER", detail: "Unterminated group" },
  }),
} as const;
