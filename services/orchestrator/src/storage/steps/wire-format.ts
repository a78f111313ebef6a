/** What the SDKs keep beside the rows themselves. `separate` makes a table one that shows each tenant only its rows. */
export function assistantVersions(separate: (table: string) => string): string {
  return `
create table orchestrator.assistant_versions (
  tenant_id text not null,
  assistant_id text not null,
  version integer not null,
  graph_id text not null,
  name text not null,
  description text,
  config jsonb not null,
  context jsonb not null,
  metadata jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, assistant_id, version),
  foreign key (tenant_id, assistant_id) references orchestrator.assistants on delete cascade
);
insert into orchestrator.assistant_versions
  select tenant_id, assistant_id, version, graph_id, name, description, config, context, metadata, updated_at
    from orchestrator.assistants;
${separate("assistant_versions")}
`;
}

/** How long a thread is kept after its last use, where its maker said so. */
export const threadTimeToLive = `
alter table orchestrator.threads add column ttl_minutes double precision;
create index threads_with_ttl on orchestrator.threads (updated_at) where ttl_minutes is not null;
`;
