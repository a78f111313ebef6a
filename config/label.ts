// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
const longestName = 63;
const longestPrefix = 253;
const dnsName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** What keeps a text from being a label's key, as the end of a sentence; null when nothing does. */
export function labelKeyProblem(key: string): string | null {
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

/** The same for a label's value. */
export function labelValueProblem(text: string): string | null {
  return text === "" ? null : segmentProblem(text);
}

function segmentProblem(text: string): string | null {
  if (text.length > longestName) return `has ${text.length} characters where ${longestName} are allowed`;
  const strange = Array.from(text).find((character) => !/[A-Za-z0-9._-]/.test(character));
  if (strange !== undefined) return `holds ${JSON.stringify(strange)}`;
  return /^[A-Za-z0-9](.*[A-Za-z0-9])?$/.test(text) ? null : "does not start and end with a letter or digit";
}
