import { at, finding } from "../../config/diagnostics/finding.ts";
import type { Guard } from "./guard.ts";

/** GRD-118: a provider is one version, so that the same commit gives the same plan. */
export const providerVersions: Guard = ({ stacks }) =>
  stacks.flatMap(({ name: stack, json }) =>
    Object.entries(json.terraform.required_providers)
      .filter(([, { version }]) => !/^[0-9]+\.[0-9]+\.[0-9]+$/.test(version ?? ""))
      .map(([provider, { version }]) =>
        finding("GRD-118", at(["name"]), { stack, provider, version: version ?? null }),
      ),
  );
