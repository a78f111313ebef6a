import { randomUUID } from "node:crypto";
import { Cron } from "croner";
import { Hono } from "hono";
import * as z from "zod";
import type { Transaction } from "../storage/database.ts";
import { checkWebhook, insertRun, type RunBody, runBody } from "./accept-run.ts";
import type { AssistantRow } from "./assistant-row.ts";
import { assistantId, resolveAssistant } from "./assistants.ts";
import { type Api, bodyOf, type Caller } from "./context.ts";
import type { JsonObject } from "./json.ts";
import { notFound, Problem } from "./problem.ts";
import { findThread } from "./threads.ts";

interface CronRow {
  cron_id: string;
  tenant_id: string;
  thread_id: string | null;
  assistant_id: string;
  schedule: string;
  timezone: string | null;
  end_time: Date | null;
  enabled: boolean;
  payload: RunBody & { on_run_completed?: "delete" | "keep" | null };
  metadata: JsonObject;
  next_run_date: Date | null;
  created_at: Date;
  updated_at: Date;
}

/** A date without a zone, as Python writes a naive one, is UTC. */
const date = z.iso
  .datetime({ offset: true, local: true })
  .transform((text) => new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`));
const planned = {
  schedule: z.string().min(1).max(200),
  timezone: z.string().max(60).nullish(),
  end_time: date.nullish(),
  enabled: z.boolean().nullish(),
  on_run_completed: z.enum(["delete", "keep"]).nullish(),
};
const cronBody = runBody.extend(planned);
const changeBody = cronBody.partial();
const searchBody = z.object({
  assistant_id: z.string().nullish(),
  thread_id: z.string().nullish(),
  enabled: z.boolean().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  limit: z.int().min(1).max(1000).default(10),
  offset: z.int().min(0).default(0),
  sort_by: z
    .enum(["cron_id", "assistant_id", "thread_id", "next_run_date", "end_time", "created_at", "updated_at"])
    .nullish(),
  sort_order: z.enum(["asc", "desc"]).nullish(),
});

/** What the routes take as body. */
export const cronBodies = { create: cronBody, change: changeBody, search: searchBody };

/** Routes of runs that begin by the clock. */
export function cronRoutes(api: Api) {
  const routes = new Hono<{ Variables: Caller }>();
  const limit = api.settings.maxBodyBytes;
  routes.post("/runs/crons", async (call) =>
    call.json(wireCron(await create(api, call.var.tenant, await bodyOf(call, cronBody, limit), null))),
  );
  routes.post("/threads/:thread/runs/crons", async (call) =>
    call.json(
      wireCron(await create(api, call.var.tenant, await bodyOf(call, cronBody, limit), call.req.param("thread"))),
    ),
  );
  routes.post("/runs/crons/search", async (call) => {
    const body = await bodyOf(call, searchBody, limit);
    // Both come from a fixed list that the schema checked; everything the caller wrote goes as a parameter.
    const order = `${body.sort_by ?? "created_at"} ${body.sort_order ?? "asc"}`;
    const rows = await search(api, call.var.tenant, body, "*", `order by ${order}, cron_id limit $5 offset $6`);
    return call.json((rows as CronRow[]).map(wireCron));
  });
  routes.post("/runs/crons/count", async (call) => {
    const body = await bodyOf(call, searchBody, limit);
    const [row] = await search(api, call.var.tenant, body, "count(*)::int as count, $5::int, $6::int", "");
    return call.json((row as { count: number }).count);
  });
  routes.patch("/runs/crons/:cron", async (call) => {
    const body = await bodyOf(call, changeBody, limit);
    return call.json(wireCron(await change(api, call.var.tenant, call.req.param("cron"), body)));
  });
  routes.delete("/runs/crons/:cron", async (call) => {
    const id = call.req.param("cron");
    const { rowCount } = await api.database.asTenant(call.var.tenant, (transaction) =>
      transaction.query("delete from orchestrator.crons where cron_id = $1", [id]),
    );
    if (rowCount === 0) throw notFound("cron", id);
    return call.body(null, 204);
  });
  return routes;
}

/**
 * Begins the runs whose time has come, by the clock of the database. The row's lock lets one replica do it; the dates that
 * passed while none was there begin one run together. A cron of an agent that this replica does not have is left to one
 * that has it.
 */
export async function fireDueCrons(api: Api): Promise<void> {
  const agents = api.agents.names();
  const due = await api.database.asOwner((transaction) =>
    transaction.query<Pick<CronRow, "cron_id" | "tenant_id" | "assistant_id">>(
      `select cron_id, tenant_id, assistant_id from orchestrator.crons c
        where enabled and next_run_date <= clock_timestamp()
          and (assistant_id = any($1) or exists (select 1 from orchestrator.assistants a
                where a.tenant_id = c.tenant_id and a.assistant_id = c.assistant_id and a.graph_id = any($2)))
        order by next_run_date limit 100`,
      [agents.map(assistantId), agents],
    ),
  );
  for (const { cron_id, tenant_id, assistant_id } of due.rows) {
    const assistant = await resolveAssistant(api, tenant_id, assistant_id);
    await api.database.asTenant(tenant_id, async (transaction) => {
      const { rows } = await transaction.query<CronRow & { is_over: boolean }>(
        `select *, coalesce(end_time < clock_timestamp(), false) as is_over from orchestrator.crons
          where cron_id = $1 and enabled and next_run_date <= clock_timestamp() for update skip locked`,
        [cron_id],
      );
      const [cron] = rows;
      if (cron === undefined) return;
      const next = await nextDate(transaction, cron);
      await transaction.query(
        "update orchestrator.crons set next_run_date = $2, enabled = $3, updated_at = clock_timestamp() where cron_id = $1",
        [cron_id, next, next !== null],
      );
      if (cron.is_over) return;
      await beginRun(api, transaction, assistant, cron);
    });
  }
}

/** A run that is refused (a spent budget, an answer to no question) leaves out this date; the cron lives on. */
async function beginRun(api: Api, transaction: Transaction, assistant: AssistantRow, cron: CronRow): Promise<void> {
  const { on_run_completed, ...body } = cron.payload;
  const metadata = { ...cron.metadata, cron_id: cron.cron_id };
  await transaction.query("savepoint before_run");
  try {
    await insertRun(
      api,
      transaction,
      { tenant: cron.tenant_id, subject: `cron:${cron.cron_id}`, trace: null },
      assistant,
      { ...body, metadata, multitask_strategy: waiting(body), on_completion: on_run_completed ?? "delete" },
      cron.thread_id,
    );
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await transaction.query("rollback to savepoint before_run");
    process.stderr.write(
      `${JSON.stringify({ level: "warn", event: "cron refused", cron_id: cron.cron_id, status: error.status })}\n`,
    );
  }
}

/** `reject` has nobody to tell, and its refusal would undo that the cron has fired. */
function waiting({ multitask_strategy }: RunBody): RunBody["multitask_strategy"] {
  return multitask_strategy === "reject" ? "enqueue" : multitask_strategy;
}

async function create(
  api: Api,
  tenant: string,
  body: z.output<typeof cronBody>,
  threadId: string | null,
): Promise<CronRow> {
  checkWebhook(api.settings, body.webhook);
  const assistant = await resolveAssistant(api, tenant, body.assistant_id);
  const { schedule, timezone, end_time, enabled, metadata, ...payload } = body;
  return api.database.asTenant(tenant, async (transaction) => {
    if (threadId !== null && (await findThread(transaction, threadId)) === null) throw notFound("thread", threadId);
    const plan = { schedule, timezone: timezone ?? null, end_time: end_time ?? null };
    const { rows } = await transaction.query<CronRow>(
      `insert into orchestrator.crons (cron_id, tenant_id, thread_id, assistant_id, schedule, timezone, end_time, enabled,
         payload, metadata, next_run_date)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning *`,
      [
        randomUUID(),
        tenant,
        threadId,
        assistant.assistant_id,
        plan.schedule,
        plan.timezone,
        plan.end_time,
        enabled ?? true,
        JSON.stringify(payload),
        JSON.stringify(metadata ?? {}),
        await firstDate(transaction, plan),
      ],
    );
    return rows[0] as CronRow;
  });
}

async function change(api: Api, tenant: string, id: string, body: z.output<typeof changeBody>): Promise<CronRow> {
  checkWebhook(api.settings, body.webhook);
  return api.database.asTenant(tenant, async (transaction) => {
    const found = await transaction.query<CronRow>("select * from orchestrator.crons where cron_id = $1 for update", [
      id,
    ]);
    const [cron] = found.rows;
    if (cron === undefined) throw notFound("cron", id);
    const { schedule, timezone, end_time, enabled, metadata, ...payload } = body;
    const plan = {
      schedule: schedule ?? cron.schedule,
      timezone: timezone === undefined ? cron.timezone : timezone,
      end_time: end_time === undefined ? cron.end_time : end_time,
    };
    const isEnabled = enabled ?? cron.enabled;
    const { rows } = await transaction.query<CronRow>(
      `update orchestrator.crons set schedule = $2, timezone = $3, end_time = $4, enabled = $5, payload = $6, metadata = $7,
         next_run_date = $8, updated_at = clock_timestamp() where cron_id = $1 returning *`,
      [
        id,
        plan.schedule,
        plan.timezone,
        plan.end_time,
        isEnabled,
        JSON.stringify({ ...cron.payload, ...payload }),
        JSON.stringify(metadata ?? cron.metadata),
        isEnabled ? await firstDate(transaction, plan) : await nextDate(transaction, plan),
      ],
    );
    return rows[0] as CronRow;
  });
}

async function search(
  api: Api,
  tenant: string,
  body: z.output<typeof searchBody>,
  columns: string,
  end: string,
): Promise<unknown[]> {
  const { rows } = await api.database.asTenant(tenant, (transaction) =>
    transaction.query(
      `select ${columns} from orchestrator.crons where ($1::text is null or assistant_id = $1)
        and ($2::text is null or thread_id = $2) and ($3::boolean is null or enabled = $3)
        and ($4::jsonb is null or metadata @> $4::jsonb) ${end}`,
      [
        body.assistant_id ?? null,
        body.thread_id ?? null,
        body.enabled ?? null,
        body.metadata == null ? null : JSON.stringify(body.metadata),
        body.limit,
        body.offset,
      ],
    ),
  );
  return rows;
}

type Plan = Pick<CronRow, "schedule" | "timezone" | "end_time">;

/** The next date of the plan; a plan without one is the caller's mistake. */
async function firstDate(transaction: Transaction, plan: Plan): Promise<Date> {
  const date = await nextDate(transaction, plan);
  if (date === null) throw new Problem(422, "The schedule never comes up before end_time.");
  return date;
}

async function nextDate(transaction: Transaction, { schedule, timezone, end_time }: Plan): Promise<Date | null> {
  const { rows } = await transaction.query<{ now: Date }>("select clock_timestamp() as now");
  const next = upcoming(schedule, timezone ?? "UTC", rows[0]?.now as Date);
  return next === null || (end_time !== null && next > end_time) ? null : next;
}

function upcoming(schedule: string, timezone: string, now: Date): Date | null {
  try {
    // The library also reads nicknames and single dates, which no other server of this wire format knows.
    if (schedule.trim().split(/\s+/).length !== 5) throw new Error("not five fields");
    return new Cron(schedule, { mode: "5-part", paused: true, timezone }).nextRun(now);
  } catch {
    throw new Problem(
      422,
      `The schedule ${JSON.stringify(schedule)} in the time zone ${JSON.stringify(timezone)} cannot be read. ` +
        "A schedule has five fields (minute, hour, day of month, month, day of week), as `0 6 * * 1-5`; " +
        "a time zone is an IANA name, as `Europe/Berlin`.",
    );
  }
}

function wireCron(row: CronRow) {
  const { tenant_id, ...rest } = row;
  return { ...rest, user_id: null, on_run_completed: row.payload.on_run_completed ?? "delete" };
}
