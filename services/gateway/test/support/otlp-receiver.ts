import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

type AttributeValue = string | number | string[];

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly milliseconds: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly error: string | null;
}

interface Wire {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string;
    readonly doubleValue?: number;
    readonly arrayValue?: { readonly values: readonly { readonly stringValue: string }[] };
  };
}
type WireSpan = Omit<ReceivedSpan, "attributes" | "error" | "milliseconds"> & {
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Wire[];
  readonly status: { readonly code?: number; readonly message?: string };
};

export interface ReceivedPoint {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly number[];
}

/** A collector of the test's own: takes OTLP over HTTP in JSON and keeps what it got. */
export class OtlpReceiver {
  readonly #server: Server;
  readonly spans: ReceivedSpan[] = [];
  /** The newest of each metric and its attributes. */
  points: ReceivedPoint[] = [];
  headers: IncomingHttpHeaders = {};
  text = "";
  status = 200;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<OtlpReceiver> {
    const server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      request.on("end", () => {
        if (receiver.status === 200) receiver.#take(request.url ?? "", text);
        receiver.headers = request.headers;
        response.writeHead(receiver.status, { "content-type": "application/json" }).end("{}");
      });
    });
    const receiver = new OtlpReceiver(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(path: string, text: string): void {
    this.text += text;
    const body = JSON.parse(text);
    if (path === "/v1/traces") {
      const spans = body.resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: WireSpan[] }[] }) =>
        scopeSpans.flatMap(({ spans }) => spans),
      ) as WireSpan[];
      this.spans.push(
        ...spans.map((span) => ({
          ...span,
          milliseconds: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
          attributes: plain(span.attributes),
          error: span.status.code === 2 ? (span.status.message ?? "") : null,
        })),
      );
    }
    if (path === "/v1/metrics") {
      this.points = body.resourceMetrics[0].scopeMetrics[0].metrics.flatMap(
        (metric: { name: string; unit: string; histogram: { dataPoints: Record<string, unknown>[] } }) =>
          metric.histogram.dataPoints.map((point) => ({
            name: metric.name,
            unit: metric.unit,
            attributes: plain(point.attributes as Wire[]),
            count: Number(point.count),
            sum: Number(point.sum),
            buckets: (point.bucketCounts as string[]).map(Number),
          })),
      );
    }
  }
}

function plain(attributes: readonly Wire[]): Record<string, AttributeValue> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ??
        (value.intValue === undefined ? undefined : Number(value.intValue)) ??
        value.doubleValue ??
        value.arrayValue?.values.map((one) => one.stringValue) ??
        "",
    ]),
  );
}
