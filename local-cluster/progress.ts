/** One thing being done that takes long enough to be shown. */
export interface ProgressStep {
  /** Names the step for `advance` and `end`; unique within one command. */
  readonly id: string;
  readonly label: string;
  /** A guess at how long it takes, given only where there is something to base it on. */
  readonly estimateSeconds?: number;
}

export type ProgressOutcome = "done" | "reused" | "failed";

/** Where the local cluster says what it is doing. The command line draws it; tests record it. */
export interface Progress {
  begin(step: ProgressStep): void;
  /** `fraction` is from 0 to 1 and never falls; `detail` is a phrase such as "412 of 1310 packages". */
  advance(id: string, fraction: number, detail?: string): void;
  end(id: string, outcome: ProgressOutcome): void;
}

/** What `work` returns, with its beginning and end told to `progress` whatever happens. */
export async function withStep<T>(progress: Progress, step: ProgressStep, work: () => Promise<T>): Promise<T> {
  progress.begin(step);
  try {
    const result = await work();
    progress.end(step.id, "done");
    return result;
  } catch (error) {
    progress.end(step.id, "failed");
    throw error;
  }
}
