// Proves, with a process, a proxy and a receiver over TLS: a delivery to a host outside goes through the proxy by the host's name, and
// nowhere where there is none.
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Client } from "@langchain/langgraph-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { selfSigned } from "../../../test/support/certificate.ts";
import { connectProxy } from "../../../test/support/connect-proxy.ts";
import { startModelServer } from "./support/model-server.ts";
import { replicaProgram } from "./support/replica-process.ts";
import { supportAgent } from "./support/service.ts";

// A name that no name server has: only the proxy knows where it leads.
const host = "hooks.example.test";
const ask = { input: { messages: [{ role: "human", content: "hi" }] } };
const program = replicaProgram();
let model: Awaited<ReturnType<typeof startModelServer>>;
beforeAll(async () => {
  model = await startModelServer(() => ({ text: ["Hello"] }));
});
afterAll(async () => {
  await program.remove();
  await model?.stop();
  delete process.env.HTTPS_PROXY;
  delete process.env.NODE_EXTRA_CA_CERTS;
});

function settings(folder: string) {
  const secretFile = join(program.folder, "secret");
  writeFileSync(secretFile, `whsec_${randomBytes(32).toString("base64")}`);
  return {
    storage: { kind: "embedded", folder: join(program.folder, folder) },
    agents: { support: supportAgent(model) },
    runs: { reaperSeconds: 0.05 },
    webhooks: { origins: [`https://${host}`], proxied: [`https://${host}`], secretFile, retrySeconds: 0.05 },
  };
}

test("a delivery to a host outside is tunnelled to it by the proxy, and comes again when that refuses", async () => {
  const certificate = selfSigned([host], { authority: true });
  const posts: string[] = [];
  const receiver = createServer(certificate, async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    posts.push(`${request.headers.host}${request.url} ${(JSON.parse(body) as { status: string }).status}`);
    response.writeHead(posts.length === 1 ? 503 : 200).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const proxy = await connectProxy({ [`${host}:443`]: (receiver.address() as AddressInfo).port });
  const trusted = join(program.folder, "ca.pem");
  writeFileSync(trusted, certificate.cert);
  process.env.HTTPS_PROXY = `http://${proxy.host}`;
  process.env.NODE_EXTRA_CA_CERTS = trusted;
  try {
    const { url } = await program.start(settings("through"));
    const client = new Client({ apiUrl: url, callerOptions: { maxRetries: 0 } });
    await client.runs.wait(null, "support", { ...ask, webhook: `https://${host}/done?x=1` });
    await expect.poll(() => posts).toEqual([`${host}/done?x=1 success`, `${host}/done?x=1 success`]);
    expect(proxy.connections.map(({ authority }) => authority)).toEqual([`${host}:443`, `${host}:443`]);
  } finally {
    await proxy.close();
    receiver.close();
  }
});

test("a replica whose settings name hosts outside does not start without a proxy", async () => {
  delete process.env.HTTPS_PROXY;
  await expect(program.start(settings("without"))).rejects.toThrow(
    "webhooks.proxied names receivers outside, and HTTPS_PROXY names no http:// proxy that leads there.",
  );
});
