import type { Reporter, TestModule } from "vitest/node";

/** Ends every run with one line of counts, and says why each skipped test did not run. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const reasons: string[] = [];
    for (const module of modules) {
      // A file that fails before its first test would otherwise count as nothing.
      const isBroken = module.state() === "failed" && module.errors().length > 0;
      if (isBroken) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") counts.passed += 1;
        else if (state === "failed") counts.failed += 1;
        else {
          counts.skipped += 1;
          const result = test.result();
          const note = result.state === "skipped" ? (result.note ?? "no reason given") : "did not run";
          reasons.push(`skipped: ${test.fullName}: ${note}`);
        }
      }
    }
    counts.failed += unhandledErrors.length;
    for (const reason of reasons) console.log(reason);
    // The line must be the last one, after what the other reporters print in the same turn.
    process.once("exit", () => {
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}
