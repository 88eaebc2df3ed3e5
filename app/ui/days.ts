/** Days and instants as text. Days are LocalDate strings (`2026-11-14`); nothing here knows what today is. */

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

/** `Jan` … `Dec` of 1 … 12. */
export function monthText(month: number): string {
  return months[month - 1] ?? "";
}

/** `14 Nov`, or `14 Nov 2025` when the day is not in the chosen year. Without a year to compare it is written out. */
export function dayText(on: string, chosenYear?: number | undefined): string {
  const [year = "", month = "", day = ""] = on.split("-");
  const short = `${Number(day)} ${monthText(Number(month))}`;
  return String(chosenYear) === year ? short : `${short} ${year}`;
}

/** `Saturday 21 November 2026`, for the line above Home. */
export function longDayText(on: string): string {
  const date = new Date(`${on}T00:00:00Z`);
  const month = new Intl.DateTimeFormat("en-GB", { month: "long", timeZone: "UTC" }).format(date);
  return `${weekdays[date.getUTCDay()]} ${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`;
}

/** An instant: a Date, an ISO text, or the core's microseconds since 1970. */
export type At = Date | string | bigint;

export function dateOfAt(at: At): Date {
  if (typeof at === "bigint") return new Date(Number(at / 1000n));
  return typeof at === "string" ? new Date(at) : at;
}

/** `21 Nov 14:32` in the business's time zone (IANA name); with the year when it is not the chosen one. */
export function momentText(at: At, timeZone: string, chosenYear?: number | undefined): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(dateOfAt(at));
  const part = (type: string) => parts.find((piece) => piece.type === type)?.value ?? "";
  return `${dayText(`${part("year")}-${part("month")}-${part("day")}`, chosenYear)} ${part("hour")}:${part("minute")}`;
}
