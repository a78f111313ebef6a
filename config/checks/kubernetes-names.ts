import { at, type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import type { Config } from "../schema/index.ts";
import { check } from "./check.ts";

/** A Kubernetes or Helm name that follows from the file. */
interface DerivedName {
  readonly kind: "Service" | "Helm release";
  readonly name: string;
  /** Longest allowed. Characters. */
  readonly limit: number;
  /** The key that the name comes from, and that key in words. */
  readonly path: ConfigPath;
  readonly source: string;
}

// Service names are DNS labels; Helm keeps ten characters of 63 for suffixes of its own.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and helm.sh/helm/v3 pkg/action/install.go
const labelLimit = 63;
const releaseLimit = 53;

/** Names of one version's objects. Its claim, the release and nine characters, stays inside 63 whenever the release fits. */
function versionNames(model: string, version: string): readonly DerivedName[] {
  const path = ["models", model, "versions", version];
  const source = `the version ${version} of the model ${model}`;
  const release = `${model}-${version}`;
  return [
    { kind: "Helm release", name: release, limit: releaseLimit, path, source },
    { kind: "Service", name: release, limit: labelLimit, path, source },
    { kind: "Service", name: `${release}-headless`, limit: labelLimit, path, source },
  ];
}

function modelName(model: string): DerivedName {
  return { kind: "Service", name: model, limit: labelLimit, path: ["models", model], source: `the model ${model}` };
}

/**
 * No two entries give one Kubernetes name. Only Services and releases can meet: a claim is a release's name and eight
 * digits of a hash, so two claims are equal only where two releases are; the namespace is the only one of the stack.
 */
export const kubernetesNamesDiffer = check({
  reads: ["models"],
  run: ({ models }) => {
    const owners = new Map<string, DerivedName>();
    const told = new Set<string>();
    const findings: Finding[] = [];
    for (const derived of allNames(models)) {
      const key = `${derived.kind} ${derived.name}`;
      const owner = owners.get(key);
      if (owner === undefined) {
        owners.set(key, derived);
        continue;
      }
      // Two versions that share a release name also share their Services; one finding says it.
      const pair = `${owner.source}\n${derived.source}`;
      if (told.has(pair)) continue;
      told.add(pair);
      const { kind, name } = derived;
      const also = [{ path: owner.path, token: "key" as const, text: `${owner.source} gives the same name` }];
      const parameters = { kind, name, first: owner.source, second: derived.source };
      findings.push(finding("CFG-207", at(derived.path, "key"), parameters, also));
    }
    return findings;
  },
});

/** No Kubernetes name is longer than allowed. The tightest of a version's names is the one that is told. */
export const kubernetesNamesFit = check({
  reads: ["models"],
  run: ({ models }) =>
    Object.entries(models).flatMap(([model, { versions }]) =>
      Object.keys(versions).flatMap((version) => {
        const excess = ({ name, limit }: DerivedName) => name.length - limit;
        const [tightest] = [...versionNames(model, version)].sort((a, b) => excess(b) - excess(a));
        if (tightest === undefined || excess(tightest) <= 0) return [];
        const { kind, name, limit, path } = tightest;
        return [finding("CFG-208", at(path, "key"), { kind, name, length: name.length, limit, model, version })];
      }),
    ),
});

/**
 * No Service sets variables that vLLM reads as its settings.
 * @see https://docs.vllm.ai/en/stable/configuration/env_vars/
 */
export const noModelNamedVllm = check({
  reads: ["models"],
  run: ({ models }) =>
    Object.keys(models).flatMap((model) => {
      if (model !== "vllm" && !model.startsWith("vllm-")) return [];
      const variable = `${model.toUpperCase().replaceAll("-", "_")}_PORT`;
      const correction = model.replace(/^vllm-?/, "") || "chat";
      return [finding("CFG-209", at(["models", model], "key"), { model, variable, correction })];
    }),
});

function allNames(models: Config["models"]): readonly DerivedName[] {
  return Object.entries(models).flatMap(([model, { versions }]) => [
    modelName(model),
    ...Object.keys(versions).flatMap((version) => versionNames(model, version)),
  ]);
}
