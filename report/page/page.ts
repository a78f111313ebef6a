import { type Html, html, trusted } from "../html.ts";
import type { ReportView } from "../view/report-view.ts";
import { table } from "./figures.ts";
import { assumptionsSection, findingsSection, memorySection } from "./stack-sections.ts";
import { style } from "./style.ts";
import { amount, workloadSection } from "./workload-section.ts";

/** By this line a report is known again, so that only a report is ever written over. */
export const reportMark = '<meta name="generator" content="Freehold report">';

/** The whole page as text: one file that needs neither network nor script. */
export function reportPage(view: ReportView): string {
  const title = `${view.name} / ${view.environment}`;
  const ids = view.workloads.map((_, index) => `workload-${index + 1}`);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${trusted(reportMark)}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}: whether to host</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header>
<h1>Whether to host: ${title}</h1>
<p class="muted">From ${view.file}, on ${view.asOf}. All money is US dollars.</p>
</header>
<main id="content">
${summary(view, ids)}
${view.workloads.map((workload, index) => workloadSection(workload, ids[index] ?? ""))}${
  view.together.length === 0
    ? null
    : html`<section aria-labelledby="together">
<h2 id="together">The stack as a whole</h2>
${view.together.map(
  (text) => html`<p>${text}</p>
`,
)}</section>
`
}${memorySection(view)}${findingsSection(view)}${assumptionsSection(view)}</main>
<footer><p>Made by freehold report. The figures are computed, not measured; ranges hold four of five measured points. The same file gives the same page on the same day.</p></footer>
</body>
</html>
`.toString();
}

/** The verdicts, all at once; and first of all whether the file can be deployed. */
function summary({ workloads, isDeployable, findings }: ReportView, ids: readonly string[]): Html {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warning = isDeployable
    ? null
    : html`<div class="verdict error"><p><strong>The file cannot be deployed as it stands.</strong> ${errors === 1 ? "One error forbids it" : `${errors} errors forbid it`}; <a href="#findings">the findings</a> say how to mend ${errors === 1 ? "it" : "them"}. What can be said without deploying follows.</p></div>
`;
  if (workloads.length === 0) {
    return html`${warning}<div class="verdict"><p class="lead">Not decided.</p><p>The file names no workloads, so whether to host, and at what cost, is not decided. Add a section <code>workloads</code>: what is asked of each model in a month.</p></div>`;
  }
  // A single workload says all this in its own section, a line below.
  if (workloads.length === 1) return html`${warning}`;
  const rows = workloads.map(({ name, title, offers }, index) => [
    html`<a href="#${ids[index] ?? ""}">${name}</a>`,
    html`<strong>${title}</strong>`,
    sumOf(
      offers.find(({ kind }) => kind === "own"),
      "not computed",
    ),
    cheapestBought(offers),
  ]);
  return html`${warning}${table("", ["Workload", "Verdict", "Hosted yourselves, a month#", "Cheapest that can be bought, a month#"], rows)}`;
}

function sumOf(offer: ReportView["workloads"][number]["offers"][number] | undefined, otherwise: string): Html {
  return offer === undefined || offer.monthly === null ? html`${otherwise}` : amount(offer.monthly, offer.monthlyRange);
}

function cheapestBought(offers: ReportView["workloads"][number]["offers"]): Html {
  const [cheapest] = offers
    .filter(({ kind, usdPerMonth }) => kind !== "own" && usdPerMonth !== null)
    .sort((a, b) => (a.usdPerMonth?.value ?? 0) - (b.usdPerMonth?.value ?? 0));
  return sumOf(cheapest, "none");
}
