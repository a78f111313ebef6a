import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

const tickMilliseconds = 100;

/** A way to an engine that can become slow: what the engine sends then trickles. */
export class SlowLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timer: NodeJS.Timeout;
  readonly #waiting = new Map<Socket, Buffer[]>();
  /** What each connection may carry to the gateway; unlimited at first. */
  bytesPerSecond = Number.POSITIVE_INFINITY;

  private constructor(server: Server) {
    this.#server = server;
    this.#timer = setInterval(() => this.#trickle(), tickMilliseconds);
  }

  static async open(engine: string): Promise<SlowLink> {
    const { hostname, port } = new URL(engine);
    const server = createServer();
    const link = new SlowLink(server);
    server.on("connection", (near) => link.#join(near, connect(Number(port), hostname)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return link;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket.setNoDelay(true));
      // A reset goes through as a reset, a close as a close.
      socket.on("error", () => other.resetAndDestroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroySoon();
      });
    }
    near.pipe(far);
    far.on("data", (chunk: Buffer) => {
      const waiting = this.#waiting.get(near);
      if (waiting !== undefined) waiting.push(chunk);
      else if (Number.isFinite(this.bytesPerSecond)) this.#waiting.set(near, [chunk]);
      else near.write(chunk);
    });
    far.on("end", () => near.end());
    near.on("close", () => this.#waiting.delete(near));
  }

  #trickle(): void {
    for (const [near, chunks] of this.#waiting) {
      const all = Buffer.concat(chunks);
      const most = Math.min(all.length, Math.ceil((this.bytesPerSecond * tickMilliseconds) / 1000));
      near.write(all.subarray(0, most));
      if (most < all.length || Number.isFinite(this.bytesPerSecond)) this.#waiting.set(near, [all.subarray(most)]);
      else this.#waiting.delete(near);
    }
  }
}
