import { join } from "node:path";
import * as z from "zod";
import { readOptionalFile, replaceFile } from "../disk.ts";

/** What a checkout remembers by a key, in a file that only its owner reads. */
export interface Remembered<T> {
  /** Null where nothing is remembered. */
  recall(root: string, key: string): T | null;
  /** Null forgets. Nothing is written where there was nothing to forget. */
  remember(root: string, key: string, value: T | null): void;
}

/** A memory in `.freehold/<fileName>`. It is a convenience: a damaged one is an empty one. */
export function remembered<T>(fileName: string, entry: z.ZodType<T>): Remembered<T> {
  const memory = z.record(z.string(), entry);
  const pathOf = (root: string) => join(root, ".freehold", fileName);
  const read = (root: string): Record<string, T> => {
    const text = readOptionalFile(pathOf(root));
    if (text === null) return {};
    try {
      return memory.parse(JSON.parse(text));
    } catch {
      return {};
    }
  };
  return {
    recall: (root, key) => read(root)[key] ?? null,
    remember(root, key, value) {
      const { [key]: known, ...others } = read(root);
      if (known === undefined && value === null) return;
      const next = value === null ? others : { ...others, [key]: value };
      replaceFile(pathOf(root), `${JSON.stringify(next, null, 2)}\n`, 0o600);
    },
  };
}
