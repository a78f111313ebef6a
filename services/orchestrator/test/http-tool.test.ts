// Proves: a tool over HTTP gets the token of its file, the newest one, and is not asked where the file cannot be read.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findCall, postCall } from "../src/tools/http-tool.ts";
import { toolFields } from "../src/tools/settings.ts";

test("a call carries the token as it is now, and so does the question whether it took place", async () => {
  const folder = mkdtempSync(join(tmpdir(), "orchestrator-http-tool-"));
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.end("done");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const tokenFile = join(folder, "token");
  const tool = { description: "x", parameters: {}, url, policy: "reconcile", reconcile: url };
  const { with_token, without } = toolFields.tools.parse({ with_token: { ...tool, tokenFile }, without: tool });
  if (with_token === undefined || without === undefined) throw new Error("The settings lack a tool.");
  try {
    expect(await postCall(with_token, "key", {}, undefined)).toMatch(/its token cannot be read; it was not asked/);
    expect(seen).toEqual([]);
    writeFileSync(tokenFile, "first\n");
    expect(await postCall(with_token, "key", {}, undefined)).toBe("done");
    writeFileSync(tokenFile, "second\n");
    await findCall(with_token, "key", {}, undefined);
    await postCall(without, "key", {}, undefined);
    expect(seen.map(({ authorization }) => authorization)).toEqual(["Bearer first", "Bearer second", undefined]);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
