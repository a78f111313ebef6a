import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1/index.js";
import { JobV1, type JobV1Spec } from "@cdktf/provider-kubernetes/lib/job-v1/index.js";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1/index.js";
import { Construct } from "constructs";
import type { AgentsBlueprint } from "../../decisions/blueprint.ts";
import { fingerprint } from "../fingerprint.ts";
import { stableJson } from "../stable-json.ts";

export interface MigrationProps {
  readonly agents: AgentsBlueprint;
  readonly labels: Readonly<Record<string, string>>;
}

/** How long Terraform waits beyond the Job's own deadline, so that it is always the Job that says why. */
const jobMarginSeconds = 60;
/** What is mounted goes only after its successor is complete. */
const successorFirst = { createBeforeDestroy: true } as const;
/** A process that is asked to end does so at once, and the server takes back what it had begun. */
const graceSeconds = 10;
const settingsPath = "/etc/freehold/settings";
/** The image's own user. */
const userId = "65532";

/**
 * Changes the tables of the agents before their release is touched. A Job that fails leaves the replicas of before as they are; one
 * with the same image and the same database has nothing to change and does not run again.
 */
export class Migration extends Construct {
  /** What has to be complete before a replica of this release starts. */
  readonly done: JobV1;

  constructor(scope: Construct, id: string, { agents, labels: stackLabels }: MigrationProps) {
    super(scope, id);
    const { namespace, migration } = agents;
    const { role } = migration;
    const labels = { ...stackLabels, "freehold/role": role };
    const account = new ServiceAccountV1(this, "account", {
      metadata: { name: role, namespace, labels },
      automountServiceAccountToken: false,
    });
    const settings = stableJson(migration.settings);
    const settingsName = `${role}-${fingerprint(settings)}`;
    const settingsMap = new ConfigMapV1(this, "settings", {
      metadata: { name: settingsName, namespace, labels },
      data: { "settings.json": settings },
      immutable: true,
      lifecycle: successorFirst,
    });
    const spec = jobSpec(agents, settingsName, labels);
    const patience = `${migration.deadlineSeconds.value + jobMarginSeconds}s`;
    this.done = new JobV1(this, "job", {
      dependsOn: [account, settingsMap],
      // As with weights: another template is another Job, and the API server completes the name.
      metadata: { generateName: `${role}-${fingerprint(JSON.stringify(spec))}-`, namespace, labels },
      spec,
      waitForCompletion: true,
      timeouts: { create: patience, update: patience },
      lifecycle: successorFirst,
    });
  }
}

function jobSpec(
  { image, migration, environment }: AgentsBlueprint,
  settingsMap: string,
  labels: Readonly<Record<string, string>>,
): JobV1Spec {
  const secrets = migration.secrets.map(({ purpose, secret }) => ({ name: purpose, secretName: secret }));
  return {
    backoffLimit: migration.attempts - 1,
    activeDeadlineSeconds: migration.deadlineSeconds.value,
    template: {
      metadata: { labels },
      spec: {
        restartPolicy: "Never",
        serviceAccountName: migration.role,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: graceSeconds,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: userId,
          runAsGroup: userId,
          fsGroup: userId,
          seccompProfile: { type: "RuntimeDefault" },
        },
        container: [
          {
            name: "migrate",
            image: image.value.deployed,
            args: ["migrate", `${settingsPath}/settings.json`],
            env: environment.map(({ name, value }) => ({ name, value })),
            resources: {
              requests: { cpu: "100m", memory: "256Mi", "ephemeral-storage": "64Mi" },
              limits: { memory: "256Mi", "ephemeral-storage": "64Mi" },
            },
            securityContext: {
              allowPrivilegeEscalation: false,
              runAsNonRoot: true,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
            volumeMount: [
              { name: "settings", mountPath: settingsPath, readOnly: true },
              ...secrets.map(({ name }) => ({ name, mountPath: `/etc/freehold/${name}`, readOnly: true })),
            ],
          },
        ],
        volume: [
          { name: "settings", configMap: { name: settingsMap, defaultMode: "0444" } },
          ...secrets.map(({ name, secretName }) => ({
            name,
            secret: { secretName, defaultMode: "0440", optional: false },
          })),
        ],
      },
    },
  };
}
