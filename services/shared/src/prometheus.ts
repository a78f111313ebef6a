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

/** Some ten times for each request: nothing is made that is not needed. */
function key(labels: Labels): string {
  let text = "";
  for (const name in labels) text += `${text === "" ? "" : ","}${name}="${escaped(labels[name] ?? "")}"`;
  return text;
}

function escaped(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** One number for each set of labels. */
abstract class Numbers {
  protected readonly values = new Map<string, number>();
  protected abstract readonly type: "counter" | "gauge";
  readonly name: string;
  readonly help: string;

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  lines(): string[] {
    return [
      `# HELP ${this.name} ${this.help}`,
      `# TYPE ${this.name} ${this.type}`,
      ...[...this.values].map(([labels, value]) => `${this.name}{${labels}} ${value}`),
    ];
  }
}

/** A number that only grows, by labels. */
export class Counter extends Numbers {
  protected readonly type = "counter";

  add(labels: Labels, amount = 1): void {
    const at = key(labels);
    this.values.set(at, (this.values.get(at) ?? 0) + amount);
  }
}

/** A value as it is now, by labels; what was not set since the last clear is not shown. */
export class Gauge extends Numbers {
  protected readonly type = "gauge";

  set(labels: Labels, value: number): void {
    this.values.set(key(labels), value);
  }

  clear(): void {
    this.values.clear();
  }
}

/** How often what took how long, by labels. */
export class Histogram {
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
      const prefix = labels === "" ? "" : `${labels},`;
      let below = 0;
      for (const [index, bound] of bucketsSeconds.entries()) {
        below += counts[index] ?? 0;
        lines.push(`${this.name}_bucket{${prefix}le="${bound}"} ${below}`);
      }
      lines.push(
        `${this.name}_bucket{${prefix}le="+Inf"} ${count}`,
        `${this.name}_sum{${labels}} ${sum}`,
        `${this.name}_count{${labels}} ${count}`,
      );
    }
    return lines;
  }
}

/** The metrics in Prometheus' text form. */
export function textOf(metrics: readonly (Counter | Gauge | Histogram)[]): string {
  return `${metrics.flatMap((metric) => metric.lines()).join("\n")}\n`;
}
