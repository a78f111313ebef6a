import { countText, gibText } from "../../decisions/figures.ts";
import { type Html, html, prose, trusted } from "../html.ts";
import { memoryBarPlot, memoryParts } from "../plots/memory-bar.ts";
import type { SourcedFact } from "../view/assumptions-view.ts";
import type { ReleaseView } from "../view/release-view.ts";
import type { ReportView } from "../view/report-view.ts";
import { figure, keyList, noFigure, table } from "./figures.ts";

/** What a GPU of each release holds. */
export function memorySection({ releases }: ReportView): Html {
  return html`<section aria-labelledby="memory">
<h2 id="memory">Memory of a GPU</h2>
<p>What the weights and the engine leave holds the requests that run at once. The mark above a bar says how far the line between the two may be off.</p>
${releases.map(memoryPart)}</section>
`;
}

function memoryPart(release: ReleaseView): Html {
  const { release: name, repository, accelerator, pool, sizing, shape } = release;
  const head = html`<h3>${name}: ${repository}</h3>
`;
  if (sizing === null) {
    return html`${head}${noFigure(
      shape === null
        ? `No size works, or none could be computed: the findings say why. It would run on ${pool} (${accelerator}).`
        : `Its memory could not be computed; the file sets ${countText(shape.replicas, "replica")} of ${countText(shape.gpusPerReplica, "GPU")} by hand.`,
    )}`;
  }
  const { memory, cacheTokens, longestRequests } = sizing;
  const parts = memoryParts(memory);
  return html`${head}${figure(
    html`<strong>One GPU of ${pool} (${accelerator}): ${gibText(memory.visibleBytes)}.</strong> ${shapeText(release)}`,
    keyList(parts.map(({ name: part, bytes, color }) => ["fill", color, `${part} ${gibText(bytes)}`] as const)),
    (layout) => memoryBarPlot(memory, layout),
    trusted(""),
  )}
<p>The cache of a replica holds ${grouped(cacheTokens)} tokens: ${Number(longestRequests.toFixed(1))} requests of the longest length. It may be ${gibText(memory.uncertaintyBytes)} a GPU larger or smaller.</p>
<details><summary>Where each part comes from</summary>
${table(
  "",
  ["Part", "GiB#", "Why"],
  parts.map(({ name: part, bytes, why }) => [part, gibText(bytes), why]),
  ["Together", gibText(memory.visibleBytes), ""],
)}</details>
`;
}

function shapeText({ shape }: ReleaseView): string {
  if (shape === null) return "";
  const { replicas, gpusPerReplica, fleet } = shape;
  const split =
    fleet === null || fleet.working + fleet.spare !== replicas
      ? ""
      : ` (${fleet.working} working, ${fleet.spare} spare)`;
  return `${countText(replicas, "replica")}${split} of ${countText(gpusPerReplica, "GPU")}: ${countText(replicas * gpusPerReplica, "GPU")} in all.`;
}

/** Everything that speaks against the file, errors first; null when nothing does. */
export function findingsSection({ findings, isDeployable }: ReportView): Html | null {
  if (findings.length === 0) return null;
  return html`<section aria-labelledby="findings">
<h2 id="findings">Findings</h2>
<p>${isDeployable ? "Nothing here forbids deploying." : "As it stands the file cannot be deployed: the errors below forbid it."}</p>
${findings.map(
  ({
    severity,
    code,
    title,
    why,
    fix,
    file,
    line,
    subject,
  }) => html`<div class="verdict${severity === "error" ? " error" : ""}">
<p><strong>${severity === "error" ? "Error" : "Warning"} ${code}: ${prose(title)}</strong></p>
<p>${prose(why)}</p>
<p>${prose(fix)}</p>
<p class="muted">${file === null ? (subject ?? "") : `${file}${line === null ? "" : `, line ${line}`}`}</p></div>
`,
)}</section>
`;
}

/** What the page rests on: prices and facts with their sources, and Freehold's own rules. */
export function assumptionsSection({ assumptions, asOf, residency }: ReportView): Html {
  const { prices, facts, basis, policies } = assumptions;
  const flagged = [...prices, ...facts].filter(({ flag }) => flag !== null).length;
  return html`<section aria-labelledby="assumptions">
<h2 id="assumptions">Assumptions</h2>
<p>${residency} ${flagged === 0 ? `Every price and fact below bears a date, and no price is old on ${asOf}.` : `${flagged} of the entries below ${flagged === 1 ? "is" : "are"} flagged: without a date, or too old on ${asOf}.`}</p>
${prices.length === 0 ? null : table("Prices", ["What", "As of", "Source"], prices.map(factRow), null, "plain")}
${facts.length === 0 ? null : table("Facts of models and GPUs", ["What", "As of", "Source"], facts.map(factRow), null, "plain")}
<h3>Freehold’s own rules</h3>
<ul>${policies.map(
    (text) => html`<li>${text}</li>
`,
  )}</ul>
${
  basis.length === 0
    ? null
    : html`<h3>What the speeds rest on</h3>
<ul>${basis.map(
        (text) => html`<li>${text}</li>
`,
      )}</ul>`
}</section>
`;
}

function factRow({ text, path, source, asOf, flag }: SourcedFact): (Html | string)[] {
  return [
    html`${text}<br><code class="muted">${path}</code>`,
    html`<span class="date">${asOf ?? ""}</span>${flag === null ? null : html` <span class="flag">${flag}</span>`}`,
    sourceLink(source),
  ];
}

/** A source as it stands; the address in it, if it begins with one, leads there. Only what a browser opens as a page is a link. */
function sourceLink(source: string): Html {
  const [address = ""] = /^https?:\/\/[^\s"'<>()]+/.exec(source) ?? [];
  const link = address.replace(/[;,.]+$/, "");
  return link === ""
    ? html`${source}`
    : html`<a href="${link}" rel="noreferrer nofollow">${link}</a>${source.slice(link.length)}`;
}

function grouped(whole: number): string {
  return String(Math.round(whole)).replace(/\B(?=(\d{3})+$)/g, ",");
}
