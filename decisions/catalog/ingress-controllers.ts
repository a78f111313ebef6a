import type { IngressSoftware } from "../../config/ingress.ts";
import type { Sourced } from "./sourced.ts";

/** What an Ingress controller has to be told, so that a long answer passes token by token. */
interface IngressController extends Sourced {
  readonly name: string;
  /** Annotations that take a time such as `630s`: how long it waits for the service, and for the caller. */
  readonly timeouts: readonly string[];
  /** `{body}` stands for the MiB of the largest request that has to pass. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What only its own configuration says, as full sentences; `{timeout}` stands for the seconds needed. */
  readonly unchecked: readonly string[];
}

/** Every controller that the file can name and that is let in. */
export const ingressControllers: Readonly<Record<Exclude<IngressSoftware, "ingress-nginx">, IngressController>> = {
  contour: {
    name: "Contour",
    timeouts: ["projectcontour.io/response-timeout"],
    annotations: { "ingress.kubernetes.io/force-ssl-redirect": "true" },
    unchecked: [
      "Contour's own `stream-idle-timeout` has to be {timeout} s or off: an answer that is not streamed is silent until it is there.",
    ],
    source: "https://projectcontour.io/docs/1.25/config/annotations/",
    asOf: "2026-11-26",
  },
  "f5-nginx": {
    name: "NGINX's own controller",
    timeouts: ["nginx.org/proxy-read-timeout", "nginx.org/proxy-send-timeout"],
    annotations: { "nginx.org/client-max-body-size": "{body}m", "nginx.org/proxy-buffering": "False" },
    unchecked: [],
    source:
      "https://docs.nginx.com/nginx-ingress-controller/configuration/ingress-resources/advanced-configuration-with-annotations/",
    asOf: "2026-11-26",
  },
  haproxy: {
    name: "HAProxy's own controller",
    timeouts: ["haproxy.org/timeout-server"],
    annotations: { "haproxy.org/ssl-redirect": "true" },
    unchecked: [],
    source: "https://github.com/haproxytech/kubernetes-ingress/blob/master/documentation/annotations.md",
    asOf: "2026-11-26",
  },
  other: {
    name: "a controller that Freehold does not know",
    timeouts: [],
    annotations: {},
    unchecked: [
      "The controller has to wait {timeout} s for an answer and for each of its parts, and to pass on each part at once: no annotation says so.",
    ],
    source: "nothing is known of it",
    asOf: "2026-11-26",
  },
  traefik: {
    name: "Traefik",
    timeouts: [],
    annotations: {
      "traefik.ingress.kubernetes.io/router.entrypoints": "websecure",
      "traefik.ingress.kubernetes.io/router.tls": "true",
    },
    unchecked: [
      "Traefik takes times at its entry points alone: `respondingTimeouts.writeTimeout` of `websecure` has to be 0, as it is by default, or {timeout} s.",
    ],
    source: "https://doc.traefik.io/traefik/v3.8/reference/routing-configuration/kubernetes/ingress/",
    asOf: "2026-11-26",
  },
};
