import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { ensureTools } from "../../local-cluster/tools.ts";

/** A real OCI registry on loopback, and the client to fill it. */
export interface CraneRegistry {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** Pushes an image with one small file, and tells its digest as crane sees it. */
  push(reference: string, content: string): Promise<string>;
  /** Pushes an index of two images, and tells its digest as crane sees it. */
  pushIndex(reference: string): Promise<string>;
  digest(reference: string): Promise<string>;
  /** What crane prints. */
  run(...words: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** Starts `crane registry serve` on a free port. `directory` is a temporary folder of the test. */
export async function craneRegistry(directory: string): Promise<CraneRegistry> {
  const { crane } = await ensureTools(["crane"], {
    cacheDirectory: join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "freehold"),
    progress: { begin() {}, advance() {}, end() {} },
    signal: AbortSignal.timeout(600_000),
  });
  // Its own folder for credentials: the machine's must not take part in a test.
  const env = { ...process.env, DOCKER_CONFIG: directory };
  const server = spawn(crane, ["registry", "serve", "--address", "127.0.0.1:0"], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: server.stderr }).on("line", (line) => {
      const [, found] = /serving on port (\d+)/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    server.once("exit", (code) => reject(new Error(`crane registry serve ended with ${code}`)));
  });
  const host = `127.0.0.1:${port}`;
  const run = async (...words: readonly string[]) => {
    const { stdout } = await promisify(execFile)(crane, [...words], { env, timeout: 120_000, maxBuffer: 2 ** 26 });
    return stdout.trim();
  };
  const digest = (reference: string) => run("digest", reference);
  const push = async (reference: string, content: string) => {
    const layer = join(directory, `${createHash("sha256").update(content).digest("hex")}.tar`);
    writeFileSync(layer, tar("content.txt", content));
    await run("append", "--oci-empty-base", "--new_layer", layer, "--new_tag", reference);
    return digest(reference);
  };
  return {
    host,
    push,
    digest,
    run,
    async pushIndex(reference) {
      const members = [`${reference}-amd64`, `${reference}-arm64`];
      for (const member of members) await push(member, member);
      await run("index", "append", ...members.flatMap((member) => ["--manifest", member]), "--tag", reference);
      return digest(reference);
    },
    async close() {
      server.kill("SIGKILL");
      await exited;
    },
  };
}

/** A tar archive of one file, in the ustar format. */
function tar(name: string, content: string): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((512 - (body.length % 512)) % 512);
  return Buffer.concat([header, body, padding, Buffer.alloc(1024)]);
}
