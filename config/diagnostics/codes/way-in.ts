import { capital } from "../capital.ts";
import { entry } from "./entry.ts";

/** Whose `exposure` it is. */
interface OfSection {
  readonly section: "gateway" | "agents";
}

interface Named {
  readonly context: string;
  /** `the Gateway gateways/internal`. */
  readonly object: string;
}

/** RUN-15x: what `exposure` of the gateway and of the agents names, held against the live cluster. */
export const wayInCodes = {
  "RUN-151": entry<OfSection & { context: string; by: string; missing: string; install: string }>({
    severity: "error",
    summary: "The cluster does not know what the way in is made of",
    title: ({ context, missing }) => `The cluster of "${context}" has no ${missing}.`,
    why: ({ section, by }) =>
      `${section}.exposure is ${by}: its objects would be refused, or lie there without anybody who acts on them.`,
    fix: ({ section, install }) => `Install ${install} first, or choose another way under ${section}.exposure.`,
    example: {
      section: "gateway",
      context: "prod-eu",
      by: "http-route",
      missing: "Gateways: the definitions of the Gateway API are missing",
      install: "what runs your Gateways, with the definitions that belong to it,",
    },
  }),
  "RUN-152": entry<Named & { key: string; others: readonly string[] }>({
    severity: "error",
    summary: "An object of the way in is not there",
    title: ({ object, context }) => `${capital(object)} is not in the cluster of "${context}".`,
    why: ({ key, others }) =>
      `${key} names it, and without it nobody comes in from outside. ${others.length === 0 ? "The cluster has none." : `There are: ${others.join(", ")}.`}`,
    fix: ({ key }) => `Make it, or name one that is there in ${key}. Freehold makes none: it belongs to your platform.`,
    example: {
      context: "prod-eu",
      object: "the IngressClass internal",
      key: "gateway.exposure.class",
      others: ["haproxy"],
    },
  }),
  "RUN-153": entry<OfSection & Named & { listener: string; problem: string; host: string; namespace: string }>({
    severity: "error",
    summary: "A listener that does not fit the route",
    title: ({ listener, object, problem }) => `The listener ${listener} of ${object} ${problem}.`,
    why: ({ host, namespace }) =>
      `The route of ${namespace} for ${host} is attached to that listener alone: where it does not fit, callers get no answer, or what they send crosses the network in the clear.`,
    fix: ({ section }) => `Change the listener, or name another one in ${section}.exposure.parent.`,
    example: {
      section: "gateway",
      context: "prod-eu",
      object: "the Gateway gateways/internal",
      listener: "llm",
      problem: "speaks HTTP and ends no TLS",
      host: "llm.example.com",
      namespace: "support-production-gateway",
    },
  }),
  "RUN-154": entry<Named & { state: string }>({
    severity: "warning",
    summary: "An object of the way in is there and not ready",
    title: ({ object, state }) => `${capital(object)} is there, but ${state}.`,
    why: () => "Until it is, nothing that is attached to it works.",
    fix: () => "kubectl describe says what it waits for. What has only just been made may need a minute.",
    example: {
      context: "prod-eu",
      object: "the ClusterIssuer internal-ca",
      state: "its condition Ready is False: the Secret of its key is missing",
    },
  }),
  "RUN-155": entry<Named & { reason: string }>({
    severity: "warning",
    summary: "An object of the way in could not be looked at",
    title: ({ object, context }) => `Whether ${object} is in the cluster of "${context}" could not be seen.`,
    why: ({ reason }) => `${capital(reason)}.`,
    fix: () => "Give the account the right to read it, or have somebody look who may.",
    example: {
      context: "prod-eu",
      object: "the Gateway gateways/internal",
      reason: "the account may not read it",
    },
  }),
  "RUN-156": entry<OfSection & { context: string; className: string; controller: string }>({
    severity: "error",
    summary: "An IngressClass of a controller that gets no more fixes",
    title: ({ className, controller }) => `The IngressClass ${className} is served by ${controller}.`,
    why: ({ section }) =>
      `That is ingress-nginx, which ended in March 2026, whatever ${section}.exposure.software says: what is found in it since then stays open, at the one place that strangers reach.`,
    fix: () => "Move to a Gateway of the Gateway API or another controller, and name its class.",
    example: { section: "gateway", context: "prod-eu", className: "internal", controller: "k8s.io/ingress-nginx" },
  }),
  "RUN-157": entry<OfSection & { context: string; by: string; cloud: string; label: string }>({
    severity: "error",
    summary: "An internal load balancer of another cloud",
    title: ({ context, cloud }) => `No node in the cluster of "${context}" is one of ${cloud}.`,
    why: ({ section, by, label }) =>
      `${section}.exposure is ${by}, and no node carries the label ${label}. Elsewhere the annotation that asks for an internal address says nothing, and the address may be public.`,
    fix: ({ section }) =>
      `Name the load balancer of this cluster in ${section}.exposure.by, or choose the right context.`,
    example: {
      section: "gateway",
      context: "prod-eu",
      by: "google-load-balancer",
      cloud: "GKE",
      label: "cloud.google.com/gke-nodepool",
    },
  }),
  "RUN-158": entry<OfSection & { context: string; namespace: string; selector: string }>({
    severity: "warning",
    summary: "Nothing carries the labels that are let in",
    title: ({ namespace, selector }) => `No pod in ${namespace} carries ${selector}.`,
    why: ({ section }) =>
      `${section}.exposure.controller names the pods that pass requests on, and the network policy lets in those alone: callers outside would wait for an answer that never comes.`,
    fix: ({ namespace }) =>
      `kubectl get pods --show-labels --namespace ${namespace} prints the labels to name; where the controller is scaled to nothing, this passes.`,
    example: {
      section: "gateway",
      context: "prod-eu",
      namespace: "haproxy-controller",
      selector: "app.kubernetes.io/name=haproxy",
    },
  }),
  "RUN-159": entry<OfSection & { context: string; pool: string; range: string; mode: string }>({
    severity: "error",
    summary: "A pool of addresses that are not internal",
    title: ({ pool, range }) => `MetalLB's pool ${pool} holds ${range}, which is not private address space.`,
    why: ({ mode }) => `Under ${mode} nobody on the internet may come in, and such an address is open to them.`,
    fix: ({ section }) => `Name a pool of private addresses in ${section}.exposure.addressPool.`,
    example: { section: "gateway", context: "prod-hall", pool: "edge", range: "203.0.113.0/28", mode: "region-bound" },
  }),
} as const;
