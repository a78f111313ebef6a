import type { Config, WorkloadConfig } from "../../config/schema/index.ts";
import { lookUp } from "../catalog/look-up.ts";
import { sortedEntries } from "../figures.ts";
import { type Demand, demandOf } from "./demand.ts";

/** What a judge reads of question and of answer at most: 12,000 characters each, at four a token. Tokens. */
const mostReadTokens = 3000;
/** Its instruction, and the marks around what it reads. Tokens. */
const instructionTokens = 110;
/** A grade, as the gateway asks for it. Tokens. */
const gradeTokens = 8;

/** Answers of one workload that a judge grades before they are sent. */
export interface Grading {
  readonly workload: string;
  /** Key of `models`. */
  readonly judge: string;
  readonly demand: Demand;
  readonly tokensPerMonth: number;
  readonly peakToMean: number;
}

/**
 * Every workload whose model has its answers graded, with what that asks of the judge. Each request counts: those that rules
 * send on before an answer are not known beforehand. The question is taken to be the whole input, as far as a judge reads it.
 */
export function gradingsOf({
  workloads = {},
  routing,
  models,
}: Pick<Config, "workloads" | "routing" | "models">): Grading[] {
  return sortedEntries(workloads).flatMap(([name, workload]) => {
    const judge = lookUp(routing?.escalation ?? {}, workload.model)?.verify?.judge?.model;
    if (judge === undefined || lookUp(models, judge) === null) return [];
    return [gradingOf(name, workload, judge)];
  });
}

function gradingOf(name: string, workload: WorkloadConfig, judge: string): Grading {
  const { inputTokens, outputTokens, tokensPerMonth, peakToMean } = workload;
  const read = (input: number, output: number) =>
    Math.min(input, mostReadTokens) + Math.min(output, mostReadTokens) + instructionTokens;
  const own = demandOf(name, workload);
  const demand: Demand = {
    workload: `grades of ${name}`,
    path: `routing.escalation.${workload.model}.verify.judge`,
    requestsPerSecond: own.requestsPerSecond,
    inputTokens: read(inputTokens.mean, outputTokens.mean),
    outputTokens: gradeTokens,
    longInputTokens: read(inputTokens.p95, outputTokens.p95),
    sharedPrefixTokens: 0,
    // The time a grade takes is a part of the objective of the whole verified answer, and none of its own.
    objectives: { ttftMilliseconds: null, interTokenMilliseconds: null },
  };
  const requests = tokensPerMonth / (inputTokens.mean + outputTokens.mean);
  return {
    workload: name,
    judge,
    demand,
    tokensPerMonth: requests * (demand.inputTokens + demand.outputTokens),
    peakToMean,
  };
}
