/**
 * Counts against the ledger: what was counted of each line (lib/core/counts.ts), and what the ledger says of that very moment. The day's end
 * is reached from now backwards as the stock register does, and of the day itself those movements are taken off again that had not happened
 * yet by the rule of `movedBefore`, which stands here in SQL; tests/services/counts-moment.test.ts compares the two.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf, type Tx } from "../../db/scope";
import { instantText } from "../books/instants";
import { type CountEntry, type Counted, type CountMode, countedOf, worthLike } from "../core/counts";
import { addDays, localDateOf } from "../core/dates";
import type { LocalDate } from "../core/facts";
import type { Scope } from "../people/access";
import { onHandRows } from "../stock/register-sql";
import { instantIn, utc } from "./count-row";

/** What was counted of each item of a count; an item that nobody counted is not there. `by`: ids of those who counted. */
export async function countedIn(
  tx: Tx,
  scope: Scope,
  count: string,
): Promise<ReadonlyMap<string, Counted & Readonly<{ by: readonly string[] }>>> {
  const rows = await rowsOf<{
    id: string;
    item: string;
    qty: string;
    mode: CountMode;
    at: string;
    user_id: string | null;
  }>(
    tx,
    sql`select id, item_id as item, qty::text, mode, ${utc("counted_at")} as at, user_id from app.count_entries
        where business_id = ${scope.businessId} and count_id = ${count}`,
  );
  const entries = new Map<string, (CountEntry & Readonly<{ user: string | null }>)[]>();
  for (const { item, qty, at, user_id, ...row } of rows) {
    const entry = { ...row, qty: BigInt(qty), at: instantIn(at), user: user_id };
    const known = entries.get(item);
    if (known === undefined) entries.set(item, [entry]);
    else known.push(entry);
  }
  return new Map(
    [...entries].flatMap(([item, of]) => {
      const counted = countedOf(of);
      if (counted === null) return [];
      const by = of.flatMap(({ at, user }) => (user !== null && at >= counted.since ? [user] : []));
      return [[item, { ...counted, by: [...new Set(by)] }] as const];
    }),
  );
}

/** A line as it is held against the ledger. */
export type ToExpect = Readonly<{ item: string; counted: Counted; takesDay: boolean }>;
/**
 * What was there by the ledger. `untold`: what is dated on that day without a time and was recorded only after the count, signed, so that a
 * person can say that it had happened before; `during`: so many movements between the first and the last part of the count.
 */
export type Expected = Readonly<{ on: LocalDate; qty: bigint; untold: bigint; during: number }>;

/** So many days before the last part of a count its first one is looked for movements between. */
const daysOfACount = 31;

/** What the ledger says of each line's moment at the count's place, without what this very count put right. */
export async function expectedIn(
  tx: Tx,
  scope: Scope,
  count: Readonly<{ id: string; location: string }>,
  lines: readonly ToExpect[],
): Promise<ReadonlyMap<string, Expected>> {
  const b = scope.businessId;
  const days = new Map<LocalDate, ToExpect[]>();
  for (const line of lines) {
    const on = localDateOf(line.counted.at, scope.timeZone);
    days.set(on, [...(days.get(on) ?? []), line]);
  }
  const found = new Map<string, Expected>();
  for (const [on, of] of days) {
    const ids = list(
      "text",
      of.map(({ item }) => item),
    );
    const ats = list(
      "timestamptz",
      of.map(({ counted }) => instantText(counted.at)),
    );
    const sinces = list(
      "timestamptz",
      of.map(({ counted }) => instantText(counted.since)),
    );
    const takes = list(
      "boolean",
      of.map(({ takesDay }) => takesDay),
    );
    // An adjustment that an earlier count of the day made stands for the moment at which that was counted, not for when it was approved.
    const moved = sql`select m.qty, m.on_date, coalesce(m.at, o.counted_at) as at, m.recorded_at from app.movements m
        left join app.count_documents d on d.business_id = ${b} and d.document_id = m.document_id and m.kind = 'adjustment'
        left join app.count_lines o on o.business_id = ${b} and o.count_id = d.count_id and o.item_id = m.item_id
        where m.business_id = ${b} and m.item_id = i.id and m.location_id = ${count.location} and m.kind <> 'write_off'
          and (d.count_id is null or d.count_id <> ${count.id})`;
    const rows = await rowsOf<{ id: string; qty: string; untold: string; during: number }>(
      tx,
      sql`select i.id, (coalesce(h.qty, 0) - coalesce(l.qty, 0) - coalesce(w.qty, 0))::text as qty, coalesce(l.untold, 0)::text as untold,
            (select count(*)::int from (${moved} and m.on_date between ${addDays(on, -daysOfACount)}::date and ${on}::date) n
              where coalesce(n.at, n.recorded_at) > u.since and coalesce(n.at, n.recorded_at) <= u.at) as during
          from unnest(${ids}, ${ats}, ${sinces}, ${takes}) as u(id, at, since, takes)
          join app.items i on i.business_id = ${b} and i.id = u.id
          left join lateral (select sum(c.qty) as qty from (${onHandRows(b, on)}) c where c.location_id = ${count.location}) h on true
          left join lateral (select
              sum(n.qty) filter (where case when n.at is null then not u.takes and n.recorded_at > u.at else n.at > u.at end) as qty,
              sum(n.qty) filter (where n.at is null and n.recorded_at > u.at) as untold
            from (${moved} and m.on_date = ${on}::date) n) l on true
          left join lateral (select sum(m.qty) as qty from app.count_documents d
            join app.movements m on m.business_id = ${b} and m.kind = 'adjustment' and m.document_id = d.document_id
              and m.item_id = i.id and m.location_id = ${count.location} and m.on_date <= ${on}::date
            where d.business_id = ${b} and d.count_id = ${count.id}) w on true`,
    );
    for (const row of rows)
      found.set(row.id, { on, qty: BigInt(row.qty), untold: BigInt(row.untold), during: row.during });
  }
  return found;
}

/**
 * What one of each item costs, as a quantity and its worth: what is on hand (at the place, where cost stays with the place), else its last
 * lot. Items of which nothing is known are left out.
 */
export async function costsLike(
  tx: Tx,
  scope: Scope,
  location: string,
  items: readonly string[],
): Promise<ReadonlyMap<string, Readonly<{ qty: bigint; minor: bigint }>>> {
  const b = scope.businessId;
  if (items.length === 0) return new Map();
  const rows = await rowsOf<{ id: string; qty: string; minor: string }>(
    tx,
    sql`select i.id, k.qty::text, k.minor::text from app.items i
        cross join lateral (select x.qty, x.minor from (
          select 1 as rank, p.qty, p.value_minor as minor from app.item_places p
            where p.business_id = ${b} and p.item_id = i.id and p.location_id = ${location}
              and exists (select 1 from app.businesses s where s.business_id = ${b} and s.pool = 'location')
          union all
          select 2, s.on_hand_qty, s.value_minor from app.item_stock s where s.business_id = ${b} and s.item_id = i.id
          union all
          (select 3, l.qty, l.cost_minor from app.lots l where l.business_id = ${b} and l.item_id = i.id order by l.on_date desc, l.id desc limit 1)
          ) x where x.qty > 0 and x.minor > 0 order by x.rank limit 1) k
        where i.business_id = ${b} and i.id = any(${list("text", items)})`,
  );
  return new Map(rows.map(({ id, qty, minor }) => [id, { qty: BigInt(qty), minor: BigInt(minor) }]));
}

/** What a difference is worth at cost, signed: as a person said, or like others of the item. What goes out really costs what its lots do. */
export function worthOf(
  difference: bigint,
  typed: bigint | null,
  known: Readonly<{ qty: bigint; minor: bigint }> | undefined,
): bigint {
  if (difference < 0n) return -worthLike(-difference, known ?? null);
  return difference === 0n ? 0n : (typed ?? worthLike(difference, known ?? null));
}
