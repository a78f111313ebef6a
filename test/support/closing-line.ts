import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** A name and the first line of what went wrong. */
function failure(name: string, errors: readonly { readonly message: string }[]): string {
  return `failed: ${name}: ${errors[0]?.message.split("\n", 1)[0] ?? "no error given"}`;
}

/**
 * Ends every run with one line of counts. Before it stands why each skipped test did not run, and last what failed: of
 * a long log often the end alone is kept.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const reasons: string[] = [];
    const failures: string[] = [];
    for (const module of modules) {
      // What fails before its first test would otherwise count as nothing.
      for (const suite of [module, ...module.children.allSuites()]) {
        if (suite.errors().length === 0) continue;
        counts.failed += 1;
        const name = suite.type === "suite" ? ` > ${suite.fullName}` : "";
        failures.push(failure(`${module.relativeModuleId}${name}`, suite.errors()));
      }
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") counts.passed += 1;
        else if (result.state === "failed") {
          counts.failed += 1;
          failures.push(failure(`${module.relativeModuleId} > ${test.fullName}`, result.errors));
        } else {
          counts.skipped += 1;
          const note = result.state === "skipped" ? (result.note ?? "no reason given") : "did not run";
          reasons.push(`skipped: ${test.fullName}: ${note}`);
        }
      }
    }
    counts.failed += unhandledErrors.length;
    for (const error of unhandledErrors) failures.push(failure("outside any test", [error]));
    for (const line of [...reasons, ...failures]) console.log(line);
    // The line must be the last one, after what the other reporters print in the same turn.
    process.once("exit", () => {
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}
