import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";
import { type ClusterRecord, recordedProcesses, writeRecord } from "./cluster-record.ts";
import { endProcesses, logEnd, readLog, startProcess } from "./component-process.ts";
import {
  type CommandSettings,
  type ComponentCommand,
  componentCommand,
  etcdSocket,
  identityArgument,
} from "./components.ts";
import { saysDiskFull } from "./failures.ts";
import { type ComponentName, chooseSocketFolder, componentNames, type Layout } from "./layout.ts";
import { findFreePort, isPortFree } from "./ports.ts";
import { makePrivateFolder } from "./private-files.ts";
import { findByArgument, isAlive, type ProcessIdentity } from "./process-identity.ts";

/** Generous: a loaded machine with one core needs most of a minute. */
const readySeconds = 120;
const portAttempts = 5;
const connectionLost: ReadonlySet<string> = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE"]);
const portTakenInLog = /address already in use/;

export interface StartupOptions {
  readonly layout: Layout;
  readonly record: ClusterRecord;
  readonly programs: Readonly<Record<ComponentName, string>>;
  readonly fixedPort: number | undefined;
  readonly nodeMonitorGracePeriodSeconds: number | undefined;
  readonly signal: AbortSignal;
}

/** Brings the processes of one cluster up, one part after the other, leaving alone what runs as it is meant to. */
export class Startup {
  readonly #options: StartupOptions;
  readonly #started = new Set<ComponentName>();

  constructor(options: StartupOptions) {
    this.#options = options;
  }

  /** The parts that had to be started. */
  get started(): ReadonlySet<ComponentName> {
    return this.#started;
  }

  /** Ends what this start began: after a failure nothing runs that did not run before. */
  async undo(): Promise<void> {
    const { record } = this.#options;
    const mine = recordedProcesses(record).filter(({ name }) => this.#started.has(name));
    await endProcesses(
      mine.map(({ process }) => process),
      { politely: false },
    );
  }

  async ensureEtcd(): Promise<void> {
    const { layout, record } = this.#options;
    if (record.socketFolder === undefined || !existsSync(record.socketFolder)) {
      record.socketFolder = chooseSocketFolder(layout.directory);
      makePrivateFolder(record.socketFolder);
      writeRecord(layout, record);
    }
    // Some systems clear old files out of their temporary folders; an etcd without its socket serves nobody new.
    const lostSocket = record.processes.etcd !== undefined && !existsSync(etcdSocket(record.socketFolder));
    if (lostSocket) await this.#end("etcd");
    await this.#ensureRunning("etcd", undefined);
  }

  /** Sees that the API server runs and has signed its certificate, and returns what `readAuthority` then gives. */
  async ensureApiServer(readAuthority: () => string | undefined): Promise<string> {
    const { layout, record, fixedPort } = this.#options;
    for (let attempt = 1; ; attempt++) {
      await this.#choosePort(attempt > 1);
      const isStarted = await this.#ensure("kube-apiserver", undefined);
      const authority = isStarted
        ? await this.#until("kube-apiserver", async () => readAuthority(), { orEnded: () => "ended" as const })
        : "ended";
      const log = authority === "ended" ? readLog("kube-apiserver", layout) : "";
      if (authority !== "ended") return authority;
      // Between finding a free port and using it another program may have taken it.
      if (!portTakenInLog.test(log)) throw this.#stoppedAtStart("kube-apiserver");
      if (fixedPort !== undefined) throw portTaken(fixedPort);
      if (attempt === portAttempts) throw this.#stoppedAtStart("kube-apiserver");
      record.port = undefined;
    }
  }

  /** Starts a part that talks to the API server, unless it runs. */
  async ensureClient(
    name: "kube-controller-manager" | "kube-scheduler" | "kwok",
    certificateAuthority: string,
  ): Promise<void> {
    await this.#ensureRunning(name, certificateAuthority);
  }

  /** Fails when a part that was started has ended since. */
  verifyAlive(): void {
    const ended = this.#endedPart();
    if (ended !== undefined) throw this.#stoppedAtStart(ended);
  }

  /**
   * What `error` comes from: a part that has ended makes the calls to the API fail too, in words of the network
   * that help nobody.
   */
  async causeOf(error: unknown): Promise<unknown> {
    if (!connectionLost.has((error as NodeJS.ErrnoException).code ?? "")) return error;
    // A connection breaks a little before its process counts as ended.
    const deadline = performance.now() + 1000;
    for (;;) {
      const ended = this.#endedPart();
      if (ended !== undefined) return this.#stoppedAtStart(ended);
      if (performance.now() > deadline) return error;
      await delay(20);
    }
  }

  /** Ends a part so that the next `ensure` starts it anew. */
  async restart(name: ComponentName): Promise<void> {
    await this.#end(name);
  }

  /**
   * What `look` finds, as soon as it finds something. Fails when a part ends meanwhile, or when `name`, the part
   * that is waited for, takes too long.
   */
  async until<T>(name: ComponentName, look: () => Promise<T | undefined>): Promise<T> {
    return this.#until<T, never>(name, look, {
      orEnded: (ended) => {
        throw this.#stoppedAtStart(ended);
      },
    });
  }

  async #until<T, E>(
    name: ComponentName,
    look: () => Promise<T | undefined>,
    { orEnded }: { orEnded: (ended: ComponentName) => E },
  ): Promise<T | E> {
    const { layout, signal } = this.#options;
    const deadline = performance.now() + readySeconds * 1000;
    for (;;) {
      signal.throwIfAborted();
      const found = await look();
      if (found !== undefined) return found;
      const ended = this.#endedPart();
      if (ended === "etcd") throw this.#stoppedAtStart("etcd");
      if (ended !== undefined) return orEnded(ended);
      if (performance.now() > deadline) {
        throw new Failure(
          finding(
            "RUN-208",
            { subject: "local cluster" },
            { seconds: readySeconds, component: name, logFile: layout.logOf(name), lastLines: logEnd(name, layout) },
          ),
        );
      }
      await delay(50);
    }
  }

  #endedPart(): ComponentName | undefined {
    return recordedProcesses(this.#options.record).find(
      ({ name, process }) => this.#started.has(name) && !isAlive(process),
    )?.name;
  }

  async #choosePort(again: boolean): Promise<void> {
    const { record, fixedPort } = this.#options;
    const running = record.processes["kube-apiserver"];
    const holdsPort = running !== undefined && isAlive(running);
    const wanted = fixedPort ?? record.port;
    if (wanted !== undefined && !again && ((holdsPort && wanted === record.port) || (await isPortFree(wanted)))) {
      record.port = wanted;
      return;
    }
    if (fixedPort !== undefined) throw portTaken(fixedPort);
    record.port = await findFreePort();
  }

  async #ensureRunning(name: ComponentName, certificateAuthority: string | undefined): Promise<void> {
    if (!(await this.#ensure(name, certificateAuthority))) throw this.#stoppedAtStart(name);
  }

  /** False when the part has ended before anything could be known of it. */
  async #ensure(name: ComponentName, certificateAuthority: string | undefined): Promise<boolean> {
    const { layout, record } = this.#options;
    const command = componentCommand(name, this.#settings(certificateAuthority));
    const recorded = record.processes[name];
    if (recorded !== undefined && isAlive(recorded) && recorded.commandHash === command.hash) return true;
    await this.#end(name);
    this.#options.signal.throwIfAborted();
    const identity = await startProcess(command, layout);
    this.#started.add(name);
    if (identity === undefined) return false;
    this.#remember(name, identity, command);
    return true;
  }

  #remember(name: ComponentName, { pid, startTime }: ProcessIdentity, { hash }: ComponentCommand): void {
    const { layout, record } = this.#options;
    record.processes[name] = { pid, startTime, commandHash: hash };
    writeRecord(layout, record);
  }

  async #end(name: ComponentName): Promise<void> {
    const { layout, record } = this.#options;
    await endProcesses(processesOf(name, layout, record), { politely: true });
    delete record.processes[name];
  }

  #settings(certificateAuthority: string | undefined): CommandSettings {
    const { layout, programs, record, nodeMonitorGracePeriodSeconds } = this.#options;
    return {
      layout,
      programs,
      socketFolder: record.socketFolder ?? layout.directory,
      port: record.port ?? 0,
      certificateAuthority,
      nodeMonitorGracePeriodSeconds,
    };
  }

  #stoppedAtStart(component: ComponentName): Failure {
    const { layout } = this.#options;
    const lastLines = logEnd(component, layout);
    const subject = "local cluster";
    return new Failure(
      saysDiskFull(lastLines)
        ? finding(
            "RUN-205",
            { subject },
            { folder: layout.directory, doing: `starting ${component}`, compiling: false },
          )
        : finding("RUN-207", { subject }, { component, logFile: layout.logOf(component), lastLines }),
    );
  }
}

/** Every process of a part: the recorded one, and any that a killed command started without recording it. */
function processesOf(name: ComponentName, layout: Layout, record: ClusterRecord | undefined): ProcessIdentity[] {
  const recorded = record?.processes[name];
  const found = findByArgument(identityArgument(name, layout));
  return [
    ...(recorded !== undefined && isAlive(recorded) ? [recorded] : []),
    ...found.filter(({ pid }) => pid !== recorded?.pid),
  ];
}

/** Every process of the cluster. */
export function allProcesses(layout: Layout, record: ClusterRecord | undefined): ProcessIdentity[] {
  return componentNames.flatMap((name) => processesOf(name, layout, record));
}

function portTaken(port: number): Failure {
  return new Failure(finding("RUN-206", { subject: `127.0.0.1:${port}` }, { port }));
}
