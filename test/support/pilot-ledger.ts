import { ledgerColumns, type PilotOption } from "../../decisions/pilot/ledger.ts";

interface LedgerChanges {
  readonly days?: number;
  readonly workload?: string;
  /** Cost of one option's day, before the weekday moves it. US dollars. */
  readonly dailyUsd?: Readonly<Record<PilotOption, number>>;
  readonly engineerHours?: Readonly<Record<PilotOption, number>>;
  readonly quality?: Readonly<Record<PilotOption, number>>;
  /** Share of the volume that each option carries. */
  readonly share?: Readonly<Record<PilotOption, number>>;
  readonly offset?: string;
}

const firstDay = Date.parse("2026-10-19T00:00:00Z");
const hoursOfRow = 6;
/** Share of a day's load in its four quarters, and of a week's on its days from Monday on. */
const quarters = [0.1, 0.32, 0.36, 0.22];
const weekdays = [1.2, 1.2, 1.15, 1.15, 1.1, 0.6, 0.6];

/** A ledger of both options side by side, in rows of six hours. Invented, with a working week in it, and the same each time. */
export function pilotLedger({
  days = 30,
  workload = "reading",
  dailyUsd = { "self-hosted": 346, api: 709 },
  engineerHours = { "self-hosted": 2.2, api: 0.4 },
  quality = { "self-hosted": 0.861, api: 0.868 },
  share = { "self-hosted": 1, api: 1 },
  offset = "+01:00",
}: LedgerChanges = {}): string {
  const lines = [ledgerColumns.map(({ name }) => name).join(",")];
  for (let day = 0; day < days; day += 1) {
    for (const [quarter, part] of quarters.entries()) {
      for (const option of ["self-hosted", "api"] as const) {
        const weekday = weekdays[day % 7] ?? 1;
        const wobble = 1 + 0.04 * Math.sin(day * 2.1 + quarter * 1.3 + (option === "api" ? 0.9 : 0));
        const load = weekday * part * wobble * share[option];
        const requests = Math.round(45_500 * load);
        const isOwn = option === "self-hosted";
        const from = day * 24 + quarter * hoursOfRow;
        const hours = quarter === 1 && weekday > 1 ? engineerHours[option] * (day % 5 === 0 ? 2 : 0.75) : 0;
        const usd = isOwn ? dailyUsd[option] / quarters.length : dailyUsd[option] * load;
        const scored = Math.round(requests / 400);
        lines.push(
          [
            timeText(from, offset),
            timeText(from + hoursOfRow, offset),
            workload,
            option,
            requests,
            Math.round(requests * (isOwn ? 0.0011 : 0.0007)),
            Math.round(requests * 6000),
            Math.round(requests * (isOwn ? 2400 : 800)),
            Math.round(requests * 500),
            Math.round((isOwn ? 1450 : 900) * (0.8 + load)),
            Math.round((isOwn ? 46 : 14) * (0.85 + load * 0.5)),
            scored,
            scored === 0 ? "" : (quality[option] + 0.004 * Math.sin(day + quarter)).toFixed(3),
            hours.toFixed(2),
            usd.toFixed(2),
          ].join(","),
        );
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

function timeText(hours: number, offset: string): string {
  return `${new Date(firstDay + hours * 3_600_000).toISOString().slice(0, 19)}${offset}`;
}
