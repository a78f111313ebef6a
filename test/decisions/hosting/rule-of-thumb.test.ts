import { describe, expect, it } from "vitest";
import { ruleOfThumb } from "../../../decisions/hosting/rule-of-thumb.ts";

const bound = { mode: "region-bound", regions: ["eu"] } as const;

describe("the rule of thumb", () => {
  it.each([
    ["a million", 1e6, "api"],
    ["just under 1 billion", 1e9 - 1, "api"],
    ["1 billion", 1e9, "pilot"],
    ["just over 1 billion", 1e9 + 1, "pilot"],
    ["just under 10 billion", 10e9 - 1, "pilot"],
    ["10 billion", 10e9, "pilot"],
    ["just over 10 billion", 10e9 + 1, "self-host"],
    ["a trillion", 1e12, "self-host"],
  ])("says for %s tokens a month: %s, %s", (_, tokens, verdict) => {
    const decision = ruleOfThumb("support", tokens, undefined);
    expect(decision.value).toBe(verdict);
    expect(decision.because[0]?.path).toBe("workloads.support.tokensPerMonth");
  });

  it.each([1e6, 1e9, 10e9, 1e12])("hosts %s tokens a month under any residency", (tokens) => {
    const residency = { ...bound, regions: [...bound.regions] };
    expect(ruleOfThumb("support", tokens, residency).value).toBe("self-host");
    expect(ruleOfThumb("support", tokens, { mode: "air-gapped" }).value).toBe("self-host");
  });

  it("does not take `none` for a residency", () => {
    expect(ruleOfThumb("support", 1e6, { mode: "none" }).value).toBe("api");
  });
});
