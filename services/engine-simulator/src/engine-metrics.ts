import type { Scheduler } from "./scheduler.ts";

const bucketsSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

class Histogram {
  readonly #counts = bucketsSeconds.map(() => 0);
  #sum = 0;
  #count = 0;

  observe(seconds: number): void {
    bucketsSeconds.forEach((bound, index) => {
      if (seconds <= bound) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    });
    this.#sum += seconds;
    this.#count += 1;
  }

  lines(name: string, labels: string): string[] {
    return [
      `# TYPE ${name} histogram`,
      ...bucketsSeconds.map((bound, index) => `${name}_bucket{${labels},le="${bound}"} ${this.#counts[index]}`),
      `${name}_bucket{${labels},le="+Inf"} ${this.#count}`,
      `${name}_sum{${labels}} ${this.#sum}`,
      `${name}_count{${labels}} ${this.#count}`,
    ];
  }
}

/** Counts under the names that vLLM 0.33 gives them. */
export class EngineMetrics {
  promptTokens = 0;
  generationTokens = 0;
  readonly finished: Record<string, number> = { stop: 0, length: 0, abort: 0, error: 0 };
  readonly timeToFirstToken = new Histogram();
  readonly interTokenLatency = new Histogram();

  render(model: string, scheduler: Scheduler): string {
    const labels = `model_name="${model}",engine="0"`;
    const one = (type: string, name: string, value: number) => [
      `# TYPE ${name} ${type}`,
      `${name}{${labels}} ${value}`,
    ];
    return [
      ...one("gauge", "vllm:num_requests_running", scheduler.running),
      ...one("gauge", "vllm:num_requests_waiting", scheduler.waiting),
      ...one("gauge", "vllm:kv_cache_usage_perc", scheduler.kvUsage),
      ...one("counter", "vllm:num_preemptions_total", scheduler.preemptions),
      ...one("counter", "vllm:prompt_tokens_total", this.promptTokens),
      ...one("counter", "vllm:generation_tokens_total", this.generationTokens),
      ...one("counter", "vllm:iteration_tokens_total_count", scheduler.steps),
      "# TYPE vllm:request_success_total counter",
      ...Object.entries(this.finished).map(
        ([reason, count]) => `vllm:request_success_total{${labels},finished_reason="${reason}"} ${count}`,
      ),
      ...this.timeToFirstToken.lines("vllm:time_to_first_token_seconds", labels),
      ...this.interTokenLatency.lines("vllm:inter_token_latency_seconds", labels),
      "",
    ].join("\n");
  }
}
