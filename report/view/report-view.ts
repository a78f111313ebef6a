import type { Finding } from "../../config/diagnostics/finding.ts";
import { passes } from "../../config/diagnostics/finding.ts";
import { type FindingJson, type SourceFiles, toJson } from "../../config/diagnostics/render.ts";
import type { Config } from "../../config/schema/index.ts";
import { type Catalog, lookUp } from "../../decisions/catalog/index.ts";
import { withUserFacts } from "../../decisions/catalog/user-facts.ts";
import type { StackHosting } from "../../decisions/hosting/stack-hosting.ts";
import { stackSentences } from "../../decisions/hosting/text.ts";
import { type AssumptionsView, assumptionsView, residencyText } from "./assumptions-view.ts";
import { type ReleaseView, releaseViews } from "./release-view.ts";
import { type WorkloadView, workloadView } from "./workload-view.ts";

/** What the page is made from: a stack file that can be read, and what was decided about it. */
export interface ReportInput {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly hosting: StackHosting | null;
  readonly findings: readonly Finding[];
  readonly files: SourceFiles;
  /** The file as the reader knows it. */
  readonly file: string;
  /** Today, `YYYY-MM-DD`. */
  readonly asOf: string;
}

/** Everything the page says, as plain data: what stands on it can be tested without reading HTML. */
export interface ReportView {
  readonly name: string;
  readonly environment: string;
  readonly file: string;
  readonly asOf: string;
  readonly residency: string;
  /** False when a finding forbids deploying. */
  readonly isDeployable: boolean;
  /** By name; empty where the file names none. */
  readonly workloads: readonly WorkloadView[];
  /** What all of them cost together; empty for a single one. */
  readonly together: readonly string[];
  readonly releases: readonly ReleaseView[];
  /** Errors first. */
  readonly findings: readonly FindingJson[];
  readonly assumptions: AssumptionsView;
}

/** The content of the page. Pure: the same file, catalog and day always give the same. */
export function reportView({
  config,
  catalog: builtIn,
  hosting,
  findings,
  files,
  file,
  asOf,
}: ReportInput): ReportView {
  const { catalog } = withUserFacts(builtIn, config.catalog);
  const releases = releaseViews(config, catalog);
  return {
    name: config.name,
    environment: config.environment,
    file,
    asOf,
    residency: residencyText(config),
    isDeployable: passes(findings),
    workloads: (hosting?.workloads ?? []).flatMap((decision) => {
      const workload = lookUp(config.workloads ?? {}, decision.workload);
      return workload === null ? [] : [workloadView(decision, workload, releases)];
    }),
    together: hosting === null ? [] : stackSentences(hosting),
    releases,
    findings: toJson(findings, files),
    assumptions: assumptionsView(hosting, releases, catalog, asOf),
  };
}
