import { ApiError } from "./api-error.ts";
import type { Caller } from "./identity.ts";
import type { Settings } from "./settings.ts";

const issued = Symbol("issued by the residency gate");

/** Backends that one request may reach. Only the gate makes one, and no connection is used without it. */
export class Permit {
  readonly #backends: ReadonlySet<string>;
  readonly #redacted: ReadonlySet<string>;

  /** Whose data it is; null in a permit for nothing. */
  readonly caller: Caller | null;

  /** @param redacted Those of `backends` that get nothing but redacted bodies. */
  constructor(
    proof: typeof issued,
    backends: Iterable<string>,
    redacted: Iterable<string> = [],
    caller: Caller | null = null,
  ) {
    if (proof !== issued) throw new Error("A permit comes from the residency gate alone.");
    this.#backends = new Set(backends);
    this.#redacted = new Set(redacted);
    this.caller = caller;
  }

  allows(backend: string): boolean {
    return this.#backends.has(backend);
  }

  /** Whether a body has to be redacted before it goes to this backend. */
  mustRedact(backend: string): boolean {
    return this.#redacted.has(backend);
  }
}

/**
 * Where data of this class from this tenant may go: what `placements` lists, less every backend outside the boundary
 * that the class itself forbids. `redacted` forbids them too where no redactor is set up; where one is, they get
 * redacted bodies alone. An empty set is refused, never widened.
 */
export function permitFor(settings: Settings, caller: Caller): Permit {
  const ofClass = settings.placements.filter(({ dataClass }) => dataClass === caller.dataClass);
  const entry = ofClass.find(({ tenant }) => tenant === caller.tenant) ?? ofClass.find(({ tenant }) => tenant === "*");
  const leaves = settings.dataClasses[caller.dataClass]?.leavesBoundary ?? "never";
  const mayLeave = leaves === "allowed" || (leaves === "redacted" && settings.redactor !== undefined);
  const isSealed = settings.residencyMode === "sovereign" || settings.residencyMode === "air-gapped";
  const backends = (entry?.backends ?? []).filter((name) => {
    const backend = settings.backends[name];
    return backend !== undefined && (backend.location === "inside" || (mayLeave && !isSealed));
  });
  if (backends.length === 0) {
    const message = `Data of the class "${caller.dataClass}" may go to no backend here.`;
    const reason = refusalRule(settings, entry?.backends ?? [], leaves);
    throw new ApiError(403, "residency_refused", message, { reason });
  }
  const outside = backends.filter((name) => settings.backends[name]?.location !== "inside");
  return new Permit(issued, backends, leaves === "redacted" ? outside : [], caller);
}

/** Which rule left nothing over: the list, the mode, or the class. */
function refusalRule(settings: Settings, listed: readonly string[], leaves: string): string {
  if (listed.length === 0) return "no_placement";
  if (settings.residencyMode === "sovereign" || settings.residencyMode === "air-gapped")
    return `mode_${settings.residencyMode}`;
  return leaves === "redacted" ? "class_without_redactor" : `class_${leaves}`;
}
