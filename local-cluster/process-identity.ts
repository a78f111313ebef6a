import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * A process that can be recognised later. Numbers are handed out again, on a busy machine within hours, so a
 * number alone is never enough to kill by: the start time tells one process from its successor.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: the boot and the clock ticks since then on Linux, the start date as `ps` prints it elsewhere. */
  readonly startTime: string;
}

/** The start time of the process that has this number now; undefined when none is alive. */
function startTimeOf(pid: number): string | undefined {
  return process.platform === "linux" ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

/** The identity of the process that has this number now; undefined when none is alive. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** True while this very process runs: not one that was given its number since, and not a zombie. */
export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime;
}

function startTimeFromProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  const ticks = parseProcStat(stat);
  return ticks === undefined ? undefined : `${bootId()} ${ticks}`;
}

/** Ticks count from the start of the machine, so a number and its ticks can come again after a restart. */
function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return "";
  }
}

/** Field 22 of `/proc/<pid>/stat`; undefined for a zombie, which runs nothing and only waits for its parent. */
function parseProcStat(stat: string): string | undefined {
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  const startTime = fields[22 - 3];
  return state === "Z" || state === "X" ? undefined : startTime;
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    const line = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 5_000,
    }).trim();
    return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
  } catch {
    return undefined;
  }
}

/**
 * The processes whose command line has `argument` as one of its words. Finds what a killed command started
 * and had no time to write down.
 */
export function findByArgument(argument: string): ProcessIdentity[] {
  const pids = process.platform === "linux" ? pidsFromProc(argument) : pidsFromPs(argument);
  return pids.flatMap((pid) => identify(pid) ?? []);
}

function pidsFromProc(argument: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(argument);
      } catch {
        return false;
      }
    });
}

function pidsFromPs(argument: string): number[] {
  try {
    return execFileSync("ps", ["-axww", "-o", "pid=,command="], { encoding: "utf8", timeout: 5_000 })
      .split("\n")
      .filter((line) => `${line} `.includes(` ${argument} `))
      .map((line) => Number.parseInt(line, 10))
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  } catch {
    return [];
  }
}
