import type { Settings } from "./settings.ts";

/** How many times the 99th percentile of the gaps seen a replica may stay silent. */
const silenceOverPace = 20;

/** How long a replica may take: to the first token, by what it has to read and what runs before, and then from each to the next. */
export function tokenDeadlines(
  { deadlines }: Pick<Settings, "deadlines">,
  seen: { readonly promptTokens: number; readonly requestsAhead: number; readonly p99GapMilliseconds: number },
): { readonly firstTokenMilliseconds: number; readonly interTokenMilliseconds: number } {
  return {
    firstTokenMilliseconds:
      deadlines.firstTokenMilliseconds +
      (deadlines.firstTokenMillisecondsPerThousandTokens * seen.promptTokens) / 1000 +
      deadlines.firstTokenMillisecondsPerRequestAhead * seen.requestsAhead,
    interTokenMilliseconds: Math.max(deadlines.interTokenMilliseconds, silenceOverPace * seen.p99GapMilliseconds),
  };
}
