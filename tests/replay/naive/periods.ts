/**
 * In which day an amount counts (rule 12 of costing.md), where each fact is posted before the next is recorded: what is wanted anew for a day
 * in a closed period counts on the first open day. Here nothing is known of documents or entries: only what accounts have on each day.
 */
import { Book } from "./book";
import { costOf } from "./cost";
import { accountsOf, postedBy } from "./post";

/** Amounts that are not 0, by `DAY CODE`: on the days that they are about, and on those that they count in. */
interface ByDay {
  effective: Record<string, bigint>;
  posted: Record<string, bigint>;
}

/** Each fact of a file costed and posted before the next one. */
export function byDay(lines: readonly { readonly kind: string; readonly [field: string]: unknown }[]): ByDay {
  const book = new Book();
  // A channel that is first named later in the file has its number from the start.
  const channels = accountsOf(lines.flatMap((line) => (typeof line.channel === "string" ? [line.channel] : [])));
  const posted = new Map<string, bigint>();
  let wanted = new Map<string, bigint>();
  let closed = "";
  for (const line of lines) {
    book.add(line);
    if (line.kind === "close" && String(line.through) > closed) closed = String(line.through);
    const now = wantedOf(book, channels);
    for (const id of new Set([...wanted.keys(), ...now.keys()])) {
      const [date = "", code] = id.split(" ");
      const counts = `${date > closed ? date : dayAfter(closed)} ${code}`;
      const change = (now.get(id) ?? 0n) - (wanted.get(id) ?? 0n);
      posted.set(counts, (posted.get(counts) ?? 0n) + change);
    }
    wanted = now;
  }
  return { effective: withoutZeros(wanted), posted: withoutZeros(posted) };
}

function wantedOf(book: Book, channels: ReturnType<typeof accountsOf>): Map<string, bigint> {
  const live = book.live();
  const wanted = new Map<string, bigint>();
  for (const { date, code, amount } of postedBy(live, costOf(live), channels))
    wanted.set(`${date} ${code}`, (wanted.get(`${date} ${code}`) ?? 0n) + amount);
  return wanted;
}

function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

function withoutZeros(sums: ReadonlyMap<string, bigint>): Record<string, bigint> {
  return Object.fromEntries([...sums].filter(([, amount]) => amount !== 0n).sort(([a], [b]) => (a < b ? -1 : 1)));
}
