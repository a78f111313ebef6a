import { at, type Finding, finding } from "../diagnostics/finding.ts";
import { check } from "./check.ts";

// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
const longestName = 63;
const longestPrefix = 253;
const dnsName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** Labels that select a pool's nodes are labels that a node can have. */
export const nodePoolLabels = check({
  reads: ["nodePools"],
  run: ({ nodePools }) =>
    Object.entries(nodePools).flatMap(([pool, { labels = {} }]) =>
      Object.entries(labels).flatMap(([key, value]) => {
        const findings: Finding[] = [];
        const path = ["nodePools", pool, "labels", key];
        const inKey = keyProblem(key);
        if (inKey !== null) findings.push(finding("CFG-212", at(path, "key"), { pool, key, problem: inKey }));
        const inValue = value === "" ? null : segmentProblem(value);
        if (inValue !== null) findings.push(finding("CFG-213", at(path), { pool, key, value, problem: inValue }));
        return findings;
      }),
    ),
});

function keyProblem(key: string): string | null {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  if (slash >= 0) {
    const prefix = key.slice(0, slash);
    if (prefix.length > longestPrefix) return `has a prefix of ${prefix.length} characters`;
    if (!dnsName.test(prefix)) return `has the prefix "${prefix}", which is not a DNS name`;
  }
  if (name === "") return slash >= 0 ? "has no name after the slash" : "is empty";
  return segmentProblem(name);
}

function segmentProblem(text: string): string | null {
  if (text.length > longestName) return `has ${text.length} characters where ${longestName} are allowed`;
  const strange = Array.from(text).find((character) => !/[A-Za-z0-9._-]/.test(character));
  if (strange !== undefined) return `holds ${JSON.stringify(strange)}`;
  return /^[A-Za-z0-9](.*[A-Za-z0-9])?$/.test(text) ? null : "does not start and end with a letter or digit";
}
