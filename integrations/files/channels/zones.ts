/**
 * Times as exports write them beside a zone: "10:02:11" with "PDT", "Eastern Time (US & Canada)", "Europe/Berlin" or "-05:00". What the
 * zone makes of them is asked of Intl, which knows when the clocks changed.
 */
import { instantOf, localDateOf, parseLocalDate } from "../../../lib/core/dates";
import type { LocalDate, When } from "../../../lib/core/facts";

/** Abbreviations that mean one offset only, where channels use them. */
const offsets: Readonly<Record<string, string>> = {
  Z: "Z",
  UTC: "Z",
  GMT: "Z",
  WET: "Z",
  BST: "+01:00",
  WEST: "+01:00",
  CET: "+01:00",
  MEZ: "+01:00",
  CEST: "+02:00",
  MESZ: "+02:00",
  EET: "+02:00",
  EEST: "+03:00",
  NST: "-03:30",
  NDT: "-02:30",
  AST: "-04:00",
  ADT: "-03:00",
  EST: "-05:00",
  EDT: "-04:00",
  CST: "-06:00",
  CDT: "-05:00",
  MST: "-07:00",
  MDT: "-06:00",
  PST: "-08:00",
  PDT: "-07:00",
  AKST: "-09:00",
  AKDT: "-08:00",
  HST: "-10:00",
  JST: "+09:00",
  AEST: "+10:00",
  AEDT: "+11:00",
  NZST: "+12:00",
  NZDT: "+13:00",
};

/** Zones by the names that Square (and others built with Rails) give them. */
const named: Readonly<Record<string, string>> = {
  hawaii: "Pacific/Honolulu",
  alaska: "America/Anchorage",
  "pacific time (us & canada)": "America/Los_Angeles",
  arizona: "America/Phoenix",
  "mountain time (us & canada)": "America/Denver",
  "central time (us & canada)": "America/Chicago",
  "eastern time (us & canada)": "America/New_York",
  "indiana (east)": "America/Indiana/Indianapolis",
  "atlantic time (canada)": "America/Halifax",
  newfoundland: "America/St_Johns",
  london: "Europe/London",
  dublin: "Europe/Dublin",
  paris: "Europe/Paris",
  madrid: "Europe/Madrid",
  berlin: "Europe/Berlin",
  tokyo: "Asia/Tokyo",
  sydney: "Australia/Sydney",
  melbourne: "Australia/Melbourne",
  brisbane: "Australia/Brisbane",
  perth: "Australia/Perth",
  adelaide: "Australia/Adelaide",
};

/** A time of day as people write it, `HH:MM:SS`; null for what is none. */
function timeOfDay(text: string): string | null {
  const found = /^(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?\s*([AaPp])?\.?\s?([Mm]\.?)?$/.exec(text.trim());
  if (found === null) return null;
  const half = found[4]?.toLowerCase();
  let hour = Number(found[1]);
  if (half !== undefined && (hour < 1 || hour > 12)) return null;
  if (half !== undefined) hour = (hour % 12) + (half === "p" ? 12 : 0);
  const time = `${String(hour).padStart(2, "0")}:${found[2] ?? "00"}:${found[3] ?? "00"}`;
  return time > "23:59:59" || (found[2] ?? "") > "59" ? null : time;
}

/**
 * The moment of a day and a time of day in a zone, and the account's own day of it. Without a time, or with a zone that nobody knows,
 * only the day that was written. Throws Refusal bad_date for a day that does not exist.
 */
export function zonedWhen(date: LocalDate, time: string, zone: string, timeZone: string): When {
  const on = parseLocalDate(date);
  const clock = timeOfDay(time);
  if (clock === null) return { on, at: null };
  const offset = offsetOf(`${on}T${clock}`, zone.trim());
  if (offset === null) return { on, at: null };
  const at = instantOf(`${on}T${clock}${offset}`);
  return { on: localDateOf(at, timeZone), at };
}

function offsetOf(local: string, zone: string): string | null {
  const known = offsets[zone.toUpperCase()];
  if (known !== undefined) return known;
  const written = /^(?:GMT|UTC)?([-+]\d{2}):?(\d{2})$/i.exec(zone);
  if (written) return `${written[1]}:${written[2]}`;
  const whole = /^(?:GMT|UTC)([-+])(\d{1,2})$/i.exec(zone);
  if (whole) return `${whole[1]}${(whole[2] ?? "").padStart(2, "0")}:00`;
  const name = named[zone.toLowerCase()] ?? (/^[A-Za-z]+\/[A-Za-z_/+-]+$/.test(zone) ? zone : null);
  if (name === null) return null;
  const formatter = formatterOf(name);
  if (formatter === null) return null;
  // Asking Intl takes long, and clocks change on the hour (in a few places on the half): each half hour is asked once.
  const key = `${name} ${local.slice(0, 14)}${local.slice(14, 16) < "30" ? "00" : "30"}`;
  const asked = hours.get(key);
  if (asked !== undefined) return asked;
  // The offset at the moment that the clock would show if it stood at UTC, then once more at the moment that this gives: right but
  // within the hour that the clocks skip, where any answer is one.
  let offset = offsetAt(formatter, new Date(`${local}Z`));
  offset = offsetAt(formatter, new Date(`${local}${offset}`));
  if (hours.size >= 100_000) hours.clear();
  hours.set(key, offset);
  return offset;
}

const hours = new Map<string, string>();

const formatters = new Map<string, Intl.DateTimeFormat | null>();
function formatterOf(zone: string): Intl.DateTimeFormat | null {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  let formatter: Intl.DateTimeFormat | null = null;
  try {
    formatter = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  } catch (error) {
    // A zone that Intl does not know leaves the time unused and the day as written.
    if (!(error instanceof RangeError)) throw error;
  }
  formatters.set(zone, formatter);
  return formatter;
}

function offsetAt(formatter: Intl.DateTimeFormat, moment: Date): string {
  const name = formatter.formatToParts(moment).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  return /[-+]\d{2}:\d{2}/.exec(name)?.[0] ?? "Z";
}
