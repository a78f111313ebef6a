import type { Finding } from "../diagnostics/finding.ts";
import type { Config } from "../schema/index.ts";
import {
  agentsCallers,
  agentsGateway,
  agentsGraphs,
  agentsImage,
  agentsKeys,
  agentsPages,
  agentsTenants,
  agentsTools,
} from "./agents.ts";
import {
  assistantDataClasses,
  assistantGraphs,
  assistantModels,
  assistantTenants,
  assistantToolServers,
} from "./agents-assistants.ts";
import { agentsOutside } from "./agents-outside.ts";
import { agentsPlaces } from "./agents-places.ts";
import type { Check, Section } from "./check.ts";
import {
  agentsExposure,
  agentsExposureTarget,
  gatewayBalancer,
  gatewayExposure,
  gatewayExposureTarget,
  ownHosts,
} from "./exposure.ts";
import {
  gatewayCallers,
  gatewayDataClasses,
  gatewayImage,
  gatewayKeys,
  gatewayModels,
  gatewayPrices,
} from "./gateway.ts";
import { gatewayPlaces } from "./gateway-places.ts";
import { gatewayRedactor } from "./gateway-redactor.ts";
import { kubernetesNamesDiffer, kubernetesNamesFit, noModelNamedVllm } from "./kubernetes-names.ts";
import { nodePoolExists } from "./node-pool-exists.ts";
import { nodePoolLabels } from "./node-pool-labels.ts";
import { nodePoolSize } from "./node-pool-size.ts";
import { nodePoolUsed } from "./node-pool-used.ts";
import { nodePoolZones } from "./node-pool-zones.ts";
import { residencyClasses, workloadDataClass } from "./residency-classes.ts";
import { residencyEgress } from "./residency-egress.ts";
import { residencyEscalation } from "./residency-escalation.ts";
import { residencyExceptions } from "./residency-exceptions.ts";
import { residencyKeys } from "./residency-keys.ts";
import { residencyRegions } from "./residency-regions.ts";
import { residencyRetention } from "./residency-retention.ts";
import { residencySignatures } from "./residency-signatures.ts";
import { residencySources } from "./residency-sources.ts";
import { routingFrontiers, routingGateway, routingModels, routingReasons } from "./routing-names.ts";
import { routingCargo, routingEmpty, routingMode } from "./routing-residency.ts";
import { modelsNotEmpty, nodePoolsNotEmpty } from "./sections-not-empty.ts";
import { sharedState } from "./shared-state.ts";
import { silence } from "./silence.ts";
import { traffic, trafficOfVectors, trafficSplit } from "./traffic.ts";
import { workloadAmounts } from "./workload-amounts.ts";
import { workloadEscalation } from "./workload-escalation.ts";
import { workloadLengths } from "./workload-lengths.ts";
import { workloadModel } from "./workload-model.ts";

export { applySilence, type Silenced } from "./silence.ts";

const checks: readonly Check[] = [
  silence,
  sharedState,
  nodePoolsNotEmpty,
  nodePoolSize,
  nodePoolZones,
  nodePoolLabels,
  nodePoolUsed,
  modelsNotEmpty,
  nodePoolExists,
  traffic,
  trafficSplit,
  trafficOfVectors,
  kubernetesNamesDiffer,
  kubernetesNamesFit,
  noModelNamedVllm,
  residencyRegions,
  residencyClasses,
  residencySources,
  residencyEgress,
  residencyKeys,
  residencySignatures,
  residencyExceptions,
  residencyEscalation,
  residencyRetention,
  workloadDataClass,
  workloadAmounts,
  workloadLengths,
  workloadModel,
  workloadEscalation,
  gatewayCallers,
  gatewayKeys,
  gatewayModels,
  gatewayDataClasses,
  gatewayPrices,
  gatewayImage,
  gatewayExposure,
  gatewayBalancer,
  gatewayExposureTarget,
  agentsExposure,
  agentsExposureTarget,
  ownHosts,
  gatewayPlaces,
  agentsGateway,
  agentsCallers,
  agentsPages,
  agentsKeys,
  agentsTenants,
  agentsImage,
  agentsGraphs,
  agentsTools,
  assistantModels,
  assistantDataClasses,
  assistantGraphs,
  assistantToolServers,
  assistantTenants,
  agentsPlaces,
  agentsOutside,
  gatewayRedactor,
  routingGateway,
  routingModels,
  routingFrontiers,
  routingReasons,
  routingMode,
  routingCargo,
  routingEmpty,
];

/** Everything that the sections of a file say against each other. */
export function checkConfig(config: Config): Finding[] {
  return checkSections(config, new Set());
}

/**
 * The same for a file of which only a part could be read, so that one run tells everything: rules run on the sections
 * that are there, and those that need every entry of a section stay silent where it is `incomplete`.
 */
export function checkSections(sections: Partial<Config>, incomplete: ReadonlySet<Section>): Finding[] {
  return checks.flatMap((rule) => {
    // `silence` is optional: without it there is nothing to say.
    const isReadable = rule.reads.every((section) => section in sections);
    return isReadable && !rule.needsAllOf.some((section) => incomplete.has(section)) ? rule.run(sections) : [];
  });
}
