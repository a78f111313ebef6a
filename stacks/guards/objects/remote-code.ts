import { forContainers, hasFlag, type ObjectGuard, variablesOf, wordsOf } from "./object-guard.ts";

const flags = ["--trust-remote-code", "--trust_remote_code", "--code-revision"];
const on = /^(1|true|yes|on)$/i;

/** GRD-220: code of a model's repository runs nowhere. */
export const remoteCode: ObjectGuard = forContainers("GRD-220", (container) => [
  ...flags.filter((flag) => hasFlag(container, flag)).map((flag) => `is given ${flag}`),
  ...(wordsOf(container).some((word) => /"?trust_remote_code"?\s*[:=]\s*"?true/i.test(word))
    ? ["is given trust_remote_code inside an option"]
    : []),
  ...[...variablesOf(container)]
    .filter(([name, value]) => name.endsWith("TRUST_REMOTE_CODE") && on.test(value))
    .map(([name]) => `sets ${name}`),
]);
