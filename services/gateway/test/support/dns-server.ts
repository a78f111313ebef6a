import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

const recordTypes = { A: 1, SRV: 33 } as const;
const nameNotFound = 3;

type Answer =
  | { readonly type: "A"; readonly address: string }
  | { readonly type: "SRV"; readonly target: string; readonly port: number };

/** A DNS server of the test's own on loopback: answers what `records` holds, and nothing at all while `isSilent`. */
export class DnsServer {
  readonly #socket: Socket;
  /** Answers by name; a name that is not there does not exist. */
  readonly records = new Map<string, readonly Answer[]>();
  isSilent = false;
  /** Questions so far. */
  asked = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (message, from) => this.#answer(message, from));
  }

  static async open(): Promise<DnsServer> {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    return new DnsServer(socket);
  }

  /** As the gateway's settings name it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  addresses(name: string, addresses: readonly string[]): void {
    this.records.set(
      name,
      addresses.map((address) => ({ type: "A", address })),
    );
  }

  close(): void {
    this.#socket.close();
  }

  #answer(question: Buffer, from: RemoteInfo): void {
    this.asked += 1;
    if (this.isSilent) return;
    const { name, end } = readName(question);
    const type = question.readUInt16BE(end);
    const known = this.records.get(name.toLowerCase());
    const answers = (known ?? []).filter((answer) => recordTypes[answer.type] === type);
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (known === undefined ? nameNotFound : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    const parts = [header, question.subarray(12, end + 4), ...answers.map((answer) => record(answer))];
    this.#socket.send(Buffer.concat(parts), from.port, from.address);
  }
}

/** The name that is asked for, and where it ends. */
function readName(question: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), end: at + 1 };
}

function record(answer: Answer): Buffer {
  const data = answer.type === "A" ? Buffer.from(answer.address.split(".").map(Number)) : service(answer);
  const head = Buffer.alloc(12);
  // The name is the one that was asked for.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(recordTypes[answer.type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(5, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function service({ target, port }: { readonly target: string; readonly port: number }): Buffer {
  const fixed = Buffer.alloc(6);
  fixed.writeUInt16BE(port, 4);
  const labels = target.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([fixed, ...labels, Buffer.from([0])]);
}
