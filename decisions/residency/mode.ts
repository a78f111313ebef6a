import type { ResidencyConfig } from "../../config/schema/index.ts";
import { type ResidencyMode, residencyModes } from "../../config/schema/residency.ts";
import type { Reason } from "../blueprint.ts";
import { because, policy } from "../reason.ts";

/** The mode of a file; a file without the section binds nothing. */
export function modeOf(residency: ResidencyConfig | undefined): ResidencyMode {
  return residency?.mode ?? "none";
}

/** Whether a mode forbids everything that `other` forbids. */
export function isAtLeast(mode: ResidencyMode, other: ResidencyMode): boolean {
  return residencyModes.indexOf(mode) >= residencyModes.indexOf(other);
}

/** A ground that lies in the mode, or in there being none. */
export function becauseOfMode(residency: ResidencyConfig | undefined, text: string): Reason {
  return residency === undefined ? policy(text) : because("residency.mode", text);
}
