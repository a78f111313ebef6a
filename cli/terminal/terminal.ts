import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";

/** Results go to stdout, everything about getting there goes to stderr. */
export interface Terminal {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdin: Readable;
  /** True when a person sees stderr: progress may redraw its line. */
  readonly interactive: boolean;
  /** True when a person can be asked. */
  readonly canAsk: boolean;
  readonly color: { readonly stdout: boolean; readonly stderr: boolean };
}

export function processTerminal(environment: NodeJS.ProcessEnv): Terminal {
  const allowed = environment.NO_COLOR === undefined || environment.NO_COLOR === "";
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    interactive: process.stderr.isTTY === true,
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
    color: {
      stdout: allowed && process.stdout.isTTY === true,
      stderr: allowed && process.stderr.isTTY === true,
    },
  };
}

/**
 * True when the user answers exactly `yes`; Ctrl-D is no answer. The terminal stays as it is, so that Ctrl-C comes as the
 * signal that every other step knows, and not as an error of the line editor.
 */
export async function confirm(terminal: Terminal, question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr, terminal: false });
  try {
    const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    const answer = await Promise.race([lines.question(`${question} Only "yes" goes on: `, { signal }), ended]);
    return answer.trim() === "yes";
  } finally {
    lines.close();
  }
}
