/**
 * What a file may hold before it is refused. A file of a hundred models has about 50 kB, 5000 keys and values and
 * 20000 lexical parts, nested seven deep; the limits leave a factor of ten and more, and keep the time to read any
 * file below about a second.
 */
export const limits = {
  /** A file must be smaller than this. Bytes of UTF-8. */
  fileBytes: 1_000_000,
  /** Collections inside collections. */
  depth: 50,
  /** Lexical parts: keys, values, punctuation, spaces, line ends. */
  parts: 250_000,
  /** Keys and values with aliases written out. */
  expandedNodes: 50_000,
  /** Yaml errors shown of one file; those after it are mostly echoes of the first. */
  yamlErrors: 10,
} as const;
