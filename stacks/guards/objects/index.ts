import type { Finding } from "../../../config/diagnostics/finding.ts";
import { behindGateway } from "./behind-gateway.ts";
import { capabilities } from "./capabilities.ts";
import { containerResources } from "./container-resources.ts";
import { egressAsDecided } from "./egress-as-decided.ts";
import { egressThroughProxy } from "./egress-through-proxy.ts";
import { engineSurface } from "./engine-surface.ts";
import { gatewayWays } from "./gateway-ways.ts";
import { hostAccess } from "./host-access.ts";
import { imagePinned } from "./image-pinned.ts";
import { imageRegistry } from "./image-registry.ts";
import { imageTag } from "./image-tag.ts";
import { ingressNamed } from "./ingress-named.ts";
import { memoryVolumes } from "./memory-volumes.ts";
import { metadataAddress } from "./metadata-address.ts";
import { nonRoot } from "./non-root.ts";
import { type ObjectGuard, type ObjectLimits, takeObjectsApart } from "./object-guard.ts";
import { ownWords } from "./own-words.ts";
import { podSelected } from "./pod-selected.ts";
import { privilegeEscalation } from "./privilege-escalation.ts";
import { promptLogs } from "./prompt-logs.ts";
import { proxyAsked } from "./proxy-asked.ts";
import { proxyHosts } from "./proxy-hosts.ts";
import { readOnlyRoot } from "./read-only-root.ts";
import { remoteCode } from "./remote-code.ts";
import { revisionPinned } from "./revision-pinned.ts";
import { roleRights } from "./role-rights.ts";
import { rulesByName } from "./rules-by-name.ts";
import { seccomp } from "./seccomp.ts";
import { serviceAccountToken } from "./service-account-token.ts";
import { serviceCallers } from "./service-callers.ts";
import { serviceInside } from "./service-inside.ts";
import { servingToken } from "./serving-token.ts";
import { stackLabelsCarried } from "./stack-labels.ts";
import { telemetrySwitches } from "./telemetry-switches.ts";
import { tracing } from "./tracing.ts";
import { wayInAsDecided } from "./way-in-as-decided.ts";
import { wayInWaits } from "./way-in-waits.ts";
import { wayOutRole } from "./way-out-role.ts";
import { waysInside } from "./ways-inside.ts";
import { weightFormats } from "./weight-formats.ts";
import { weightsReadOnly } from "./weights-read-only.ts";
import { weightsVerified } from "./weights-verified.ts";

/** Every guard on objects, in the order of its code. */
const guards: readonly ObjectGuard[] = [
  hostAccess,
  privilegeEscalation,
  capabilities,
  nonRoot,
  seccomp,
  readOnlyRoot,
  serviceAccountToken,
  roleRights,
  containerResources,
  memoryVolumes,
  weightsReadOnly,
  podSelected,
  egressAsDecided,
  metadataAddress,
  ingressNamed,
  serviceInside,
  imageRegistry,
  imageTag,
  imagePinned,
  remoteCode,
  weightFormats,
  servingToken,
  engineSurface,
  telemetrySwitches,
  tracing,
  promptLogs,
  revisionPinned,
  stackLabelsCarried,
  wayOutRole,
  ownWords,
  behindGateway,
  wayInAsDecided,
  wayInWaits,
  serviceCallers,
  gatewayWays,
  egressThroughProxy,
  proxyHosts,
  rulesByName,
  proxyAsked,
  waysInside,
  weightsVerified,
];

/** What all guards find in objects as they will be applied. */
export function checkObjects(bodies: readonly unknown[], limits: ObjectLimits): readonly Finding[] {
  const objects = takeObjectsApart(bodies);
  return guards.flatMap((guard) => guard(objects, limits));
}
