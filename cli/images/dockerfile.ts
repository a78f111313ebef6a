import { Failure } from "../../config/diagnostics/failure.ts";
import { finding } from "../../config/diagnostics/finding.ts";

/** One file that is put into the image. */
export interface Copy {
  /** Name of a file that `services/build.mjs` makes. */
  readonly from: string;
  /** Absolute path in the image. */
  readonly to: string;
  readonly mode: number;
}

/** What a Dockerfile says, as far as an image can be made without running anything in it. */
export interface Recipe {
  /** Reference of the base image, unless told otherwise. */
  readonly base: string;
  readonly copies: readonly Copy[];
  /** `uid:gid`, never root. */
  readonly user: string;
  readonly entrypoint: readonly string[];
}

/** A header of a layer holds no longer name. */
const mostPathBytes = 100;
const bundleFolder = ".freehold/services/";

/**
 * The recipe that a Dockerfile writes down. Only instructions that need no container engine are taken, each in one form,
 * so that an engine makes the same image from the same lines. @throws Failure IMG-102
 */
export function parseDockerfile(text: string, path: string): Recipe {
  let base: string | null = null;
  let isFromSeen = false;
  let user: string | null = null;
  let entrypoint: readonly string[] | null = null;
  const copies: Copy[] = [];

  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const refuse = (problem: string) =>
      new Failure(finding("IMG-102", { subject: path }, { line: index + 1, problem }));
    const [, instruction = "", rest = ""] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? [];
    if (instruction === "" || instruction.startsWith("#")) continue;
    switch (instruction) {
      case "ARG":
        if (!rest.startsWith("BASE=")) throw refuse("the only argument is BASE, the base image");
        base = rest.slice("BASE=".length);
        break;
      case "FROM":
        if (rest !== "${BASE}") throw refuse("it must be FROM ${BASE}, so that another base can be named");
        isFromSeen = true;
        break;
      case "COPY":
        copies.push(parseCopy(rest, refuse));
        break;
      case "USER":
        if (!/^[1-9]\d*:[1-9]\d*$/.test(rest)) throw refuse("the user must be numbers, uid:gid, and not root");
        user = rest;
        break;
      case "ENTRYPOINT":
        entrypoint = parseEntrypoint(rest);
        if (entrypoint === null) throw refuse("the entrypoint must be a JSON list of words, because there is no shell");
        break;
      default:
        throw refuse(`${instruction} is not one of its instructions`);
    }
  }
  if (base === null || !isFromSeen || user === null || entrypoint === null || copies.length === 0) {
    const missing = [
      base === null && "ARG BASE",
      !isFromSeen && "FROM",
      copies.length === 0 && "COPY",
      user === null && "USER",
      entrypoint === null && "ENTRYPOINT",
    ].filter((name) => name !== false);
    const problem = `after it there is still no ${missing.join(", ")}`;
    throw new Failure(finding("IMG-102", { subject: path }, { line: lines.length, problem }));
  }
  return { base, copies, user, entrypoint };
}

function parseCopy(rest: string, refuse: (problem: string) => Failure): Copy {
  const [, mode, source, to] = /^--chmod=(0[0-7]{3}) (\S+) (\/\S+)$/.exec(rest) ?? [];
  if (mode === undefined || source === undefined || to === undefined) {
    throw refuse("a file is copied by COPY --chmod=0444 SOURCE /TARGET");
  }
  const from = source.slice(bundleFolder.length);
  if (!source.startsWith(bundleFolder) || from.includes("/")) {
    throw refuse(`only files of ${bundleFolder} are copied`);
  }
  if (
    to
      .split("/")
      .slice(1)
      .some((part) => part === "" || part === "." || part === "..") ||
    to.length > mostPathBytes
  ) {
    throw refuse(`${to} is not a path that a layer can hold`);
  }
  if ((Number.parseInt(mode, 8) & 0o222) !== 0) throw refuse("a file of an image must not be writable");
  return { from, to, mode: Number.parseInt(mode, 8) };
}

function parseEntrypoint(text: string): readonly string[] | null {
  try {
    const words: unknown = JSON.parse(text);
    const isList = Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === "string");
    return isList ? words : null;
  } catch {
    return null;
  }
}
