/** Dates and moments of replay.md: `YYYY-MM-DD`, or ISO 8601 with an offset. */

export const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

export function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const ms = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === value;
}

export interface Moment {
  date: string;
  /** Nanoseconds since 1970, or null where only the date is known. */
  time: bigint | null;
}

const MOMENTS = new Map<string, Moment>();

/** An order's `at` as its local date and, where it has a time, the instant. Remembered, as the same ones come again and again. */
export function when(at: string, zone: string): Moment {
  const id = `${at} ${zone}`;
  const moment = MOMENTS.get(id) ?? readMoment(at, zone);
  MOMENTS.set(id, moment);
  return moment;
}

function readMoment(at: string, zone: string): Moment {
  const parts = INSTANT.exec(at);
  if (parts === null) return { date: at, time: null };
  const ms = Date.parse(`${parts[1]}T${parts[2]}${parts[4]}`);
  const nanos = BigInt((parts[3] ?? "").padEnd(9, "0"));
  return { date: localDate(ms, zone), time: BigInt(ms) * 1_000_000n + nanos };
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function localDate(ms: number, zone: string): string {
  let format = FORMATS.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
    FORMATS.set(zone, format);
  }
  const parts = new Map(format.formatToParts(ms).map((p) => [p.type, p.value]));
  return `${(parts.get("year") ?? "").padStart(4, "0")}-${parts.get("month")}-${parts.get("day")}`;
}
