import { at, finding } from "../../config/diagnostics/finding.ts";
import { type Guard, texts } from "./guard.ts";

/** An opening that is not doubled: `$${` is text, `$$${` is a dollar sign and text. */
const template = /(^|[^$])\$\{|(^|[^%])%\{/;

/** GRD-115: the output holds data only; nothing in it is left for Terraform to compute. */
export const unescapedTemplates: Guard = ({ stacks }) =>
  stacks.flatMap(({ name, json }) =>
    [...texts(json)]
      .filter(({ text }) => template.test(text))
      .map(({ at: attribute }) => finding("GRD-115", at(["name"]), { stack: name, attribute })),
  );
