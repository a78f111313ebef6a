import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, from about half a minute up, longest first. One of these that began last would run alone at the
 * end while the other cores idle; a fresh checkout has no times of an earlier run to go by.
 */
const longest: readonly string[] = [
  "test/cluster/interruption.test.ts",
  "test/cluster/deployment.test.ts",
  "test/cluster/admission.test.ts",
  "test/cluster/policy-probe.test.ts",
  "test/cluster/local-cluster.test.ts",
  "services/orchestrator/test/battery.test.ts",
  "services/gateway/test/fault-battery.test.ts",
  "services/orchestrator/test/fence.test.ts",
  "services/orchestrator/test/people.test.ts",
  "services/orchestrator/test/kill.test.ts",
];

/** Vitest's own order, but within a group the longest files come first. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.indexOf(relative(this.ctx.config.root, moduleId));
      return place < 0 ? longest.length : place;
    };
    return sorted.sort((one, other) => group(one) - group(other) || rank(one) - rank(other));
  }
}
