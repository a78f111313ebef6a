import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { parseImageReference } from "../lock/image-reference.ts";
import { check } from "./check.ts";

/** What the pod that verifies fills in, as Kubernetes writes it. */
const known = ["$(FREEHOLD_SNAPSHOT)", "$(FREEHOLD_PUBLIC_KEY)"] as const;

/** What verifies signatures is pinned itself, and looks at the weights. */
export const residencySignatures = check({
  reads: ["residency"],
  run: ({ residency }): Finding[] => {
    const signatures = residency?.signatures;
    if (signatures === undefined) return [];
    const { image, command } = signatures;
    const path = ["residency", "signatures"];
    const { reference } = parseImageReference(image);
    const findings: Finding[] = [];
    if (reference?.digest === undefined || reference.digest === null) {
      findings.push(finding("RES-122", at([...path, "image"]), { image }));
    }
    if (command === undefined) return findings;
    command.forEach((text, index) => {
      // `$$(` is how Kubernetes writes the characters themselves.
      for (const [word] of text.replaceAll("$$", "").matchAll(/\$\([A-Za-z_][\w.-]*\)/g)) {
        if (known.some((each) => each === word)) continue;
        findings.push(finding("RES-123", at([...path, "command", index]), { word, known }));
      }
    });
    const looks = command.some((text) => text.replaceAll("$$", "").includes(known[0]));
    return looks ? findings : [...findings, finding("RES-124", at([...path, "command"]), {})];
  },
});
