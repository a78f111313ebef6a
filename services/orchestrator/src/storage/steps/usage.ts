/** What tenants use, by day and by run. `separate` makes a table one that shows each tenant only its rows. */
export function usage(separate: (table: string) => string): string {
  return `
create table orchestrator.tenant_usage (
  tenant_id text not null,
  day date not null,
  runs integer not null default 0,
  steps integer not null default 0,
  tokens bigint not null default 0,
  primary key (tenant_id, day)
);
alter table orchestrator.runs add column steps integer not null default 0;
alter table orchestrator.runs add column tokens bigint not null default 0;
${separate("tenant_usage")}
`;
}
