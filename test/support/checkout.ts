import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import type { CommandContext, ExitCode } from "../../cli/command.ts";
import { runCommandLine } from "../../cli/command-line.ts";
import { commands } from "../../cli/commands/index.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

export interface Ran {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** A checkout of its own: commands run in it as they do in a clone, and what they leave goes with it. */
export interface Checkout {
  readonly root: string;
  /** Writes a file below the root, plain data as yaml. */
  write(path: string, content: string | object): void;
  freehold(
    args: readonly string[],
    more?: Partial<Pick<CommandContext, "environment" | "now" | "signal">>,
  ): Promise<Ran>;
  /** Removes the folder. Whoever started a cluster in it runs `down` first. */
  remove(): void;
}

/** A folder that has the product's charts and nothing else. */
export function newCheckout(): Checkout {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "freehold-checkout-")));
  symlinkSync(join(repository, "charts"), join(root, "charts"));
  return {
    root,
    write(path, content) {
      const target = join(root, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, typeof content === "string" ? content : stringify(content));
    },
    async freehold(args, more = {}) {
      const stdout = new PassThrough();
      const stderr = new PassThrough();
      const texts = [stdout, stderr].map(collect);
      const code = await runCommandLine(args, commands, {
        terminal: {
          stdout,
          stderr,
          stdin: new PassThrough(),
          interactive: false,
          canAsk: false,
          color: { stdout: false, stderr: false },
        },
        environment: { ...process.env, FREEHOLD_STACK: undefined },
        root,
        workingDirectory: root,
        signal: new AbortController().signal,
        now: () => new Date("2026-11-24T00:00:00Z"),
        ...more,
      });
      const [out = () => "", error = () => ""] = texts;
      return { code, stdout: out(), stderr: error() };
    },
    remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function collect(stream: PassThrough): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
