import { at, finding } from "../../config/diagnostics/finding.ts";
import type { Guard } from "./guard.ts";

/** GRD-108: a release is there as a whole or not at all. */
export const atomicRelease: Guard = ({ releases }) =>
  releases.flatMap(({ name, configPath, body }) =>
    ["atomic", "wait"]
      .filter((setting) => body[setting] !== true)
      .map((setting) => finding("GRD-108", at(configPath), { release: name, setting })),
  );
