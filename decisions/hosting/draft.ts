import type { Config, WorkloadConfig } from "../../config/schema/index.ts";
import { lookUp } from "../catalog/look-up.ts";

/** What stands around a draft that is sent along: which checks it did not pass, and what to do with it. Tokens. */
const wrapperTokens = 50;

/** An answer from inside that was not taken, as an escalated request carries it along. */
export interface CarriedDraft {
  /** Of one request, on average. Tokens of input. */
  readonly tokens: number;
  /** Key of the stack file that has answers drafted. */
  readonly path: string;
}

/**
 * The draft that requests of a workload carry to the model outside; null where none is written before they go, or where they
 * go to a model of one's own. It is as long as an answer.
 */
export function carriedDraft({ routing }: Pick<Config, "routing">, workload: WorkloadConfig): CarriedDraft | null {
  const { model, outputTokens } = workload;
  const way = lookUp(routing?.escalation ?? {}, model);
  if (way?.verify === undefined || !Object.hasOwn(routing?.frontiers ?? {}, way.to)) return null;
  return { tokens: outputTokens.mean + wrapperTokens, path: `routing.escalation.${model}.verify` };
}
