import { columnNames } from "../../decisions/pilot/columns.ts";
import { pilotOptions } from "../../decisions/pilot/ledger-row.ts";
import { nextDay } from "../../decisions/pilot/ledger-time.ts";

const firstDay = "2026-10-19";
const days = 30;
/** GPUs of two working replicas and a spare, as `decide` has it for examples/pilot. */
const gpus = 6;

/** Parts of a day with their share of its requests and how loaded the stack is then. Hours. */
const windows = [
  { from: 0, to: 8, share: 0.14, load: 0.2, graded: 0 },
  { from: 8, to: 10, share: 0.16, load: 0.7, graded: 16 },
  { from: 10, to: 11, share: 0.125, load: 1, graded: 18 },
  { from: 11, to: 24, share: 0.575, load: 0.6, graded: 16 },
] as const;

/**
 * The ledger of examples/pilot: thirty invented days of a workload that is busier on weekdays, drifts from day to day and
 * has one bad day on the stack. The same text each time.
 */
export function exampleLedger(): string {
  const random = sequence(20_261_019);
  const noise = (size: number) => 1 + size * (random() + random() - 1);
  const header = columnNames.filter((name) => name !== "currency");
  const lines = [header.join(",")];
  let drift = 0;
  let day = firstDay;
  for (let index = 0; index < days; index += 1, day = nextDay(day)) {
    // Days are alike their neighbours: what the intervals have to cope with.
    drift = 0.6 * drift + 0.05 * (random() + random() - 1);
    const isWeekend = index % 7 >= 5;
    const isBad = index === 11;
    const dayRequests = (isWeekend ? 21_000 : 55_000) * (1 + drift);
    for (const window of windows) {
      const requests = Math.round(dayRequests * window.share * noise(0.04));
      const input = 6000 * noise(0.03);
      const output = 500 * noise(0.04);
      const difficulty = 0.03 * (random() + random() - 1);
      for (const option of pilotOptions) {
        const isOwn = option === "self-host";
        const graded = isWeekend ? Math.round(window.graded / 2) : window.graded;
        const score = Math.min(1, (isOwn ? 0.868 : 0.874) - difficulty + 0.1 * (random() + random() - 1));
        const hours = window.to - window.from;
        const inputTokens = Math.round(requests * input * (isOwn ? 1 : 1.03));
        const cells: Record<(typeof columnNames)[number], string | number> = {
          start: time(day, window.from),
          end: window.to === 24 ? time(nextDay(day), 0) : time(day, window.to),
          workload: "reading",
          option,
          requests,
          errors: Math.round(requests * (isOwn ? 0.0016 : 0.0011) * noise(0.5) * (isOwn && isBad ? 6 : 1)),
          input_tokens: inputTokens,
          cached_input_tokens: Math.round(inputTokens * (isOwn ? 0.12 : 0.11) * noise(0.1)),
          output_tokens: Math.round(requests * output * (isOwn ? 1 : 0.97)),
          ttft_p95_ms: Math.round((isOwn ? 900 + 2500 * window.load : 1500) * noise(0.12) * (isOwn && isBad ? 1.4 : 1)),
          itl_p95_ms: Math.round((isOwn ? 34 + 32 * window.load : 24) * noise(0.1)),
          quality_score: graded === 0 ? "" : score.toFixed(3),
          quality_samples: graded === 0 ? "" : graded,
          engineer_hours: engineerHours(isOwn, window.from, isWeekend, isBad, random()),
          gpu_hours: isOwn ? gpus * hours : "",
          cost_usd: "",
          currency: "",
        };
        lines.push(header.map((name) => cells[name]).join(","));
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

/** People work by day, and at night when something is wrong. */
function engineerHours(isOwn: boolean, from: number, isWeekend: boolean, isBad: boolean, chance: number): number {
  if (isOwn && isBad) return from === 0 ? 1.5 : from === 11 ? 3 : 0;
  if (isWeekend || from !== 11) return 0;
  return Math.round((isOwn ? 1 + 2 * chance : 0.2 + 0.6 * chance) * 4) / 4;
}

function time(day: string, hour: number): string {
  return `${day}T${String(hour).padStart(2, "0")}:00:00Z`;
}

/** Numbers from 0 to 1, the same for the same seed. Source: mulberry32, public domain. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
