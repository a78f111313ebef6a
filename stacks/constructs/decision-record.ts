import { DataResource, TerraformOutput } from "cdktf";
import { Construct } from "constructs";

export interface DecisionRecordProps {
  /** What was decided, as plain data without secrets. */
  readonly record: Readonly<Record<string, unknown>>;
  /** SHA-256 of the lock file, or null when there is none. */
  readonly lockHash: string | null;
}

/**
 * What was decided, kept in the state: a plan then shows before and after in plain figures, without anyone reading
 * charts. Both forms are kept because a plan lists resources and outputs apart, and tools read either.
 */
export class DecisionRecord extends Construct {
  constructor(scope: Construct, id: string, { record, lockHash }: DecisionRecordProps) {
    super(scope, id);
    const value = { ...record, lockHash: lockHash ?? "no lock file" };
    new DataResource(this, "record", { input: value });
    new TerraformOutput(this, "decisions", { value, staticId: true });
  }
}
