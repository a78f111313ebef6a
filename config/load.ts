import { isMap, isScalar } from "yaml";
import { checkConfig, checkSections } from "./checks/index.ts";
import { type ConfigPath, type Finding, finding, passes } from "./diagnostics/finding.ts";
import { fromZod } from "./diagnostics/from-zod.ts";
import { Locator } from "./diagnostics/locate.ts";
import { readableSections } from "./readable.ts";
import { type Config, stackFile } from "./schema/index.ts";
import { decode } from "./yaml/decode.ts";
import { parseYaml } from "./yaml/parse.ts";
import { toValues } from "./yaml/values.ts";

/** A stack file as read. */
export interface Loaded {
  /** Null exactly when a finding is an error; warnings travel with the config. */
  readonly config: Config | null;
  readonly findings: readonly Finding[];
  /** The text that the findings point into, for `renderFindings`: the input, decoded. */
  readonly text: string;
}

/**
 * The configuration that a stack file describes, and everything that is wrong with it in one go: text and yaml first,
 * because nothing can be said about keys that cannot be read; then keys, values and what the sections say of each
 * other, together. Takes bytes or text; touches no disk, environment, clock or network, and throws for no input.
 */
export function load(input: string | Uint8Array): Loaded {
  const { text, findings: textFindings } = decode(input);
  if (!passes(textFindings)) return { config: null, findings: textFindings, text };

  const { document, findings: yamlFindings } = parseYaml(text);
  if (document === null) return { config: null, findings: yamlFindings, text };
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    const parameters = { commentsOnly: text.trim() !== "" && text.split("\n").every((line) => /^\s*(#|$)/.test(line)) };
    return { config: null, findings: [finding("CFG-013", { file: "stack", offsets: [0, 0] }, parameters)], text };
  }

  const { value, findings: valueFindings, faulty } = toValues(document, text, "stack");
  if (!isMap(contents)) {
    const kind = isScalar(contents) ? (typeof contents.value === "string" ? "text" : "a single value") : "a list";
    const notMap = finding("CFG-014", { file: "stack", path: [] }, { kind: Array.isArray(value) ? "a list" : kind });
    return { config: null, findings: [...valueFindings, notMap], text };
  }
  // Null stands for a file whose aliases expand too far: walking its data would take as long as it is large.
  if (value === null) return { config: null, findings: valueFindings, text };

  const read = stackFile.safeParse(value);
  if (read.success) {
    const findings = [...valueFindings, ...checkConfig(read.data)];
    return { config: passes(findings) ? read.data : null, findings, text };
  }
  const locator = new Locator(text, document);
  const sourceOf = (path: ConfigPath) => {
    const { start, end } = locator.span({ file: "stack", path });
    return text.slice(start, end);
  };
  const untold = read.error.issues.filter((issue) => !faulty.has(JSON.stringify(issue.path)));
  const { sections, incomplete } = readableSections(value, read.error.issues);
  const findings = [
    ...valueFindings,
    ...fromZod(untold, { schema: stackFile, value, sourceOf, file: "stack" }),
    ...checkSections(sections, incomplete),
  ];
  return { config: null, findings, text };
}
