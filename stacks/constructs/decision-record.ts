import { DataResource, TerraformOutput } from "cdktf";
import { Construct } from "constructs";

export interface DecisionRecordProps {
  /** What was decided, as plain data without secrets. */
  readonly record: object;
}

/** cdktf's outputs take no null, and a key that comes and goes would show up as a change of type in a plan. */
function withoutNull(value: unknown): unknown {
  if (value === null) return "unlocked";
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutNull(item)]));
}

/**
 * What was decided, kept in the state: a plan then shows before and after in plain figures, without anyone reading
 * charts. Both forms are kept because a plan lists resources and outputs apart, and tools read either.
 */
export class DecisionRecord extends Construct {
  constructor(scope: Construct, id: string, { record }: DecisionRecordProps) {
    super(scope, id);
    const value = withoutNull(record);
    new DataResource(this, "record", { input: value as Record<string, unknown> });
    new TerraformOutput(this, "decisions", { value, staticId: true });
  }
}
