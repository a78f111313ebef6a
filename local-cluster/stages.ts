/**
 * What kwok does in place of a kubelet, in kwok's own Stage form. Pods become Ready as soon as they are scheduled,
 * those that may end do so after a second, and a deleted one is gone at once, which is within any grace period.
 * Probes, hooks and commands are not run. Go templates; the status they give is merged into the object's.
 */
export function kwokConfiguration(): string {
  return stages.map((stage) => JSON.stringify(stage)).join("\n---\n");
}

const exists = (key: string, operator: "Exists" | "DoesNotExist") => ({ key, operator });
const among = (key: string, operator: "In" | "NotIn", ...values: string[]) => ({ key, operator, values });
const deletionTimestamp = ".metadata.deletionTimestamp";

const stages = [
  stage("node-ready", "Node", {
    when: [among('.status.conditions.[] | select( .type == "Ready" ) | .status', "NotIn", "True")],
    status: `
phase: Running
conditions:
${condition("Ready", "True", "KubeletReady")}
${condition("MemoryPressure", "False", "KubeletHasSufficientMemory")}
${condition("DiskPressure", "False", "KubeletHasNoDiskPressure")}
${condition("PIDPressure", "False", "KubeletHasSufficientPID")}
`,
  }),
  stage("pod-ready", "Pod", {
    when: [exists(deletionTimestamp, "DoesNotExist"), among(".status.phase", "In", "Pending")],
    status: `
phase: Running
startTime: {{ Now | Quote }}
conditions:
${["PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"].map((type) => condition(type, "True")).join("\n")}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
{{ end }}
{{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  restartCount: 0
  ready: true
{{ if eq ( or .restartPolicy "" ) "Always" }}
  started: true
  state: { running: { startedAt: {{ Now | Quote }} } }
{{ else }}
  started: false
  state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ Now | Quote }}, finishedAt: {{ Now | Quote }} } }
{{ end }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  restartCount: 0
  ready: true
  started: true
  state: { running: { startedAt: {{ Now | Quote }} } }
{{ end }}
`,
  }),
  stage("pod-completed", "Pod", {
    when: [
      exists(deletionTimestamp, "DoesNotExist"),
      among(".status.phase", "In", "Running"),
      among(".spec.restartPolicy", "In", "Never", "OnFailure"),
    ],
    delayMilliseconds: 1000,
    status: `
phase: Succeeded
conditions:
${condition("ContainersReady", "False", "PodCompleted")}
${condition("Ready", "False", "PodCompleted")}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  restartCount: 0
  ready: false
  started: false
  state: { terminated: { exitCode: 0, reason: Completed, startedAt: {{ Now | Quote }}, finishedAt: {{ Now | Quote }} } }
{{ end }}
`,
  }),
  {
    ...stageHead("pod-deleted"),
    spec: {
      resourceRef: { apiGroup: "v1", kind: "Pod" },
      selector: { matchExpressions: [exists(deletionTimestamp, "Exists")] },
      next: { delete: true },
    },
  },
];

function stageHead(name: string) {
  return { apiVersion: "kwok.x-k8s.io/v1alpha1", kind: "Stage", metadata: { name } };
}

function stage(
  name: string,
  kind: "Node" | "Pod",
  { when, status, delayMilliseconds }: { when: readonly object[]; status: string; delayMilliseconds?: number },
) {
  return {
    ...stageHead(name),
    spec: {
      resourceRef: { apiGroup: "v1", kind },
      selector: { matchExpressions: when },
      ...(delayMilliseconds === undefined ? {} : { delay: { durationMilliseconds: delayMilliseconds } }),
      next: { statusTemplate: status },
    },
  };
}

function condition(type: string, status: "True" | "False", reason?: string): string {
  const cause = reason === undefined ? "" : `, reason: ${reason}`;
  return `- { type: ${type}, status: "${status}"${cause}, lastTransitionTime: {{ Now | Quote }} }`;
}
