/** An image reference taken apart, with the parts that people leave out filled in. */
export interface ImageReference {
  /** Host, with its port if one is written: `docker.io`, `registry.example.com:5000`. */
  readonly registry: string;
  /** Path at the registry: `vllm/vllm-openai`. */
  readonly repository: string;
  readonly tag: string | null;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string | null;
}

/** Why a text is no reference that can be locked. */
type ReferenceProblem =
  | { readonly kind: "unreadable"; readonly detail: string }
  | { readonly kind: "unversioned" }
  | { readonly kind: "latest" };

export type ParsedReference =
  | { readonly reference: ImageReference; readonly problem: null }
  | { readonly reference: null; readonly problem: ReferenceProblem };

const host =
  /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*)(:[0-9]{1,5})?$/;
const component = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;
const tagForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestForm = /^sha256:[0-9a-f]{64}$/;
const maxNameCharacters = 255;

/**
 * The image that a text names. What Docker's own clients fill in is filled in here too, because the lock's keys must
 * say which registry was asked: no host means `docker.io`, one word there means `library/<word>`. A tag or a digest
 * is required, and `latest` does not count as one: neither tells a reviewer what was meant.
 * @see https://github.com/distribution/reference
 */
export function parseImageReference(text: string): ParsedReference {
  const [named, digest, ...rest] = text.split("@");
  if (named === undefined || rest.length > 0) return unreadable("it has more than one `@`");
  if (digest !== undefined && !digestForm.test(digest)) {
    return unreadable(`\`${digest}\` is not a digest, which is \`sha256:\` and 64 hexadecimal digits in lower case`);
  }
  const lastSlash = named.lastIndexOf("/");
  const colon = named.indexOf(":", lastSlash + 1);
  const path = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? null : named.slice(colon + 1);
  if (tag !== null && !tagForm.test(tag)) {
    return unreadable(`\`${tag}\` is not a tag, which is letters, digits, \`_\`, \`.\` and \`-\``);
  }

  const { registry, repository } = splitRegistry(path);
  if (!host.test(registry)) return unreadable(`\`${registry}\` is not a registry's host`);
  if (repository === "" || repository.split("/").some((part) => !component.test(part))) {
    return unreadable(
      `\`${repository}\` is not a repository, which is lower-case letters, digits, \`.\`, \`_\`, \`-\``,
    );
  }
  if (registry.length + repository.length + 1 > maxNameCharacters) {
    return unreadable(`its name is longer than ${maxNameCharacters} characters`);
  }
  if (tag === null && digest === undefined) return { reference: null, problem: { kind: "unversioned" } };
  if (tag === "latest" && digest === undefined) return { reference: null, problem: { kind: "latest" } };
  return { reference: { registry, repository, tag, digest: digest ?? null }, problem: null };
}

/** The one spelling of an image under which the lock keeps it. */
export function imageKey({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === null ? "" : `:${tag}`}${digest === null ? "" : `@${digest}`}`;
}

/** The lock's key for an image as somebody wrote it, or null when the text names no image that can be locked. */
export function lockedImageKey(text: string): string | null {
  const { reference } = parseImageReference(text);
  return reference === null ? null : imageKey(reference);
}

/**
 * The chart that `oci://host/path/name:version` names. Charts lie in registries like images do; a version's `+` is
 * written `_` in the tag, because tags know no `+`.
 * @see https://helm.sh/docs/topics/registries/
 */
export function parseChartReference(text: string): ParsedReference {
  if (!text.startsWith("oci://")) return unreadable("it does not begin with `oci://`");
  const address = text.slice("oci://".length);
  const first = address.split("/")[0] ?? "";
  if (!isHost(first)) return unreadable("no registry stands after `oci://`");
  return parseImageReference(address.replaceAll("+", "_"));
}

function splitRegistry(path: string): { registry: string; repository: string } {
  const slash = path.indexOf("/");
  const first = slash === -1 ? "" : path.slice(0, slash);
  if (slash === -1 || !isHost(first)) {
    return { registry: "docker.io", repository: path.includes("/") ? path : `library/${path}` };
  }
  const rest = path.slice(slash + 1);
  const registry = first === "index.docker.io" ? "docker.io" : first;
  return { registry, repository: registry === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest };
}

/** The rule that every client follows: only a dot, a port or `localhost` makes the first word a host. */
function isHost(word: string): boolean {
  return word.includes(".") || word.includes(":") || word === "localhost";
}

function unreadable(detail: string): ParsedReference {
  return { reference: null, problem: { kind: "unreadable", detail } };
}
