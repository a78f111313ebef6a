import { isMap, isNode, isScalar, parse, parseDocument, type YAMLMap } from "yaml";

interface Row {
  readonly key: string;
  readonly text: string;
  /** JSON; empty for a group, null where a value must be given. */
  readonly fallback: string | null;
}

const marker = " -- ";

function rows(map: YAMLMap, prefix: string): Row[] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) return [];
    const name = `${prefix}${String(key.value)}`;
    // The parser hands a comment above a map's first key to the map.
    const comment = key.commentBefore ?? (index === 0 ? map.commentBefore : null);
    const sentence = comment?.split("\n").find((line) => line.startsWith(marker));
    // A map whose own keys are described is a group; the keys of any other are its default.
    const nested = isMap(value) ? rows(value, `${name}.`) : [];
    if (sentence === undefined) return nested;
    const plain: unknown = isNode(value) ? value.toJSON() : value;
    const fallback = nested.length > 0 ? "" : plain === null ? null : JSON.stringify(plain);
    return [{ key: name, text: sentence.slice(marker.length), fallback }, ...nested];
  });
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/**
 * A chart's README: what it is, from `Chart.yaml`, and a table of its values, from the `# --` sentence above each key of
 * `values.yaml`. Written once there, read here.
 */
export function chartReference(chartYaml: string, valuesYaml: string): string {
  const chart = parse(chartYaml) as { name: string; description: string; version: string; appVersion?: string };
  const values = parseDocument(valuesYaml).contents;
  const table = (isMap(values) ? rows(values, "") : []).map(({ key, text, fallback }) => {
    const shown = fallback === null ? "**required**" : fallback === "" ? "" : `\`${cell(fallback)}\``;
    return `| \`${key}\` | ${cell(text)} | ${shown} |`;
  });
  return [
    "<!-- Made from Chart.yaml and values.yaml by `npm run generate`. Do not edit. -->",
    "",
    `# ${chart.name}`,
    "",
    chart.description,
    "",
    `Version ${chart.version}${chart.appVersion === undefined ? "" : `, for engine release ${chart.appVersion}`}.`,
    "",
    "| Key | Meaning | Default |",
    "|---|---|---|",
    ...table,
    "",
  ].join("\n");
}
