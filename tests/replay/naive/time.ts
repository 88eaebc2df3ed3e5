/** Dates and moments of replay.md: `YYYY-MM-DD`, or ISO 8601 with an offset. */

const EXTENDED = /^(\d{4}-\d\d-\d\d)T(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?(Z|[+-]\d\d(?::?\d\d)?)$/;

/** A time in the one form that `Date.parse` reads alike everywhere, and its second's decimals; null for what is no time. */
export function instantParts(at: string): { text: string; fraction: string } | null {
  // The basic form is the extended one without its signs.
  const [, day, time, zone] = /^(\d{8})T(\d{2,6}(?:[.,]\d+)?)(Z|[+-]\d\d(?:\d\d)?)$/.exec(at) ?? [];
  const signed =
    day === undefined
      ? at
      : `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${(time ?? "").replace(/^(\d\d)(\d\d)/, "$1:$2").replace(/^(\d\d:\d\d)(\d\d)/, "$1:$2")}${zone}`;
  const [, date = "", hour, minute = "00", second = "00", fraction = "", offset = ""] = EXTENDED.exec(signed) ?? [];
  // `Date.parse` reads 24:00:00 as the end of the day, too, and no other time of an hour 24.
  if (!isDay(date) || (hour === "24" && /[1-9]/.test(fraction))) return null;
  const shift = offset === "Z" ? "Z" : `${offset.slice(0, 3)}:${offset.slice(3).replace(":", "") || "00"}`;
  const text = `${date}T${hour}:${minute}:${second}${shift}`;
  return Number.isNaN(Date.parse(text)) ? null : { text, fraction };
}

export function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const ms = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === value;
}

export interface Moment {
  date: string;
  /**
   * Microseconds since 1970, or null where only the date is known. The books keep no finer ones: what is written finer is cut off, and
   * times that are equal then go by id, as all equal times do (docs/costing.md).
   */
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
  const parts = instantParts(at);
  if (parts === null) return { date: at, time: null };
  const ms = Date.parse(parts.text);
  const micros = BigInt(parts.fraction.slice(0, 6).padEnd(6, "0"));
  return { date: localDate(ms, zone), time: BigInt(ms) * 1000n + micros };
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
