import { createHash } from "node:crypto";
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1/index.js";
import { JobV1, type JobV1Spec } from "@cdktf/provider-kubernetes/lib/job-v1/index.js";
import { PersistentVolumeClaimV1 } from "@cdktf/provider-kubernetes/lib/persistent-volume-claim-v1/index.js";
import { Construct } from "constructs";
import type { ReleaseBlueprint } from "../../decisions/blueprint.ts";
import { quantity } from "../quantity.ts";
import fetchWeights from "../scripts/fetch_weights.py";
import { stableJson } from "../stable-json.ts";
import { escapeTemplate } from "../terraform-text.ts";

export interface WeightsProps {
  readonly release: ReleaseBlueprint;
  readonly namespace: string;
  readonly storageClass: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Labels that the platform's NetworkPolicy selects: their pods may reach a model hub. */
export const fetchWeightsLabels = { "freehold/role": "fetch-weights" } as const;

const cachePath = "/weights";
const scriptsPath = "/scripts";
/** Engines mount the claim read-only as the same user. */
const userId = "2000";

/** The first eight digits of the text's SHA-256: enough to tell two contents of one name apart. */
function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/**
 * The weights of one model version: a claim that every replica mounts, and a Job that fills it once. It is not part of
 * the release that serves, so a roll-out that fails cannot take the weights with it.
 */
export class Weights extends Construct {
  /** What has to be complete before anything serves from the claim. */
  readonly fetched: JobV1;

  constructor(scope: Construct, id: string, { release, namespace, storageClass, labels }: WeightsProps) {
    super(scope, id);
    const { weights } = release;

    const claim = new PersistentVolumeClaimV1(this, "claim", {
      metadata: { name: weights.claim, namespace, labels: { ...labels } },
      spec: {
        accessModes: ["ReadWriteMany"],
        storageClassName: storageClass,
        resources: { requests: { storage: quantity(weights.claimBytes.value) } },
      },
      // With a storage class that binds on first use, the Job is what binds it.
      waitUntilBound: false,
    });

    const wanted = stableJson({
      repository: weights.repository,
      revision: weights.deployedRevision,
      files: weights.files,
    });
    const data = { "fetch_weights.py": escapeTemplate(fetchWeights), "weights.json": wanted };
    const scriptName = `${weights.claim}-${fingerprint(JSON.stringify(data))}`;
    const script = new ConfigMapV1(this, "script", {
      metadata: { name: scriptName, namespace, labels: { ...labels } },
      data,
      immutable: true,
    });

    const spec = jobSpec(release, scriptName, labels);
    this.fetched = new JobV1(this, "fetch", {
      dependsOn: [claim, script],
      // A Job cannot be changed: another template is another Job, and the finished one may go.
      metadata: { name: `${weights.claim}-${fingerprint(JSON.stringify(spec))}`, namespace, labels: { ...labels } },
      spec,
      waitForCompletion: true,
      timeouts: {
        create: `${weights.fetchTimeoutSeconds.value}s`,
        update: `${weights.fetchTimeoutSeconds.value}s`,
      },
    });
  }
}

function jobSpec(release: ReleaseBlueprint, scriptName: string, labels: Readonly<Record<string, string>>): JobV1Spec {
  const { weights } = release;
  const environment = [
    { name: "FREEHOLD_WEIGHTS", value: `${scriptsPath}/weights.json` },
    { name: "HF_HUB_CACHE", value: cachePath },
    { name: "HF_HUB_DISABLE_PROGRESS_BARS", value: "1" },
    { name: "HF_HUB_DISABLE_TELEMETRY", value: "1" },
    // Plain HTTPS continues a broken file where it stopped, and keeps no second copy in the pod's own storage.
    { name: "HF_HUB_DISABLE_XET", value: "1" },
    { name: "HOME", value: "/tmp" },
    ...(weights.tokenSecret === null
      ? []
      : [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: weights.tokenSecret, key: "token" } } }]),
  ];
  return {
    backoffLimit: 3,
    activeDeadlineSeconds: weights.fetchTimeoutSeconds.value,
    template: {
      metadata: { labels: { ...labels, ...fetchWeightsLabels } },
      spec: {
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: userId,
          runAsGroup: userId,
          fsGroup: userId,
          fsGroupChangePolicy: "OnRootMismatch",
          seccompProfile: { type: "RuntimeDefault" },
        },
        // It needs no GPU, but in a cluster of GPU nodes only it has to be let onto one.
        toleration: release.tolerations.value
          .filter(({ effect }) => effect === "NoSchedule")
          .map(({ key, operator, effect }) => ({ key, operator, effect })),
        container: [
          {
            name: "fetch",
            image: release.image.value.deployed,
            command: ["python3", `${scriptsPath}/fetch_weights.py`],
            env: environment,
            resources: {
              requests: { cpu: "1", memory: "2Gi", "ephemeral-storage": "1Gi" },
              limits: { cpu: "4", memory: "2Gi", "ephemeral-storage": "1Gi" },
            },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
            volumeMount: [
              { name: "weights", mountPath: cachePath },
              { name: "scripts", mountPath: scriptsPath, readOnly: true },
              { name: "tmp", mountPath: "/tmp" },
            ],
          },
        ],
        volume: [
          { name: "weights", persistentVolumeClaim: { claimName: weights.claim } },
          { name: "scripts", configMap: { name: scriptName, defaultMode: "0444" } },
          { name: "tmp", emptyDir: { sizeLimit: "512Mi" } },
        ],
      },
    },
  };
}
