/** What one engine reports at one moment. */
export interface EngineState {
  readonly running: number;
  readonly waiting?: number;
  readonly steps: number;
  readonly cache?: number;
}

/**
 * An answer of vLLM 0.33 at /metrics, with the series around those that matter: names that only begin alike, buckets,
 * and a model name with characters that could end a label early.
 */
export function vllmMetrics(engines: Readonly<Record<string, EngineState>>): string {
  const labels = (engine: string) => `model_name="chat}, engine=\\"9\\"",engine="${engine}"`;
  const series = (type: string, name: string, value: (state: EngineState) => string) => [
    `# TYPE ${name} ${type}`,
    ...Object.entries(engines).map(([engine, state]) => `${name}{${labels(engine)}} ${value(state)}`),
  ];
  return [
    ...series("gauge", "vllm:num_requests_running", ({ running }) => running.toFixed(1)),
    ...series("gauge", "vllm:num_requests_waiting", ({ waiting = 0 }) => String(waiting)),
    "# TYPE vllm:num_requests_waiting_by_reason gauge",
    ...Object.keys(engines).map(
      (engine) => `vllm:num_requests_waiting_by_reason{${labels(engine)},reason="capacity"} 7`,
    ),
    ...series("gauge", "vllm:kv_cache_usage_perc", ({ cache = 0.62 }) => String(cache)),
    "# TYPE vllm:iteration_tokens_total histogram",
    ...Object.entries(engines).flatMap(([engine, { steps }]) => [
      `vllm:iteration_tokens_total_bucket{${labels(engine)},le="+Inf"} ${steps}`,
      `vllm:iteration_tokens_total_sum{${labels(engine)}} 1.62e+07`,
      `vllm:iteration_tokens_total_count{${labels(engine)}} ${steps.toExponential()}`,
    ]),
    "# TYPE process_resident_memory_bytes gauge",
    "process_resident_memory_bytes 9.1e+09",
    "",
  ].join("\n");
}
