import { at, type Finding, finding } from "../../config/diagnostics/finding.ts";
import { modeHere } from "../../config/other-side.ts";
import type { ResidencyConfig } from "../../config/schema/index.ts";
import type { Decided } from "../blueprint.ts";
import { because, decided } from "../reason.ts";
import type { SignatureFact } from "./facts.ts";
import { becauseOfMode, isAtLeast, modeOf } from "./mode.ts";
import { mayComeFrom } from "./registries.ts";

/** OpenSSF model signing, whose snapshots in the hub's cache are made of links. Source: model_signing 1.1.1, `verify key --help`. */
const modelSigning = [
  "model_signing",
  "verify",
  "key",
  "$(FREEHOLD_SNAPSHOT)",
  "--allow_symlinks",
  "--signature",
  "$(FREEHOLD_SNAPSHOT)/model.sig",
  "--public_key",
  "$(FREEHOLD_PUBLIC_KEY)",
] as const;

/** How the signature of weights is verified before an engine may start from them; null where nobody does. */
export function decideSignatures(residency: ResidencyConfig | undefined): Decided<SignatureFact | null> {
  const named = residency?.signatures;
  if (named === undefined) {
    return decided(null, becauseOfMode(residency, "The file names nothing that verifies signatures."));
  }
  const { image, publicKeySecret, command } = named;
  return decided(
    { image, publicKeySecret, command: command ?? modelSigning },
    because("residency.signatures", `The file has ${image} verify them with the key in the Secret ${publicKeySecret}.`),
  );
}

/** From `sovereign` up somebody verifies; what does is as trusted as an engine. */
export function checkSignatures(
  residency: ResidencyConfig | undefined,
  registries: readonly string[] | null,
): Finding[] {
  const mode = modeOf(residency);
  const named = residency?.signatures;
  if (named === undefined)
    return isAtLeast(mode, "sovereign") ? [finding("RES-221", at(["residency", "mode"]), { mode })] : [];
  if (mayComeFrom(registries, named.image)) return [];
  const also =
    residency?.sources?.registries === undefined
      ? [modeHere(mode)]
      : [{ path: ["residency", "sources", "registries"], text: "the allowed registries are named here" }];
  const parameters = { image: named.image, mode, allowed: registries ?? [] };
  return [finding("RES-222", at(["residency", "signatures", "image"]), parameters, also)];
}
