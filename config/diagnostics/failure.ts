import type { Finding } from "./finding.ts";

/**
 * A finding that stops the command at once: a tool is missing, a port is taken, the cluster is another one.
 * Only the edge (`cli/`, `local-cluster/`) throws it; the pure layers return findings.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly finding: Finding;

  constructor(finding: Finding, options?: ErrorOptions) {
    super(`${finding.code} ${finding.title}`, options);
    this.finding = finding;
  }
}
