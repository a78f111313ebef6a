import type { Sourced } from "./sourced.ts";

/** Hosts that a hub sends clients on to for large files, by the hub's own host. */
export const hubs: Readonly<Record<string, Sourced & { readonly storageHosts: readonly string[] }>> = {
  "huggingface.co": {
    // Those of Xet, which also take uploads, are left out: the Jobs that fetch do not speak it.
    storageHosts: ["cdn-lfs-eu-1.hf.co", "cdn-lfs-us-1.hf.co", "us.aws.cdn.hf.co", "us.gcp.cdn.hf.co"],
    source: "github.com/huggingface/hub-docs docs/hub/models-downloading.md",
    asOf: "2026-08-22",
  },
};
