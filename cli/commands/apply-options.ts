import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";
import { type WayName, wayNames } from "../apply/way.ts";
import type { CommandOption } from "../command.ts";

export const viaOption: Record<"via", CommandOption> = {
  via: {
    type: "string",
    value: wayNames.join("|"),
    description: "How to apply. Left out: Terraform where it and its providers can be had.",
  },
};

export const contextOption: Record<"context" | "forget-cluster", CommandOption> = {
  context: {
    type: "string",
    value: "NAME",
    description: "Context of a cluster of your own. Asked for once, then remembered by the cluster's identity.",
  },
  "forget-cluster": { type: "boolean", description: "Forget the remembered cluster first." },
};

export const yesOption: Record<"yes", CommandOption> = {
  yes: { type: "boolean", description: "Apply without asking." },
};

/** The way that `--via` names; a `Failure` for any other word. */
export function wayOf(option: string | boolean | undefined): WayName | undefined {
  if (option === undefined) return undefined;
  const way = wayNames.find((name) => name === option);
  if (way !== undefined) return way;
  throw new Failure(
    finding(
      "RUN-111",
      { subject: "freehold" },
      { problem: `--via ${String(option)} is not a way to apply`, usage: `--via ${wayNames.join("|")}`, options: [] },
    ),
  );
}
