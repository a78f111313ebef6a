import type { TraceContext } from "../../../shared/src/trace-context.ts";
import type { JsonObject } from "../api/json.ts";

/** A run as its row holds it. */
export interface RunRow {
  run_id: string;
  tenant_id: string;
  thread_id: string;
  assistant_id: string;
  graph_id: string;
  status: RunStatus;
  attempt: number;
  max_attempts: number;
  fence: string;
  last_seq: string;
  request: RunRequest;
  metadata: JsonObject;
  multitask_strategy: string;
  is_stateless: boolean;
  error: JsonObject | null;
  /** When it may begin at the earliest. */
  available_at: Date;
  started_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export type RunStatus = "pending" | "running" | "success" | "error" | "timeout" | "interrupted";

/** What the caller asked for; enough to start the run again on any replica. */
export interface RunRequest {
  input: JsonObject | unknown[] | string | number | boolean | null;
  command: { resume?: unknown; goto?: string | string[]; update?: JsonObject } | null;
  streamModes: string[];
  streamSubgraphs: boolean;
  config: { tags?: string[]; recursion_limit?: number; configurable?: JsonObject };
  context: JsonObject;
  checkpoint: { checkpoint_id?: string; checkpoint_ns?: string } | null;
  interruptBefore: string[] | "*" | null;
  interruptAfter: string[] | "*" | null;
  agent: string;
  /** Where the request that began the run stands in its caller's trace. */
  trace?: TraceContext | null;
}

/** True for a state that a run never leaves. */
export function isTerminal(status: RunStatus): boolean {
  return status !== "pending" && status !== "running";
}

/** The run as clients of the wire format see it. */
export function wireRun(run: RunRow) {
  const { run_id, thread_id, assistant_id, status, metadata, multitask_strategy, created_at, updated_at } = run;
  const kwargs = { input: run.request.input, command: run.request.command, config: run.request.config };
  return { run_id, thread_id, assistant_id, status, metadata, kwargs, multitask_strategy, created_at, updated_at };
}
