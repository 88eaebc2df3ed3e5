/** The present, for those who must know it. Rules never ask: a day is given to them. */
import { localDateOf } from "../core/dates";
import type { LocalDate } from "../core/facts";

/** The day that it is now in a time zone. */
export function todayOf(timeZone: string): LocalDate {
  return localDateOf(BigInt(Date.now()) * 1000n, timeZone);
}
