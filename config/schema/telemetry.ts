import * as z from "zod";
import { insidePlace } from "./inside-place.ts";
import { secretKey } from "./secret-key.ts";

/** Where a service sends its spans and metrics. */
export const telemetry = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .meta({
      description:
        "Base of an OTLP/HTTP collector, such as `http://collector.observability.svc:4318`; `/v1/traces` and `/v1/metrics` are added to it. The collector's pods listen on the same port as the address names.",
    }),
  ...insidePlace,
  headers: secretKey.optional().meta({
    description: "A JSON object of headers that the collector asks for, such as its key. Left out: none.",
  }),
  sampleShare: z.number().min(0).max(1).default(1).meta({
    description:
      "Share of new traces whose spans are sent; what callers trace is as they say. Left out: 1. Fraction of 1.",
  }),
});
