import { createHash } from "node:crypto";
import { weightBytes } from "../config/lock/diff.ts";
import { weightsKey } from "../config/lock/references.ts";
import type { Lock, LockedWeights } from "../config/lock/schema.ts";
import { bytes } from "../config/schema/primitives.ts";
import type { Decided, WeightsBlueprint } from "./blueprint.ts";
import { storedWeightBasis, storedWeightBytes } from "./capacity/weight-bytes.ts";
import { lookUp } from "./catalog/index.ts";
import { byName, durationText, gibText } from "./figures.ts";
import { because, decided, policy } from "./reason.ts";
import type { ReleaseContext } from "./release-context.ts";

const gib = 2 ** 30;
const mib = 2 ** 20;
/** File systems keep some space for themselves, and a fetch writes to a second name before it renames. */
const claimFactor = 1.1;
/** KServe measured 140 GB from an object store in 2,318.8 s, start of the server included: 57.6 MiB/s. */
const fetchMiBPerSecond = 50;
const fetchFloorSeconds = 1800;
const hexOfClaim = 8;

/** The weights a release serves, or null when nothing says how large they are. */
export function decideWeights(context: ReleaseContext, lock: Lock | null): WeightsBlueprint | null {
  const { version, modelName, versionName } = context;
  const { repository, revision, tokenSecret } = version.weights;
  const locked = lookUp(lock?.weights ?? {}, weightsKey(repository, revision));
  const size = decideBytes(context, locked);
  if (size === null) return null;
  const commit = locked?.commit ?? null;
  const identity = commit ?? createHash("sha256").update(weightsKey(repository, revision)).digest("hex");
  const fetchSeconds = Math.max(fetchFloorSeconds, Math.ceil((size.value / (fetchMiBPerSecond * mib)) * 2));
  return {
    repository,
    revision,
    commit,
    deployedRevision: commit ?? revision,
    bytes: size,
    files: Object.entries(locked?.files ?? {})
      .map(([name, file]) => ({ name, bytes: file.bytes, sha256: file.sha256 ?? null }))
      .sort((a, b) => byName(a.name, b.name)),
    claim: `${modelName}-${versionName}-weights-${identity.slice(0, hexOfClaim)}`,
    claimBytes: decided(
      Math.max(1, Math.ceil((size.value * claimFactor) / gib)) * gib,
      policy(
        `The weights are ${gibText(size.value)}; a tenth more, in whole GiB, leaves room for what the file system keeps for itself.`,
      ),
    ),
    fetchTimeoutSeconds: decided(
      fetchSeconds,
      policy(
        `Twice the time that ${gibText(size.value)} take at ${fetchMiBPerSecond} MiB/s, and at least ${durationText(fetchFloorSeconds)}. KServe published 140 GB from an object store in 2,318.8 s, which is 57.6 MiB/s.`,
      ),
    ),
    tokenSecret: tokenSecret ?? null,
  };
}

/** What has to lie in GPU memory. The lock tells tokenizer and configuration from weights; a size from elsewhere is weights alone. */
export function gpuResidentBytes(weights: WeightsBlueprint): number {
  const tensors = weights.files.filter(({ name }) => name.endsWith(".safetensors"));
  // Mistral ships the same tensors twice; the engine reads one of the two sets.
  const sharded = tensors.filter(({ name }) => !/(^|\/)consolidated[^/]*\.safetensors$/.test(name));
  const read = sharded.length > 0 ? sharded : tensors;
  return read.length > 0 ? read.reduce((sum, file) => sum + file.bytes, 0) : weights.bytes.value;
}

function decideBytes(context: ReleaseContext, locked: LockedWeights | null): Decided<number> | null {
  const { version, versionPath, catalog } = context;
  const { repository, revision, size } = version.weights;
  if (locked !== null && weightBytes(locked) > 0) {
    const count = Object.keys(locked.files).length;
    return decided(
      weightBytes(locked),
      because(
        `lock.weights.${weightsKey(repository, revision)}`,
        `The ${count} files that are served of commit ${locked.commit.slice(0, 12)} sum to ${gibText(weightBytes(locked))}.`,
      ),
    );
  }
  if (size !== undefined && bytes(size) > 0) {
    return decided(
      bytes(size),
      because(`${versionPath}.weights.size`, `The file says ${size}; the lock has no files to count.`),
    );
  }
  const facts = lookUp(catalog.models, repository);
  const stored = facts === null ? null : storedWeightBytes(facts);
  if (facts === null || stored === null) return null;
  return decided(
    stored,
    because(
      `catalog.models.${repository}`,
      `The catalog has ${gibText(stored)}: ${storedWeightBasis(facts)}. Source: ${facts.source}.`,
    ),
  );
}
