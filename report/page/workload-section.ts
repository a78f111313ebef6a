import { capital } from "../../config/diagnostics/capital.ts";
import { cents, usdText, volumeText } from "../../decisions/cost/money.ts";
import { verdictWords } from "../../decisions/hosting/text.ts";
import { boundedText } from "../../decisions/range.ts";
import { rate, whole } from "../../decisions/sizing-reasons.ts";
import { type Html, html, prose, trusted } from "../html.ts";
import { costAgainstVolumePlot } from "../plots/cost-against-volume.ts";
import { type LoadQuantity, loadPlot } from "../plots/latency-against-load.ts";
import { billColors, offerBarsPlot } from "../plots/offer-bars.ts";
import { tornadoPlot } from "../plots/tornado.ts";
import type { CostView } from "../view/cost-view.ts";
import type { BillView } from "../view/offers-view.ts";
import type { LatencyView } from "../view/release-view.ts";
import type { SensitivityView } from "../view/sensitivity-view.ts";
import type { AnswerView, WorkloadView } from "../view/workload-view.ts";
import { figure, foldedFigures, type KeyForm, keyList, noFigure, table } from "./figures.ts";
import type { Palette } from "./palette.ts";

/** One workload: the advice, the offers, the costs, the latencies, and what would turn it. `id` is the anchor of its heading. */
export function workloadSection(view: WorkloadView, id: string): Html {
  return html`<section class="workload" aria-labelledby="${id}">
<h2 id="${id}">${view.name}: ${view.title}</h2>
<div class="verdict">${view.lead === "" ? null : html`<p class="lead">${view.lead}</p>`}
<p>${view.text}</p></div>
<h3>Two answers</h3>
<div class="answers">
${answer("Computed, from prices, volume and residency", view.computed)}
${answer("By the rule of thumb, from volume alone", view.ruleOfThumb)}
</div>
<p>${view.difference}</p>
<h3>Three offers</h3>
${offersPart(view)}
<h3>Cost against volume</h3>
${view.cost === null ? noFigure(`No cost can be drawn. ${view.missing}`) : costFigure(view.cost)}
${view.standings.map(
  (text) => html`<p>${text}</p>
`,
)}
<h3>What hosting costs</h3>
${view.bill === null ? noFigure(`There is no bill. ${view.missing}`) : billPart(view.bill)}
<h3>Latency against load</h3>
${latencyPart(view.latency, view.model)}
<h3>What the verdict hangs on</h3>
${sensitivityPart(view)}
<h3>What the file says</h3>
<dl class="inputs">${view.inputs.map(
    ([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>
`,
  )}</dl>
<details><summary>Where each figure comes from</summary>
<ul>${view.reasons.map(
    ({
      path,
      text,
    }) => html`<li>${text} <span class="muted">(${path === "policy" ? "a rule of Freehold’s own" : html`<code>${path}</code>`})</span></li>
`,
  )}</ul></details>
</section>
`;
}

function answer(title: string, { words, grounds }: AnswerView): Html {
  return html`<div><h4>${title}</h4><p class="answer">${words === null ? "Not computed" : capital(words)}</p>${grounds.map((text) => html`<p>${text}</p>`)}</div>`;
}

function offersPart({ offers, bill, equality, otherHosts }: WorkloadView): Html {
  const rows = offers.map(({ title, name, monthly, monthlyRange, perMillion, note, isCheapest }) => [
    html`${title}${name === null ? null : html`<br><span class="muted">${name}</span>`}${isCheapest ? html` <span class="best">cheapest</span>` : null}`,
    monthly === null ? "not available" : amount(monthly, monthlyRange),
    perMillion === null ? "not available" : monthly === null ? `(${perMillion})` : perMillion,
    prose(note),
  ]);
  const priced = offers.filter(({ usdPerMonth }) => usdPerMonth !== null);
  return html`${table("", ["Offer", "A month#", "Per million tokens#", "Note"], rows)}
${
  priced.length < 2
    ? null
    : figure(
        html`<strong>Cost of a month at the file’s volume.</strong> The thin line across the end of a bar is the range of the estimate.`,
        bill === null ? null : billKeys(bill),
        (layout) => offerBarsPlot(offers, bill, layout),
        trusted(""),
      )
}
${equality === null ? null : html`<p class="muted">${prose(equality)}</p>`}
${
  otherHosts.length === 0
    ? null
    : html`<details><summary>Others who sell the same model</summary><ul>${otherHosts.map(
        (text) => html`<li>${text}</li>
`,
      )}</ul></details>`
}`;
}

/** A sum, and its range on a line of its own. */
export function amount(value: string, range: string | null): Html {
  return html`${value}${range === null ? null : html`<br><span class="muted range">${range}</span>`}`;
}

function billKeys({ lines }: BillView): Html {
  return keyList(lines.map(({ label }, index) => ["fill", billColors[index] ?? "own", label] as const));
}

function costFigure(view: CostView): Html {
  const forms: Readonly<Record<string, KeyForm>> = { frontier: "dashed", hosted: "dotted" };
  const keys: (readonly [KeyForm, keyof Palette, string])[] = [
    ["line", "own", "hosted yourselves, with its range"],
    ...view.offers.map(({ kind, name }) => [forms[kind] ?? "line", kind, name] as const),
  ];
  const scale = view.isLogarithmic ? " Both axes are logarithmic: each step is ten times the one before." : "";
  const rows = [
    [
      "Your volume",
      volumeText(view.volume.tokens),
      usdText(cents(view.volume.usd)),
      ...view.offers.map(({ usdPerMillion }) => usdText(cents((view.volume.tokens / 1e6) * usdPerMillion.value))),
    ],
    ...view.breakEvens.map(({ against, tokens, usd }) => [
      `Even with ${against}`,
      volumeText(tokens),
      usdText(cents(usd)),
      ...view.offers.map(({ usdPerMillion }) => usdText(cents((tokens / 1e6) * usdPerMillion.value))),
    ]),
  ];
  return html`${figure(
    html`<strong>US dollars a month over tokens a month.</strong> A fleet grows in steps, a replica or a node at a time; what is bought by the token grows evenly.${scale}`,
    keyList(keys),
    (layout) => costAgainstVolumePlot(view, layout),
    foldedFigures(
      table(
        "Monthly cost at the marked volumes",
        ["Mark", "Tokens a month#", "Hosted yourselves#", ...view.offers.map(({ name }) => `${name}#`)],
        rows,
      ),
    ),
  )}
${view.notes.map((text) => html`<p>${text}</p>`)}`;
}

function billPart({ lines, totalText, fleetText }: BillView): Html {
  return html`${table(
    "Bill of a month",
    ["Line", "US dollars#"],
    lines.map(({ label, text }) => [label, text]),
    ["Together", totalText],
  )}
<p>${fleetText}</p>`;
}

const panels: readonly (readonly [quantity: LoadQuantity, title: string])[] = [
  ["ttft", "Time to first token"],
  ["itl", "Time between tokens"],
  ["throughput", "Requests a second"],
];

function latencyPart(view: LatencyView | null, model: string): Html {
  if (view === null) {
    return noFigure(`The model ${model} could not be sized for this workload, so how fast it answers is not known.`);
  }
  const kept = view.points.find(({ requests }) => requests === view.keptRequests);
  const isEmbedding = kept?.interTokenMilliseconds === null;
  const drawn = panels.flatMap(([quantity, title]) => {
    const plot = loadPlot(view, quantity);
    return plot === null
      ? []
      : [
          html`<figure><figcaption><strong>${isEmbedding && quantity === "ttft" ? "Time to the vector" : title}</strong></figcaption>${trusted(plot)}</figure>
`,
        ];
  });
  const rows = sample(view.points, view.keptRequests).map(
    ({ requests, ttftMilliseconds, interTokenMilliseconds, requestsPerSecond }) => [
      requests === view.keptRequests ? html`${requests} <span class="muted">(planned)</span>` : String(requests),
      boundedText(ttftMilliseconds, whole),
      interTokenMilliseconds === null ? "none" : boundedText(interTokenMilliseconds, whole),
      boundedText(requestsPerSecond, rate),
    ],
  );
  return html`<p>One replica of ${model}, with more and more requests at once. Bands are the ranges of the prediction. ${view.keptRequests} at once are planned for: ${view.limitText}.</p>
<div class="small">
${drawn}</div>
${foldedFigures(
  table(
    "One replica over the requests at once: middle and range",
    [
      "Requests at once",
      isEmbedding ? "Time to the vector, ms#" : "First token of a long input, ms#",
      "Between tokens, ms#",
      "Requests a second#",
    ],
    rows,
  ),
)}`;
}

/** Few enough points to read: every fourth or so, the ends and the planned one. */
function sample(points: LatencyView["points"], kept: number): LatencyView["points"] {
  const stride = Math.max(1, Math.ceil(points.length / 9));
  return points.filter(
    ({ requests }, index) => index % stride === 0 || index === points.length - 1 || requests === kept,
  );
}

function sensitivityPart({ sensitivity, flips, verdict }: WorkloadView): Html {
  const turns =
    verdict === null
      ? null
      : flips.length === 0
        ? html`<p>No single input, changed alone within wide bounds, turns the verdict.</p>`
        : html`<p>Changed alone, each of these turns the verdict; the nearest first:</p>
<ul>${flips.map(
            (text) => html`<li>${text}</li>
`,
          )}</ul>`;
  if (sensitivity === null) {
    return noFigure(
      "There is no second offer whose cost could be held against hosting, so no input turns the verdict.",
    );
  }
  return html`${sensitivityFigure(sensitivity)}
${turns}`;
}

function sensitivityFigure(view: SensitivityView): Html {
  const { savingUsd, against, rows, idle } = view;
  const now =
    savingUsd >= 0
      ? `As the file stands, hosting saves ${usdText(cents(savingUsd))} a month against ${against}.`
      : `As the file stands, hosting costs ${usdText(cents(-savingUsd))} a month more than ${against}.`;
  const tail = html`${idle.length === 0 ? null : html`<p class="muted">Between their bounds these change nothing: ${idle.join(", ")}.</p>`}`;
  if (rows.length === 0) return html`${noFigure(`${now} None of the inputs moves that between its bounds.`)}${tail}`;
  const hasTurn = rows.some(({ low, high }) => low.turnsTo !== null || high.turnsTo !== null);
  return html`${figure(
    html`<strong>${now}</strong> Each bar shows where one input, moved alone between plausible bounds, takes that.`,
    keyList([
      ["hollow", "own", "at the lower bound"],
      ["fill", "own", "at the upper bound"],
      ...(hasTurn ? [["diamond", "frontier", "the verdict turns"] as const] : []),
    ]),
    (layout) => tornadoPlot(view, layout),
    foldedFigures(
      table(
        "Saved a month at each bound",
        ["Input", "Lower bound", "Saved#", "Upper bound", "Saved#"],
        rows.map(({ input, low, high }) => [input, ...endCells(low), ...endCells(high)]),
      ),
    ),
  )}${tail}`;
}

function endCells({ text, savingUsd, turnsTo }: SensitivityView["rows"][number]["low"]): (Html | string)[] {
  const turn = turnsTo === null ? null : html` <span class="muted">(${verdictWords[turnsTo]})</span>`;
  return [text, html`${usdText(cents(savingUsd))}${turn}`];
}
