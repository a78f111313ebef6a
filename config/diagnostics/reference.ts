import { type Code, codes } from "./codes.ts";
import { finding } from "./finding.ts";

const families: readonly (readonly [prefix: string, title: string])[] = [
  ["CFG-0", "Text and yaml"],
  ["CFG-1", "Keys and values"],
  ["CFG-2", "Names and references"],
  ["CAP", "Capacity"],
  ["CAT", "The catalog"],
  ["LIC", "Licences of models"],
  ["CST", "Cost and hosting"],
  ["PLT", "Ledger of a pilot"],
  ["IMG", "Images of the services"],
  ["CLB", "Labelled set of a calibration"],
  ["RES", "Residency"],
  ["GTW", "The gateway"],
  ["AGT", "Agents"],
  ["RTE", "Routing"],
  ["LCK", "Lock file"],
  ["GRD", "Guards on the synthesized output"],
  ["RUN", "Tools, clusters and the local control plane"],
];

/**
 * The page `docs/reference/errors.md`: every code that can be printed, with the texts as a user sees them. A heading is
 * the bare code, so that `errors.md#cfg-001`, which each finding names, leads to it.
 */
export function errorsReference(): string {
  const all = (Object.keys(codes) as Code[]).sort();
  const told = families.map(([prefix, title]) => ({ title, members: all.filter((code) => code.startsWith(prefix)) }));
  const rest = all.filter((code) => !families.some(([prefix]) => code.startsWith(prefix)));
  const groups = [...told, { title: "Others", members: rest }].filter(({ members }) => members.length > 0);
  const lines = [
    "<!-- Made by `npm run generate` from config/diagnostics/codes/. Do not edit. -->",
    "",
    "# What Freehold can tell you",
    "",
    "A code is permanent: it is never reused or renamed, and one that is no longer raised stays on this page. After an",
    "error nothing is deployed. A warning can be accepted in the stack file, with a reason: `silence: { CODE: the reason }`.",
    "",
    ...groups.map(
      ({ title, members }) => `- ${title}: ${members.map((code) => `[${code}](#${code.toLowerCase()})`).join(", ")}`,
    ),
    "",
    ...groups.flatMap(({ members }) => members.flatMap(section)),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function section(code: Code): string[] {
  const { severity, summary, example } = codes[code];
  const { title, why, fix } = finding(code, { subject: "example" }, example as never);
  return [
    `## ${code}`,
    "",
    `${severity === "error" ? "Error" : "Warning"}. ${summary}.`,
    "",
    "```text",
    `${code}  ${title}`,
    "",
    `Why: ${why}`,
    `Fix: ${fix}`,
    "```",
    "",
  ];
}
