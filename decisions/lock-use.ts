import { at, type Finding, finding, type Place, type RelatedPlace } from "../config/diagnostics/finding.ts";
import { references } from "../config/lock/references.ts";
import type { Lock } from "../config/lock/schema.ts";
import type { Config } from "../config/schema/index.ts";
import { egressProxy } from "./catalog/egress-proxy.ts";
import { type Catalog, lookUp } from "./catalog/index.ts";

const fullCommit = /^[0-9a-f]{40}$/;

/** `<name>/<environment>`: how a lock says which stack file it belongs to. */
export function stackId(config: Config): string {
  return `${config.name}/${config.environment}`;
}

/** What is wrong with the lock for this stack file: missing, another stack's, entries missing, leftover or contradicted. */
export function checkLockUse(config: Config, lock: Lock | null, catalog: Catalog): Finding[] {
  const wanted = references(config, { image: () => catalog.engines.vllm.image, egressProxy: egressProxy.image });
  const target = config.cluster.target;
  const findings: Finding[] = [...wanted.findings];
  const placeOf = (key: string): Place => at(wanted.places.get(key) ?? ["models"]);

  if (lock === null && target !== "local") {
    const counts = { images: wanted.images.length, weights: wanted.weights.length };
    return [...findings, finding("LCK-104", at(["cluster", "target"]), { target, ...counts })];
  }
  if (lock !== null && lock.stack !== stackId(config)) {
    const also: RelatedPlace[] = [{ path: ["name"], text: `this stack is ${stackId(config)}` }];
    const parameters = { belongsTo: lock.stack, stack: stackId(config) };
    return [...findings, finding("LCK-103", { file: "lock", path: ["stack"] }, parameters, also)];
  }

  for (const reference of wanted.images) {
    if (lookUp(lock?.images ?? {}, reference) !== null) continue;
    findings.push(
      target === "local"
        ? finding("LCK-107", placeOf(reference), { reference })
        : finding("LCK-101", placeOf(reference), { reference, target }),
    );
  }
  for (const { key: reference, repository, revision } of wanted.weights) {
    const locked = lookUp(lock?.weights ?? {}, reference);
    if (locked === null) {
      findings.push(
        target === "local"
          ? finding("LCK-108", placeOf(reference), { reference })
          : finding("LCK-102", placeOf(reference), { reference, target }),
      );
    } else if (fullCommit.test(revision) && locked.commit !== revision) {
      findings.push(finding("LCK-106", placeOf(reference), { repository, revision, commit: locked.commit }));
    }
  }
  return lock === null ? findings : [...findings, ...leftovers(lock, wanted)];
}

function leftovers(lock: Lock, wanted: ReturnType<typeof references>): Finding[] {
  const used = {
    images: new Set(wanted.images),
    weights: new Set(wanted.weights.map(({ key }) => key)),
  };
  return (["images", "weights"] as const).flatMap((section) =>
    Object.keys(lock[section])
      .filter((reference) => !used[section].has(reference))
      .map((reference) =>
        finding("LCK-105", { file: "lock", path: [section, reference], token: "key" }, { section, reference }),
      ),
  );
}
