import { entry } from "./entry.ts";

/** CFG: the shape of the stack file. 0xx text and yaml, 1xx keys and values, 2xx names and references. */
export const shapeCodes = {
  "CFG-001": entry<{ problem: string }>({
    severity: "error",
    summary: "The file is not readable yaml",
    title: ({ problem }) => `The yaml cannot be read: ${problem}`,
    why: () => "Nothing in the file is used until all of it can be read.",
    fix: () => "Correct the marked place; an editor with a yaml language server shows it as you type.",
    example: { problem: "nested mappings are not allowed in compact mappings." },
  }),
} as const;
