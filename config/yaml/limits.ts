/**
 * What a file may hold before it is refused. Measured: a file of a hundred models without comments has 23 kB, 9600
 * lexical parts and about 3000 keys and values, nested seven deep. The limits leave a factor of seven and more, and
 * keep the time to read any file to about a second on two slow cores.
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
