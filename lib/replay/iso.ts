/**
 * Times of a file of facts. The problem: the format says ISO 8601, and forms, imports and connectors read only its extended form, in which
 * everybody writes. The choice: the other ways of ISO 8601 to write a calendar day's time (basic `20250302T100000Z`, hours alone, midnight as
 * the end of a day, any number of digits) are written anew in that form here, for files only, and then read as all times are.
 */
import { instantOf, nextDay, parseLocalDate } from "../core/dates";
import type { Instant } from "../core/facts";

const offset = "([Zz]|[-+\u2212][0-9]{2}(?::?[0-9]{2})?)$";
const basic = new RegExp(
  `^([0-9]{4})([0-9]{2})([0-9]{2})[Tt]([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:[.,]([0-9]+))?)?)?${offset}`,
);
const extended = new RegExp(
  `^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2})(?::([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?)?${offset}`,
);

/**
 * Reads an ISO 8601 time of a calendar day with its offset from UTC, to the microsecond: finer digits are cut off, as the books keep none.
 * @throws Refusal `bad_date`
 */
export function instantOfIso(text: string): Instant {
  const match = extended.exec(text) ?? basic.exec(text);
  // What it is not, is said as of any other text that is no time.
  if (match === null) return instantOf(text);
  const [, year, month, day, hour, minute = "00", second = "00", fraction = "0", zone] = match;
  const date = `${year}-${month}-${day}`;
  // 24:00 ends a day; no moment of that day comes after it.
  const isEnd = hour === "24" && minute === "00" && second === "00" && /^0+$/.test(fraction);
  const [on, at] = isEnd ? [nextDay(parseLocalDate(date)), "00"] : [date, hour];
  return instantOf(`${on}T${at}:${minute}:${second}.${fraction.slice(0, 6)}${zone}`);
}
