import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1/index.js";
import { JobV1, type JobV1Spec } from "@cdktf/provider-kubernetes/lib/job-v1/index.js";
import { PersistentVolumeClaimV1 } from "@cdktf/provider-kubernetes/lib/persistent-volume-claim-v1/index.js";
import { Construct } from "constructs";
import type { ReleaseBlueprint } from "../../decisions/blueprint.ts";
import type { EgressFacts, SignatureFact } from "../../decisions/residency/facts.ts";
import { fingerprint } from "../fingerprint.ts";
import { proxyVariables } from "../proxy-variables.ts";
import { quantity } from "../quantity.ts";
import { stableJson } from "../stable-json.ts";
import { FetchScript } from "./fetch-script.ts";

export interface WeightsProps {
  readonly release: ReleaseBlueprint;
  readonly namespace: string;
  readonly storageClass: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly fetchScript: FetchScript;
  /** Host that serves the weights. */
  readonly hub: string;
  /** The proxy that they come through; null for none. */
  readonly egress: EgressFacts | null;
  /** What verifies their signature once they are fetched; null where nothing does. */
  readonly signatures: SignatureFact | null;
}

/** Labels by which the policies of the namespace let these pods, and no others, reach the hub. */
const fetchWeightsLabels = { "freehold/role": "fetch-weights" } as const;

/**
 * Pods carry their Job's name in a label, which takes 63 characters: ten of them are the fingerprint and its dashes, five
 * the API server's.
 */
const longestStem = 48;
/** How long Terraform waits beyond the Job's own deadline, so that it is always the Job that says why. */
const jobMarginSeconds = 60;
/** What is mounted goes only after its successor serves, whether or not the release itself can overlap. */
const successorFirst = { createBeforeDestroy: true } as const;
/** Where the hub's library looks when nothing else is said. */
const libraryHub = "huggingface.co";
const cachePath = "/weights";
const scriptPath = "/script";
const wantedPath = "/wanted";
const keyPath = "/key";
/** Key of the Secret that holds the signer's public key, and the name of its file. */
const publicKey = "publicKey";
/** Engines mount the claim read-only as the same user. */
const userId = "2000";

/**
 * The weights of one model version: a claim that every replica mounts, and a Job that fills it once. It is not part of
 * the release that serves, so a roll-out that fails cannot take the weights with it.
 */
export class Weights extends Construct {
  /** What has to be complete before anything serves from the claim. */
  readonly fetched: JobV1;

  constructor(
    scope: Construct,
    id: string,
    { release, namespace, storageClass, labels: stackLabels, fetchScript, hub, egress, signatures }: WeightsProps,
  ) {
    super(scope, id);
    const { weights } = release;
    const labels = { ...stackLabels, "freehold/model": release.model, "freehold/version": release.version };

    const claim = new PersistentVolumeClaimV1(this, "claim", {
      metadata: { name: weights.claim, namespace, labels },
      spec: {
        accessModes: ["ReadWriteMany"],
        storageClassName: storageClass,
        resources: { requests: { storage: quantity(weights.claimBytes.value) } },
      },
      // With a storage class that binds on first use, the Job is what binds it.
      waitUntilBound: false,
      lifecycle: successorFirst,
    });

    const wanted = stableJson({
      repository: weights.repository,
      revision: weights.deployedRevision,
      files: weights.files,
    });
    const wantedName = `${weights.claim}-${fingerprint(wanted)}`;
    const wantedMap = new ConfigMapV1(this, "wanted", {
      metadata: { name: wantedName, namespace, labels },
      data: { "weights.json": wanted },
      immutable: true,
      lifecycle: successorFirst,
    });

    const patience = `${weights.fetchTimeoutSeconds.value + jobMarginSeconds}s`;
    const spec = jobSpec(release, { script: fetchScript.configMapName, wanted: wantedName }, labels, {
      hub,
      egress,
      signatures,
    });
    this.fetched = new JobV1(this, "fetch", {
      dependsOn: [claim, wantedMap, fetchScript.configMap, fetchScript.serviceAccount],
      // A Job cannot be changed: another template is another Job, and the finished one may go. The API server completes
      // the name, so a Job that failed, which Terraform replaces by one of the same template, is not in its way.
      metadata: {
        generateName: `${weights.claim.slice(0, longestStem)}-${fingerprint(JSON.stringify(spec))}-`,
        namespace,
        labels,
      },
      spec,
      waitForCompletion: true,
      timeouts: { create: patience, update: patience },
      lifecycle: successorFirst,
    });
  }
}

function jobSpec(
  release: ReleaseBlueprint,
  configMaps: { readonly script: string; readonly wanted: string },
  labels: Readonly<Record<string, string>>,
  { hub, egress, signatures }: Pick<WeightsProps, "hub" | "egress" | "signatures">,
): JobV1Spec {
  const { weights } = release;
  const environment = [
    { name: "FREEHOLD_WEIGHTS", value: `${wantedPath}/weights.json` },
    ...(hub === libraryHub ? [] : [{ name: "HF_ENDPOINT", value: `https://${hub}` }]),
    { name: "HF_HUB_CACHE", value: cachePath },
    { name: "HF_HUB_DISABLE_PROGRESS_BARS", value: "1" },
    { name: "HF_HUB_DISABLE_TELEMETRY", value: "1" },
    // Plain HTTPS continues a broken file where it stopped, and keeps no second copy in the pod's own storage.
    { name: "HF_HUB_DISABLE_XET", value: "1" },
    { name: "HOME", value: "/tmp" },
    ...proxyVariables(egress, "fetch-weights"),
    ...(weights.tokenSecret === null
      ? []
      : [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: weights.tokenSecret, key: "token" } } }]),
  ];
  const resources = {
    requests: { cpu: "1", memory: "2Gi", "ephemeral-storage": "1Gi" },
    limits: { cpu: "4", memory: "2Gi", "ephemeral-storage": "1Gi" },
  };
  const securityContext = {
    allowPrivilegeEscalation: false,
    // Left out, the Terraform provider writes false here, which Pod Security refuses.
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
  const fetch = {
    name: "fetch",
    image: release.image.value.deployed,
    command: ["python3", `${scriptPath}/${FetchScript.file}`],
    env: environment,
    resources,
    securityContext,
    volumeMount: [
      { name: "weights", mountPath: cachePath },
      { name: "script", mountPath: scriptPath, readOnly: true },
      { name: "wanted", mountPath: wantedPath, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
  const verify = ({ image, command }: SignatureFact) => ({
    name: "verify",
    image,
    command: [...command],
    env: [
      { name: "FREEHOLD_PUBLIC_KEY", value: `${keyPath}/${publicKey}` },
      { name: "FREEHOLD_SNAPSHOT", value: snapshotPath(weights) },
      { name: "HF_HUB_DISABLE_TELEMETRY", value: "1" },
      { name: "HOME", value: "/tmp" },
      ...proxyVariables(egress, "fetch-weights"),
    ],
    resources,
    securityContext,
    volumeMount: [
      { name: "weights", mountPath: cachePath, readOnly: true },
      { name: "key", mountPath: keyPath, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
  });
  return {
    backoffLimit: 3,
    activeDeadlineSeconds: weights.fetchTimeoutSeconds.value,
    template: {
      metadata: { labels: { ...labels, ...fetchWeightsLabels } },
      spec: {
        restartPolicy: "Never",
        serviceAccountName: FetchScript.serviceAccountName,
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
        // What is fetched is verified before the Job can succeed, and no engine starts before it has.
        ...(signatures === null ? { container: [fetch] } : { initContainer: [fetch], container: [verify(signatures)] }),
        volume: [
          { name: "weights", persistentVolumeClaim: { claimName: weights.claim } },
          { name: "script", configMap: { name: configMaps.script, defaultMode: "0444" } },
          { name: "wanted", configMap: { name: configMaps.wanted, defaultMode: "0444" } },
          { name: "tmp", emptyDir: { sizeLimit: "512Mi" } },
          ...(signatures === null
            ? []
            : [
                {
                  name: "key",
                  secret: { secretName: signatures.publicKeySecret, defaultMode: "0444", optional: false },
                },
              ]),
        ],
      },
    },
  };
}

/** Where the hub's library keeps the files of a commit; see `snapshot_path` in the script. */
function snapshotPath({ repository, deployedRevision }: ReleaseBlueprint["weights"]): string {
  return `${cachePath}/models--${repository.replaceAll("/", "--")}/snapshots/${deployedRevision}`;
}
