import { entry } from "./entry.ts";

/** The section that has the way in. */
interface Exposed {
  readonly section: string;
}

interface Problem extends Exposed {
  readonly text: string;
  readonly problem: string;
}

/** GTW-12x: what `exposure` of a service says against itself and against the rest of the file. */
export const exposureCodes = {
  "GTW-120": entry<Problem>({
    severity: "error",
    summary: "The host of a way in is not one host",
    title: ({ section, text, problem }) => `${section}.exposure.host is ${JSON.stringify(text)}, which ${problem}.`,
    why: () =>
      "The certificate, the route and what callers type have to be one name that a reader can check letter by letter.",
    fix: () =>
      "Write the full name alone, such as `llm.example.com`; a name in other letters has to be registered plain.",
    example: {
      section: "gateway",
      text: "*.example.com",
      problem: "holds a wildcard, which would allow hosts that nobody has read",
    },
  }),
  "GTW-121": entry<Exposed & { className: string; known: readonly string[] }>({
    severity: "error",
    summary: "Nobody says which controller serves an Ingress class",
    title: ({ section, className }) =>
      `The Ingress class "${className}" does not tell its controller, and ${section}.exposure.software is missing.`,
    why: ({ known }) =>
      `Each controller has annotations of its own for timeouts and buffering; with the wrong ones, answers are cut off after a minute. Known by their name are ${known.join(", ")}.`,
    fix: ({ section }) => `Name it in ${section}.exposure.software; \`other\` writes no annotations.`,
    example: { section: "gateway", className: "internal", known: ["contour", "haproxy", "nginx", "traefik"] },
  }),
  "GTW-122": entry<{ className: string }>({
    severity: "error",
    summary: "An Ingress controller that gets no more fixes",
    title: ({ className }) => `The Ingress class "${className}" is served by ingress-nginx.`,
    why: () =>
      "The project ended in March 2026: what is found in it since then stays open, at the one place that strangers reach.",
    fix: () =>
      "Move to a Gateway of the Gateway API or another controller. Where the class `nginx` is NGINX's own controller, say `software: f5-nginx`.",
    example: { className: "nginx" },
  }),
  "GTW-123": entry<Exposed & { namespace: string }>({
    severity: "error",
    summary: "Every pod of a namespace could call as if from outside",
    title: ({ section, namespace }) =>
      `${section}.exposure.controller.labels names no label of the pods in ${namespace}.`,
    why: () => "Without labels the network policy would let in every pod of that namespace, and not the controller's.",
    fix: () => "Write the labels of its pods, as `kubectl get pods --show-labels` prints them.",
    example: { section: "gateway", namespace: "ingress-haproxy" },
  }),
  "GTW-124": entry<Problem>({
    severity: "error",
    summary: "An object of the way in has a name that Kubernetes does not accept",
    title: ({ section, text, problem }) => `${JSON.stringify(text)} under ${section}.exposure ${problem}.`,
    why: () => "Names of objects are lower-case letters, digits, hyphens and dots, as in DNS.",
    fix: () => "Write the name as `kubectl get` prints it.",
    example: { section: "gateway", text: "Shared_Gateway", problem: 'holds "S"' },
  }),
  "GTW-125": entry<Problem>({
    severity: "error",
    summary: "A label of the controller has a form that Kubernetes does not accept",
    title: ({ section, text, problem }) =>
      `${JSON.stringify(text)} in ${section}.exposure.controller.labels ${problem}.`,
    why: () =>
      "A label's key and value have at most 63 letters, digits, hyphens, underscores and dots, and start and end with a letter or digit; before a key may stand a DNS name and a slash.",
    fix: () => "Write the labels as `kubectl get pods --show-labels` prints them.",
    example: { section: "gateway", text: "-app", problem: "does not start and end with a letter or digit" },
  }),
  "GTW-126": entry<Omit<Problem, "section"> & { readonly key: string }>({
    severity: "error",
    summary: "Strangers could reach the load balancer",
    title: ({ key, text, problem }) => `gateway.exposure.${key} names ${JSON.stringify(text)}, which ${problem}.`,
    why: () =>
      "The load balancer and the network policy let in whoever stands in these networks. A network is its first address and a length, `10.20.0.0/16`; accepted are 8 and more for private addresses, 12 and more for other IPv4 addresses, 32 and more for other IPv6 addresses.",
    fix: () => "Name the networks that callers stand in, or those of the load balancer's subnets.",
    example: { key: "sourceRanges", text: "0.0.0.0/0", problem: "swallows the networks of strangers" },
  }),
  "GTW-127": entry<{ by: string }>({
    severity: "error",
    summary: "An air-gapped stack is reached through a cloud",
    title: ({ by }) => `gateway.exposure.by is ${by}, and residency.mode is air-gapped.`,
    why: () => "A load balancer of a cloud stands outside the building, and every prompt would pass through it.",
    fix: () => "Use `metallb`, an Ingress or a route whose Gateway stands in the building.",
    example: { by: "aws-load-balancer" },
  }),
  "GTW-128": entry<Exposed & { by: string; missing: string }>({
    severity: "error",
    summary: "The local cluster has nothing that opens the way in",
    title: ({ section, by, missing }) => `${section}.exposure.by is ${by}, and the local cluster has no ${missing}.`,
    why: () => "The release would be refused, or wait for an address that nobody gives it until its time is up.",
    fix: () => "Use `ingress` with a Secret there, whose object no controller picks up, or leave `exposure` out.",
    example: { section: "gateway", by: "metallb", missing: "load balancers" },
  }),
  "GTW-129": entry<{ host: string }>({
    severity: "error",
    summary: "Two services are reached under one host",
    title: ({ host }) => `agents.exposure.host and gateway.exposure.host are both "${host}".`,
    why: () =>
      "Each has a certificate and an object of its own, in namespaces of their own: controllers take a second one for the same host for a mistake, or answer with either.",
    fix: () => "Give each a name of its own, such as `agents.example.com` beside `llm.example.com`.",
    example: { host: "llm.example.com" },
  }),
} as const;
