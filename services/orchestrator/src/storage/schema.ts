import { approvals } from "./steps/approvals.ts";
import { usage } from "./steps/usage.ts";
import { assistantVersions, threadTimeToLive } from "./steps/wire-format.ts";

/** Role that every request and every run takes inside its transaction; row-level security binds it to one tenant. */
export const tenantRole = "orchestrator_tenant";

const ownTables = [
  "threads",
  "assistants",
  "runs",
  "run_events",
  "checkpoints",
  "checkpoint_blobs",
  "checkpoint_items",
  "checkpoint_writes",
  "tool_calls",
];

/** Row-level security of a table whose rows name their tenant. */
const separate = (table: string) => `
alter table orchestrator.${table} enable row level security;
create policy own_rows on orchestrator.${table} to ${tenantRole}
  using (tenant_id = current_setting('orchestrator.tenant', true))
  with check (tenant_id = current_setting('orchestrator.tenant', true));
grant select, insert, update, delete on orchestrator.${table} to ${tenantRole};`;

/** One step from a shape of the tables to the next. */
export interface Migration {
  readonly id: number;
  readonly sql: string;
  /** The oldest step that a release must know to use the tables as they are after this one. Left out: any release can. */
  readonly servesFrom?: number;
}

/**
 * Steps from an empty database to today's shape, in order. A step that was released is never edited: a change is a new
 * step. Each runs once, in the one transaction that also records it. While releases are replaced the one before runs on the
 * tables of the next: a step that it could not bear comes a release later than the code that no longer needs the old shape.
 */
export const migrations: readonly Migration[] = [
  {
    id: 1,
    sql: `
create table orchestrator.threads (
  thread_id text primary key,
  tenant_id text not null,
  status text not null default 'idle' check (status in ('idle', 'busy', 'interrupted', 'error')),
  metadata jsonb not null default '{}',
  values jsonb,
  interrupts jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create index threads_by_tenant on orchestrator.threads (tenant_id, updated_at desc);

create table orchestrator.assistants (
  assistant_id text not null,
  tenant_id text not null,
  graph_id text not null,
  name text not null,
  description text,
  config jsonb not null default '{}',
  context jsonb not null default '{}',
  metadata jsonb not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, assistant_id)
);

create table orchestrator.runs (
  run_id text primary key,
  tenant_id text not null,
  thread_id text not null references orchestrator.threads on delete cascade,
  assistant_id text not null,
  graph_id text not null,
  status text not null default 'pending'
    check (status in ('pending', 'running', 'success', 'error', 'timeout', 'interrupted')),
  attempt integer not null default 0,
  max_attempts integer not null,
  fence bigint not null default 0,
  lease_until timestamptz,
  worker text,
  last_seq bigint not null default 0,
  deadline_at timestamptz,
  available_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  request jsonb not null,
  metadata jsonb not null default '{}',
  multitask_strategy text not null,
  is_stateless boolean not null default false,
  error jsonb,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
-- Two live runs on one thread would write two futures of the same state.
create unique index one_live_run_a_thread on orchestrator.runs (thread_id) where status = 'running';
create index runs_waiting on orchestrator.runs (created_at, run_id) where status = 'pending';
create index runs_by_thread on orchestrator.runs (thread_id, created_at desc);

create table orchestrator.run_events (
  tenant_id text not null,
  run_id text not null references orchestrator.runs on delete cascade,
  seq bigint not null,
  attempt integer not null,
  event text not null,
  data text not null,
  primary key (run_id, seq)
);

create table orchestrator.checkpoints (
  tenant_id text not null,
  thread_id text not null,
  checkpoint_ns text not null,
  checkpoint_id text not null,
  parent_checkpoint_id text,
  run_id text,
  type text not null,
  checkpoint bytea not null,
  metadata jsonb not null,
  primary key (tenant_id, thread_id, checkpoint_ns, checkpoint_id)
);

create table orchestrator.checkpoint_blobs (
  tenant_id text not null,
  thread_id text not null,
  checkpoint_ns text not null,
  channel text not null,
  version text not null,
  type text not null,
  value bytea,
  head bytea,
  primary key (tenant_id, thread_id, checkpoint_ns, channel, version)
);

-- A list is a chain: each item names the one before it by hash, so a list that grows shares all of its past.
create table orchestrator.checkpoint_items (
  tenant_id text not null,
  thread_id text not null,
  hash bytea not null,
  previous bytea,
  value bytea not null,
  primary key (tenant_id, thread_id, hash)
);

create table orchestrator.checkpoint_writes (
  tenant_id text not null,
  thread_id text not null,
  checkpoint_ns text not null,
  checkpoint_id text not null,
  task_id text not null,
  idx integer not null,
  channel text not null,
  task_path text not null,
  type text not null,
  value bytea not null,
  primary key (tenant_id, thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
);

create table orchestrator.tool_calls (
  tenant_id text not null,
  thread_id text not null,
  call_key text not null,
  run_id text not null,
  tool text not null,
  policy text not null check (policy in ('readOnly', 'idempotent', 'once', 'reconcile')),
  state text not null check (state in ('intent', 'done', 'refused')),
  input_hash text not null,
  attempts integer not null default 1,
  result jsonb,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, thread_id, call_key)
);
${ownTables.map(separate).join("\n")}
`,
  },
  {
    id: 2,
    sql: `
create table orchestrator.crons (
  cron_id text primary key,
  tenant_id text not null,
  thread_id text references orchestrator.threads on delete cascade,
  assistant_id text not null,
  schedule text not null,
  timezone text,
  end_time timestamptz,
  enabled boolean not null default true,
  payload jsonb not null,
  metadata jsonb not null default '{}',
  next_run_date timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create index crons_due on orchestrator.crons (next_run_date) where enabled;
${separate("crons")}
`,
  },
  {
    id: 3,
    sql: `
create table orchestrator.store_items (
  tenant_id text not null,
  -- In byte order, so that all namespaces below a prefix stand together in the key's index.
  namespace text[] collate "C" not null,
  key text not null,
  value jsonb not null,
  ttl_minutes double precision,
  expires_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, namespace, key)
);
create index store_items_expiring on orchestrator.store_items (expires_at) where expires_at is not null;
${separate("store_items")}
`,
  },
  {
    id: 4,
    // What the metrics count: live rows and those of the last hour, without reading all that ever was.
    sql: `
create index runs_running on orchestrator.runs (lease_until) where status = 'running';
create index runs_by_change on orchestrator.runs (updated_at);
create index tool_calls_open on orchestrator.tool_calls (tool) where state = 'intent';
create index tool_calls_by_change on orchestrator.tool_calls (updated_at);
`,
  },
  {
    id: 5,
    sql: `
create table orchestrator.webhook_deliveries (
  delivery_id text primary key,
  tenant_id text not null,
  run_id text not null references orchestrator.runs on delete cascade,
  url text not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  next_at timestamptz not null default clock_timestamp(),
  last_error text,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create index webhook_deliveries_due on orchestrator.webhook_deliveries (next_at) where state = 'pending';
create index webhook_deliveries_by_run on orchestrator.webhook_deliveries (run_id);
create index webhook_deliveries_by_change on orchestrator.webhook_deliveries (updated_at);
${separate("webhook_deliveries")}
`,
  },
  { id: 6, sql: approvals(separate) },
  { id: 7, sql: usage(separate) },
  {
    id: 8,
    // Whether a run is the first of its thread, without looking at all that wait.
    sql: "create index runs_waiting_by_thread on orchestrator.runs (thread_id, created_at, run_id) where status = 'pending'",
  },
  {
    id: 9,
    // What an older release is told of steps that it does not know.
    sql: "alter table orchestrator.migrations add column serves_from integer not null default 1",
  },
  { id: 10, sql: assistantVersions(separate) },
  { id: 11, sql: threadTimeToLive },
];
