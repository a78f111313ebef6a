import type { Config } from "../../config/schema/index.ts";
import { milliseconds } from "../../config/schema/primitives.ts";
import type { Decided } from "../blueprint.ts";
import { gatewayFacts } from "../catalog/gateway.ts";
import { lookUp } from "../catalog/look-up.ts";
import { sortedEntries } from "../figures.ts";
import { because, decided, policy } from "../reason.ts";

/** Where no workload says how fast tokens come. Seconds. */
const usualSeconds = 600;
/** The gateway's own settings take no more. Seconds. */
const mostSeconds = 86_400;

/**
 * After how many seconds the gateway ends an answer that is still running: the longest one that any model can give at
 * the pace its workloads ask for has time to finish, and what has begun when a replica drains as well.
 */
export function decideAnswerDeadline(config: Config, drainSeconds: number): Decided<number> {
  const longest = sortedEntries(config.workloads ?? {}).flatMap(([workload, { model: name, objectives }]) => {
    const model = lookUp(config.models, name);
    if (model === null || model.task !== "generate" || objectives?.itl === undefined) return [];
    const pace = Math.min(milliseconds(objectives.itl), gatewayFacts.interTokenMilliseconds);
    const first =
      gatewayFacts.firstTokenMilliseconds +
      (gatewayFacts.firstTokenMillisecondsPerThousandTokens * model.maxModelLen) / 1000;
    const seconds = Math.ceil((first + model.maxModelLen * pace) / 1000);
    const text = `${name} writes up to ${model.maxModelLen} tokens; with ${Math.ceil(first / 1000)} s until the first, the gateway's own limit for the longest prompt, and ${pace} ms between two, they take ${seconds} s.`;
    return [{ seconds, reason: because(`workloads.${workload}.objectives.itl`, text) }];
  });
  const slowest = longest.reduce<(typeof longest)[number] | null>(
    (most, each) => (most === null || each.seconds > most.seconds ? each : most),
    null,
  );
  const least = policy(
    `At least ${usualSeconds} s, as long as answers may run on while a replica drains (${drainSeconds} s), and at most a day.`,
  );
  const value = Math.min(mostSeconds, Math.max(usualSeconds, drainSeconds, slowest?.seconds ?? 0));
  if (slowest === null) return decided(value, policy("No workload says how fast tokens come."), least);
  return decided(value, slowest.reason, least);
}
