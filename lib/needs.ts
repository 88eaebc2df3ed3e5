/**
 * Needs you: everything that waits for a person, in one list, and the counts of it beside the places where it is done. Each count is
 * asked of an index that holds the open work alone, and stops at a thousand: above that the number no longer tells a person anything.
 */
import { type SQL, sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../db/scope";
import { addDays } from "./core/dates";
import type { LocalDate } from "./core/facts";
import { isStill } from "./desk/alike-reads";
import { require, type Scope } from "./people/access";
import { takenElsewhere, waitingForPayout } from "./residues";
import { isBelow } from "./stock/minimums";
import { differing } from "./stock/shelf-sql";
import { todayOf } from "./system/clock";

/** What can wait. The order of this list is the order in which it is shown. */
export const needKinds = [
  "syncs",
  "details",
  "costs",
  "choices",
  "matches",
  "categories",
  "deposits",
  "payouts",
  "waiting",
  "elsewhere",
  "alike",
  "placements",
  "shortages",
  "counts",
  "shelves",
  "lowStock",
  "unknown",
  "rates",
  "jobs",
  "findings",
] as const;
export type NeedKind = (typeof needKinds)[number];

/**
 * One kind of open work. `isMore`: there are more than `count` (which is then 1,000). `amount` is what hangs on it in minor units, null
 * where it was not added up. `about` names one of them: a channel, a product, an order; `kinds` how many different ones there are.
 */
export type Need = Readonly<{
  kind: NeedKind;
  count: number;
  isMore: boolean;
  amount: bigint | null;
  about: string | null;
  since: LocalDate | null;
}>;

/** Counting stops here. */
export const mostCounted = 1_000;
/** A payout without its deposit for longer than this wants a look (payouts are on their way for up to 7 days). */
const daysOnTheWay = 7;
/** A channel's shelves may differ from the books for so many days before anybody is asked. */
const daysTold = 3;
/** Payouts' proofs are looked at this far back; older ones stand on their own pages. */
const daysProved = 100;

/** The day before which a payout should have been found in the bank. */
export function lateSince(today: LocalDate): LocalDate {
  return addDays(today, -daysOnTheWay);
}

/** The first day whose payouts are asked for their proof here. */
export function provedSince(today: LocalDate): LocalDate {
  return addDays(today, -daysProved);
}

/** Those that one question to the database answers; the others follow from how each channel pays (residues.ts). */
type Asked = Exclude<NeedKind, "waiting" | "elsewhere">;

type Row = Readonly<{ n: number; amount: string | null; about: string | null; since: string | null }>;

/** `until`: only what is of that day or earlier (before a close); `today` is for tests. */
export type When = Readonly<{ until?: LocalDate | undefined; today?: LocalDate | undefined }>;

/** All open work of a business; what has none is left out. */
export function needsOf(scope: Scope, when: When = {}): Promise<readonly Need[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const found: Need[] = [];
    for (const kind of needKinds) {
      const row = await openWork(tx, scope, kind, when);
      if (row === undefined || row.n === 0) continue;
      const isMore = row.n > mostCounted;
      found.push({
        kind,
        count: isMore ? mostCounted : row.n,
        isMore,
        amount: isMore || row.amount === null ? null : BigInt(row.amount),
        about: row.about,
        since: row.since,
      });
    }
    return found;
  });
}

async function openWork(tx: Tx, scope: Scope, kind: NeedKind, when: When): Promise<Row | undefined> {
  const asked = { today: when.today ?? todayOf(scope.timeZone), until: when.until, most: mostCounted };
  if (kind === "waiting") return waitingForPayout(tx, scope, asked);
  if (kind === "elsewhere") return takenElsewhere(tx, scope, asked);
  return (await rowsOf<Row>(tx, queryOf(scope, kind, when)))[0];
}

/** Rows of open work, one more than is counted: `amount`, `about` and `since` are added up, taken from the first, and the least. */
function counted(rows: SQL): SQL {
  return sql`select count(*)::int as n, sum(amount)::text as amount, min(about) as about, min(since)::text as since
    from (${rows} limit ${mostCounted + 1}) open`;
}

function queryOf(scope: Scope, kind: Asked, { until, today = todayOf(scope.timeZone) }: When): SQL {
  const b = scope.businessId;
  const before = (day: SQL) => (until === undefined ? sql`` : sql`and ${day} <= ${until}::date`);
  const own = before(sql`on_date`);
  switch (kind) {
    case "syncs":
      return counted(sql`select null::bigint as amount, c.name as about, null::date as since from app.channels c
        where c.business_id = ${b} and (c.state = 'reconnect' or (c.state = 'connected' and ${lastSync(b)} = 'failed'))`);
    case "details":
      return counted(sql`select amount_minor - detailed_minor as amount, supplier as about, on_date as since from app.purchases
        where business_id = ${b} and detailed_minor < amount_minor and not is_undone ${own}`);
    case "costs": {
      // Lines without a cost lie all over the table, and there can be many: they are counted in the index, and read only where they are added up.
      const short = sql`app.order_lines where business_id = ${b} and short_qty > 0 and not is_undone ${own}`;
      return sql`select q.n, case when q.n <= ${mostCounted} then (select sum(amount_minor - discount_minor)::text from ${short}) end as amount,
          null as about, q.since::text as since
        from (select count(*)::int as n, min(on_date) as since from (select on_date from ${short} limit ${mostCounted + 1}) open) q`;
    }
    case "choices":
      return counted(sql`select amount_minor - discount_minor as amount, name as about, on_date as since from app.order_lines
        where business_id = ${b} and item_id is null and not is_undone and candidates >= 2 ${own}`);
    case "matches":
      return counted(sql`select amount_minor - discount_minor as amount, name as about, on_date as since from app.order_lines
        where business_id = ${b} and item_id is null and not is_undone and candidates < 2 ${own}`);
    case "categories":
      return counted(sql`select amount_minor as amount, payee as about, on_date as since from app.transactions
        where business_id = ${b} and state = 'open' and not is_undone ${own}`);
    case "deposits":
      // What the bank sent back has no deposit to be found, nor has the payout that says so.
      return counted(sql`select amount_minor as amount, null as about, on_date as since from app.payouts p
        where business_id = ${b} and deposit_id is null and amount_minor > 0 and not is_undone and on_date < ${lateSince(today)}::date ${own}
          and not exists (select 1 from app.payouts r where r.business_id = ${b} and r.id = p.id || '/returned' and not r.is_undone)`);
    case "payouts":
      // Each in its own currency; a row in another makes no proof. Only what is the books' currency is added up.
      return counted(sql`select case when p.currency is null then p.amount_minor - r.amount end as amount, null as about, p.on_date as since
        from app.payouts p, lateral (
          select sum(coalesce(l.said_minor, l.amount_minor)) filter (where l.currency is not distinct from p.currency) as amount,
            count(*) as n, count(*) filter (where l.currency is distinct from p.currency) as strangers
          from app.balance_rows l where l.business_id = ${b} and l.payout_id = p.id and not l.is_undone) r
        where p.business_id = ${b} and not p.is_undone and p.on_date >= ${provedSince(today)}::date and r.n > 0
          and (r.strangers > 0 or r.amount <> coalesce(p.said_minor, p.amount_minor)) ${before(sql`p.on_date`)}`);
    case "alike":
      return counted(sql`select a.amount_minor as amount, c.name as about, a.one_on as since from app.alike_pairs a
        join app.channels c on c.business_id = ${b} and c.id = a.one_channel
        where a.business_id = ${b} and a.state = 'open' ${before(sql`a.one_on`)} and ${isStill(b)}`);
    case "placements":
      return counted(sql`select l.amount_minor as amount, coalesce(s.name, i.name) as about, r.on_date as since from app.return_lines l
        join app.returns r on r.business_id = ${b} and r.id = l.return_id and not r.is_undone
        left join app.order_lines s on s.business_id = ${b} and s.id = l.sale_id
        left join app.items i on i.business_id = ${b} and i.id = l.item_id
        where l.business_id = ${b} and not l.is_placed ${before(sql`r.on_date`)}`);
    case "shortages":
      return counted(sql`select null::bigint as amount, number as about, on_date as since from app.transfers
        where business_id = ${b} and state = 'short' ${own}`);
    case "counts":
      return counted(sql`select null::bigint as amount, c.number as about, l.on_date as since
        from (select count_id, min(counted_on) as on_date from app.count_lines where business_id = ${b} and late_qty <> 0 group by count_id) l
        join app.counts c on c.business_id = ${b} and c.id = l.count_id ${before(sql`l.on_date`)}`);
    case "shelves":
      // What a channel tells of a day comes some days later: only what stays different is for a person.
      return counted(sql`select null::bigint as amount, i.name as about, d.since from (${differing(b)}) d
        join app.items i on i.business_id = ${b} and i.id = d.item_id
        where d.since <= ${addDays(today, -daysTold)}::date ${before(sql`d.since`)}`);
    case "lowStock":
      // Of now, whatever day is asked for: closing days waits for no purchase.
      return counted(sql`select null::bigint as amount, i.name as about, null::date as since from app.stock_minimums k
        join app.items i on i.business_id = ${b} and i.id = k.item_id and not i.is_undone
        where k.business_id = ${b} and ${isBelow(b)} and ${until === undefined}`);
    case "unknown":
      return counted(sql`select amount_minor as amount, type as about, on_date as since from app.charges
        where business_id = ${b} and category = 'other' and not is_undone ${own}`);
    case "rates":
      return counted(sql`select null::bigint as amount, rate_currency as about, rate_on as since from app.raw_documents
        where business_id = ${b} and state = 'refused' and rate_currency is not null ${before(sql`rate_on`)}`);
    case "jobs":
      // A sync that was given up is told by its channel.
      return counted(sql`select null::bigint as amount, job as about, null::date as since from app.outbox
        where business_id = ${b} and state = 'dead' and job <> 'syncChannel'`);
    case "findings":
      return sql`select coalesce(sum(findings), 0)::int as n, null as amount, null as about, null as since from (
          select findings from app.proofs where business_id = ${b} order by at desc, id desc limit 1) last`;
  }
}

/** How a channel's last sync ended. */
function lastSync(b: string): SQL {
  return sql`(select r.state from app.runs r where r.business_id = ${b} and r.job = 'syncChannel' and r.about = c.id order by r.id desc limit 1)`;
}

/** How much open work waits at each place of the frame; counts stop at a thousand. */
export type OpenCounts = Readonly<{
  transactions: number;
  balances: number;
  sold: number;
  movements: number;
  channels: number;
  payouts: number;
}>;

/**
 * Where each kind is done. What is done on an order's own page or in the settings has no count in the frame; lines that are no known item
 * need a cost as well and are counted once, among those.
 */
const placeOf: Readonly<Partial<Record<Asked, keyof OpenCounts>>> = {
  alike: "channels",
  syncs: "channels",
  details: "balances",
  costs: "sold",
  shortages: "movements",
  counts: "movements",
  categories: "transactions",
  deposits: "payouts",
  payouts: "payouts",
  unknown: "channels",
};

/** The counts beside the places in the frame, of the same rows as `needsOf`. One question to the database. */
export function openCounts(scope: Scope, when: When = {}): Promise<OpenCounts> {
  require(scope, "read");
  const kinds = Object.keys(placeOf) as readonly Asked[];
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ kind: Asked; n: number }>(
      tx,
      sql.join(
        kinds.map((kind) => sql`select ${kind}::text as kind, q.n from (${queryOf(scope, kind, when)}) q`),
        sql` union all `,
      ),
    );
    const counts = { transactions: 0, balances: 0, sold: 0, movements: 0, channels: 0, payouts: 0 };
    for (const { kind, n } of rows) {
      const place = placeOf[kind];
      if (place !== undefined) counts[place] = Math.min(counts[place] + n, mostCounted);
    }
    return counts;
  });
}
