const bucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One row of a histogram; `counts[i]` holds what fell between bound `i - 1` and bound `i`. */
export class Series {
  readonly counts = bucketsSeconds.map(() => 0);
  sum = 0;
  count = 0;

  observe(seconds: number): void {
    const bucket = bucketsSeconds.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += seconds;
    this.count += 1;
  }
}

type Labels = Readonly<Record<string, string>>;

function key(labels: Labels): string {
  return Object.entries(labels)
    .map(
      ([name, value]) => `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`,
    )
    .join(",");
}

class Counter {
  readonly #values = new Map<string, number>();
  readonly name: string;
  readonly help: string;

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  add(labels: Labels, amount = 1): void {
    const at = key(labels);
    this.#values.set(at, (this.#values.get(at) ?? 0) + amount);
  }

  lines(): string[] {
    return [
      `# HELP ${this.name} ${this.help}`,
      `# TYPE ${this.name} counter`,
      ...[...this.#values].map(([labels, value]) => `${this.name}{${labels}} ${value}`),
    ];
  }
}

class Histogram {
  readonly #values = new Map<string, Series>();
  readonly name: string;
  readonly help: string;

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  /** The row of these labels, to be kept by who observes often. */
  series(labels: Labels): Series {
    const at = key(labels);
    let series = this.#values.get(at);
    if (series === undefined) {
      series = new Series();
      this.#values.set(at, series);
    }
    return series;
  }

  observe(labels: Labels, seconds: number): void {
    this.series(labels).observe(seconds);
  }

  lines(): string[] {
    const lines = [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} histogram`];
    for (const [labels, { counts, sum, count }] of this.#values) {
      let below = 0;
      for (const [index, bound] of bucketsSeconds.entries()) {
        below += counts[index] ?? 0;
        lines.push(`${this.name}_bucket{${labels},le="${bound}"} ${below}`);
      }
      lines.push(
        `${this.name}_bucket{${labels},le="+Inf"} ${count}`,
        `${this.name}_sum{${labels}} ${sum}`,
        `${this.name}_count{${labels}} ${count}`,
      );
    }
    return lines;
  }
}

/** What the gateway counts, in Prometheus' text form. */
export class Metrics {
  readonly requests = new Counter("freehold_gateway_requests_total", "Requests by route, model, version and status.");
  readonly refusals = new Counter(
    "freehold_gateway_refusals_total",
    "Requests refused by the gateway itself, by code.",
  );
  readonly tokens = new Counter("freehold_gateway_tokens_total", "Tokens of prompts and answers, each once.");
  readonly usd = new Counter("freehold_gateway_usd_total", "What the tokens cost by the settings' prices.");
  readonly retries = new Counter("freehold_gateway_retries_total", "Further tries before the first token, by cause.");
  readonly continuations = new Counter(
    "freehold_gateway_continuations_total",
    "Answers that went on elsewhere, by outcome.",
  );
  readonly ineligible = new Counter(
    "freehold_gateway_streams_total",
    "Streams, by why they could not go on elsewhere; `none` can.",
  );
  readonly ejections = new Counter("freehold_gateway_ejections_total", "Backends taken out of use, by cause.");
  readonly budgetBlocks = new Counter(
    "freehold_gateway_budget_blocks_total",
    "Parts of tenants' days taken from the shared budget, by outcome.",
  );
  readonly spansLost = new Counter("freehold_gateway_spans_lost_total", "Spans that no collector took.");
  readonly timeToFirstToken = new Histogram(
    "freehold_gateway_time_to_first_token_seconds",
    "From request to first token.",
  );
  readonly interToken = new Histogram(
    "freehold_gateway_inter_token_seconds",
    "Between two tokens of one answer from one replica.",
  );
  readonly stall = new Histogram(
    "freehold_gateway_stall_seconds",
    "From a break to the next token on another replica.",
  );

  render(): string {
    const all = [
      this.requests,
      this.refusals,
      this.tokens,
      this.usd,
      this.retries,
      this.continuations,
      this.ineligible,
      this.ejections,
      this.budgetBlocks,
      this.spansLost,
      this.timeToFirstToken,
      this.interToken,
      this.stall,
    ];
    return `${all.flatMap((metric) => metric.lines()).join("\n")}\n`;
  }
}
