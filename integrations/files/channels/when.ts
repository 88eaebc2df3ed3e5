/**
 * Dates as channels write them. What has a time and an offset is an instant, turned into the account's local day; what is only a day
 * stays that day. Names of months come in the languages of the marketplaces.
 */
import { instantOf, localDateOf, parseLocalDate } from "../../../lib/core/dates";
import { Refusal } from "../../../lib/core/errors";
import type { LocalDate, When } from "../../../lib/core/facts";
import { zonedWhen } from "./zones";

export type DateStyle = "mdy" | "dmy";

/** The months' names in the languages of the marketplaces, without accents; a word is a month that one of them begins with. */
const monthNames: readonly string[] = [
  "january januar janvier enero gennaio januari stycznia styczen janeiro",
  "february februar fevrier febrero febbraio februari lutego luty fevereiro",
  "march marz maerz mrz mars marzo maart mrt marca marzec marco",
  "april avril abril aprile kwietnia kwiecien",
  "may mai mayo maggio mei maj maja maio",
  "june juni juin junio giugno czerwca czerwiec junho",
  "july juli juillet julio luglio lipca lipiec julho",
  "august aout agosto augustus augusti sierpnia sierpien",
  "september septembre septiembre settembre setiembre wrzesnia wrzesien setembro",
  "october oktober octobre octubre ottobre pazdziernika pazdziernik outubro",
  "november novembre noviembre listopada listopad novembro",
  "december dezember decembre diciembre dicembre grudnia grudzien dezembro",
];

/** 1 to 12, or 0 for a word that is no month's. */
function monthOf(word: string): number {
  const plain = word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  if (plain.length < 3) return 0;
  return monthNames.findIndex((names) => names.split(" ").some((name) => name.startsWith(plain))) + 1;
}

/** The day of "Jan 3, 2026", "3 janv. 2026", "3. Mai 2026", "Jan-03-26", "03.01.2026", "2026-01-03" or "1/3/2026"; throws Refusal bad_date. */
export function readDay(text: string, style: DateStyle = "mdy"): LocalDate {
  const clean = text.trim().replace(/\s+/g, " ");
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(clean);
  if (iso) return parseLocalDate(day(iso[1], iso[2], iso[3]));
  const numeric = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})$/.exec(clean);
  if (numeric) {
    // Nobody who writes the month first separates with full stops.
    const isDayFirst = numeric[2] === "." || style === "dmy";
    const [month, dayOfMonth] = isDayFirst ? [numeric[3], numeric[1]] : [numeric[1], numeric[3]];
    return parseLocalDate(day(numeric[4], month, dayOfMonth));
  }
  const worded =
    /^(?<month>\p{L}{3,12})\.?[ -](?<day>\d{1,2}),?[ -](?<year>\d{4}|\d{2})$/u.exec(clean) ??
    /^(?<day>\d{1,2})\.?(?: de)?[ -](?<month>\p{L}{3,12})\.?(?: de)?,?[ -](?<year>\d{4}|\d{2})$/u.exec(clean);
  const month = monthOf(worded?.groups?.month ?? "");
  if (worded?.groups && month > 0) return parseLocalDate(day(worded.groups.year, String(month), worded.groups.day));
  throw new Refusal("bad_date", `“${clean.slice(0, 40)}” is not a date that we can read.`);
}

/** A day and a time in one cell, with the zone behind it or none: "Jan 3, 2026 1:05:07 AM PST", "3 gen 2026 10:11:12 UTC". Throws Refusal bad_date. */
export function readMoment(text: string, timeZone: string, zone = "", style: DateStyle = "mdy"): When {
  const clean = text.trim().replace(/[\s\u202f]+/g, " ");
  const parts =
    /^(?<day>.*?\d),?[ T](?<time>\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?(?: ?[AaPp]\.? ?[Mm]\.?)?) ?(?<zone>[A-Za-z/+:_\d-]*)$/.exec(
      clean,
    )?.groups;
  if (parts === undefined) return { on: readDay(clean, style), at: null };
  return zonedWhen(readDay(parts.day ?? "", style), parts.time ?? "", parts.zone || zone, timeZone);
}

/**
 * Reads a date or a time. `style` decides 03/04/2026, which the caller has found out from the whole file.
 * Throws Refusal bad_date.
 */
export function readWhen(text: string, timeZone: string, style: DateStyle = "mdy"): When {
  const clean = text.trim().replace(/\s+/g, " ");
  const numeric =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))? ?(Z|UTC|GMT|[-+]\d{2}:?\d{2})?$/i.exec(clean);
  if (numeric) return numericWhen(numeric[1] ?? "", numeric[2], numeric[3], timeZone);
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?: (\d{2}:\d{2}(?::\d{2})?))? ?(Z|UTC|GMT|[-+]\d{2}:?\d{2})?$/i.exec(
    clean,
  );
  if (dotted) return numericWhen(day(dotted[3], dotted[2], dotted[1]), dotted[4], dotted[5], timeZone);
  const slashed = /^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})$/.exec(clean);
  if (slashed) {
    const [month, dayOfMonth] = style === "mdy" ? [slashed[1], slashed[2]] : [slashed[2], slashed[1]];
    return { on: parseLocalDate(day(slashed[3], month, dayOfMonth)), at: null };
  }
  return readMoment(clean, timeZone, "", style);
}

function numericWhen(date: string, time: string | undefined, zone: string | undefined, timeZone: string): When {
  const on = parseLocalDate(date);
  // Midnight UTC is how some reports write a day without a time; without an offset no instant can be known.
  if (time === undefined || zone === undefined || (/^00:00(:00)?$/.test(time) && /^(Z|UTC|GMT)$/i.test(zone))) {
    return { on, at: null };
  }
  const offset = /^(UTC|GMT|Z)$/i.test(zone) ? "Z" : zone;
  const at = instantOf(`${on}T${time}${offset}`);
  return { on: localDateOf(at, timeZone), at };
}

/** Year, month and day as written, as an ISO day. */
function day(year = "", month = "", dayOfMonth = ""): string {
  const whole = year.length === 2 ? `20${year}` : year;
  return `${whole}-${month.padStart(2, "0")}-${dayOfMonth.padStart(2, "0")}`;
}

/** Whether a file's dates put the day first: some first number is past 12. Month first where nothing decides, as exports in English do. */
export function dateStyleOf(dates: readonly string[]): DateStyle {
  return dates.some((date) => /^(1[3-9]|2\d|3[01])[/-](0?[1-9]|1[0-2])[/-]/.test(date.trim())) ? "dmy" : "mdy";
}
