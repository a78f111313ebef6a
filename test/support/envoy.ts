import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import * as tls from "node:tls";

/** Path of Envoy: beside the tests' Python, else on PATH; null where there is none. */
export function envoyBinary(): string | null {
  const python = process.env.FREEHOLD_TEST_PYTHON ?? "";
  const folders = [...(python.includes("/") ? [dirname(python)] : []), ...(process.env.PATH ?? "").split(delimiter)];
  return folders.map((folder) => join(folder, "envoy")).find((path) => existsSync(path)) ?? null;
}

export interface Envoy {
  /** What it has logged of requests so far. */
  log(): readonly Readonly<Record<string, unknown>>[];
  /** Its own messages. */
  messages(): string;
  stop(): Promise<void>;
}

/** Envoy with a configuration, once `readyUrl` answers 200; fails with its messages when it ends before. */
export async function startEnvoy(binary: string, configuration: string, readyUrl: string): Promise<Envoy> {
  const folder = mkdtempSync(join(tmpdir(), "freehold-envoy-"));
  const path = join(folder, "envoy.yaml");
  writeFileSync(path, configuration);
  const words = ["--config-path", path, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"];
  const child = spawn(binary, [...words, "--file-flush-interval-msec", "50"], { stdio: ["ignore", "pipe", "pipe"] });
  let [output, messages] = ["", ""];
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    messages += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; (await statusOf(readyUrl)) !== 200; attempt++) {
    if (child.exitCode !== null || attempt > 1200) {
      await stop();
      throw new Error(`Envoy did not become ready: ${messages}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    log: () =>
      output
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line)),
    messages: () => messages,
    stop,
  };
}

/** Status of a GET, or null when nothing answers. */
export function statusOf(url: string): Promise<number | null> {
  return new Promise((resolve) => {
    get(url, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    }).once("error", () => resolve(null));
  });
}

/** The head of what a proxy answers to `request`, and the connection it came over. */
export async function ask(port: number, request: string): Promise<{ readonly head: string; readonly socket: Socket }> {
  const socket = connect(port, "127.0.0.1");
  const head = await new Promise<string>((resolve, reject) => {
    socket.once("data", (chunk) => resolve(chunk.toString()));
    socket.once("close", () => resolve(""));
    socket.once("error", reject);
    socket.write(request);
  });
  return { head: head.split("\r\n")[0] ?? "", socket };
}

/** Asks for a tunnel to `authority`. */
export const tunnel = (port: number, authority: string) =>
  ask(port, `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);

/** What a server behind a tunnel answers to a GET, with `servername` in the TLS greeting; null when it is cut off. */
export function overTls(socket: Socket, servername: string, ca: string): Promise<string | null> {
  return new Promise((resolve) => {
    const secure = tls.connect({ socket, servername, ca, rejectUnauthorized: false });
    let answer = "";
    secure.on("data", (chunk) => {
      answer += chunk;
    });
    secure.once("error", () => resolve(null));
    secure.once("close", () => resolve(answer === "" ? null : answer));
    secure.once("secureConnect", () => secure.write("GET / HTTP/1.0\r\n\r\n"));
  });
}
