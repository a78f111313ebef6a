import { setTimeout as delay } from "node:timers/promises";
import { type ServiceProcess, startService } from "../../../../test/support/service-process.ts";
import { chatBody, Door, fault, type Json, oracle, readStream } from "./door.ts";
import { SlowLink } from "./slow-link.ts";

const replicas = 3;
/** Answers that one replica works on at once. */
const slots = 16;
const prompts = 40;
const answerTokens = 60;

/** What happens to the first of the replicas. */
export interface Strike {
  readonly name: string;
  hit(engine: ServiceProcess, link: SlowLink): Promise<void> | void;
}

/** For each answer that the first replica begins while the fault stands. */
const onCommand = (name: string, what: Json): Strike => ({
  name,
  hit: (engine) => fault(engine, { afterTokens: 20, times: 1000, ...what }),
});

export const strikes: readonly Strike[] = [
  { name: "none", hit: () => {} },
  { name: "kill -9", hit: (engine) => engine.signal("SIGKILL") },
  { name: "process frozen (SIGSTOP)", hit: (engine) => engine.signal("SIGSTOP") },
  { name: "SIGTERM without drain", hit: (engine) => engine.signal("SIGTERM") },
  onCommand("engine stands still, `/health` 200", { kind: "freeze" }),
  onCommand("connection closed (FIN)", { kind: "cut", how: "fin" }),
  onCommand("connection reset (RST)", { kind: "cut", how: "rst" }),
  onCommand("silence", { kind: "cut", how: "silence" }),
  {
    name: "link of 64 bytes a second",
    hit: (_, link) => {
      link.bytesPerSecond = 64;
    },
  },
  onCommand("malformed event", { kind: "malformed" }),
  onCommand("error event", { kind: "error-event" }),
  onCommand("answers 503", { kind: "status", status: 503 }),
];

interface Seen {
  readonly isStream: boolean;
  readonly backend: string | null;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly isWhole: boolean;
  readonly isPrefix: boolean;
  readonly isTyped: boolean;
  readonly longestGapSeconds: number;
}

export interface TrialOutcome {
  /** Streams that the struck replica had begun and that ended after the strike. */
  readonly hit: readonly Seen[];
  readonly streams: readonly Seen[];
  readonly whole: readonly Seen[];
}

export interface TrialOptions {
  /** Share of all slots that are busy, 0 to 1; 0 is one stream for each replica. */
  readonly load: number;
  readonly stepMilliseconds: number;
  /** How long requests go on after the strike. */
  readonly milliseconds: number;
  readonly settings: Json;
}

/** Answers that an engine works on at this moment. */
async function running(engine: ServiceProcess): Promise<number> {
  const text = await (await fetch(`${engine.url}/metrics`)).text();
  return Number(/vllm:num_requests_running\S* (\d+)/.exec(text)?.[1]);
}

/** One fault at one load: three replicas behind a gateway, callers without a pause, and the strike at one replica. */
export async function faultTrial(strike: Strike, options: TrialOptions): Promise<TrialOutcome> {
  const flags = ["--step-ms", String(options.stepMilliseconds), "--max-num-seqs", String(slots)];
  const reference = await startService("engine-simulator", ["--step-ms", "0"]);
  const bodies = Array.from({ length: prompts }, (_, index) =>
    chatBody(`question ${index}`, { max_tokens: answerTokens, seed: index }),
  );
  const texts = await Promise.all(bodies.map(async (body) => (await oracle(reference, body)).text));
  await reference.stop();

  const engines = await Promise.all(Array.from({ length: replicas }, () => startService("engine-simulator", flags)));
  const [struck] = engines as [ServiceProcess];
  const link = await SlowLink.open(struck.url);
  const names = engines.map((_, index) => `engine-${index}`);
  const door = await Door.open({
    engines: [],
    settings: () => ({
      placements: [{ dataClass: "internal", tenant: "*", backends: names }],
      backends: Object.fromEntries(
        engines.map(({ url }, index) => [
          names[index],
          { url: index === 0 ? link.url : url, model: "chat", digest: "d", location: "inside" },
        ]),
      ),
      models: { chat: { maxModelLen: 32768, versions: { v1: { weight: 1, backends: names } } } },
      ...options.settings,
    }),
  });
  const seen: Seen[] = [];
  let isOver = false;
  let sent = 0;
  const ask = async () => {
    const number = sent++;
    const body = bodies[number % prompts] as Json;
    const expected = texts[number % prompts] as string;
    const isStream = number % 4 !== 0;
    const startedAt = performance.now();
    const response = await door.post("/v1/chat/completions", { ...body, stream: isStream });
    let lastAt = performance.now();
    let longestGap = 0;
    let text = "";
    let isTyped = false;
    if (isStream && response.status === 200) {
      const result = await readStream(response, () => {
        longestGap = Math.max(longestGap, performance.now() - lastAt);
        lastAt = performance.now();
        return false;
      });
      text = result.text;
      isTyped = result.isDone && (result.finish !== null || result.error !== null);
    } else {
      const answer = (await response.json()) as {
        choices?: { message: { content: string } }[];
        error?: { code: string };
      };
      text = answer.choices?.[0]?.message.content ?? "";
      isTyped = answer.choices !== undefined || answer.error !== undefined;
    }
    seen.push({
      isStream,
      backend: response.headers.get("x-freehold-backend"),
      startedAt,
      endedAt: performance.now(),
      isWhole: text === expected,
      isPrefix: expected.startsWith(text),
      isTyped,
      longestGapSeconds: longestGap / 1000,
    });
  };
  try {
    const width = Math.max(replicas, Math.round(options.load * replicas * slots));
    const callers = Array.from({ length: width }, async (_, index) => {
      // Not all at once, or all answers would end at once.
      await delay((index / width) * answerTokens * options.stepMilliseconds);
      while (!isOver) await ask();
    });
    await delay(answerTokens * options.stepMilliseconds * 1.5);
    // On a busy machine it may just have none: then there would be nothing to see.
    while ((await running(struck)) === 0) await delay(20);
    const struckAt = performance.now();
    await strike.hit(struck, link);
    await delay(options.milliseconds);
    isOver = true;
    await Promise.all(callers);
    const streams = seen.filter((one) => one.isStream && one.endedAt > struckAt);
    return {
      streams,
      hit: streams.filter(({ backend }) => backend === "engine-0"),
      whole: seen.filter((one) => !one.isStream && one.endedAt > struckAt),
    };
  } finally {
    isOver = true;
    await door.close();
    link.close();
    await Promise.all(engines.map((engine) => engine.stop()));
  }
}
