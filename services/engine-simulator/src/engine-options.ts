import { parseArgs } from "node:util";

export interface EngineOptions {
  readonly host: string;
  /** 0 takes a free one; the line that the process prints first says which. */
  readonly port: number;
  readonly model: string;
  /** Names of LoRA adapters, which are models of their own to callers. */
  readonly adapters: readonly string[];
  /** Stands for the digest of the weights: engines with the same text answer token for token the same. */
  readonly weights: string;
  readonly maxModelTokens: number;
  readonly stepMilliseconds: number;
  readonly prefillTokensPerSecond: number;
  readonly maxRunning: number;
  readonly kvBlocks: number;
  readonly apiKey: string | null;
  /** Seconds in which the engine loads: `/health` and everything else answers 503. */
  readonly loadSeconds: number;
  /** A prompt with this text in it kills the process. */
  readonly poison: string | null;
  /** Share of `[[ask:...]]` questions answered rightly, 0 to 1. */
  readonly accuracy: number;
  /** Makes it a judge: it answers 2 where this text is in the prompt, else 9. */
  readonly gradesDown: string | null;
}

const flags = {
  host: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: "0" },
  model: { type: "string", default: "chat" },
  adapter: { type: "string", multiple: true, default: [] as string[] },
  weights: { type: "string", default: "weights-1" },
  "max-model-len": { type: "string", default: "32768" },
  "step-ms": { type: "string", default: "5" },
  "prefill-tokens-per-second": { type: "string", default: "20000" },
  "max-num-seqs": { type: "string", default: "256" },
  "kv-blocks": { type: "string", default: "65536" },
  "api-key": { type: "string" },
  "load-seconds": { type: "string", default: "0" },
  poison: { type: "string" },
  accuracy: { type: "string", default: "1" },
  "grades-down": { type: "string" },
} as const;

/** Options from the command line; throws with a sentence where one is unknown or no number. */
export function readOptions(argv: readonly string[]): EngineOptions {
  const { values } = parseArgs({ args: [...argv], options: flags, strict: true });
  const number = (
    name:
      | "port"
      | "max-model-len"
      | "step-ms"
      | "prefill-tokens-per-second"
      | "max-num-seqs"
      | "kv-blocks"
      | "load-seconds"
      | "accuracy",
  ) => {
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number of 0 or more.`);
    return value;
  };
  return {
    host: values.host,
    port: number("port"),
    model: values.model,
    adapters: values.adapter,
    weights: values.weights,
    maxModelTokens: number("max-model-len"),
    stepMilliseconds: number("step-ms"),
    prefillTokensPerSecond: number("prefill-tokens-per-second"),
    maxRunning: number("max-num-seqs"),
    kvBlocks: number("kv-blocks"),
    apiKey: values["api-key"] ?? null,
    loadSeconds: number("load-seconds"),
    poison: values.poison ?? null,
    accuracy: number("accuracy"),
    gradesDown: values["grades-down"] ?? null,
  };
}
