import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { Failure } from "../../config/diagnostics/failure.ts";
import { finding, passes } from "../../config/diagnostics/finding.ts";
import { load } from "../../config/load.ts";
import { parseLock } from "../../config/lock/parse.ts";
import { references } from "../../config/lock/references.ts";
import type { Lock } from "../../config/lock/schema.ts";
import { lockDefaults } from "../../decisions/catalog/lock-defaults.ts";
import { stackId } from "../../decisions/lock-use.ts";
import { type Command, type CommandContext, exitCodes, fileUsage, jsonOption } from "../command.ts";
import { readOptionalFile, readUserFile, replaceDirectory, replaceFile } from "../disk.ts";
import { buildImages, serviceImages } from "../images/build.ts";
import { Crane } from "../images/crane.ts";
import { destination, lockKey, lockWith, publish, publishedReference } from "../images/publish.ts";
import { lockPathOf, refuse, stackPath } from "../stack.ts";
import { ProgressReport } from "../terminal/progress.ts";
import { table } from "../terminal/table.ts";
import { findTools } from "../tools.ts";

const output = ".freehold/images";
const store = ".freehold/base-images";

export const images: Command = {
  name: "images",
  summary: "Builds the images of the services without a container engine; with --to it pushes and locks them.",
  usage: `${fileUsage} [--to REGISTRY/PATH] [--base IMAGE] [--only NAMES] [--json]`,
  positionals: 1,
  options: {
    to: {
      type: "string",
      value: "REGISTRY/PATH",
      description:
        "Push each image to REGISTRY/PATH/<service>:<version> and write its digest into the lock beside the stack file. Left out: the images stay in .freehold/images.",
    },
    base: {
      type: "string",
      value: "IMAGE",
      description: "Base image with its digest. Left out: the one that each Dockerfile names.",
    },
    only: { type: "string", value: "NAMES", description: "Services, with commas between. Left out: all." },
    ...jsonOption,
  },
  async run(context, options, [file]) {
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
    const only = text("only")?.split(",") ?? [];
    const wanted = serviceImages(context.root, only);
    const to = text("to") === undefined ? null : destination(text("to") ?? "");
    const locking = to === null ? null : openLock(context, file, options.json === true);
    if (locking === "refused") return exitCodes.findings;

    const progress = new ProgressReport(context.terminal);
    const { crane: program } = await findTools(context, ["crane"], progress);
    mkdirSync(join(context.root, ".freehold"), { recursive: true });
    // Beside where the images stay: they are moved there, and base layers are linked, not copied.
    const workshop = mkdtempSync(join(context.root, ".freehold", "images-"));
    try {
      const crane = new Crane(program, context, workshop);
      const out = join(workshop, "out");
      progress.begin({ id: "build", label: "Build the images" });
      const built = await ending(progress, "build", () =>
        buildImages(wanted, {
          context,
          crane,
          base: text("base"),
          out,
          store: join(context.root, store),
          workshop,
        }),
      );
      if (to !== null) {
        progress.begin({ id: "push", label: `Push the images to ${to.path}` });
        await ending(progress, "push", () =>
          publish(built, { to, crane, onPush: (reference) => progress.advance("push", null, reference) }),
        );
      }
      replaceDirectory(join(context.root, output), (temporary) => renameSync(out, temporary));
      const rows = built.map((each) => ({
        service: each.service,
        reference: to === null ? null : publishedReference(to, each),
        digest: each.image.digest,
        packages: each.packages,
        billOfMaterials: `${output}/${each.service}.cdx.json`,
      }));
      const { stdout } = context.terminal;
      if (options.json === true) stdout.write(`${JSON.stringify({ images: rows }, null, 2)}\n`);
      else {
        const cells = rows.map((row) => [row.service, row.digest, String(row.packages), row.reference ?? output]);
        stdout.write(`${table(["SERVICE", "DIGEST", "PACKAGES", "WHERE"], cells)}\n`);
      }
      if (to !== null && locking !== null) {
        const { asked, lock, text: before, name } = locking;
        const after = lockWith(built, { to, now: context.now(), lock, asked });
        if (after !== before) replaceFile(locking.path, after);
        if (options.json !== true) {
          for (const each of built.filter((each) => !asked.has(lockKey(to, each)))) {
            stdout.write(`${locking.stack} asks for no ${publishedReference(to, each)}; it is not in the lock.\n`);
          }
          stdout.write(after === before ? `${name} is up to date.\n` : `wrote ${name}\n`);
        }
      }
      return exitCodes.fine;
    } finally {
      progress.close();
      rmSync(workshop, { recursive: true, force: true });
    }
  },
};

interface OpenedLock {
  readonly name: string;
  readonly path: string;
  /** Null where there is none yet. */
  readonly text: string | null;
  readonly lock: Lock;
  /** The stack file, as shown to the user. */
  readonly stack: string;
  /** Keys of the images that it asks for. */
  readonly asked: ReadonlySet<string>;
}

/** The lock that digests go into, before anything is built for it; an empty one where there is none. */
function openLock(context: CommandContext, file: string | undefined, asJson: boolean): OpenedLock | "refused" {
  const shown = (path: string) => relative(context.workingDirectory, path) || path;
  const stack = stackPath(context, file);
  const path = lockPathOf(stack);
  const name = shown(path);
  const source = readUserFile(stack, shown(stack));
  const text = readOptionalFile(path, name);
  const loaded = load(source);
  const parsed = text === null ? { lock: null, findings: [] } : parseLock(text);
  const found = [...loaded.findings, ...parsed.findings];
  if (!passes(found) || loaded.config === null) {
    const files = {
      stack: { name: shown(stack), text: loaded.text },
      ...(text === null ? {} : { lock: { name, text } }),
    };
    refuse(context, asJson, found, files);
    return "refused";
  }
  const id = stackId(loaded.config);
  const lock = parsed.lock ?? { lockVersion: 1, stack: id, images: {}, weights: {}, charts: {} };
  if (lock.stack !== id) {
    throw new Failure(finding("LCK-103", { subject: name }, { belongsTo: lock.stack, stack: id }));
  }
  const { images: asked } = references(loaded.config, lockDefaults);
  return { name, path, text, lock, stack: shown(stack), asked: new Set(asked) };
}

async function ending<T>(progress: ProgressReport, id: string, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    progress.end(id, "done");
    return result;
  } catch (error) {
    progress.end(id, "failed");
    throw error;
  }
}
