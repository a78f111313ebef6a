/** What people are asked and what they decided. `separate` makes a table one that shows each tenant only its rows. */
export function approvals(separate: (table: string) => string): string {
  return `
create table orchestrator.approvals (
  approval_id text primary key,
  tenant_id text not null,
  thread_id text not null references orchestrator.threads on delete cascade,
  run_id text not null,
  interrupt_id text not null,
  kind text not null,
  request jsonb not null,
  state text not null default 'open' check (state in ('open', 'answered', 'denied', 'expired', 'withdrawn')),
  answer jsonb,
  decided_by text,
  asked_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  decided_at timestamptz
);
create unique index one_open_approval_a_question on orchestrator.approvals (thread_id, interrupt_id) where state = 'open';
create index approvals_to_expire on orchestrator.approvals (expires_at) where state = 'open';
create index approvals_by_tenant on orchestrator.approvals (tenant_id, asked_at desc);
${separate("approvals")}
`;
}
