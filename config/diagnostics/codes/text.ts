import { entry } from "./entry.ts";

const allOrNothing = "Nothing in the file is used until all of it can be read.";

/** CFG-0xx: the text of the file and its yaml, before any key is looked at. */
export const textCodes = {
  "CFG-001": entry<{ problem: string }>({
    severity: "error",
    summary: "The file is not readable yaml",
    title: ({ problem }) => `The yaml cannot be read here: ${problem}.`,
    why: () => allOrNothing,
    fix: () => "Correct the marked place; an editor with a yaml language server shows it as you type.",
    example: { problem: "a second colon follows a value on the same line" },
  }),
  "CFG-002": entry<Record<never, never>>({
    severity: "error",
    summary: "A tab is used as indentation",
    title: () => "This line is indented with a tab.",
    why: () => "Yaml measures depth in spaces and does not accept tabs before a key.",
    fix: () => "Replace the tab by spaces, two for each level; most editors do it with one command.",
    example: {},
  }),
  "CFG-003": entry<{ what: string; opener: string; closer: string }>({
    severity: "error",
    summary: "A quote or bracket is never closed",
    title: ({ what, opener }) => `The ${what} ${opener} that is opened here is never closed.`,
    why: ({ opener }) =>
      `Everything after ${opener} belongs to the same value, so the keys that follow it are not seen as keys.`,
    fix: ({ closer }) => `Add the missing ${closer} where the value ends.`,
    example: { what: "quote", opener: '"', closer: '"' },
  }),
  "CFG-004": entry<Record<never, never>>({
    severity: "error",
    summary: "Indentation does not line up",
    title: () => "This line does not line up with the lines around it.",
    why: () =>
      "Keys of one map start in the same column; a deeper line belongs to the key above it, which has a value already.",
    fix: () =>
      "Give the line the same number of leading spaces as its neighbours, or two more if it belongs to the key above.",
    example: {},
  }),
  "CFG-005": entry<{ line: string; correction: string | null }>({
    severity: "error",
    summary: "A line is not a key with a value",
    title: ({ line }) => `The line ${line} is not a key with a value.`,
    why: () => "In a map, every line has the form `key: value`, with a space after the colon.",
    fix: ({ correction }) =>
      correction === null ? "Add the colon and a value, or remove the line." : `Write \`${correction}\`.`,
    example: { line: '"replicas:2"', correction: "replicas: 2" },
  }),
  "CFG-006": entry<{ character: string; text: string }>({
    severity: "error",
    summary: "A value starts with a reserved character",
    title: ({ character }) => `A value without quotes cannot start with "${character}".`,
    why: ({ character }) => `Yaml keeps ${character} for itself at the start of a value.`,
    fix: ({ text }) => `Put the value in quotes: ${text}.`,
    example: { character: "@", text: '"@daily"' },
  }),
  "CFG-007": entry<{ name: string; anchors: readonly string[]; nearest: string | null }>({
    severity: "error",
    summary: "An alias has no anchor",
    title: ({ name }) => `*${name} refers to an anchor that is not set before it.`,
    why: ({ anchors }) =>
      anchors.length === 0
        ? "An unquoted value that starts with * is an alias, and no anchor is set above it."
        : `An unquoted value that starts with * is an alias. Anchors set above it: ${anchors.map((a) => `&${a}`).join(", ")}.`,
    fix: ({ name, nearest }) =>
      nearest === null
        ? `Set &${name} before its first use, write the value out, or quote it if text is meant: "*${name}".`
        : `Did you mean *${nearest}? If text is meant, quote it: "*${name}".`,
    example: { name: "chat", anchors: [], nearest: null },
  }),
  "CFG-008": entry<{ key: string; where: string }>({
    severity: "error",
    summary: "A key is written twice",
    title: ({ key, where }) => `The key ${key} is written twice in ${where}.`,
    why: () => "Only one of the two could be used, and readers would not agree on which.",
    fix: () => "Keep one of them and remove or rename the other.",
    example: { key: "replicas", where: "models.chat" },
  }),
  "CFG-009": entry<{ limit: number }>({
    severity: "error",
    summary: "Aliases expand to too much",
    title: ({ limit }) => `With its aliases written out, the file has more than ${limit} keys and values.`,
    why: () => "A few lines of aliases to aliases can expand to more than any machine can hold, so there is a limit.",
    fix: () => "Write out what differs, and refer to anchors only where a whole value repeats.",
    example: { limit: 50_000 },
  }),
  "CFG-010": entry<{ bytes: number; limit: number }>({
    severity: "error",
    summary: "The file is too large",
    title: ({ bytes, limit }) => `The file has ${bytes} bytes; it must have fewer than ${limit}.`,
    why: () =>
      "A file of a hundred models has about 25000 bytes. One this large was written by accident or by a generator.",
    fix: () => "Check that this is the stack file. Split what it describes into several stacks, one file each.",
    example: { bytes: 1_048_576, limit: 1_000_000 },
  }),
  "CFG-011": entry<{ limit: number }>({
    severity: "error",
    summary: "The file is nested too deep",
    title: ({ limit }) => `Values are nested more than ${limit} levels deep here.`,
    why: () => "No key of the stack file lies deeper than ten levels; a bracket or a dash is repeated by accident.",
    fix: () => "Remove the extra brackets, dashes or levels.",
    example: { limit: 50 },
  }),
  "CFG-012": entry<{ limit: number }>({
    severity: "error",
    summary: "The file has too many parts",
    title: ({ limit }) => `The file has more than ${limit} keys, values, marks and line ends.`,
    why: () =>
      "A file of a hundred models has about 10000. One with this many was written by accident or by a generator.",
    fix: () => "Check that this is the stack file. Split what it describes into several stacks, one file each.",
    example: { limit: 250_000 },
  }),
  "CFG-013": entry<{ commentsOnly: boolean }>({
    severity: "error",
    summary: "The file is empty",
    title: ({ commentsOnly }) => (commentsOnly ? "The file holds only comments." : "The file is empty."),
    why: () =>
      "A stack file says at least what is served and where: apiVersion, name, environment, state, cluster, nodePools, models.",
    fix: () => "Start from config/stack.yaml of the repository, or restore the file from version control.",
    example: { commentsOnly: false },
  }),
  "CFG-014": entry<{ kind: string }>({
    severity: "error",
    summary: "The file is not a map",
    title: ({ kind }) => `The file is ${kind}, not a map of keys.`,
    why: () => "A stack file is one map: apiVersion, name, environment and so on, each at the start of a line.",
    fix: () =>
      "Write keys at the top level, without a leading dash or bracket, as in config/stack.yaml of the repository.",
    example: { kind: "a list" },
  }),
  "CFG-015": entry<Record<never, never>>({
    severity: "error",
    summary: "The file holds several documents",
    title: () => "A second yaml document starts here.",
    why: () => "One file describes one environment of one stack; what follows a --- line would be ignored.",
    fix: () => "Move the second document to a file of its own, or remove the --- line.",
    example: {},
  }),
  "CFG-016": entry<{ byte: string; latin1: string | null; count: number }>({
    severity: "error",
    summary: "The file is not UTF-8",
    title: ({ byte }) => `The byte ${byte} here is not UTF-8.`,
    why: ({ latin1, count }) =>
      `The file must be UTF-8${latin1 === null ? "" : `; in Latin-1 this byte would be "${latin1}"`}. ` +
      (count === 1 ? "It is the only such byte." : `It is the first of ${count} such bytes.`),
    fix: () => "Save the file as UTF-8; in most editors this is a choice in the status bar.",
    example: { byte: "0xFC", latin1: "ü", count: 1 },
  }),
  "CFG-017": entry<{ encoding: string }>({
    severity: "error",
    summary: "The file is UTF-16",
    title: ({ encoding }) => `The file is ${encoding}.`,
    why: () => "The file must be UTF-8. Some editors and shells on Windows write UTF-16 unless told otherwise.",
    fix: () => "Save the file as UTF-8; in most editors this is a choice in the status bar.",
    example: { encoding: "UTF-16, little-endian" },
  }),
  "CFG-018": entry<{ character: string; count: number }>({
    severity: "error",
    summary: "The file holds a character that yaml forbids",
    title: ({ character }) => `The character ${character} is not allowed in yaml.`,
    why: ({ count }) =>
      "It cannot be seen in an editor, and programs disagree on what it means. " +
      (count === 1 ? "It is the only one." : `It is the first of ${count} such characters.`),
    fix: () => "Remove the character; if it came with text that was pasted, type that text anew.",
    example: { character: "U+0000 (NUL)", count: 1 },
  }),
  "CFG-019": entry<{ key: string }>({
    severity: "error",
    summary: "A key has a reserved name",
    title: ({ key }) => `The key ${key} is reserved.`,
    why: ({ key }) =>
      `Programs in JavaScript give ${key} a meaning of its own, so it cannot name anything in this file.`,
    fix: () => "Choose another name.",
    example: { key: "__proto__" },
  }),
  "CFG-020": entry<Record<never, never>>({
    severity: "error",
    summary: "A merge key is used",
    title: () => "The merge key << is not read.",
    why: () =>
      "Merge keys belong to yaml 1.1. What an entry holds would depend on another place, and a diff would not show it.",
    fix: () => "Write the keys out here.",
    example: {},
  }),
  "CFG-021": entry<{ tag: string }>({
    severity: "error",
    summary: "A tag is used",
    title: ({ tag }) => `The tag ${tag} is not read.`,
    why: () =>
      "The stack file holds plain text, numbers, maps and lists; their kinds follow from how they are written.",
    fix: () => "Remove the tag. To make text of a number, put it in quotes; text that starts with ! needs quotes too.",
    example: { tag: "!!binary" },
  }),
  "CFG-022": entry<{ kind: string }>({
    severity: "error",
    summary: "A key is not text",
    title: ({ kind }) => `A key must be text; this one is ${kind}.`,
    why: () => "Keys are names, and findings, plans and explanations refer to them as text.",
    fix: () => "Write the key as plain text before the colon.",
    example: { kind: "a list" },
  }),
  "CFG-023": entry<{ word: string; meaning: boolean; key: boolean }>({
    severity: "error",
    summary: "A word that yaml 1.1 reads as true or false",
    title: ({ word, key }) =>
      `The ${key ? "key" : "value"} ${word} means different things to different readers of yaml.`,
    why: ({ word, meaning }) =>
      `Yaml 1.2, which this file follows, reads ${word} as text. Yaml 1.1, which many tools still follow, reads it as ${meaning}.`,
    fix: ({ word, meaning, key }) =>
      key
        ? `Put it in quotes: "${word}".`
        : `Put it in quotes if text is meant: "${word}". Write ${meaning} if a boolean is meant.`,
    example: { word: "no", meaning: false, key: false },
  }),
  "CFG-024": entry<{ source: string }>({
    severity: "error",
    summary: "A number cannot be held exactly",
    title: ({ source }) => `The number ${source} cannot be held exactly.`,
    why: () =>
      "Whole numbers are exact up to 9007199254740991; infinity and .nan are not numbers that anything can be sized from.",
    fix: ({ source }) => `Write a smaller number, or put it in quotes if text is meant: "${source}".`,
    example: { source: "99999999999999999999" },
  }),
  "CFG-025": entry<{ directive: string }>({
    severity: "error",
    summary: "A yaml directive is used",
    title: ({ directive }) => `The directive ${directive} is not read.`,
    why: () => "The file is read as yaml 1.2 without tags; a directive would change how values are understood.",
    fix: () => "Remove the line, and the --- line after it.",
    example: { directive: "%YAML 1.1" },
  }),
  "CFG-026": entry<{ character: string }>({
    severity: "error",
    summary: "A character looks like a space and is none",
    title: ({ character }) => `The character ${character} looks like a space and is none.`,
    why: () =>
      "Yaml measures depth and separates keys from values with plain spaces. Others come with text that was copied from a web page or a document.",
    fix: () => "Replace it by a plain space; an editor finds the others with a search for it.",
    example: { character: "U+00A0 (no-break space)" },
  }),
} as const;
