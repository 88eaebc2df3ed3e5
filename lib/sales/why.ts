/** Why this cost? What a sold line's cost is made of: lots, choices, match, returns, and what changed since it was first posted. */
import { type SQL, sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { namesOf } from "../people/users";
import { purchaseNumber } from "../stock/purchase-reads";
import { linesOf, type SoldLine } from "./sold-reads";

/** A lot that the line took from, in the item's smallest units; before, taken and left add to what the lot held. */
export type WhyLot = Readonly<{
  key: string;
  /** purchase, opening, found, backfill, return, loose-return, transfer, made */
  source: string;
  number: string;
  on: LocalDate;
  supplier: string;
  purchase: string | null;
  qty: bigint;
  /** What the lot cost in all, and what of that was its own amount; the rest is its part of the purchase's extras. */
  costMinor: bigint;
  amountMinor: bigint;
  extras: readonly string[];
  before: bigint;
  taken: bigint;
  left: bigint;
  takenMinor: bigint;
  /** Chosen by a person: the fact that says so, by whom and when. */
  choice: Readonly<{ key: string; who: string | null; at: string }> | null;
}>;

export type WhyPosting = Readonly<{
  id: string;
  on: LocalDate;
  postedOn: LocalDate;
  recordedAt: string;
  memo: string;
  /** What it added to the cost of goods sold. */
  change: bigint;
}>;

export type WhyReturn = Readonly<{
  id: string;
  on: LocalDate;
  qty: bigint;
  amount: bigint;
  fate: "restocked" | "written off" | "kept" | "waiting";
  /** What of the cost came back. */
  cost: bigint;
}>;

export type WhyMatch = Readonly<{
  /** listing, sku, name, hand; null: no item */
  by: string | null;
  item: string | null;
  name: string | null;
  sku: string | null;
  /** By hand: the fact, who and when. `isOwn` false: it was said on another line of its listing. */
  hand: Readonly<{ key: string; isOwn: boolean; who: string | null; at: string }> | null;
  candidates: number;
}>;

export type Why = Readonly<{
  line: SoldLine;
  lots: readonly WhyLot[];
  match: WhyMatch;
  postings: readonly WhyPosting[];
  returns: readonly WhyReturn[];
}>;

/** Null where there is no such line (any more). */
export function whyOf(scope: Scope, lineId: string): Promise<Why | null> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const line = (await linesOf(tx, scope, [lineId])).get(lineId);
    if (line === undefined) return null;
    return {
      line,
      lots: await lotsOf(tx, scope, line),
      match: await matchOf(tx, scope, line),
      postings: await postingsOf(tx, scope, line.id),
      returns: await returnsOf(tx, scope, line.id),
    };
  });
}

async function lotsOf(tx: Tx, scope: Scope, line: SoldLine): Promise<readonly WhyLot[]> {
  const business = scope.businessId;
  const rows = await rowsOf<
    Record<string, string> & {
      purchase_id: string | null;
      key: string | null;
      user_id: string | null;
      at: string | null;
    }
  >(
    tx,
    sql`select a.leg || a.kind || a.place as id, l.source, l.line_id, l.acquired_on::text as on_date, l.qty::text, l.cost_minor::text, a.qty::text as taken, a.cost_minor::text as taken_minor,
          coalesce(b.amount_minor, l.cost_minor)::text as amount_minor, b.purchase_id, coalesce(p.supplier, '') as supplier,
          coalesce((select string_agg(e.label, ', ' order by e.place) from app.purchase_extras e where e.business_id = ${business} and e.purchase_id = b.purchase_id), '') as extras,
          (select coalesce(sum(x.qty), 0) from app.allocations x where x.business_id = ${business} and x.lot_id = a.lot_id and x.kind <> 'back'
            and (x.on_date, x.movement_id, x.leg, x.kind, x.place) < (a.on_date, a.movement_id, a.leg, a.kind, a.place))::text as before,
          case when pin.sale_id is not null then 'pin/' || pin.sale_id || chr(31) || pin.lot_id when f.id is not null then 'backfill/' || f.id end as key,
          coalesce(pin.recorded_at, f.recorded_at)::text as at,
          coalesce(pin.user_id, f.user_id) as user_id
        from app.allocations a
        join app.lots l on l.business_id = ${business} and l.id = a.lot_id
        left join app.purchase_lines b on b.business_id = ${business} and b.id = l.line_id
        left join app.purchases p on p.business_id = ${business} and p.id = b.purchase_id
        left join app.pins pin on pin.business_id = ${business} and pin.sale_id = a.movement_id and pin.lot_id = l.line_id and a.kind = 'reserved'
        left join app.backfills f on f.business_id = ${business} and f.id = l.line_id and not f.is_undone
        where a.business_id = ${business} and a.movement_id = ${line.id} and a.kind <> 'back'
        order by a.leg, a.kind desc, a.place`,
  );
  const names = await namesOf(
    tx,
    rows.map((row) => row.user_id),
  );
  return rows.map((row) => {
    const of = (name: string) => BigInt(row[name] ?? "0");
    const [qty, before, taken] = [of("qty"), of("before"), of("taken")];
    return {
      key: row.id ?? "",
      source: row.source ?? "",
      number: purchaseNumber(row.purchase_id ?? row.line_id ?? ""),
      on: row.on_date ?? "",
      supplier: row.supplier ?? "",
      purchase: row.purchase_id,
      qty,
      costMinor: of("cost_minor"),
      amountMinor: of("amount_minor"),
      extras: row.extras === "" || row.extras === undefined ? [] : row.extras.split(", "),
      before,
      taken,
      left: qty - before - taken,
      takenMinor: of("taken_minor"),
      choice:
        row.key === null || row.at === null
          ? null
          : { key: row.key, who: names.get(row.user_id ?? "") ?? null, at: row.at },
    };
  });
}

async function matchOf(tx: Tx, scope: Scope, line: SoldLine): Promise<WhyMatch> {
  const business = scope.businessId;
  const [row] = await rowsOf<{
    matched_by: string | null;
    item_id: string | null;
    item: string | null;
    sku: string | null;
    candidates: number;
    sale_id: string | null;
    user_id: string | null;
    at: string | null;
  }>(
    tx,
    sql`select o.matched_by, o.item_id, i.name as item, i.sku, o.candidates, m.sale_id, m.recorded_at::text as at, m.user_id
        from app.order_lines o
        left join app.items i on i.business_id = ${business} and i.id = o.item_id
        left join lateral (
          select x.sale_id, x.recorded_at, x.user_id from app.matches x
          join app.order_lines s on s.business_id = ${business} and s.id = x.sale_id
          where x.business_id = ${business} and x.item_id = o.item_id and (x.sale_id = o.id or (o.matched_by = 'listing' and s.listing_key = o.listing_key))
          order by (x.sale_id <> o.id), x.recorded_at limit 1) m on true
        where o.business_id = ${business} and o.id = ${line.id}`,
  );
  const names = await namesOf(tx, [row?.user_id ?? null]);
  return {
    by: row?.matched_by ?? null,
    item: row?.item_id ?? null,
    name: row?.item ?? null,
    sku: row?.sku ?? null,
    candidates: row?.candidates ?? 0,
    hand:
      row?.sale_id == null || row.at === null
        ? null
        : {
            key: `match/${row.sale_id}`,
            isOwn: row.sale_id === line.id,
            who: names.get(row.user_id ?? "") ?? null,
            at: row.at,
          },
  };
}

/** A line's cost documents: itself, or one for each part of a bundle, named by it and U+001F. */
function ofLine(line: string): SQL {
  const id = sql.raw("e.document_id");
  return sql`(${id} = ${line} or (${id} > ${`${line}\u001f`} and ${id} < ${`${line}\u0020`}))`;
}

/** The entries of the line's cost, the first first: what came after it are corrections. */
async function postingsOf(tx: Tx, scope: Scope, line: string): Promise<readonly WhyPosting[]> {
  const business = scope.businessId;
  const rows = await rowsOf<Record<string, string>>(
    tx,
    sql`select e.id, e.effective_on::text, e.posted_on::text, e.recorded_at::text, e.memo,
          sum(case when p.debit = '5000' then p.amount_minor when p.credit = '5000' then -p.amount_minor else 0 end)::text as change
        from app.journal_entries e join app.postings p on p.business_id = ${business} and p.entry_id = e.id
        where e.business_id = ${business} and e.document_kind = 'cost' and e.purpose = 'cost' and ${ofLine(line)}
        group by e.id, e.effective_on, e.posted_on, e.recorded_at, e.memo order by e.id`,
  );
  return rows.map((row) => ({
    id: row.id ?? "",
    on: row.effective_on ?? "",
    postedOn: row.posted_on ?? "",
    recordedAt: row.recorded_at ?? "",
    memo: row.memo ?? "",
    change: BigInt(row.change ?? "0"),
  }));
}

async function returnsOf(tx: Tx, scope: Scope, line: string): Promise<readonly WhyReturn[]> {
  const business = scope.businessId;
  const rows = await rowsOf<Record<string, string> & { restock: boolean; write_off: boolean; is_placed: boolean }>(
    tx,
    sql`select r.id, t.on_date::text, r.qty::text, r.amount_minor::text, r.restock, r.write_off, r.is_placed,
          coalesce((select -sum(a.cost_minor) from app.allocations a where a.business_id = ${business} and a.movement_id = r.id and a.kind = 'back'), 0)::text as cost
        from app.return_lines r join app.returns t on t.business_id = ${business} and t.id = r.return_id and not t.is_undone
        where r.business_id = ${business} and r.sale_id = ${line} order by t.on_date, r.id`,
  );
  return rows.map((row) => ({
    id: row.id ?? "",
    on: row.on_date ?? "",
    qty: BigInt(row.qty ?? "0"),
    amount: BigInt(row.amount_minor ?? "0"),
    fate: row.restock ? "restocked" : row.write_off ? "written off" : row.is_placed ? "kept" : "waiting",
    cost: BigInt(row.cost ?? "0"),
  }));
}
