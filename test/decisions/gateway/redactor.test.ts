// What a redactor changes in the decisions: what a data class may carry out, and what the gateway's process is told. What it finds
// is measured in services/gateway/test/redaction.test.ts.
import { describe, expect, it } from "vitest";
import type { GatewayConfig } from "../../../config/schema/index.ts";
import { parseSettings } from "../../../services/gateway/src/settings-file.ts";
import { blueprintFor } from "../../support/blueprint.ts";
import { decideResidencyFor, residentStack, soundResidency } from "../../support/residency.ts";

const jwt = {
  issuer: "https://login.example.com",
  audience: "freehold",
  keySet: { secret: "login", key: "jwks.json" },
  tenantClaim: "tenant",
  dataClassClaim: "data_class",
};
const redactor = { timeout: "500ms", patterns: { ORDER: "A-[0-9]+", CUSTOMER: "K-[0-9]{8}" } };
const dataClasses = {
  public: { personalData: false, leavesBoundary: "allowed" },
  customer: { personalData: true, leavesBoundary: "redacted" },
  restricted: { personalData: true, leavesBoundary: "never" },
} as const;

function cargo(mode: "none" | "region-bound" | "sovereign", gateway: Partial<GatewayConfig>) {
  const residency = soundResidency(mode, { dataClasses });
  const { escalation } = decideResidencyFor(
    residentStack(residency, { gateway: { jwt, tenants: { support: {} }, ...gateway } }),
  ).residency;
  return Object.fromEntries(Object.entries(escalation).map(([name, { value }]) => [name, value]));
}

describe("a redactor", () => {
  it.each(["none", "region-bound"] as const)("lets out what may leave only redacted, under %s", (mode) => {
    expect(cargo(mode, {})).toEqual({ public: "everything", customer: "nothing", restricted: "nothing" });
    expect(cargo(mode, { redactor })).toEqual({ public: "everything", customer: "redacted", restricted: "nothing" });
  });

  it("opens nothing where nothing may leave", () => {
    const nothing = { public: "nothing", customer: "nothing", restricted: "nothing" };
    expect(cargo("sovereign", { redactor })).toEqual(nothing);
  });

  it("is told its patterns and its time", () => {
    const settings = (gateway: Partial<GatewayConfig>) =>
      parseSettings(
        JSON.stringify(blueprintFor({ gateway: { jwt, tenants: { support: {} }, ...gateway } }).gateway?.settings),
      );
    expect(settings({ redactor }).redactor).toEqual({
      timeoutMilliseconds: 500,
      patterns: [
        { name: "CUSTOMER", pattern: "K-[0-9]{8}" },
        { name: "ORDER", pattern: "A-[0-9]+" },
      ],
    });
    expect(settings({}).redactor).toBeUndefined();
  });
});
