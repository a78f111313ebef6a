import { lastLines } from "../process.ts";
import { type ClusterAccess, kubectl, unreachable } from "./kubectl.ts";

/** What the API server says of one object: the object, or why there is none to show. */
export type LiveObject<T> =
  | { readonly state: "there"; readonly object: T }
  | { readonly state: "absent" }
  /** No definition of its kind is installed. */
  | { readonly state: "unknown-kind" }
  /** The account may not read it. */
  | { readonly state: "hidden"; readonly reason: string };

/** An object's place: the full name of its resource, such as `gateways.gateway.networking.k8s.io`. */
export interface ObjectReference {
  readonly resource: string;
  readonly name: string;
  readonly namespace?: string;
}

/** One object, read without a change; a `Failure` where the cluster does not answer at all. */
export function readObject<T>(access: ClusterAccess, reference: ObjectReference): Promise<LiveObject<T>> {
  const { resource, name, namespace } = reference;
  const where = namespace === undefined ? [] : ["--namespace", namespace];
  return read<T>(access, [resource, name, ...where, "--ignore-not-found"]);
}

/** All objects of a resource in the namespaces that are asked for, by `args` of kubectl. */
export async function readList<T>(
  access: ClusterAccess,
  resource: string,
  args: readonly string[] = [],
): Promise<LiveObject<readonly T[]>> {
  const list = await read<{ readonly items: readonly T[] }>(access, [resource, ...args]);
  return list.state === "there" ? { state: "there", object: list.object.items } : list;
}

async function read<T>(access: ClusterAccess, args: readonly string[]): Promise<LiveObject<T>> {
  const result = await kubectl(access, ["get", ...args, "--output", "json"]);
  if (result.status === 0) {
    return result.stdout.trim() === ""
      ? { state: "absent" }
      : { state: "there", object: JSON.parse(result.stdout) as T };
  }
  if (result.stderr.includes("the server doesn't have a resource type")) return { state: "unknown-kind" };
  if (result.stderr.includes("(Forbidden)")) return { state: "hidden", reason: lastLines(result, 1) };
  throw unreachable(access, result);
}
