import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServiceProcess, startService } from "../../../../test/support/service-process.ts";
import type { Settings } from "../../src/settings.ts";

export type Json = Record<string, unknown>;
type SettingsInput = Partial<Record<keyof Settings, unknown>>;

const testKey = "test-key-of-acme";

/** A gateway in front of engines, each a process of its own. */
export class Door {
  readonly gateway: ServiceProcess;
  readonly engines: readonly ServiceProcess[];
  readonly #folder: string;
  #settings: SettingsInput;

  private constructor(
    gateway: ServiceProcess,
    engines: readonly ServiceProcess[],
    folder: string,
    settings: SettingsInput,
  ) {
    this.gateway = gateway;
    this.engines = engines;
    this.#folder = folder;
    this.#settings = settings;
  }

  static async open(
    options: {
      readonly engines?: readonly (readonly string[])[];
      readonly environment?: Readonly<Record<string, string>>;
      readonly settings?: (engines: readonly ServiceProcess[], folder: string) => SettingsInput;
    } = {},
  ): Promise<Door> {
    const {
      engines: flags = [
        ["--step-ms", "1"],
        ["--step-ms", "1"],
      ],
    } = options;
    const engines = await Promise.all(flags.map((args) => startService("engine-simulator", args)));
    const folder = mkdtempSync(join(tmpdir(), "gateway-test-"));
    writeFileSync(
      join(folder, "keys.json"),
      JSON.stringify([
        { sha256: createHash("sha256").update(testKey).digest("hex"), tenant: "acme" },
        { sha256: createHash("sha256").update("key-of-globex").digest("hex"), tenant: "globex" },
      ]),
    );
    const settings = { ...standardSettings(engines, folder), ...options.settings?.(engines, folder) };
    writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
    try {
      const gateway = await startService("gateway", ["--settings", join(folder, "settings.json")], options.environment);
      return new Door(gateway, engines, folder, settings);
    } catch (error) {
      await Promise.all(engines.map((engine) => engine.stop()));
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return this.gateway.url;
  }

  get adminUrl(): string {
    return /"admin":"([^"]+)"/.exec(this.gateway.log.join("\n"))?.[1] ?? "";
  }

  /** Writes other settings and returns without waiting for the gateway to take them. */
  change(more: SettingsInput): void {
    this.#settings = { ...this.#settings, ...more };
    writeFileSync(join(this.#folder, "settings.json"), JSON.stringify(this.#settings));
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${testKey}`, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  chat(content: string, more: Json = {}, headers: Record<string, string> = {}): Promise<Response> {
    return this.post("/v1/chat/completions", chatBody(content, more), headers);
  }

  /** Sum of all samples of a metric whose line contains every one of `parts`. */
  async metric(name: string, ...parts: string[]): Promise<number> {
    const text = await (await fetch(`${this.adminUrl}/metrics`)).text();
    return text
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) && parts.every((part) => line.includes(part)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  }

  async close(): Promise<void> {
    await Promise.all([this.gateway.stop(), ...this.engines.map((engine) => engine.stop())]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export function chatBody(content: string, more: Json = {}): Json {
  return { model: "chat", messages: [{ role: "user", content }], max_tokens: 40, ignore_eos: true, ...more };
}

/** All engines are replicas of one version; two tenants may call it without limits. */
function standardSettings(engines: readonly ServiceProcess[], folder: string) {
  const names = engines.map((_, index) => `engine-${index}`);
  const tenant = { dataClasses: ["internal"], models: ["chat"] };
  return {
    listen: { port: 0 },
    admin: { port: 0 },
    residencyMode: "none",
    dataClasses: { internal: { leavesBoundary: "never", keepAnswers: true } },
    placements: [{ dataClass: "internal", tenant: "*", backends: names }],
    backends: Object.fromEntries(
      engines.map(({ url }, index) => [names[index], { url, model: "chat", digest: "d1", location: "inside" }]),
    ),
    models: { chat: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: names } } } },
    tenants: { acme: tenant, globex: tenant },
    keysFile: join(folder, "keys.json"),
    // Long enough for a busy machine, short enough to be waited out by the tests of what stands still.
    deadlines: { firstTokenMilliseconds: 4000, interTokenMilliseconds: 1000, drainMilliseconds: 10_000 },
    // A battery of faults is all failures: the share that protects an ordinary day would stop it.
    retries: { budgetShare: 1, ejectionMilliseconds: 20 },
  };
}

export interface StreamResult {
  readonly text: string;
  readonly finish: string | null;
  readonly stopReason: unknown;
  readonly error: Json | null;
  readonly isDone: boolean;
  readonly usage: Json | null;
  readonly lastEventId: string;
}

/** Reads a stream to its end, or until `enough` of it is there, and then breaks the connection off. */
export async function readStream(
  response: Response,
  enough: (text: string) => boolean = () => false,
): Promise<StreamResult> {
  let raw = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    raw += decoder.decode(chunk as Uint8Array, { stream: true });
    if (enough(raw)) break;
  }
  const result = {
    text: "",
    finish: null as string | null,
    stopReason: null as unknown,
    error: null as Json | null,
    isDone: false,
    usage: null as Json | null,
    lastEventId: "",
  };
  for (const line of raw.slice(0, raw.lastIndexOf("\n\n") + 2).split("\n")) {
    if (line.startsWith("id: ")) result.lastEventId = line.slice(4);
    if (!line.startsWith("data: ")) continue;
    if (line === "data: [DONE]") {
      result.isDone = true;
      continue;
    }
    const event = JSON.parse(line.slice(6)) as Json;
    if (event.error !== undefined) result.error = event.error as Json;
    if (event.usage != null) result.usage = event.usage as Json;
    const choice = (event.choices as Json[] | undefined)?.[0];
    if (choice === undefined) continue;
    result.text += ((choice.delta as Json | undefined)?.content ?? choice.text ?? "") as string;
    if (choice.finish_reason != null) result.finish = choice.finish_reason as string;
    if (choice.stop_reason != null) result.stopReason = choice.stop_reason;
  }
  return result;
}

/** What an engine that never fails answers: what every fault is held against. */
export async function oracle(engine: ServiceProcess, body: Json): Promise<{ text: string; tokens: number }> {
  const response = await fetch(`${engine.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...body, stream: false }),
  });
  const answer = (await response.json()) as {
    choices: { message: { content: string } }[];
    usage: { completion_tokens: number };
  };
  return { text: answer.choices[0]?.message.content ?? "", tokens: answer.usage.completion_tokens };
}

export async function fault(engine: ServiceProcess, what: Json): Promise<void> {
  await fetch(`${engine.url}/sim/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(what),
  });
}
