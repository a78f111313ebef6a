import { load } from "../../config/load.ts";
import { codesOf, stackWith } from "./stack-file.ts";

/** A residency section with every part, and a workload that it lets escalate. */
export const sound = `residency:
  mode: region-bound
  regions: [eu-central-1]
  dataClasses:
    public: { personalData: false, leavesBoundary: allowed }
    customer: { personalData: true, leavesBoundary: redacted }
    restricted: { personalData: true, leavesBoundary: never }
  keys: { custody: customer, reference: "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d" }
  sources:
    registries: [registry.example.com/mirror]
    hub: hub.example.com
    networks: [10.20.0.0/16, "fd00:20::/48"]
  exceptions:
    hub:
      rule: public-hub
      subject: models.chat
      acceptedBy: head of platform
      reason: the mirror is being built
      until: 2026-12-31
workloads:
  support:
    model: chat
    dataClass: public
    tokensPerMonth: 12e9
    inputTokens: { mean: 3500, p95: 12000 }
    outputTokens: { mean: 400, p95: 1500 }
    escalationShare: 0.1
    alternative: { provider: mistral, model: mistral-large-2512 }
`;

export type Change = readonly [from: string, to: string];

/** The sound file with each `from` replaced by its `to`. */
export function file(...changes: readonly Change[]): string {
  const text = stackWith(["nodePools:\n", `${sound}nodePools:\n`]);
  return changes.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`The file does not hold ${JSON.stringify(from)}.`);
    return result.replace(from, () => to);
  }, text);
}

/** What is found in it, in the order found. */
export const codes = (...changes: readonly Change[]) => codesOf(load(file(...changes)));
export const withoutExceptions: Change = [sound.slice(sound.indexOf("  exceptions:"), sound.indexOf("workloads:")), ""];
export const closed: Change = ["escalationShare: 0.1", "escalationShare: 0"];
export const nothingLeaves: readonly Change[] = [
  ["leavesBoundary: allowed", "leavesBoundary: never"],
  ["leavesBoundary: redacted", "leavesBoundary: never"],
];

/** What makes a sound file of a stricter mode of it. */
export const inMode = (mode: "sovereign" | "air-gapped"): readonly Change[] => [
  withoutExceptions,
  ...nothingLeaves,
  closed,
  ["custody: customer", mode === "sovereign" ? "custody: external" : "custody: local"],
  ["mode: region-bound", `mode: ${mode}`],
];
