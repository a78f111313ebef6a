// Proves: a port is free or taken as the system says. Real sockets on loopback.
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { findFreePort, isPortFree } from "../../local-cluster/ports.ts";
import { listen } from "../support/loopback-server.ts";

it("finds ports that are free, and not the same one for ever", async () => {
  const ports = await Promise.all(Array.from({ length: 8 }, findFreePort));
  expect(await Promise.all(ports.map(isPortFree))).toEqual(ports.map(() => true));
  expect(new Set(ports).size).toBeGreaterThan(1);
});

it("sees that a port is taken, and that it is free again", async () => {
  const server = await listen((_, response) => response.end());
  expect(await isPortFree(server.port)).toBe(false);
  await server.close();
  expect(await isPortFree(server.port)).toBe(true);
});

it("sees that a port is taken by a server that listens on every address", async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen({ host: "0.0.0.0", port: 0 }, () => resolve((server.address() as { port: number }).port));
  });
  expect(await isPortFree(port)).toBe(false);
  server.close();
});
