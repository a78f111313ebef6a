import type { Config } from "../../config/schema/index.ts";
import { sortedEntries } from "../figures.ts";
import { because, decided, policy } from "../reason.ts";
import type { KeptFact } from "./facts.ts";

/** What the orchestrator keeps where the file says nothing, as `agents.retention` documents it. */
const usual = { checkpointsPerThread: 200, logDays: 30, threadDays: undefined } as const;

/** Everything in which prompts or answers lie after a request, with the time after which it is gone. */
export function decideKept(config: Pick<Config, "residency" | "gateway" | "agents">): KeptFact[] {
  return [
    {
      by: "engines",
      what: "prompts and answers as numbers, for prefixes that come again",
      where: "memory of the GPUs and of the pod, no disk",
      time: decided(
        "until others need the room or the pod ends",
        policy("An engine answers a prefix that it has just read without reading it again."),
      ),
    },
    ...ofGateway(config),
    ...ofAgents(config),
  ];
}

function ofGateway({ gateway, residency }: Pick<Config, "residency" | "gateway">): KeptFact[] {
  if (gateway === undefined) return [];
  const kept = sortedEntries(residency?.dataClasses ?? {}).filter(([, { keepAnswers }]) => keepAnswers === true);
  return kept.map(([name]) => ({
    by: "the gateway",
    what: `streamed answers of the class ${name}`,
    where: "memory of one replica, no disk",
    time: decided(
      "for 10 minutes",
      because(`residency.dataClasses.${name}.keepAnswers`, "A client that lost its connection reads on from there."),
    ),
  }));
}

function ofAgents({ agents }: Pick<Config, "agents">): KeptFact[] {
  if (agents === undefined) return [];
  const { threadDays, checkpointsPerThread, logDays } = { ...usual, ...agents.retention };
  const where = "the database of `agents.database`";
  const said = agents.retention !== undefined;
  const times = (key: string, text: string) => (said ? because(`agents.retention.${key}`, text) : policy(text));
  return [
    {
      by: "the orchestrator",
      what: `threads with all that was said in them, ${checkpointsPerThread} states of each`,
      where,
      time: decided(
        threadDays === undefined ? "for ever" : `for ${threadDays} days after they were last used`,
        threadDays === undefined
          ? policy("No `agents.retention.threadDays` is set, so that nothing is lost that nobody said to delete.")
          : because("agents.retention.threadDays", "Threads that nobody uses go after that time."),
      ),
    },
    {
      by: "the orchestrator",
      what: "events and tool calls of runs that ended",
      where,
      time: decided(`for ${logDays} days`, times("logDays", "Readers that come back find them for that time.")),
    },
    {
      by: "the orchestrator",
      what: "what agents put into their store",
      where,
      time: decided("for ever, unless it was put there with a time", policy("Agents keep what they are to remember.")),
    },
  ];
}
