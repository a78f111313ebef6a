import { type Html, html, trusted } from "../html.ts";
import { type Layout, layouts } from "../plots/drawing.ts";
import { ink, type Palette } from "./palette.ts";

/** A plot of the whole column in both widths, with its caption, and its figures as a table for those who do not see it. */
export function figure(caption: Html, keys: Html | null, plot: (layout: Layout) => string, figures: Html): Html {
  return html`<figure>
<figcaption>${caption}</figcaption>${keys}
${layouts.map((layout) => html`<div class="${layout}">${trusted(plot(layout))}</div>`)}
${figures}
</figure>`;
}

/** In place of a plot: why there is none. */
export function noFigure(text: string): Html {
  return html`<figure class="none"><p>${text}</p></figure>`;
}

/** How a thing looks in a plot. */
export type KeyForm = "line" | "dashed" | "dotted" | "fill" | "hollow" | "diamond";

export function keyList(keys: readonly (readonly [form: KeyForm, color: keyof Palette, text: string])[]): Html {
  return html`
<ul class="keys">${keys.map(
    ([form, color, text]) =>
      html`<li><span class="key ${formClass(form)}" style="${formStyle(form, color)}" aria-hidden="true"></span>${text}</li>`,
  )}</ul>`;
}

function formClass(form: KeyForm): string {
  return form === "dashed" || form === "dotted" ? `line ${form}` : form;
}

function formStyle(form: KeyForm, color: keyof Palette): string {
  return form === "fill" || form === "diamond" ? `background:${ink(color)}` : `border-color:${ink(color)}`;
}

/** A table; the first cell of each row heads it, in bold unless the form is `plain`. A column whose name ends in `#` holds figures. */
export function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly (Html | string)[])[],
  foot: readonly (Html | string)[] | null = null,
  form: "" | "plain" = "",
): Html {
  const names = columns.map((column) => column.replace(/#$/, ""));
  const kind = (index: number) => (columns[index]?.endsWith("#") ? ' class="number"' : "");
  const row = (cells: readonly (Html | string)[]) =>
    html`<tr>${cells.map((cell, index) =>
      index === 0
        ? html`<th scope="row">${cell}</th>`
        : html`<td${trusted(kind(index))} data-label="${names[index] ?? ""}">${cell}</td>`,
    )}</tr>
`;
  return html`<div class="scroll"><table class="stacked${form === "" ? "" : " plain"}">${caption === "" ? null : html`<caption>${caption}</caption>`}
<thead><tr>${names.map((name, index) => html`<th scope="col"${trusted(kind(index))}>${name}</th>`)}</tr></thead>
<tbody>
${rows.map(row)}</tbody>${
    foot === null
      ? null
      : html`
<tfoot>${row(foot)}</tfoot>`
  }
</table></div>`;
}

/** The figures of a plot, folded away. */
export function foldedFigures(content: Html): Html {
  return html`<details class="figures"><summary>The figures of this plot</summary>${content}</details>`;
}
