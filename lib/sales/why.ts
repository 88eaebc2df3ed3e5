/**
 * Why this cost? What a sold line's cost is made of: lots, and what those were made of down to what was bought, choices, match, returns,
 * and what changed since it was first posted, with what each correction followed.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { movingCosts } from "../people/audit-words";
import { namesOf } from "../people/users";
import { type Opened, openLots } from "../stock/lots";
import { purchaseNumber } from "../stock/purchase-reads";
import { isId } from "../system/ids";
import { linesOf, type SoldLine } from "./sold-reads";

/** A lot that the line took from, in the item's smallest units; before, taken and left add to what the lot held. */
export type WhyLot = Readonly<{
  key: string;
  lot: string;
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
  /** Each with what it was spread by: "Freight by weight". */
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
  /**
   * The last change before it that can move costs, of the audit trail: nearly always the one that moved this, since whoever changes the
   * books holds them until its entries are posted (work left to a job follows the last of several). Null where there is none.
   */
  followed: Readonly<{ what: string; about: string; who: string | null; at: string; why: string | null }> | null;
}>;

export type WhyPostings = Readonly<{
  /** What was posted first: one entry, one for each part of a bundle (the first of them), none where nothing was posted yet. */
  first: readonly WhyPosting[];
  /** The corrections since (adjusting entries), the latest first, a page of them; and how many there are. */
  corrections: readonly WhyPosting[];
  correctionCount: number;
  /** The `after` of the next page; null on the last. */
  next: string | null;
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
  /** What those of its lots that were made, moved or came back were made of, by lot, and so on; not all of it where it `isCut`. */
  opened: ReadonlyMap<string, Opened>;
  isCut: boolean;
  match: WhyMatch;
  postings: WhyPostings;
  returns: readonly WhyReturn[];
}>;

/** So many lots are opened under a sale; the others have their own pages. */
const mostOpened = 200;
const correctionsShown = 10;
const mostFirst = 20;

/** Null where there is no such line (any more). `most`: for tests. */
export function whyOf(scope: Scope, lineId: string, most = mostOpened): Promise<Why | null> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const line = (await linesOf(tx, scope, [lineId])).get(lineId);
    if (line === undefined) return null;
    const lots = await lotsOf(tx, scope, line);
    const { opened, isCut } = await openLots(
      tx,
      scope,
      lots.map(({ lot, source }) => ({ id: lot, source })),
      most,
    );
    return {
      line,
      lots,
      opened,
      isCut,
      match: await matchOf(tx, scope, line),
      postings: await postingsOf(tx, scope, line.id, undefined, correctionsShown),
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
    sql`select a.leg || a.kind || a.place as id, a.lot_id as lot, l.source, l.line_id, l.acquired_on::text as on_date, l.qty::text, l.cost_minor::text, a.qty::text as taken, a.cost_minor::text as taken_minor,
          coalesce(b.amount_minor, l.cost_minor)::text as amount_minor, b.purchase_id, coalesce(p.supplier, '') as supplier,
          coalesce((select string_agg(e.label || ' by ' || e.spread_by, ', ' order by e.place) from app.purchase_extras e where e.business_id = ${business} and e.purchase_id = b.purchase_id), '') as extras,
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
      lot: row.lot ?? "",
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

/** All corrections of a sold line's cost, a page at a time. Null where there is no such line (any more). */
export function costHistory(
  scope: Scope,
  lineId: string,
  page: Readonly<{ after?: string | undefined; limit?: number | undefined }> = {},
): Promise<Readonly<{ line: SoldLine; postings: WhyPostings }> | null> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const line = (await linesOf(tx, scope, [lineId])).get(lineId);
    if (line === undefined) return null;
    return { line, postings: await postingsOf(tx, scope, lineId, page.after, page.limit ?? 100) };
  });
}

/** The entries of the line's cost: the first ones, and what corrected them. */
async function postingsOf(
  tx: Tx,
  scope: Scope,
  line: string,
  after: string | undefined,
  limit: number,
): Promise<WhyPostings> {
  const business = scope.businessId;
  const entries = sql`app.journal_entries e where e.business_id = ${business} and e.document_kind = 'cost' and e.purpose = 'cost' and ${ofLine(line)}`;
  const read = (where: SQL, order: SQL) =>
    rowsOf<Record<string, string> & { what: string | null; user_id: string | null; why: string | null }>(
      tx,
      sql`select e.id, e.effective_on::text, e.posted_on::text, e.recorded_at::text, e.memo, f.what, f.about, f.at::text, f.why, f.user_id,
            (select coalesce(sum(case when p.debit = '5000' then p.amount_minor when p.credit = '5000' then -p.amount_minor else 0 end), 0)::text
              from app.postings p where p.business_id = ${business} and p.entry_id = e.id) as change
          from (select * from ${entries} ${where} ${order}) e
          left join lateral (
            select t.what, t.about, t.at, t.why, t.user_id from app.audit_trail t
            where t.business_id = ${business} and t.id < e.id and t.what = any(${list("text", movingCosts)}) order by t.id desc limit 1) f on true
          order by e.id desc`,
    );
  const first = await read(sql`and not e.is_correction`, sql`order by e.id limit ${mostFirst}`);
  const from = after !== undefined && isId(after) ? sql`and e.id < ${after}::uuid` : sql``;
  const rows = await read(sql`and e.is_correction ${from}`, sql`order by e.id desc limit ${limit + 1}`);
  const [counted] = await rowsOf<{ n: number }>(tx, sql`select count(*)::int as n from ${entries} and e.is_correction`);
  const names = await namesOf(
    tx,
    [...first, ...rows].map((row) => row.user_id),
  );
  const asPosting = (row: (typeof rows)[number]): WhyPosting => ({
    id: row.id ?? "",
    on: row.effective_on ?? "",
    postedOn: row.posted_on ?? "",
    recordedAt: row.recorded_at ?? "",
    memo: row.memo ?? "",
    change: BigInt(row.change ?? "0"),
    followed:
      row.what === null
        ? null
        : {
            what: row.what ?? "",
            about: row.about ?? "",
            who: names.get(row.user_id ?? "") ?? null,
            at: row.at ?? "",
            why: row.why,
          },
  });
  return {
    first: first.map(asPosting).reverse(),
    corrections: rows.slice(0, limit).map(asPosting),
    correctionCount: counted?.n ?? 0,
    next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null,
  };
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
