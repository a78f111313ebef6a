import { PriorityClassV1 } from "@cdktf/provider-kubernetes/lib/priority-class-v1/index.js";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { Blueprint } from "../decisions/blueprint.ts";
import { AdmissionPolicies } from "./constructs/admission-policies.ts";
import { StateBackend } from "./constructs/backend.ts";
import { Boundary } from "./constructs/boundary.ts";
import type { ChartSource } from "./constructs/chart-release.ts";
import { DecisionRecord } from "./constructs/decision-record.ts";
import { EgressProxy } from "./constructs/egress-proxy.ts";
import { addProviders } from "./constructs/providers.ts";
import { stackLabels } from "./labels.ts";

interface PlatformCharts {
  readonly admissionPolicies: ChartSource;
  readonly egressProxy: ChartSource;
}

/** What workloads run under: their namespace with its rules and its share of GPUs, and the order in which they yield. */
export class PlatformStack extends TerraformStack {
  constructor(scope: Construct, blueprint: Blueprint, charts: PlatformCharts) {
    super(scope, "platform");
    const { cluster, name, environment, state } = blueprint;
    const labels = stackLabels(blueprint);
    new StateBackend(this, "backend", { state, name, environment, stack: "platform", context: cluster.context });
    addProviders(this, ["kubernetes", "helm"], cluster.context);

    const namespaces = new Construct(this, "namespaces");
    const shared = { labels, podSecurityVersion: cluster.kubernetes.max, edges: blueprint.residency.edges };
    const boundary = new Boundary(namespaces, "inference", {
      ...shared,
      name: blueprint.namespaces.inference,
      gpus: blueprint.gpuQuota.value,
    });
    const policies = new AdmissionPolicies(this, "admission-policies", {
      blueprint,
      boundary,
      chart: charts.admissionPolicies,
    });
    boundary.openAfter(policies.release);
    if (blueprint.namespaces.gateway !== null) {
      const own = new Boundary(namespaces, "gateway", {
        ...shared,
        name: blueprint.namespaces.gateway,
        gpus: 0,
        loadBalancers: blueprint.gateway?.exposure?.by === "load-balancer" ? 1 : 0,
      });
      own.openAfter(policies.release);
    }
    if (blueprint.namespaces.agents !== null) {
      const own = new Boundary(namespaces, "agents", { ...shared, name: blueprint.namespaces.agents, gpus: 0 });
      own.openAfter(policies.release);
    }
    const egress = blueprint.residency.egress.value;
    if (egress !== null) {
      const own = new Boundary(namespaces, "egress", { ...shared, name: egress.namespace, gpus: 0 });
      own.openAfter(policies.release);
      new EgressProxy(this, "egress-proxy", { blueprint, boundary: own, chart: charts.egressProxy });
    }

    const priorityClasses = new Construct(this, "priority-classes");
    for (const { name: className, gpusPerReplica, value } of blueprint.priorityClasses) {
      new PriorityClassV1(priorityClasses, `gpus-${gpusPerReplica}`, {
        metadata: { name: className, labels: { ...labels } },
        value,
      });
    }

    new DecisionRecord(this, "decision-record", {
      record: {
        stack: `${name}/${environment}`,
        lockHash: blueprint.lockHash,
        namespace: blueprint.namespaces.inference,
        gpuQuota: blueprint.gpuQuota.value,
        kubernetes: `${cluster.kubernetes.min} to ${cluster.kubernetes.max}`,
        residency: blueprint.residency.mode.value,
        // Each plan shows them, and who accepted them.
        exceptions: Object.fromEntries(
          blueprint.residency.exceptions.map(({ name: exception, rule, subject, acceptedBy, until }) => [
            exception,
            `${rule} for ${subject} until ${until}, accepted by ${acceptedBy}`,
          ]),
        ),
        target: cluster.target,
      },
    });
  }
}
