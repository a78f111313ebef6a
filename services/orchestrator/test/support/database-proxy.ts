import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire between a replica and its database that a test can cut, or stop in the middle of a statement. */
export interface DatabaseProxy {
  port: number;
  /** Resolves when a statement with `text` has been sent; it and all after it on that connection wait. */
  holdAt(text: string): Promise<void>;
  /** Ends all connections and takes no new ones. */
  cut(): void;
  close(): Promise<void>;
}

export async function startDatabaseProxy(databasePort: number): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let awaited: { text: string; reached: () => void } | null = null;
  const server = createServer((client) => {
    if (isCut) return client.destroy();
    const database = connect(databasePort, "127.0.0.1");
    let isHeld = false;
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket);
      // A connection that breaks on one side is broken on the other.
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (bytes) => {
      if (awaited !== null && bytes.includes(awaited.text)) {
        isHeld = true;
        awaited.reached();
        awaited = null;
      }
      if (!isHeld) database.write(bytes);
    });
    database.on("data", (bytes) => client.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    holdAt: (text) =>
      new Promise((resolve) => {
        awaited = { text, reached: resolve };
      }),
    cut() {
      isCut = true;
      endAll();
    },
    close() {
      endAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
