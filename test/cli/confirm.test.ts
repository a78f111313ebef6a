// Proves: a question ends with every way a person can leave it, none of which is an error of the line editor.
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { confirm, type Terminal } from "../../cli/terminal/terminal.ts";

/** A terminal: the line editor of Node.js takes over every stream that says it is one. */
function terminal(): Terminal & { readonly stdin: PassThrough } {
  const asTerminal = { isTTY: true, setRawMode: () => undefined, columns: 80 };
  return {
    stdin: Object.assign(new PassThrough(), asTerminal),
    stdout: new PassThrough(),
    stderr: Object.assign(new PassThrough(), asTerminal).resume(),
    interactive: true,
    canAsk: true,
    color: { stdout: false, stderr: false },
  };
}

it.each([
  ["yes\n", true],
  [" yes \n", true],
  ["y\n", false],
  ["\n", false],
])("takes %j for %s", async (answer, expected) => {
  const asked = terminal();
  asked.stdin.write(answer);
  expect(await confirm(asked, "Apply?", new AbortController().signal)).toBe(expected);
});

it("takes the end of the input, as Ctrl-D gives it, for no", async () => {
  const asked = terminal();
  asked.stdin.end();
  expect(await confirm(asked, "Apply?", new AbortController().signal)).toBe(false);
});

it("leaves Ctrl-C to the signal", async () => {
  const stop = new AbortController();
  const asked = terminal();
  const answer = confirm(asked, "Apply?", stop.signal);
  // A line editor in raw mode would end the question here, with an error of its own.
  asked.stdin.write("\u0003");
  stop.abort();
  await expect(answer).rejects.toMatchObject({ name: "AbortError" });
});
