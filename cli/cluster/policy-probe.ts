import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { deadline } from "../../services/shared/src/deadline.ts";
import { lastLines } from "../process.ts";
import { type ClusterAccess, kubectl } from "./kubectl.ts";
import {
  blockedExitCode,
  control,
  held,
  offlineExitCode,
  type ProbeClient,
  type ProbeSetting,
  probeClient,
  probeLabel,
  probeNamespace,
  probeServer,
  serverPod,
  uninvited,
} from "./policy-probe-objects.ts";

/** Whether the network plugin of a cluster enforces NetworkPolicies. */
export interface PolicyEnforcement {
  readonly state: "enforced" | "not enforced" | "not measured";
  /** How it is known, or why it is not: a sentence's end without its full stop. */
  readonly reason: string;
}

export interface ProbeOptions extends Pick<ProbeSetting, "image" | "tolerations"> {
  /** Everything together, pulling the image included. Seconds. */
  readonly timeoutSeconds?: number;
  /** Between two looks at the pods. Milliseconds. */
  readonly intervalMilliseconds?: number;
  /** How long a pod that fails to start is waited for. Seconds. */
  readonly patienceSeconds?: number;
}

/** An engine's image has ten gigabytes, and nodes that have not run it fetch it first. */
const defaultTimeoutSeconds = 600;
/** Registries recover, and a first pull may be broken off. */
const defaultPatienceSeconds = 90;
/** Characters of what a kubelet says. */
const longestCause = 200;
/** Removing goes on when the command was broken off, and has a time of its own. */
const removalSeconds = 60;
/** Namespaces of other runs are left alone while they may still be at it. Seconds. */
const leftoverAgeSeconds = 2 * defaultTimeoutSeconds;

/** On simulated nodes no connection is ever opened, so none can be stopped. */
export const simulatedNodes: PolicyEnforcement = { state: "not measured", reason: "nodes are simulated" };

/**
 * Starts a server and three clients in a namespace of their own: one that the server's rule must stop, one that its own rule
 * must stop, and one that must get through. Whatever comes of it, the namespace is removed.
 */
export async function measureEnforcement(access: ClusterAccess, options: ProbeOptions): Promise<PolicyEnforcement> {
  const { image, tolerations, timeoutSeconds = defaultTimeoutSeconds } = options;
  const namespace = `freehold-probe-${randomBytes(4).toString("hex")}`;
  const setting = { namespace, image, tolerations, deadlineSeconds: timeoutSeconds + removalSeconds };
  const limit = deadline(timeoutSeconds * 1000, access.signal);
  const probe = new Probe({ ...access, signal: limit }, setting, options);
  try {
    await removeLeftovers(access);
    return await probe.run();
  } catch (error) {
    access.signal.throwIfAborted();
    if (error instanceof NotMeasured) return { state: "not measured", reason: error.message };
    if (limit.aborted) return { state: "not measured", reason: probe.whyLate(timeoutSeconds) };
    throw error;
  } finally {
    await remove(access, namespace);
  }
}

/** Why nothing is known, as the end of a sentence. */
class NotMeasured extends Error {
  override readonly name = "NotMeasured";
}

interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  readonly containerStatuses?: readonly {
    readonly state?: {
      readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
      readonly waiting?: { readonly reason?: string; readonly message?: string };
    };
    readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly message?: string } };
  }[];
}

/** What cannot heal by itself: the pod would wait like this for ever. */
const hopeless = /^(ErrImageNeverPull|InvalidImageName|CreateContainerConfigError)$/;
/** What heals now and then, such as an image that a registry does not give: it is waited for a while. */
const failing = /^Err|Error$|BackOff$/;

/** What keeps a pod from running, in the words of its kubelet or scheduler; null while nothing does. */
function obstacleOf({ containerStatuses = [], conditions = [] }: PodStatus): Obstacle | null {
  const [container] = containerStatuses;
  const { reason = "", message } = container?.state?.waiting ?? {};
  if (hopeless.test(reason) || failing.test(reason)) {
    const last = container?.lastState?.terminated;
    // Why it pauses says less than why it failed.
    const cause = reason === "CrashLoopBackOff" && last?.message !== undefined ? last.message : message;
    const text = cause === undefined ? reason : `${reason}: ${shortened(cause)}`;
    return { text, isFailing: true, reason };
  }
  const unplaced = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False")?.message;
  return unplaced === undefined ? null : { text: shortened(unplaced), isFailing: false, reason };
}

interface Obstacle {
  readonly text: string;
  readonly reason: string;
  /** False for what another node would mend, which an autoscaler may bring. */
  readonly isFailing: boolean;
}

/** The end of a message without its full stop: programs wrap what happened into what they were doing. */
function shortened(message: string): string {
  const text = message.trim().replaceAll(/\s+/g, " ").replace(/\.$/, "");
  return text.length > longestCause ? `…${text.slice(-longestCause)}` : text;
}

class Probe {
  /** What has not happened so far, as the subject and verb of a sentence. */
  waitsFor = "the namespace of the probe was not made";
  readonly #access: ClusterAccess;
  readonly #setting: ProbeSetting;
  readonly #intervalMilliseconds: number;
  readonly #patienceSeconds: number;
  /** What keeps the pod that is waited for from running. */
  #obstacle: Obstacle | null = null;
  /** When it first failed to start. */
  #failingSince: number | null = null;

  constructor(
    access: ClusterAccess,
    setting: ProbeSetting,
    { intervalMilliseconds = 1000, patienceSeconds = defaultPatienceSeconds }: ProbeOptions,
  ) {
    this.#access = access;
    this.#setting = setting;
    this.#intervalMilliseconds = intervalMilliseconds;
    this.#patienceSeconds = patienceSeconds;
  }

  async run(): Promise<PolicyEnforcement> {
    await this.#create(probeNamespace(this.#setting));
    await this.#create(probeServer(this.#setting));
    this.waitsFor = "the server of the probe did not start";
    const address = await this.#until(serverPod, ({ podIP, conditions = [] }) =>
      conditions.some(({ type, status }) => type === "Ready" && status === "True") ? podIP : undefined,
    );
    const barred = [uninvited, held];
    for (const client of barred) await this.#create(probeClient(this.#setting, client, address));
    const gotThrough: string[] = [];
    for (const client of barred) if (await this.#connects(client)) gotThrough.push(client.pod);
    // The control comes last: where it gets through, the server was there all the time.
    await this.#create(probeClient(this.#setting, control, address));
    if (!(await this.#connects(control))) {
      throw new NotMeasured("pods that nothing holds back did not reach each other either");
    }
    const directions = gotThrough.map((pod) => (pod === uninvited.pod ? "into a pod" : "out of a pod"));
    return directions.length === 0
      ? { state: "enforced", reason: "of a probe's pods only the one that may got through" }
      : { state: "not enforced", reason: `a policy did not stop connections ${directions.join(" and ")}` };
  }

  /** What did not happen in time, with what kept it from happening. */
  whyLate(timeoutSeconds: number): string {
    const late = `${this.waitsFor} within ${timeoutSeconds} s`;
    return this.#obstacle === null ? late : `${late}: ${this.#obstacle.text}`;
  }

  /** Whether a client got through, once it has ended. */
  async #connects({ pod }: ProbeClient): Promise<boolean> {
    this.waitsFor = `the client ${pod} of the probe did not end`;
    const exitCode = await this.#until(
      pod,
      ({ containerStatuses = [] }) => containerStatuses[0]?.state?.terminated?.exitCode,
    );
    if (exitCode === offlineExitCode) {
      throw new NotMeasured(
        `the client ${pod} of the probe reached no port of its server, not even the one open to all`,
      );
    }
    if (exitCode !== 0 && exitCode !== blockedExitCode) {
      throw new NotMeasured(`the client ${pod} of the probe ended with ${exitCode}`);
    }
    return exitCode === 0;
  }

  async #create(object: object): Promise<void> {
    const result = await kubectl(this.#access, ["create", "--filename", "-"], JSON.stringify(object));
    if (result.status === 0) return;
    this.#access.signal.throwIfAborted();
    throw new NotMeasured(`the API server refused the probe: ${lastLines(result, 1)}`);
  }

  /** What `look` finds in a pod's status, as soon as it finds something. */
  async #until<T>(pod: string, look: (status: PodStatus) => T | undefined): Promise<T> {
    this.#failingSince = null;
    for (;;) {
      this.#access.signal.throwIfAborted();
      const words = ["get", "pod", pod, "--namespace", this.#setting.namespace, "--output", "jsonpath={.status}"];
      const result = await kubectl(this.#access, words);
      this.#access.signal.throwIfAborted();
      // One question that fails is asked again: the deadline ends it.
      const status = result.status === 0 ? (JSON.parse(result.stdout || "{}") as PodStatus) : {};
      const found = look(status);
      if (found !== undefined) return found;
      if (status.phase === "Failed" && status.containerStatuses?.[0]?.state?.terminated === undefined) {
        throw new NotMeasured(`the pod ${pod} of the probe failed before it ran`);
      }
      this.#watch(pod, obstacleOf(status));
      await sleep(this.#intervalMilliseconds, undefined, { signal: this.#access.signal });
    }
  }

  /** Keeps in mind what stands in a pod's way, and gives up on what does not heal. */
  #watch(pod: string, found: Obstacle | null): void {
    this.#obstacle = found;
    if (found === null || !found.isFailing) return;
    // A failing pod fails, pauses and tries again in turn: counted is from the first time.
    this.#failingSince ??= performance.now();
    const isOver = performance.now() - this.#failingSince > this.#patienceSeconds * 1000;
    if (isOver || hopeless.test(found.reason)) {
      throw new NotMeasured(`the pod ${pod} of the probe cannot start: ${found.text}`);
    }
  }
}

async function remove(access: ClusterAccess, namespace: string): Promise<void> {
  const own = { ...access, signal: deadline(removalSeconds * 1000) };
  await kubectl(own, ["delete", "namespace", namespace, "--ignore-not-found", "--wait=false"]);
}

/** Namespaces of probes whose process was killed before it could remove them. */
async function removeLeftovers(access: ClusterAccess): Promise<void> {
  const template = '{{range .items}}{{.metadata.name}} {{.metadata.creationTimestamp}}{{"\\n"}}{{end}}';
  const words = ["get", "namespaces", `--selector=${probeLabel}`, "--output", `go-template=${template}`];
  const { stdout } = await kubectl(access, words);
  for (const line of stdout.split("\n").filter((text) => text !== "")) {
    const [name = "", created = ""] = line.split(" ");
    if (Date.now() - Date.parse(created) > leftoverAgeSeconds * 1000) await remove(access, name);
  }
}
