/** A time as a ledger writes it, kept in its own zone: days are those of the clock on the wall. */
export interface LedgerTime {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** From midnight of the day. Minutes. */
  readonly minute: number;
  /** `+01:00`; `+00:00` for Z. */
  readonly offset: string;
  /** Since 1970. Milliseconds. */
  readonly epoch: number;
}

const form = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?$/;

/** The time that a text gives, or what is wrong with it, as the end of a sentence. */
export function readTime(text: string): LedgerTime | string {
  const [, day, hours, minutes, seconds = "00", zone] = form.exec(text.trim()) ?? [];
  if (day === undefined || hours === undefined || minutes === undefined) return "which is no date and time of ISO 8601";
  if (zone === undefined) return "which has no offset from UTC";
  if (seconds !== "00") return "which is not a whole minute";
  const offset = zone === "Z" || zone === "-00:00" ? "+00:00" : zone;
  const epoch = Date.parse(`${day}T${hours}:${minutes}:00${offset}`);
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // Date.parse rolls 31 February over to March.
  if (Number.isNaN(epoch) || Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day)
    return "which the calendar or the clock does not have";
  if (hours === "24") return `which is midnight of the next day: ${nextDay(day)}T00:00:00${zone}`;
  return { day, minute: Number(hours) * 60 + Number(minutes), offset, epoch };
}

export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** `14:05`; `24:00` for the end of a day. */
export function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}
