import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type LoopbackServer, listen } from "./loopback-server.ts";

/** Files of one commit by name, large ones stored apart as the hub does it. */
export interface HubCommit {
  readonly commit: string;
  readonly directory: string;
}

/** Writes files below a folder and gives them the commit that their content makes. */
export function writeCommit(directory: string, files: Readonly<Record<string, string>>): HubCommit {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return { commit: createHash("sha1").update(JSON.stringify(files)).digest("hex"), directory };
}

/**
 * A hub on loopback: the one address of the hub's API that the lock asks, answered from files on disk with their true
 * sizes and hashes. `revisions` maps `owner/name@revision` to a commit and may change while it runs.
 */
export function hubServer(
  revisions: ReadonlyMap<string, HubCommit>,
  options: { readonly token?: string; readonly gated?: boolean } = {},
): Promise<LoopbackServer> {
  return listen((request, response) => {
    const url = new URL(request.url ?? "", "http://hub");
    const [, repository = "", revision = ""] =
      /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/]+)$/.exec(url.pathname) ?? [];
    const refuse = (status: number, code: string) => {
      response.writeHead(status, { "x-error-code": code, "content-type": "application/json" });
      response.end(JSON.stringify({ error: code }));
    };
    const isKnown = [...revisions.keys()].some((key) => key.startsWith(`${repository}@`));
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`) {
      refuse(401, options.gated ? "GatedRepo" : "RepoNotFound");
    } else if (!isKnown) {
      refuse(404, "RepoNotFound");
    } else {
      const found = revisions.get(`${repository}@${decodeURIComponent(revision)}`);
      if (found === undefined) return refuse(404, "RevisionNotFound");
      const withBlobs = url.searchParams.get("blobs") === "true";
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({
          id: repository,
          sha: found.commit,
          gated: options.gated ? "auto" : false,
          siblings: siblings(found.directory, withBlobs),
        }),
      );
    }
  });
}

function siblings(directory: string, withBlobs: boolean): object[] {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath ?? entry.path, entry.name)));
  return names.map((rfilename) => {
    if (!withBlobs) return { rfilename };
    const content = readFileSync(join(directory, rfilename));
    const blobId = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
    const sha256 = createHash("sha256").update(content).digest("hex");
    const lfs = /\.(safetensors|bin)$/.test(rfilename) ? { size: content.length, sha256, pointerSize: 134 } : undefined;
    return { rfilename, size: content.length, blobId, lfs };
  });
}
