import type { Sourced } from "../sourced.ts";

/** Which releases of a component have no published advisory. */
export type ClearReleases =
  /** The first clear release of each line, `major.minor.patch`, ascending; newer lines are clear. */
  | { readonly since: readonly [string, ...string[]] }
  /** Every release after the newest that is affected, where no advisory names the first clear one. */
  | { readonly after: string }
  /** No release is known to be clear. */
  | "none";

/** The oldest releases of one component that nothing is published against. */
export interface Floor extends Sourced {
  /** As people call it. */
  readonly name: string;
  /** Ends of image repositories by which it is known, mirrors included. */
  readonly repositories: readonly string[];
  readonly clear: ClearReleases;
  /** What is published against older releases, newest first. */
  readonly advisories: readonly string[];
}

/** What an advisory has been published against, by component. `asOf` is the day of the newest record that was read. */
export const floors: Readonly<Record<string, Floor>> = {
  vllm: {
    name: "vLLM",
    repositories: ["vllm-openai"],
    clear: { since: ["0.32.0"] },
    advisories: ["CVE-2026-115911", "PYSEC-2026-4349", "PYSEC-2026-4344", "CVE-2026-114053", "CVE-2026-48746"],
    source: "github.com/vllm-project/vllm advisories of 2026-10-26 to 2026-10-29; osv.dev",
    asOf: "2026-10-29",
  },
  sglang: {
    name: "SGLang",
    repositories: ["sglang"],
    clear: "none",
    advisories: ["CVE-2026-93034", "CVE-2026-86793"],
    source: "cve.org CVE-2026-93034: every release up to 0.5.20, and none named that mends it",
    asOf: "2026-10-29",
  },
  qdrant: {
    name: "Qdrant",
    repositories: ["qdrant"],
    clear: { since: ["1.19.2"] },
    advisories: ["CLEANSTART-2026-FZ26906", "CVE-2024-3829", "CVE-2024-3584"],
    source: "osv.dev CLEANSTART-2026-FZ26906",
    asOf: "2026-10-31",
  },
  "oauth2-proxy": {
    name: "oauth2-proxy",
    repositories: ["oauth2-proxy"],
    clear: { after: "7.15.4" },
    advisories: ["CVE-2026-76835", "CVE-2026-40575"],
    source: "cve.org CVE-2026-76835: 7.15.2 to 7.15.4",
    asOf: "2026-10-29",
  },
  envoy: {
    name: "Envoy",
    repositories: ["envoy"],
    clear: { since: ["1.36.10", "1.37.6", "1.38.4", "1.39.1"] },
    advisories: ["CVE-2026-73511", "CVE-2026-73547", "CVE-2026-73551", "CVE-2026-73553"],
    source: "osv.dev BIT-envoy-2026-73511 and BIT-envoy-2026-73551",
    asOf: "2026-09-29",
  },
  "envoy-gateway": {
    name: "Envoy Gateway",
    repositories: ["envoyproxy/gateway"],
    clear: { since: ["1.7.4", "1.8.1"] },
    advisories: ["CVE-2026-53718"],
    source: "cve.org CVE-2026-53718",
    asOf: "2026-10-29",
  },
  "external-secrets": {
    name: "External Secrets Operator",
    repositories: ["external-secrets"],
    clear: { since: ["2.4.0"] },
    advisories: ["CVE-2026-42875", "CVE-2026-22822"],
    source: "pkg.go.dev/vuln GO-2026-5723",
    asOf: "2026-10-29",
  },
  "nvidia-container-toolkit": {
    name: "the NVIDIA Container Toolkit",
    repositories: ["k8s/container-toolkit"],
    clear: { after: "1.17.7" },
    advisories: ["CVE-2025-23266"],
    source: "cve.org CVE-2025-23266: up to and including 1.17.7",
    asOf: "2026-11-23",
  },
  "gpu-operator": {
    name: "the NVIDIA GPU Operator",
    repositories: ["gpu-operator"],
    clear: { after: "25.3.0" },
    advisories: ["CVE-2025-23266"],
    source: "cve.org CVE-2025-23266: up to and including 25.3.0",
    asOf: "2026-11-23",
  },
  "ingress-nginx": {
    name: "ingress-nginx",
    repositories: ["ingress-nginx/controller"],
    clear: "none",
    advisories: ["its end in March 2026, after which nothing is mended"],
    source: "kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/",
    asOf: "2026-11-23",
  },
};
