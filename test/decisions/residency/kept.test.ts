// Proves: what lies anywhere of prompts and answers after a request is told, with the time after which it is gone.
import { expect, it } from "vitest";
import type { Config } from "../../../config/schema/index.ts";
import { withAgents } from "../../support/agents.ts";
import { stackConfig } from "../../support/config.ts";
import { decideResidencyFor, soundResidency } from "../../support/residency.ts";

/** Who keeps something for how long. */
function kept(changes: Partial<Config>): readonly string[] {
  const { residency } = decideResidencyFor(stackConfig(changes));
  return residency.kept.map(({ by, time }) => `${by}: ${time.value}`);
}

const engines = "engines: until others need the room or the pod ends";
const store = "the orchestrator: for ever, unless it was put there with a time";

it("is memory alone without agents", () => expect(kept({})).toEqual([engines]));

it("is an answer for ten minutes where its class says so", () => {
  const dataClasses = {
    open: { personalData: false, leavesBoundary: "never" as const, keepAnswers: true },
    shut: { personalData: true, leavesBoundary: "never" as const, keepAnswers: false },
    other: { personalData: true, leavesBoundary: "never" as const },
  };
  const residency = soundResidency("none", { dataClasses });
  expect(kept({ residency })).toEqual([engines]);
  const { gateway } = withAgents();
  expect(kept({ residency, ...(gateway === undefined ? {} : { gateway }) })).toEqual([
    engines,
    "the gateway: for 10 minutes",
  ]);
});

it("is every thread of the agents, for ever unless the file ends it", () => {
  expect(kept(withAgents())).toEqual([engines, "the orchestrator: for ever", "the orchestrator: for 30 days", store]);
  const retention = { checkpointsPerThread: 50, logDays: 7, threadDays: 90 };
  expect(kept(withAgents({ retention }))).toEqual([
    engines,
    "the orchestrator: for 90 days after they were last used",
    "the orchestrator: for 7 days",
    store,
  ]);
});
