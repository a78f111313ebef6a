import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A known gateway in the same language, to compare with. Installed for the bench alone: the project does not depend on it. */
const name = "@portkey-ai/gateway";
const version = "1.15.2";
/** Its own dependencies are ranges: as they stood on this day. */
const asOf = "2026-11-17";

const folder = fileURLToPath(new URL(`../../../.freehold/peers/portkey-${version}/`, import.meta.url));
const script = join(folder, "node_modules", name, "build", "start-server.js");

/** It listens on every interface and has no option for that. */
const loopbackOnly = `data:text/javascript,${encodeURIComponent(`
  import { Server } from "node:net";
  const listen = Server.prototype.listen;
  Server.prototype.listen = function (port, host, ...rest) {
    return listen.call(this, port, "127.0.0.1", ...(typeof host === "function" ? [host] : rest));
  };
`)}`;

export const peerName = `Portkey ${version}`;

/** What Node.js is started with to run it on a free port, and its address; null where it cannot be installed. */
export async function installPeer() {
  if (!existsSync(script)) {
    mkdirSync(folder, { recursive: true });
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--save-exact", `--before=${asOf}`];
    const done = spawnSync("npm", ["install", "--prefix", folder, ...options, `${name}@${version}`], { stdio: "pipe" });
    if (done.status !== 0) return null;
  }
  const port = await freePort();
  return {
    args: ["--import", loopbackOnly, script, `--port=${port}`, "--headless"],
    environment: { NODE_ENV: "production", TRUSTED_CUSTOM_HOSTS: "127.0.0.1" },
    url: `http://127.0.0.1:${port}`,
    /** Headers that send a request to `engine`. */
    headers: (engine) => ({ "x-portkey-provider": "openai", "x-portkey-custom-host": `${engine}/v1` }),
  };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
