import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below those that systems hand out by themselves, for connections too: nobody comes by one between search and use. */
const [lowest, highest] = [15_000, 32_000];

/** A port of loopback that nobody listens at, and that nobody is given who did not ask for it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
