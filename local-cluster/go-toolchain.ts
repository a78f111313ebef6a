import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../config/diagnostics/failure.ts";
import { finding } from "../config/diagnostics/finding.ts";
import { lastLines, saysDiskFull } from "./failures.ts";
import type { Progress } from "./progress.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";
import { moduleFolder, type ToolModule } from "./tool-modules.ts";
import { parseVersion, type Version } from "./tool-versions.ts";

/** The oldest Go that the pinned modules compile with: what their `go` lines say. */
const neededGoVersion = "1.26";

/**
 * Processor seconds that one Go package takes to compile, on average over the modules.
 * Measured on two cores of a cloud machine, 2026-11-24; only the first guess, replaced by what this machine shows.
 */
const processorSecondsPerPackage = 0.25;

/** Linking a program counts as much as compiling this many packages: it is one long step at the end. */
const packagesPerLink = 30;

const versionTimeoutSeconds = 30;

/** Go asks for each module once; of several hundred, one now and then does not arrive at first. */
const downloadAttempts = 3;

/** The environment that Go runs in: the user's, less what would make the result depend on their other work. */
function goEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GOOS: _os, GOARCH: _architecture, ...rest } = environment;
  return {
    ...rest,
    GO111MODULE: "on",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
    GOFLAGS: "-mod=readonly",
    CGO_ENABLED: "0",
  };
}

/** Refuses to go on without a Go that can compile the tools named. */
export async function requireGo(
  tools: readonly string[],
  options: { readonly environment: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<void> {
  const place = { subject: "go" };
  const missing = { tools, needed: neededGoVersion };
  let result: ProgramResult;
  try {
    result = await runProgram("go", ["version"], {
      signal: options.signal,
      environment: goEnvironment(options.environment),
      timeoutSeconds: versionTimeoutSeconds,
    });
  } catch (error) {
    options.signal.throwIfAborted();
    const { code, message } = error as NodeJS.ErrnoException;
    if (typeof code !== "string") throw error;
    const fault = code === "ENOENT" ? {} : { fault: message };
    throw new Failure(finding("RUN-201", place, { ...missing, ...fault }), { cause: error });
  }
  if (result.code !== 0) {
    const fault =
      result.code === undefined ? `it did not answer within ${versionTimeoutSeconds} s` : lastLines(result.stderr, 2);
    throw new Failure(finding("RUN-201", place, { ...missing, fault }));
  }
  const found = parseVersion(result.stdout.replace(/^go version go/, ""));
  // A Go without a number was built from its repository's head, and is newer than any release.
  if (found !== undefined && isOlder(found, neededGoVersion)) {
    const text = `${found.major}.${found.minor}.${found.patch}`;
    throw new Failure(finding("RUN-202", place, { found: text, needed: neededGoVersion, tools }));
  }
}

function isOlder(found: Version, needed: string): boolean {
  const least = parseVersion(needed);
  if (least === undefined) throw new TypeError(`"${needed}" is no version`);
  return found.major !== least.major ? found.major < least.major : found.minor < least.minor;
}

export interface GoRun {
  readonly module: ToolModule;
  readonly cacheDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Fetches the sources of a module into Go's own cache. */
export async function downloadSources(run: GoRun): Promise<void> {
  const id = `download-${run.module.name}`;
  run.progress.begin({ id, label: `Fetching the sources of ${run.module.label}` });
  let files = 0;
  const download = () =>
    go(run, ["mod", "download", "-x", "-json"], (line) => {
      if (!/\.zip: 200 OK/.test(line)) return;
      files += 1;
      // Nothing says beforehand how many are missing, so the bar only tells that it moves.
      run.progress.advance(id, 1 - 1 / (1 + files / 40), `${files} modules`);
    });
  let result = await download();
  for (let attempt = 1; attempt < downloadAttempts && failedModule(result.stdout) !== undefined; attempt += 1) {
    await delay(attempt * 500, undefined, { signal: run.signal });
    result = await download();
  }
  if (result.code !== 0) {
    run.progress.end(id, "failed");
    throw downloadFailure(run, `${result.stdout}\n${result.stderr}`);
  }
  run.progress.end(id, files === 0 ? "reused" : "done");
}

function downloadFailure(run: GoRun, output: string): Failure {
  const place = { subject: run.module.name };
  if (saysDiskFull(output)) {
    const doing = `fetching the sources of ${run.module.label}`;
    return new Failure(finding("RUN-205", place, { folder: run.cacheDirectory, doing, compiling: true }));
  }
  const { module, reason } = failedModule(output) ?? {
    module: run.module.upstream,
    reason: lastLines(output, 2),
  };
  return new Failure(finding("RUN-203", place, { tool: run.module.label, module, reason }));
}

/** The first module that `go mod download -json` says it could not fetch, and why. */
function failedModule(output: string): { readonly module: string; readonly reason: string } | undefined {
  for (const [object] of output.matchAll(/^\{$[\s\S]*?^\}$/gm)) {
    let record: { Path?: string; Version?: string; Error?: string };
    try {
      record = JSON.parse(object) as typeof record;
    } catch {
      continue;
    }
    if (record.Error === undefined) continue;
    const module = `${record.Path}@${record.Version}`;
    // Go repeats the module in front of the reason.
    return { module, reason: record.Error.replace(`${module}: `, "").split("\n").join(" ") };
  }
  return undefined;
}

/** Compiles every program of a module into `folder`. */
export async function compile(
  run: GoRun,
  options: { readonly folder: string; readonly linkerFlags: string; readonly packages: readonly string[] },
): Promise<void> {
  const id = `compile-${run.module.name}`;
  const label = `Compiling ${run.module.label}`;
  const flags = ["-trimpath", "-buildvcs=false"];
  const stale = await countStalePackages(run, [...flags, ...options.packages]);
  const count = new CompileCount(stale, options.packages.length);
  run.progress.begin({ id, label, estimateSeconds: count.secondsLeft(0) });
  const startedAt = performance.now();
  const result = await go(
    run,
    ["build", "-v", ...flags, "-ldflags", options.linkerFlags, "-o", `${options.folder}/`, ...options.packages],
    (line) => {
      if (!count.takes(line)) return;
      run.progress.advance(id, count.fraction(), count.detail((performance.now() - startedAt) / 1000));
    },
  );
  if (result.code === 0) {
    run.progress.end(id, "done");
    return;
  }
  run.progress.end(id, "failed");
  const place = { subject: run.module.name };
  if (saysDiskFull(result.stderr)) {
    const doing = `compiling ${run.module.label}`;
    throw new Failure(finding("RUN-205", place, { folder: run.cacheDirectory, doing, compiling: true }));
  }
  const end = lastLines(withoutPackageNames(result.stderr));
  throw new Failure(finding("RUN-204", place, { tool: run.module.label, lastLines: end }));
}

/** How far a compilation is, from the package names that `go build -v` prints as it begins each. */
class CompileCount {
  readonly #total: number;
  readonly #work: number;
  #done = 0;

  constructor(stalePackages: number, programs: number) {
    this.#total = Math.max(1, stalePackages);
    this.#work = this.#total + programs * packagesPerLink;
  }

  /** True when the line names one more package. */
  takes(line: string): boolean {
    if (!isPackageName(line)) return false;
    this.#done += 1;
    return true;
  }

  /** Never 1: after the last package has begun, the programs are still linked. */
  fraction(): number {
    return Math.min(this.#done, this.#total) / this.#work;
  }

  /** Seconds left: at first what another machine needed, then more and more what this one has shown. */
  secondsLeft(elapsedSeconds: number, cores: number = availableParallelism()): number {
    const guess = (this.#work * processorSecondsPerPackage) / cores;
    const fraction = this.fraction();
    if (fraction === 0) return guess;
    const shown = elapsedSeconds / fraction;
    // The first tenth is mostly small packages and says little.
    const trust = Math.min(1, fraction * 10);
    return (shown * trust + guess * (1 - trust)) * (1 - fraction);
  }

  detail(elapsedSeconds: number): string {
    const seconds = this.secondsLeft(elapsedSeconds);
    const left = seconds < 90 ? `${Math.max(10, Math.ceil(seconds / 10) * 10)} s` : `${Math.round(seconds / 60)} min`;
    return `${Math.min(this.#done, this.#total)} of about ${this.#total} packages, estimated ${left} left`;
  }
}

function isPackageName(line: string): boolean {
  return /^[\w.~-]+(\/[\w.~-]+)*$/.test(line);
}

function withoutPackageNames(text: string): string {
  return text
    .split("\n")
    .filter((line) => !isPackageName(line))
    .join("\n");
}

async function countStalePackages(run: GoRun, programArguments: readonly string[]): Promise<number> {
  const format = "{{if .Stale}}{{.StaleReason}}{{end}}";
  const result = await go(run, ["list", "-deps", "-f", format, ...programArguments], () => undefined);
  return result.stdout.split("\n").filter((line) => line !== "" && !line.includes("available in build cache")).length;
}

async function go(run: GoRun, programArguments: readonly string[], onErrorLine: (line: string) => void) {
  return runProgram("go", programArguments, {
    cwd: moduleFolder(run.module),
    environment: goEnvironment(run.environment),
    signal: run.signal,
    onErrorLine,
  });
}
