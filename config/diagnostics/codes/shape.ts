import { referenceCodes } from "./references.ts";
import { textCodes } from "./text.ts";
import { valueCodes } from "./values.ts";

/** CFG: the shape of the stack file. 0xx text and yaml, 1xx keys and values, 2xx names and references. */
export const shapeCodes = { ...textCodes, ...valueCodes, ...referenceCodes } as const;
