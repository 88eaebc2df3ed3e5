import { type At, dateOfAt, dayText, momentText } from "./days";

/** A day as `14 Nov`, with its year when it is not `year`. */
export function Day({ on, year }: { on: string; year?: number | undefined }) {
  return (
    <time dateTime={on} className="nw">
      {dayText(on, year)}
    </time>
  );
}

/** An instant as `21 Nov 14:32` in the business's time zone. */
export function Moment({ at, timeZone, year }: { at: At; timeZone: string; year?: number | undefined }) {
  return (
    <time dateTime={dateOfAt(at).toISOString()} className="nw">
      {momentText(at, timeZone, year)}
    </time>
  );
}
