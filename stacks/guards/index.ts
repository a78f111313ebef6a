import type { Finding } from "../../config/diagnostics/finding.ts";
import type { SynthesizedStack } from "../build.ts";
import { absolutePaths } from "./absolute-paths.ts";
import { atomicRelease } from "./atomic-release.ts";
import { clusterScopedNames } from "./cluster-scoped-names.ts";
import { containerLimits } from "./container-limits.ts";
import { containerNonRoot } from "./container-non-root.ts";
import { defaultDeny } from "./default-deny.ts";
import { duplicateObjects } from "./duplicate-objects.ts";
import { egressValues } from "./egress-values.ts";
import { engineServiceNames } from "./engine-service-names.ts";
import { gpuQuota } from "./gpu-quota.ts";
import { type Guard, type GuardLimits, takeApart } from "./guard.ts";
import { imageDigest } from "./image-digest.ts";
import { localState } from "./local-state.ts";
import { podSecurity } from "./pod-security.ts";
import { providerVersions } from "./provider-versions.ts";
import { releaseTimeout } from "./release-timeout.ts";
import { resourceTypes } from "./resource-types.ts";
import { secretValues } from "./secret-values.ts";
import { serviceType } from "./service-type.ts";
import { unescapedTemplates } from "./unescaped-templates.ts";

/** Every guard, in the order of its code. */
const guards: readonly Guard[] = [
  containerLimits,
  imageDigest,
  podSecurity,
  defaultDeny,
  serviceType,
  secretValues,
  gpuQuota,
  atomicRelease,
  releaseTimeout,
  clusterScopedNames,
  absolutePaths,
  engineServiceNames,
  resourceTypes,
  localState,
  unescapedTemplates,
  duplicateObjects,
  containerNonRoot,
  providerVersions,
  egressValues,
];

/** What all guards find in synthesized stacks. */
export function checkStacks(stacks: readonly SynthesizedStack[], limits: GuardLimits): readonly Finding[] {
  const output = takeApart(stacks);
  return guards.flatMap((guard) => guard(output, limits));
}
