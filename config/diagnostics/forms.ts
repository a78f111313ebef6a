import { patterns } from "../schema/primitives.ts";

/** What keeps a text from being a name, as the end of a sentence. */
export function nameProblem(text: string): string {
  if (text === "") return "is empty";
  const problems: string[] = [];
  const strange = [...new Set(Array.from(text).filter((character) => !/[A-Za-z0-9-]/.test(character)))];
  const held =
    strange.length === 0
      ? []
      : [
          strange
            .slice(0, 3)
            .map((character) => JSON.stringify(character))
            .join(", "),
        ];
  if (/[A-Z]/.test(text)) held.push("upper-case letters");
  if (held.length > 0) problems.push(`holds ${held.join(" and ")}`);
  if (/^[0-9]/.test(text)) problems.push("starts with a digit");
  if (text.startsWith("-")) problems.push("starts with a hyphen");
  if (text.endsWith("-")) problems.push("ends with a hyphen");
  return problems.join(" and ") || "has another form than a Kubernetes name";
}

/** The name that a text most likely stands for (`Chat_Model` gives `chat-model`), or null. */
export function correctName(text: string): string | null {
  const name = text
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  return patterns.name.test(name) && name !== text ? name : null;
}

/** The word that a text most likely stands for (`Pre-Prod` gives `preprod`), or null. */
export function correctWord(text: string): string | null {
  const word = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "")
    .replace(/^[0-9]+/, "");
  return patterns.word.test(word) && word !== text ? word : null;
}

const durationUnits: Readonly<Record<string, number>> = {
  ...{ s: 1, sec: 1, secs: 1, second: 1, seconds: 1 },
  ...{ m: 60, min: 60, mins: 60, minute: 60, minutes: 60 },
  ...{ h: 3600, hour: 3600, hours: 3600 },
  ...{ d: 86_400, day: 86_400, days: 86_400 },
};

/** The duration that a text or number most likely stands for (`90 seconds` gives `90s`), or null. A bare number counts as seconds. */
export function correctDuration(value: unknown): string | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const text = String(value).trim().toLowerCase();
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)\s*/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) return null;
  let seconds = 0;
  for (const [, amount, unit = ""] of parts) {
    const factor = unit === "" && parts.length === 1 ? 1 : durationUnits[unit];
    if (factor === undefined) return null;
    seconds += Number(amount) * factor;
  }
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 1e9) return null;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 && seconds > 60 ? `${seconds / 60}m` : `${seconds}s`;
}

/** Bytes behind units that people write; only powers of two have a spelling of ours. */
const decimalUnits: Readonly<Record<string, number>> = { kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };

/** The amount of memory that a text most likely stands for (`80 Gi` gives `80GiB`, `80GB` gives `74.5GiB`), or null. */
export function correctMemory(text: string): string | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const binary = { mi: "MiB", mib: "MiB", gi: "GiB", gib: "GiB", ti: "TiB", tib: "TiB" }[unit.toLowerCase()];
  if (binary !== undefined) return `${amount}${binary}`;
  const factor = decimalUnits[unit.toLowerCase()];
  if (factor === undefined) return null;
  // Downwards: a limit that is a little low is noticed, one that is a little high fails at night.
  const gib = Math.floor((Number(amount) * factor * 10) / 2 ** 30) / 10;
  return gib >= 0.1 && gib < 1e6 ? `${gib}GiB` : null;
}

/** The repository that a text most likely stands for: an address of the hub, or a name with its revision; or null. */
export function correctRepository(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^(https?:\/\/)?(www\.)?(huggingface\.co|hf\.co)\//, "")
    .replace(/^models\//, "")
    .replace(/\/(tree|blob|resolve)\/.*$/, "")
    .replace(/[@:][^/]*$/, "")
    .replace(/\/+$/, "");
  return patterns.repository.test(bare) && bare !== text ? bare : null;
}

/** The date that a text most likely stands for (`1.11.2026`, `2026/11/1`), or null where day and month could be exchanged. */
export function correctDate(text: string): string | null {
  const parts = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text.trim());
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text.trim());
  const [year, month, day] = parts?.slice(1) ?? german?.slice(1).reverse() ?? [];
  if (year === undefined || month === undefined || day === undefined) return null;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date) ? date : null;
}

/** The latency that a text or number most likely stands for (`1.5s` gives `1500ms`), or null. A bare number has no unit to guess. */
export function correctLatency(value: unknown): string | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(String(value).trim()) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const word = unit.toLowerCase();
  const perUnit = word.startsWith("ms") || word.startsWith("milli") ? 1 : /^s(ec|econds?)?$/.test(word) ? 1000 : null;
  if (perUnit === null) return null;
  const milliseconds = Math.round(Number(amount) * perUnit);
  if (milliseconds < 1 || milliseconds > 1e9) return null;
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/** The percentage that a number or text most likely stands for (`99.5` and `0.995` give `99.5%`), or null. */
export function correctPercentage(value: unknown): string | null {
  const [, amount] = /^(\d{1,3}(?:\.\d{1,4})?)\s*(%|percent)?$/.exec(String(value).trim()) ?? [];
  if (amount === undefined) return null;
  const number = Number(amount);
  const percent = number > 0 && number < 1 ? Number((number * 100).toFixed(4)) : number;
  return percent <= 100 && patterns.percentage.test(`${percent}%`) ? `${percent}%` : null;
}
