/**
 * What a lot's cost is made of: what was paid for it, or, where it was made, moved or came back, the lots that went into it, opened level
 * by level down to what was bought; and where the lot went. Read from the allocations that the fold left, never worked out again.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { purchaseNumber } from "./purchase-reads";

/** A lot as others name it. `source`: purchase, opening, found, backfill, return, loose-return, transfer, made. */
export type LotRef = Readonly<{
  id: string;
  source: string;
  number: string;
  on: LocalDate;
  supplier: string;
  purchase: string | null;
}>;

/** What went into a lot: so much of another lot, at its cost; `lot` null: units that no lot covered, which cost nothing yet. */
export type Ingredient = Readonly<{
  key: string;
  item: string;
  name: string;
  decimals: number;
  lot: LotRef | null;
  qty: bigint;
  costMinor: bigint;
}>;

/**
 * How a lot came to be of others: by a production (`overheadMinor` and this lot's share of it all), a transfer or a return. `costMinor`:
 * what all that went in cost, overhead left out; `shortLines`: lines of it that are not covered yet, so that the cost is not complete.
 */
export type Making = Readonly<{
  document: string;
  on: LocalDate;
  overheadMinor: bigint;
  share: bigint;
  shares: bigint;
  costMinor: bigint;
  shortLines: number;
}>;

/** What went into a lot, the first `parts` of it; `making` null where it was moved or came back. */
export type Opened = Readonly<{ making: Making | null; parts: readonly Ingredient[] }>;

/** Lots of these sources are made of other lots. */
const openable: ReadonlySet<string> = new Set(["made", "transfer", "return"]);
export const isMadeOfLots = (source: string): boolean => openable.has(source);

/** What went into these lots, as rows with their place in each: made (its inputs, line by line), moved, or come back. */
function partsOf(business: string, lots: readonly string[]): SQL {
  return sql`
    with l as (select id, source, line_id, number from app.lots where business_id = ${business} and id = any(${list("text", lots)})),
    inputs as (
      select l.id as made, x.place as line_place, m.id, m.leg, m.item_id, m.short_qty from l
      join app.stock_lines s on s.business_id = ${business} and s.id = l.line_id and s.document_kind = 'assembly'
      join app.stock_lines x on x.business_id = ${business} and x.document_kind = 'assembly' and x.document_id = s.document_id and x.qty < 0
      join app.movements m on m.business_id = ${business} and m.id = x.id and m.leg = 0
      where l.source = 'made')
    select i.made, i.line_place, a.place, i.item_id, a.lot_id, a.qty, a.cost_minor from inputs i
      join app.allocations a on a.business_id = ${business} and a.movement_id = i.id and a.leg = i.leg and a.kind <> 'back'
    union all
    select i.made, i.line_place, ${lastPlace}, i.item_id, null, i.short_qty, 0 from inputs i where i.short_qty > 0
    union all
    select l.id, 0, a.place, a.item_id, a.lot_id, a.qty, a.cost_minor from l
      join app.allocations a on a.business_id = ${business} and a.movement_id = l.line_id and a.leg = 0 and a.kind <> 'back' and a.place = l.number - 1
      where l.source = 'transfer'
    union all
    select l.id, 0, a.place, a.item_id, a.lot_id, -a.qty, -a.cost_minor from l
      join app.allocations a on a.business_id = ${business} and a.movement_id = l.line_id and a.kind = 'back' and a.made_lot_id = l.id
      where l.source = 'return'`;
}

/** What is short stands after what a line took. */
const lastPlace = sql.raw("2147483647");

type PartRow = Record<string, string> & {
  lot_id: string | null;
  purchase_id: string | null;
  decimals: number;
  line_place: number;
  place: number;
};

async function readParts(
  tx: Tx,
  scope: Scope,
  lots: readonly string[],
  limit: number,
  after: readonly [linePlace: number, place: number] | null = null,
): Promise<readonly Readonly<{ made: string; at: string; part: Ingredient }>[]> {
  const business = scope.businessId;
  const rows = await rowsOf<PartRow>(
    tx,
    sql`select p.made, p.line_place, p.place, p.item_id, coalesce(i.name, o.name, '') as name, coalesce(i.decimals, 0) as decimals, p.lot_id, p.qty::text, p.cost_minor::text,
          k.source, k.line_id, k.acquired_on::text as on_date, b.purchase_id, coalesce(h.supplier, '') as supplier
        from (${partsOf(business, lots)}) p
        left join app.items i on i.business_id = ${business} and i.id = p.item_id
        left join app.order_lines o on o.business_id = ${business} and o.id = substr(p.item_id, 2) and left(p.item_id, 1) = chr(31)
        left join app.lots k on k.business_id = ${business} and k.id = p.lot_id
        left join app.purchase_lines b on b.business_id = ${business} and b.id = k.line_id
        left join app.purchases h on h.business_id = ${business} and h.id = b.purchase_id
        ${after === null ? sql`` : sql`where (p.line_place, p.place) > (${after[0]}::int, ${after[1]}::int)`}
        order by p.made, p.line_place, p.place limit ${limit}`,
  );
  return rows.map((row) => ({
    made: row.made ?? "",
    at: `${row.line_place}.${row.place}`,
    part: {
      key: `${row.made} ${row.line_place} ${row.place}`,
      item: row.item_id ?? "",
      name: row.name ?? "",
      decimals: row.decimals,
      lot: row.lot_id === null ? null : refOf(row, row.lot_id),
      qty: BigInt(row.qty ?? "0"),
      costMinor: BigInt(row.cost_minor ?? "0"),
    },
  }));
}

function refOf(row: Record<string, string> & { purchase_id: string | null }, id: string): LotRef {
  return {
    id,
    source: row.source ?? "",
    number: purchaseNumber(row.purchase_id ?? row.line_id ?? ""),
    on: row.on_date ?? "",
    supplier: row.supplier ?? "",
    purchase: row.purchase_id,
  };
}

/** The productions of those of these lots that were made. */
async function makingsOf(tx: Tx, scope: Scope, lots: readonly string[]): Promise<ReadonlyMap<string, Making>> {
  const business = scope.businessId;
  const rows = await rowsOf<Record<string, string> & { short: number }>(
    tx,
    sql`select l.id, s.document_id, d.on_date::text, d.overhead_minor::text as overhead, s.share::text, t.shares::text, t.cost::text, t.short
        from app.lots l
        join app.stock_lines s on s.business_id = ${business} and s.id = l.line_id and s.document_kind = 'assembly'
        join app.stock_documents d on d.business_id = ${business} and d.kind = 'assembly' and d.id = s.document_id
        cross join lateral (
          select coalesce(sum(x.share), 0) as shares, coalesce(-sum(m.value_minor) filter (where m.qty < 0), 0) as cost,
            (count(*) filter (where m.qty < 0 and m.short_qty > 0))::int as short
          from app.stock_lines x join app.movements m on m.business_id = ${business} and m.id = x.id and m.leg = 0
          where x.business_id = ${business} and x.document_kind = 'assembly' and x.document_id = s.document_id) t
        where l.business_id = ${business} and l.source = 'made' and l.id = any(${list("text", lots)})`,
  );
  return new Map(
    rows.map((row) => [
      row.id ?? "",
      {
        document: row.document_id ?? "",
        on: row.on_date ?? "",
        overheadMinor: BigInt(row.overhead ?? "0"),
        share: BigInt(row.share ?? "0"),
        shares: BigInt(row.shares ?? "0"),
        costMinor: BigInt(row.cost ?? "0"),
        shortLines: row.short,
      },
    ]),
  );
}

/**
 * What lots are made of, and what those are made of, down to what was bought: each lot once. At most `most` rows in all; `isCut` where
 * there is more, which the lots' own pages show.
 */
export async function openLots(
  tx: Tx,
  scope: Scope,
  lots: readonly Readonly<{ id: string; source: string }>[],
  most: number,
): Promise<Readonly<{ opened: ReadonlyMap<string, Opened>; isCut: boolean }>> {
  const opened = new Map<string, Opened>();
  let left = most;
  let level = [...new Set(lots.filter((lot) => isMadeOfLots(lot.source)).map((lot) => lot.id))];
  while (level.length > 0) {
    const rows = left <= 0 ? [] : await readParts(tx, scope, level, left + 1);
    if (rows.length > left || left <= 0) return { opened, isCut: true };
    const makings = await makingsOf(tx, scope, level);
    for (const id of level)
      opened.set(id, {
        making: makings.get(id) ?? null,
        parts: rows.filter((row) => row.made === id).map((row) => row.part),
      });
    left -= rows.length;
    const next = new Set<string>();
    for (const { part } of rows)
      if (part.lot !== null && isMadeOfLots(part.lot.source) && !opened.has(part.lot.id)) next.add(part.lot.id);
    level = [...next];
  }
  return { opened, isCut: false };
}

/** Who took from a lot. `kind`: the movement's; `order`: of a sale. */
export type Taker = Readonly<{
  key: string;
  kind: string;
  document: string;
  order: string | null;
  number: string;
  on: LocalDate;
  qty: bigint;
  costMinor: bigint;
  isChosen: boolean;
}>;

export type LotView = Readonly<{
  lot: LotRef &
    Readonly<{
      item: string;
      name: string;
      decimals: number;
      isItem: boolean;
      place: string;
      qty: bigint;
      costMinor: bigint;
      /** What of the cost was its own amount; the rest is its part of the purchase's extras. */
      amountMinor: bigint;
      /** Each with what it was spread by: "Freight by weight". */
      extras: readonly string[];
      leftQty: bigint;
      leftMinor: bigint;
    }>;
  opened: Opened | null;
  /** Where the next page of what went into it begins; null on the last. */
  nextPart: string | null;
  takers: readonly Taker[];
  nextTaker: string | null;
}>;

const perPage = 100;

/** One lot: what it cost and of what, and where it went; each list a page at a time. Refuses `not_found`. */
export function lotView(
  scope: Scope,
  id: string,
  page: Readonly<{ part?: string | undefined; taker?: string | undefined }> = {},
  limit = perPage,
): Promise<LotView> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<
      Record<string, string> & { purchase_id: string | null; decimals: number; is_item: boolean }
    >(
      tx,
      sql`select l.id, l.source, l.line_id, l.item_id, coalesce(i.name, o.name, '') as name, coalesce(i.decimals, 0) as decimals, i.id is not null as is_item,
            p.name as place, l.acquired_on::text as on_date, l.qty::text, l.cost_minor::text, l.left_qty::text, l.left_minor::text,
            coalesce(b.amount_minor, l.cost_minor)::text as amount_minor, b.purchase_id, coalesce(h.supplier, '') as supplier,
            coalesce((select string_agg(e.label || ' by ' || e.spread_by, ', ' order by e.place) from app.purchase_extras e where e.business_id = ${business} and e.purchase_id = b.purchase_id), '') as extras
          from app.lots l
          left join app.items i on i.business_id = ${business} and i.id = l.item_id
          left join app.order_lines o on o.business_id = ${business} and o.id = substr(l.item_id, 2) and left(l.item_id, 1) = chr(31)
          join app.locations p on p.business_id = ${business} and p.id = l.location_id
          left join app.purchase_lines b on b.business_id = ${business} and b.id = l.line_id
          left join app.purchases h on h.business_id = ${business} and h.id = b.purchase_id
          where l.business_id = ${business} and l.id = ${id}`,
    );
    if (row === undefined) throw new Refusal("not_found", "There is no such lot, or it was taken back.");
    const of = (name: string) => BigInt(row[name] ?? "0");
    const parts = isMadeOfLots(row.source ?? "")
      ? await readParts(tx, scope, [id], limit + 1, cursorOf(page.part))
      : null;
    const taken = await takersOf(tx, scope, id, page.taker, limit + 1);
    return {
      lot: {
        ...refOf(row, id),
        item: row.item_id ?? "",
        name: row.name ?? "",
        decimals: row.decimals,
        isItem: row.is_item,
        place: row.place ?? "",
        qty: of("qty"),
        costMinor: of("cost_minor"),
        amountMinor: of("amount_minor"),
        extras: row.extras === "" || row.extras === undefined ? [] : row.extras.split(", "),
        leftQty: of("left_qty"),
        leftMinor: of("left_minor"),
      },
      opened:
        parts === null
          ? null
          : {
              making: (await makingsOf(tx, scope, [id])).get(id) ?? null,
              parts: parts.slice(0, limit).map((one) => one.part),
            },
      nextPart: parts === null || parts.length <= limit ? null : (parts[limit - 1]?.at ?? null),
      takers: taken.slice(0, limit),
      nextTaker: taken.length <= limit ? null : (taken[limit - 1]?.key ?? null),
    };
  });
}

function cursorOf(text: string | undefined): readonly [number, number] | null {
  const found = /^(\d{1,9})\.(\d{1,10})$/.exec(text ?? "");
  const place = Number(found?.[2] ?? "0");
  return found === null || place > 2_147_483_647 ? null : [Number(found[1]), place];
}

const separator = "\u001e";

async function takersOf(
  tx: Tx,
  scope: Scope,
  lot: string,
  after: string | undefined,
  limit: number,
): Promise<readonly Taker[]> {
  const business = scope.businessId;
  const [on = "", movement = "", leg = "", place = ""] = (after ?? "").split(separator);
  const isPlace = /^\d{4}-\d\d-\d\d$/.test(on) && /^\d{1,4}$/.test(leg) && /^\d{1,9}$/.test(place);
  const rows = await rowsOf<Record<string, string> & { order_id: string | null; leg: number; place: number }>(
    tx,
    sql`select a.on_date::text, a.movement_id, a.leg, a.place, a.kind as way, a.qty::text, a.cost_minor::text, m.kind, m.document_id, o.order_id,
          coalesce(h.number, (select d.number from app.stock_documents d where d.business_id = ${business} and d.kind = m.kind and d.id = m.document_id), m.document_id) as number
        from app.allocations a
        join app.movements m on m.business_id = ${business} and m.id = a.movement_id and m.leg = a.leg
        left join app.order_lines o on o.business_id = ${business} and o.id = a.movement_id
        left join app.orders h on h.business_id = ${business} and h.id = o.order_id
        where a.business_id = ${business} and a.lot_id = ${lot} and a.kind <> 'back'
          ${isPlace ? sql`and (a.on_date, a.movement_id, a.leg, a.place) > (${on}::date, ${movement}, ${Number(leg)}::int, ${Number(place)}::int)` : sql``}
        order by a.on_date, a.movement_id, a.leg, a.place limit ${limit}`,
  );
  return rows.map((row) => ({
    key: [row.on_date, row.movement_id, row.leg, row.place].join(separator),
    kind: row.kind ?? "",
    document: row.document_id ?? "",
    order: row.order_id,
    number: row.number ?? "",
    on: row.on_date ?? "",
    qty: BigInt(row.qty ?? "0"),
    costMinor: BigInt(row.cost_minor ?? "0"),
    isChosen: row.way === "reserved",
  }));
}
