import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { renderFindings } from "../../config/diagnostics/render.ts";
import { identify, type ProcessIdentity } from "../../local-cluster/process-identity.ts";
import type { Progress } from "../../local-cluster/progress.ts";

/** Writes a shell script that can be run by its name, and returns its path. The system's own tools are on its PATH. */
export function shellProgram(folder: string, name: string, script: string): string {
  return program(folder, name, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
}

/** Writes a Node program that can be run by its name, and returns its path. It never outlives a test run by long. */
export function nodeProgram(folder: string, name: string, source: string): string {
  return program(folder, name, `#!${process.execPath}\nsetTimeout(() => process.exit(99), 90_000);\n${source}\n`);
}

function program(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

/** What the fake `go` does for each of its commands, as shell script. */
export interface FakeGo {
  readonly version?: string;
  readonly download?: string;
  readonly list?: string;
  /** `$folder` is where the programs go, `$names` what they are called there. */
  readonly build?: string;
}

/** A `go` in a folder of its own that compiles nothing; returns an environment in which it is the only program. */
export function fakeGo(folder: string, commands: FakeGo = {}): NodeJS.ProcessEnv {
  const {
    version = "echo go version go1.26.8 linux/amd64",
    download = ":",
    list = ":",
    build = 'for name in $names; do printf "#!/bin/sh\\n" > "$folder$name"; chmod +x "$folder$name"; done',
  } = commands;
  shellProgram(
    folder,
    "go",
    `echo "$@" >> '${path.join(folder, "calls")}'
case "$1" in
version) ${version} ;;
mod) ${download} ;;
list) ${list} ;;
build)
  folder= names=
  while [ $# -gt 0 ]; do
    case "$1" in
    -o) folder="$2"; shift ;;
    -ldflags) shift ;;
    # Go leaves a major version out of a program's name.
    */v3) name="\${1%/v3}"; names="$names \${name##*/}" ;;
    */*) names="$names \${1##*/}" ;;
    esac
    shift
  done
  ${build} ;;
esac`,
  );
  return { PATH: folder, HOME: folder };
}

/** A progress that keeps what it is told, one line for each thing. */
export function recordedProgress(): Progress & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  return {
    lines,
    begin: ({ id, label }) => void lines.push(`${id}: ${label}`),
    advance: (id, fraction, detail) => void lines.push(`${id} ${fraction.toFixed(2)} ${detail ?? ""}`.trimEnd()),
    end: (id, outcome) => void lines.push(`${id} ${outcome}`),
  };
}

/** The screen of the Failure that `work` ends in, with `folder` written as `FOLDER`. */
export async function failureScreen(folder: string, work: () => unknown): Promise<string> {
  let thrown: unknown;
  try {
    await work();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof Failure)) throw new Error("it did not end in a Failure", { cause: thrown });
  return renderFindings([thrown.finding], { files: {}, color: false }).replaceAll(folder, "FOLDER");
}

/** A process that runs until it is ended, or for a minute, with these words on its command line. */
export function waitingProcess(...words: readonly string[]): {
  readonly identity: ProcessIdentity;
  end(): Promise<void>;
} {
  const child = spawn(process.execPath, ["--eval", "setTimeout(() => {}, 60_000)", "--", ...words], {
    stdio: "ignore",
  });
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error("the process did not start");
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    identity,
    end: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
