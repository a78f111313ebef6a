import { createHash } from "node:crypto";
import type { RunnableConfig } from "@langchain/core/runnables";
import { interrupt } from "@langchain/langgraph";
import { type Authority, assertAuthority } from "../runs/authority.ts";
import type { RunRow } from "../runs/run.ts";
import type { Database, Transaction } from "../storage/database.ts";
import { OutcomeUnknown } from "./outcome.ts";

/**
 * Whether a call may happen again. `readOnly` and `idempotent` may; `once` may not: after a crash in the middle a person
 * decides; `reconcile` asks the outside world whether the first call arrived.
 */
export type ToolPolicy = "readOnly" | "idempotent" | "once" | "reconcile";

/** One call of a tool. */
export interface ToolCall<Result> {
  tool: string;
  /** The same for the same call in every attempt, as a model's tool call id is. */
  key: string;
  input: unknown;
  policy: ToolPolicy;
  /** Asks the tool; throws `OutcomeUnknown` where nobody can say whether the call took place. */
  execute(): Promise<Result>;
  /** For `reconcile`: the result of the call that may have happened, or null when it did not happen. */
  reconcile?(): Promise<Result | null>;
  /** For `readOnly` and `idempotent`: what an unknown outcome is recorded as. Without it, the failure ends the run. */
  whenUnknown?(reason: string): Result;
}

/** What a person is asked when a `once` call may have happened. The answer is `{ result }` or `{ refuse: reason }`. */
export interface UnresolvedCall {
  kind: "unresolved_tool_call";
  tool: string;
  key: string;
  input: unknown;
  question: string;
}

/** A person decided that the call did not take place and shall not. */
export class CallRefused extends Error {
  override name = "CallRefused";
}

interface Entry {
  state: "intent" | "done" | "refused";
  input_hash: string;
  /** `by` says that a person decided: the decision's place among the task's questions stays taken. */
  result: { value: unknown; by?: "person" } | null;
}

/** How often one attempt asks the outside world about a call before a person is asked. */
const maxReconciliations = 2;

/** Intents and results of tool calls of one attempt of a run, written under its fence. */
export class ToolLedger {
  readonly #database: Database;
  readonly #run: RunRow;
  readonly #authority: Authority;

  constructor(database: Database, run: RunRow, authority: Authority) {
    this.#database = database;
    this.#run = run;
    this.#authority = authority;
  }

  /** The call's result: the stored one when there is one. The intent is durable before the tool is asked. */
  async call<Result>(call: ToolCall<Result>): Promise<Result> {
    const inputHash = createHash("sha256")
      .update(JSON.stringify(call.input) ?? "")
      .digest("hex");
    const before = await this.#intend(call, inputHash);
    if (before !== null && before.state !== "intent") {
      // Answers are handed to a task's questions in their order, so a question once answered is asked again in its place.
      if (before.result?.by === "person") interrupt(questionOf(call));
      if (before.state === "refused") throw refusalOf(call);
      return before.result?.value as Result;
    }
    return before === null ? this.#execute(call, maxReconciliations) : this.#resolve(call, maxReconciliations);
  }

  async #execute<Result>(call: ToolCall<Result>, reconciliationsLeft: number): Promise<Result> {
    let result: Result;
    try {
      result = await call.execute();
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error;
      if (call.policy === "once" || call.policy === "reconcile") return this.#resolve(call, reconciliationsLeft);
      if (call.whenUnknown === undefined) throw error;
      result = call.whenUnknown(error.message);
    }
    return this.#settle(call.key, "done", { value: result });
  }

  /** Goes on with a call that may have taken place. */
  async #resolve<Result>(call: ToolCall<Result>, reconciliationsLeft: number): Promise<Result> {
    if (call.policy === "once") return this.#askPerson(call);
    if (call.policy !== "reconcile") return this.#execute(call, reconciliationsLeft);
    if (call.reconcile === undefined || reconciliationsLeft === 0) return this.#askPerson(call);
    let found: Result | null;
    try {
      found = await call.reconcile();
    } catch (error) {
      if (error instanceof OutcomeUnknown) return this.#askPerson(call);
      throw error;
    }
    if (found !== null) return this.#settle(call.key, "done", { value: found });
    return this.#execute(call, reconciliationsLeft - 1);
  }

  /** The entry as it was before this call; null when this is the first time. */
  async #intend(call: ToolCall<unknown>, inputHash: string): Promise<Entry | null> {
    return this.#fenced(async (transaction) => {
      const { rows } = await transaction.query<Entry>(
        "select state, input_hash, result from orchestrator.tool_calls where thread_id = $1 and call_key = $2",
        [this.#run.thread_id, call.key],
      );
      const [entry] = rows;
      if (entry === undefined) {
        await transaction.query(
          `insert into orchestrator.tool_calls (tenant_id, thread_id, call_key, run_id, tool, policy, state, input_hash)
           values ($1, $2, $3, $4, $5, $6, 'intent', $7)`,
          [this.#run.tenant_id, this.#run.thread_id, call.key, this.#run.run_id, call.tool, call.policy, inputHash],
        );
        return null;
      }
      if (entry.input_hash !== inputHash) {
        throw new Error(
          `The call ${call.key} of ${call.tool} was recorded with another input; one key names one call.`,
        );
      }
      await transaction.query(
        `update orchestrator.tool_calls set attempts = attempts + 1, updated_at = clock_timestamp()
          where thread_id = $1 and call_key = $2`,
        [this.#run.thread_id, call.key],
      );
      return entry;
    });
  }

  async #askPerson<Result>(call: ToolCall<Result>): Promise<Result> {
    const answer = interrupt<UnresolvedCall, { result: Result } | { refuse: string }>(questionOf(call));
    if (typeof answer === "object" && answer !== null && "result" in answer) {
      return this.#settle(call.key, "done", { value: answer.result, by: "person" });
    }
    await this.#settle(call.key, "refused", { value: null, by: "person" });
    throw refusalOf(call);
  }

  async #settle<Result>(
    key: string,
    state: "done" | "refused",
    result: { value: Result; by?: "person" },
  ): Promise<Result> {
    await this.#fenced((transaction) =>
      transaction.query(
        `update orchestrator.tool_calls set state = $3, result = $4, updated_at = clock_timestamp()
          where thread_id = $1 and call_key = $2`,
        [this.#run.thread_id, key, state, JSON.stringify(result)],
      ),
    );
    return result.value;
  }

  #fenced<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return this.#database.asTenant(this.#run.tenant_id, async (transaction) => {
      await assertAuthority(transaction, this.#authority);
      return work(transaction);
    });
  }
}

function questionOf(call: ToolCall<unknown>): UnresolvedCall {
  return {
    kind: "unresolved_tool_call",
    tool: call.tool,
    key: call.key,
    input: call.input,
    question: `${call.tool} was started and its result was lost. Did it take place? It is not started again.`,
  };
}

function refusalOf(call: ToolCall<unknown>): CallRefused {
  return new CallRefused(`The call of ${call.tool} was refused by a person.`);
}

/** The ledger of the run that a graph's node works for. */
export function ledgerOf(config: RunnableConfig): ToolLedger {
  const ledger = config.configurable?.tool_ledger as ToolLedger | undefined;
  if (ledger === undefined) throw new Error("The graph runs outside of a run: it has no tool ledger.");
  return ledger;
}
