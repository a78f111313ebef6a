// Callers over TLS: the same answers, streams included, a certificate that changes under way, and nothing in the clear.
import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificate, selfSigned } from "../../../test/support/certificate.ts";
import { chatBody, Door } from "./support/door.ts";

const host = "llm.example.com";
const first = selfSigned([host], { authority: true });
const second = selfSigned([host], { authority: true });
let door: Door;
let folder = "";

function writeCertificate({ cert, key }: Certificate): void {
  writeFileSync(join(folder, "tls.crt"), cert);
  writeFileSync(join(folder, "tls.key"), key);
}

beforeAll(async () => {
  door = await Door.open({
    settings: (_, own) => {
      folder = own;
      writeCertificate(first);
      const files = { certificateFile: join(own, "tls.crt"), keyFile: join(own, "tls.key") };
      return { secure: { port: 0, ...files } };
    },
  });
});

afterAll(() => door.close());

const port = () => Number(/"secureUrl":"https:\/\/[^:"]+:([0-9]+)"/.exec(door.gateway.log.join("\n"))?.[1]);

/** One request over TLS by the gateway's host name, with whose certificate it trusts. */
function call(body: unknown, { cert }: Certificate, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port: port(),
      servername: host,
      ca: cert,
      agent: false as const,
      method: "POST",
      path: "/v1/chat/completions",
      headers: { "content-type": "application/json", authorization: "Bearer test-key-of-acme", host, ...headers },
    };
    const sent = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve(`${response.statusCode} ${Buffer.concat(parts)}`));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}

describe("the gateway over TLS", () => {
  it("answers as it does in the clear", async () => {
    const body = chatBody("Hello", { seed: 7 });
    const inTheClear = (await (await door.post("/v1/chat/completions", body)).json()) as { choices: unknown };
    const answer = await call(body, first);
    expect(answer.slice(0, 4)).toBe("200 ");
    expect((JSON.parse(answer.slice(4)) as { choices: unknown }).choices).toEqual(inTheClear.choices);
    expect(await call(chatBody("Hello", { stream: true }), first)).toMatch(/^200 .*\ndata: \[DONE\]\n\n$/s);
  });

  it("asks who calls as well", async () => {
    expect(await call(chatBody("Hello"), first, { authorization: "Bearer nobody" })).toMatch(/^401 /);
  });

  it("says nothing to who does not speak TLS", async () => {
    const said = await new Promise<string>((resolve, reject) => {
      const socket = connect(port(), "127.0.0.1", () => socket.write("GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n"));
      let text = "";
      socket.on("data", (part) => {
        text += part;
      });
      socket.on("close", () => resolve(text));
      socket.on("error", reject);
    });
    expect(said).not.toContain("HTTP/");
  });

  it("takes a changed certificate without a restart, and keeps the old one where the new one does not hold", async () => {
    writeFileSync(join(folder, "tls.key"), "no key");
    await expect.poll(() => door.gateway.log.join("\n")).toContain("settings_refused");
    expect(await call(chatBody("Hello"), first)).toMatch(/^200 /);
    writeCertificate(second);
    await expect.poll(() => call(chatBody("Hello"), second).catch((error: Error) => error.message)).toMatch(/^200 /);
    await expect(call(chatBody("Hello"), first)).rejects.toThrow(/self-signed|unable to verify|signature/);
  });
});

it("does not start without its certificate", async () => {
  await expect(
    Door.open({
      settings: (_, own) => ({
        secure: { port: 0, certificateFile: join(own, "none.crt"), keyFile: join(own, "none.key") },
      }),
    }),
  ).rejects.toThrow(/none\.crt|ENOENT/);
});

it("ends where one of its ports is taken", async () => {
  const taken = new URL(door.url).port;
  await expect(Door.open({ settings: () => ({ listen: { port: Number(taken) } }) })).rejects.toThrow("EADDRINUSE");
});
