/** What keeps a text from being the name of one host, as the end of a sentence; null when nothing does. */
export function hostProblem(text: string): string | null {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return "begins with a scheme, which a host has not";
  const strange = Array.from(text).find((character) => (character.codePointAt(0) ?? 0) > 0x7e || character <= " ");
  if (strange !== undefined) {
    const code = (strange.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `holds the character U+${code}, which can look like another one`;
  }
  if (text.includes("*")) return "holds a wildcard, which would allow hosts that nobody has read";
  if (text.includes("@")) return "holds an `@`: what stands before it is a user and not a host";
  if (text.includes("/")) return "holds a path";
  const [, host = "", port] = /^(.*?)(?::([0-9]*))?$/.exec(text) ?? [];
  if (port !== undefined && !(Number(port) >= 1 && Number(port) <= 65_535)) return "has a port outside 1 to 65535";
  if (/(^|\.)xn--/i.test(host)) return "is written in punycode, which hides the letters that a reader would see";
  if (/^[0-9.]+$/.test(host)) return "is an address: what answers there cannot be told by a name";
  if (/[A-Z]/.test(host)) return "has upper-case letters";
  if (host.length > 253 || !/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(host)) {
    return "is not a host's full name, such as `registry.example.com`";
  }
  return null;
}

/** Names that lead into the cluster, and those under which clouds hand out the node's credentials. */
const insideNames = /(^|\.)(svc|cluster\.local|localdomain|metadata\.google\.internal|metadata\.goog)$/;

/** The same for a host outside the cluster. */
export function outsideHostProblem(text: string): string | null {
  const { host } = hostAndPort(text);
  if (insideNames.test(host)) return "is a name of the cluster or of its node, and not one outside";
  return hostProblem(text);
}

/** A host and the port that is meant: 443 where none is written. */
export function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const [, host = text, port] = /^(.*?)(?::([0-9]+))?$/.exec(text) ?? [];
  return { host, port: port === undefined ? 443 : Number(port) };
}

/** The same for `host` or `host/path` of a registry. */
export function registryProblem(text: string): string | null {
  const slash = text.indexOf("/");
  if (slash === -1 || /^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return hostProblem(text);
  const host = text.slice(0, slash);
  if (!host.includes(".") && !host.includes(":")) {
    return "names no host: without a dot or a port, clients read its first word as a path at docker.io";
  }
  const problem = hostProblem(host);
  if (problem !== null) return problem;
  const path = text.slice(slash + 1);
  const parts = path.split("/");
  return parts.every((part) => /^[a-z0-9]+([._-]+[a-z0-9]+)*$/.test(part)) ? null : "has a path that no registry has";
}

/** Whether an image's `registry/repository` lies below `host` or `host/path`. */
export function liesBelow(image: string, registry: string): boolean {
  return image === registry || image.startsWith(`${registry}/`);
}
