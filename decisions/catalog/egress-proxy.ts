import type { Sourced } from "./sourced.ts";

/** The forward proxy that Freehold is tested with. */
export const egressProxy: Sourced & { readonly image: string } = {
  image: "docker.io/envoyproxy/envoy:distroless-v1.40.0",
  source: "github.com/envoyproxy/envoy release v1.40.0, whose binary the tests run",
  asOf: "2026-11-25",
};
