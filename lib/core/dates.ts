/**
 * Days and instants. The books know days (`LocalDate`, a day in the business's time zone) and, for the order within a day, instants
 * (microseconds, bigint). The problem: a sale at 23:30 belongs to that evening where the seller lives, whatever UTC says. The choice:
 * an instant is turned into its local day once, here, by the time zone's own history (Intl); everything after that compares text.
 * Turned down: JavaScript's Date, which mixes the two and reads text as it pleases.
 */
import { Refusal } from "./errors";
import type { Instant, LocalDate } from "./facts";

const MICROS_A_DAY = 86_400_000_000n;
const MILLIS_AN_HOUR = 3_600_000n;
/** Days from 0000-03-01 (the first day of the calculation below) to 1970-01-01. */
const EPOCH = 719_468n;

/** Whole division that rounds down, also below zero. */
function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** Days since 1970-01-01 of a day of the Gregorian calendar; months count from March, so that a leap day ends its year. */
function daysOfCivil(year: bigint, month: bigint, day: bigint): bigint {
  const y = month <= 2n ? year - 1n : year;
  const era = floorDiv(y, 400n);
  const yearOfEra = y - era * 400n;
  const dayOfYear = (153n * (month > 2n ? month - 3n : month + 9n) + 2n) / 5n + day - 1n;
  return era * 146_097n + yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear - EPOCH;
}

function civilOfDays(days: bigint): { year: bigint; month: bigint; day: bigint } {
  const shifted = days + EPOCH;
  const era = floorDiv(shifted, 146_097n);
  const dayOfEra = shifted - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1_460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const fromMarch = (5n * dayOfYear + 2n) / 153n;
  const month = fromMarch < 10n ? fromMarch + 3n : fromMarch - 9n;
  return {
    year: yearOfEra + era * 400n + (month <= 2n ? 1n : 0n),
    month,
    day: dayOfYear - (153n * fromMarch + 2n) / 5n + 1n,
  };
}

function pad(value: bigint, width: number): string {
  return value.toString().padStart(width, "0");
}

function textOf(year: bigint, month: bigint, day: bigint): LocalDate {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** Days since 1970-01-01. For day arithmetic; may be compared and subtracted freely. */
export function dayNumber(date: LocalDate): bigint {
  return daysOfCivil(BigInt(date.slice(0, 4)), BigInt(date.slice(5, 7)), BigInt(date.slice(8, 10)));
}

function dateOfDayNumber(days: bigint): LocalDate {
  const { year, month, day } = civilOfDays(days);
  if (year < 1900n || year > 9999n) throw new Refusal("bad_date", "A day lies between 1900-01-01 and 9999-12-31.");
  return textOf(year, month, day);
}

/**
 * Reads a day, strictly `YYYY-MM-DD`, one that exists, from 1900 to 9999.
 * @throws Refusal `bad_date`
 */
export function parseLocalDate(text: string): LocalDate {
  const refuse = () =>
    new Refusal("bad_date", `“${text.slice(0, 40)}” is not a day. Write it as year, month and day: 2026-03-31.`);
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) throw refuse();
  const month = text.slice(5, 7);
  const day = text.slice(8, 10);
  // Years before 1900 are slips (an empty spreadsheet cell shows as 1899-12-30), not history.
  if (text < "1900" || month < "01" || month > "12" || day < "01" || day > "31") throw refuse();
  if (day > "28" && dateOfDayNumber(dayNumber(text)) !== text) throw refuse();
  return text;
}

/** The day `days` after `date` (before it, where negative). @throws Refusal `bad_date` beyond 1900 to 9999 */
export function addDays(date: LocalDate, days: number | bigint): LocalDate {
  return dateOfDayNumber(dayNumber(date) + BigInt(days));
}

export function nextDay(date: LocalDate): LocalDate {
  return addDays(date, 1n);
}

/** How many days `to` lies after `from`; negative where it lies before. */
export function daysBetween(from: LocalDate, to: LocalDate): bigint {
  return dayNumber(to) - dayNumber(from);
}

/** The month of a day, as `YYYY-MM`. */
export function monthOf(date: LocalDate): string {
  return date.slice(0, 7);
}

/** The first day of the month that `date` (a day or a `YYYY-MM`) lies in. */
export function startOfMonth(date: string): LocalDate {
  return `${date.slice(0, 7)}-01`;
}

/** The last day of the month that `date` (a day or a `YYYY-MM`) lies in. */
export function endOfMonth(date: string): LocalDate {
  const year = BigInt(date.slice(0, 4));
  const month = BigInt(date.slice(5, 7));
  // After December comes a month 13, which is the next January: that calculation's months are counted from March.
  return dateOfDayNumber(daysOfCivil(year, month + 1n, 1n) - 1n);
}

const ISO_INSTANT =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,18}))?)?([Zz]|[-+\u2212][0-9]{2}(?::?[0-9]{2})?)$/;

/**
 * Reads an ISO 8601 time with its offset from UTC, in microseconds since 1970 (finer digits are cut off).
 * @throws Refusal `bad_date`
 */
export function instantOf(text: string): Instant {
  const match = ISO_INSTANT.exec(text);
  const [, date = "", hour = "", minute = "", second = "00", fraction = "", offset = ""] = match ?? [];
  if (match === null || hour > "23" || minute > "59" || second > "59") throw badInstant(text);
  // Z, too, is followed by zeros then; whether that is ahead or behind makes no difference.
  const zone = offset.replace(":", "").padEnd(5, "0");
  if (zone.slice(1, 3) > "23" || zone.slice(3) > "59") throw badInstant(text);
  const minutes = BigInt(zone.slice(1, 3)) * 60n + BigInt(zone.slice(3));
  const ahead = zone.startsWith("+") ? minutes : -minutes;
  const seconds = (BigInt(hour) * 60n + BigInt(minute) - ahead) * 60n + BigInt(second);
  return (
    dayNumber(parseLocalDate(date)) * MICROS_A_DAY + seconds * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"))
  );
}

function badInstant(text: string): Refusal {
  return new Refusal(
    "bad_date",
    `“${text.slice(0, 40)}” is not a time. Write it with its offset from UTC: 2026-03-31T23:30:00+02:00.`,
  );
}

/** Writes an instant in UTC, with as many digits of a second as it needs: `2026-03-31T21:30:00Z`. */
export function isoOf(instant: Instant): string {
  const days = floorDiv(instant, MICROS_A_DAY);
  const rest = instant - days * MICROS_A_DAY;
  const { year, month, day } = civilOfDays(days);
  const seconds = rest / 1_000_000n;
  const micros = rest % 1_000_000n;
  const fraction = micros === 0n ? "" : `.${pad(micros, 6).replace(/0+$/, "")}`;
  const clock = `${pad(seconds / 3600n, 2)}:${pad((seconds / 60n) % 60n, 2)}:${pad(seconds % 60n, 2)}`;
  return `${textOf(year, month, day)}T${clock}${fraction}Z`;
}

type Zone = Readonly<{ formatter: Intl.DateTimeFormat; hours: Map<bigint, LocalDate | null> }>;
const zones = new Map<string, Zone>();

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  let formatter: Intl.DateTimeFormat;
  try {
    const parts = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
    formatter = new Intl.DateTimeFormat("en-US", { timeZone, calendar: "gregory", numberingSystem: "latn", ...parts });
  } catch {
    // Intl's own error is a RangeError that no user could read.
    throw new Refusal(
      "unknown_time_zone",
      `“${timeZone.slice(0, 40)}” is not a time zone that we know. Use a name such as America/New_York.`,
    );
  }
  const zone = { formatter, hours: new Map<bigint, LocalDate | null>() };
  zones.set(timeZone, zone);
  return zone;
}

/** Asks Intl, which knows the zone's whole history, for the day of a moment in milliseconds. */
function dayAt(formatter: Intl.DateTimeFormat, millis: bigint): LocalDate {
  const found = { year: "", month: "", day: "" };
  for (const part of formatter.formatToParts(Number.parseInt(millis.toString(), 10))) {
    if (part.type === "year" || part.type === "month" || part.type === "day") found[part.type] = part.value;
  }
  return `${found.year.padStart(4, "0")}-${found.month}-${found.day}`;
}

/**
 * The day that an instant falls on in a time zone, e.g. `America/New_York`.
 * @throws Refusal `unknown_time_zone`
 */
export function localDateOf(instant: Instant, timeZone: string): LocalDate {
  const { formatter, hours } = zoneOf(timeZone);
  const millis = floorDiv(instant, 1000n);
  const hour = floorDiv(millis, MILLIS_AN_HOUR);
  // Asking Intl takes microseconds, and orders come by the million: an hour that begins and ends on one day is asked once.
  let day = hours.get(hour);
  if (day === undefined) {
    const first = dayAt(formatter, hour * MILLIS_AN_HOUR);
    const last = dayAt(formatter, (hour + 1n) * MILLIS_AN_HOUR - 1n);
    day = first === last ? first : null;
    if (hours.size >= 200_000) hours.clear();
    hours.set(hour, day);
  }
  return day ?? dayAt(formatter, millis);
}

/** The first instant of a day in a time zone: where it has no midnight (a clock that is put forward at 0:00), what comes next. */
export function startOfDay(date: LocalDate, timeZone: string): Instant {
  const hour = 3_600_000_000n;
  const midnight = dayNumber(date) * 24n * hour;
  // No zone is further than 14 hours ahead of UTC, or 12 behind it; days of one go by in order, so the first instant is between.
  let before = midnight - 15n * hour;
  let within = midnight + 13n * hour;
  while (within - before > 1n) {
    const middle = (before + within) / 2n;
    if (localDateOf(middle, timeZone) < date) before = middle;
    else within = middle;
  }
  return within;
}

/** The tax year of a day, named by the year it begins in, for tax years that begin on the first of `startMonth` (1 to 12). */
export function taxYearOf(date: LocalDate, startMonth: number): number {
  const year = Number.parseInt(date.slice(0, 4), 10);
  return Number.parseInt(date.slice(5, 7), 10) >= startMonth ? year : year - 1;
}

/** The first and last day of the tax year that begins in `year`. */
export function taxYearRange(year: number, startMonth: number): Readonly<{ from: LocalDate; to: LocalDate }> {
  const start = BigInt(startMonth);
  const from = textOf(BigInt(year), start, 1n);
  return { from, to: dateOfDayNumber(daysOfCivil(BigInt(year) + 1n, start, 1n) - 1n) };
}

const months = "January February March April May June July August September October November December".split(" ");

/** A day for a paper that is read anywhere: `7 March 2026`, where digits alone could be read in two ways. */
export function dayInWords(date: LocalDate): string {
  const month = months[months.findIndex((_, at) => String(at + 1).padStart(2, "0") === date.slice(5, 7))] ?? "";
  return `${date.slice(8, 10).replace(/^0/, "")} ${month} ${date.slice(0, 4)}`;
}
