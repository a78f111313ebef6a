import { StringDecoder } from "node:string_decoder";

/** Splits the bytes of a server-sent event stream into the data of its events; chunks may end anywhere. */
export class EventParser {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onData: (data: string) => void;
  #rest = "";

  constructor(onData: (data: string) => void) {
    this.#onData = onData;
  }

  push(chunk: Buffer): void {
    this.#rest += this.#decoder.write(chunk);
    let start = 0;
    for (;;) {
      const end = this.#rest.indexOf("\n", start);
      if (end === -1) break;
      // Engines put one `data:` line into an event, so a line is an event; comments and other fields are none.
      if (this.#rest.startsWith("data:", start)) {
        const from = this.#rest[start + 5] === " " ? start + 6 : start + 5;
        this.#onData(this.#rest.slice(from, this.#rest[end - 1] === "\r" ? end - 1 : end));
      }
      start = end + 1;
    }
    this.#rest = this.#rest.slice(start);
  }
}
