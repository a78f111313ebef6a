import { type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar } from "yaml";
import { type ConfigPath, type Finding, finding } from "../diagnostics/finding.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { pathText } from "../diagnostics/show.ts";
import { emptyMap } from "./empty-map.ts";
import { limits } from "./limits.ts";
import { lookalikeAtEdge } from "./lookalikes.ts";

/** Plain data of a document and what is wrong with how it is written. */
export interface YamlValues {
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** Paths, as JSON, of values that a finding is about: what a schema says of them would say it twice. */
  readonly faulty: ReadonlySet<string>;
}

interface Converted {
  readonly value: unknown;
  /** Keys and values with aliases written out. */
  readonly size: number;
}

// Yaml 1.1 also lists y and n, which its parsers do not read as booleans, and true and false, which both versions share.
const yaml11Booleans: ReadonlyMap<string, boolean> = new Map([
  ["yes", true],
  ["on", true],
  ["no", false],
  ["off", false],
]);

// These lead to the prototype of a plain object, which code that indexes by a user's name would then find.
const reservedKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** The text of a key as the file means it: a number or a boolean keeps its spelling. */
export function keyText(key: unknown): string | null {
  if (!isScalar(key)) return null;
  const { source } = key as Scalar & { source?: string };
  return source ?? String(key.value ?? "");
}

function isEmptyKey(key: unknown): boolean {
  return (
    key === null || (isScalar(key) && key.value === null && ((key as Scalar & { source?: string }).source ?? "") === "")
  );
}

/**
 * The plain data that a document holds. Not the parser's own conversion: here repeated, reserved, merged and unnamed
 * keys, words of yaml 1.1, numbers that lose digits and aliases that explode are found in one linear pass.
 */
export function toValues(document: Document.Parsed<ParsedNode>, text: string, file: "stack" | "lock"): YamlValues {
  const findings: Finding[] = [];
  const faulty = new Set<string>();
  const anchors = new Map<string, Converted>();
  let unknownAliases = 0;
  let isExploded = false;

  const placeOf = (node: { range?: readonly number[] | null } | null | undefined) => {
    const [start = 0, end = 0] = node?.range ?? [];
    return { file, offsets: [start, end] } as const;
  };

  /** A key without text has no place that a reader would see: its colon stands for it. */
  function placeOfUnnamed(key: unknown, value: unknown) {
    if (!isEmptyKey(key)) return placeOf(key as ParsedNode);
    const [start = 0] = (value as ParsedNode | null)?.range ?? [];
    const colon = Math.max(text.lastIndexOf(":", start - 1), 0);
    return { file, offsets: [colon, colon + 1] } as const;
  }

  function convert(node: unknown, path: ConfigPath): Converted {
    const converted = convertNode(node, path);
    const { anchor } = (node ?? {}) as { anchor?: string };
    if (anchor !== undefined) anchors.set(anchor, converted);
    if (converted.size > limits.expandedNodes && !isExploded) {
      isExploded = true;
      findings.push(finding("CFG-009", { file, path, token: "key" }, { limit: limits.expandedNodes }));
    }
    return converted;
  }

  function convertNode(node: unknown, path: ConfigPath): Converted {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) return target;
      faulty.add(JSON.stringify(path));
      // Each finding searches the anchors, so a file full of such aliases gets no more of them than of yaml errors.
      if (++unknownAliases > limits.yamlErrors) return { value: null, size: 1 };
      const names = [...anchors.keys()];
      findings.push(
        finding("CFG-007", placeOf(node), {
          name: node.source,
          anchors: names.slice(0, 8),
          nearest: nearest(node.source, names),
        }),
      );
      return { value: null, size: 1 };
    }
    if (isMap(node)) return convertMap(node.items, path);
    if (isSeq(node)) {
      const items = node.items.map((item, index) => convert(item, [...path, index]));
      return { value: items.map(({ value }) => value), size: items.reduce((sum, { size }) => sum + size, 1) };
    }
    if (isScalar(node)) return { value: scalarValue(node, path), size: 1 };
    return { value: null, size: 1 };
  }

  function convertMap(items: readonly { key: unknown; value: unknown }[], path: ConfigPath): Converted {
    const value = emptyMap();
    let size = 1;
    for (const { key: keyNode, value: valueNode } of items) {
      const key = isEmptyKey(keyNode) ? null : keyText(keyNode);
      const place = key === null ? placeOfUnnamed(keyNode, valueNode) : placeOf(keyNode as ParsedNode | null);
      if (key === null) {
        const kind = isAlias(keyNode) ? "an alias" : isSeq(keyNode) ? "a list" : isMap(keyNode) ? "a map" : "empty";
        findings.push(finding("CFG-022", place, { kind }));
        size += convert(valueNode, path).size;
        continue;
      }
      if (key === "<<") findings.push(finding("CFG-020", place, {}));
      else if (reservedKeys.has(key)) findings.push(finding("CFG-019", place, { key }));
      else if (key in value) {
        const also = [{ path: [...path, key], token: "key" as const, text: `${key} is written here first` }];
        findings.push(finding("CFG-008", place, { key, where: pathText(path) }, also));
      } else {
        scalarValue(keyNode as Scalar, null);
        const converted = convert(valueNode, [...path, key]);
        value[key] = converted.value;
        size += 1 + converted.size;
        continue;
      }
      size += convert(valueNode, [...path, key]).size;
    }
    return { value, size };
  }

  /** The value of a scalar; `path` is null for a key, whose spelling is all that counts. */
  function scalarValue(node: Scalar, path: ConfigPath | null): unknown {
    const { value, type } = node;
    const tell = (one: Finding) => {
      findings.push(one);
      if (path !== null) faulty.add(JSON.stringify(path));
    };
    if (type === "PLAIN" && typeof value === "string") {
      const meaning = yaml11Booleans.get(value.toLowerCase());
      const isWord = meaning !== undefined && /^([a-z]+|[A-Z]+|[A-Z][a-z]+)$/.test(value);
      if (isWord) tell(finding("CFG-023", placeOf(node), { word: value, meaning, key: path === null }));
      const [start = 0, end = 0] = node.range ?? [];
      const found = lookalikeAtEdge(text, [start, end], file);
      if (found !== null) tell(found);
    }
    if (typeof value === "number" && path !== null) {
      const isExact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
      const [start = 0, end = 0] = node.range ?? [];
      if (!isExact) tell(finding("CFG-024", placeOf(node), { source: text.slice(start, end) }));
    }
    return value;
  }

  const { value } = convert(document.contents, []);
  return { value: isExploded ? null : value, findings, faulty };
}
