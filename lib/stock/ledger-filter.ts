/** What an item's ledger can be filtered by, and the ways to the rows: each is a walk along one index, in the order of rule 1. */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import type { LocalDate } from "../core/facts";
import { inPlaces } from "../people/access";
import type { InItem } from "./ledger-balances";

export const movementKinds = [
  "purchase",
  "opening",
  "backfill",
  "loose_return",
  "transfer",
  "assembly",
  "sale",
  "purchase_return",
  "adjustment",
  "sale_return",
] as const;
export type MovementKind = (typeof movementKinds)[number];

/** With whom something moved: a supplier by its name, or a channel by its id. */
export type Party = Readonly<{ kind: "supplier" | "channel"; id: string }>;

export type LedgerFilter = Readonly<{
  item: string;
  from?: LocalDate | undefined;
  to?: LocalDate | undefined;
  kinds?: readonly MovementKind[] | undefined;
  /** Of adjustments; "" are those without one. */
  reason?: string | undefined;
  location?: string | undefined;
  party?: Party | undefined;
  /** A document by its number as the ledger shows it, or by its id. */
  document?: string | undefined;
}>;

export type Cursor = Readonly<{ on: string; phase: number; at: string | null; id: string; leg: number }>;

export const inOrder = sql.raw("m.on_date, m.phase, m.at nulls first, m.id, m.leg");
export const backwards = sql.raw("m.on_date desc, m.phase desc, m.at desc nulls last, m.id desc, m.leg desc");

/** Is only a part of what moved asked for, by something else than days and place? Then rows that lie between are left out. */
export function isNarrow(filter: LedgerFilter): boolean {
  return (
    (filter.kinds !== undefined && filter.kinds.length > 0) ||
    filter.reason !== undefined ||
    filter.party !== undefined ||
    filter.document !== undefined
  );
}

/** The rows `m` of an item at the places chosen. */
export function movedIn({ businessId, item, places }: InItem): SQL {
  return sql`m.business_id = ${businessId} and m.item_id = ${item} and m.kind <> 'write_off' and ${inPlaces("m.location_id", places)}`;
}

/** The days of the filter. */
export function daysOf(filter: LedgerFilter): SQL {
  return sql`${filter.from === undefined ? sql`true` : sql`m.on_date >= ${filter.from}::date`}
    and ${filter.to === undefined ? sql`true` : sql`m.on_date <= ${filter.to}::date`}`;
}

/** A way to rows `m`: what is walked along, and what each row meets besides `movedIn` and `daysOf`. */
export type Way = Readonly<{ from: SQL; where: SQL }>;

/**
 * The ways to what is filtered, of which each of its rows is on exactly one; none where nothing can fit. Each names its kind as a literal, so
 * that the index of what is no sale answers; those of a document begin with it.
 */
export function waysTo(of: InItem, filter: LedgerFilter): readonly Way[] {
  const { businessId: business } = of;
  const walks = apart(of.places);
  // Where there is one walk, `movedIn` says its places.
  const at = (places: readonly string[] | null) => (walks.length === 1 ? sql`true` : inPlaces("m.location_id", places));
  // Said as a literal where it can be, so that the index of what is elsewhere answers; `main` is where most things are.
  const elsewhere = (places: readonly string[] | null) =>
    places === null || places.includes("main") ? at(places) : sql`${at(places)} and m.location_id <> 'main'`;
  const along = (where: SQL): Way => ({ from: sql`app.movements m`, where });
  if (!isNarrow(filter)) return walks.map((places) => along(elsewhere(places)));
  const kinds = kindsOf(filter);
  const isKind = (kind: MovementKind): SQL => {
    const parts = [sql`m.kind = ${sql.raw(`'${kind}'`)}`];
    if (filter.reason !== undefined) parts.push(forReason(filter.reason, business));
    if (filter.party !== undefined) parts.push(withParty(kind, filter.party.id, business));
    return sql.join(parts, sql` and `);
  };
  if (kinds.length === 0) return [];
  if (filter.document !== undefined)
    return [
      {
        from: sql`(${documentsNamed(business, of.item, filter.document)}) n cross join lateral (select y.* from app.movements y
          where y.business_id = ${business} and y.kind = n.kind and y.document_id = n.id offset 0) m`,
        where: sql`(${sql.join(kinds.map(isKind), sql` or `)})`,
      },
    ];
  return walks.flatMap((places) =>
    kinds.map((kind) => along(sql`${isKind(kind)} and ${kind === "sale" ? elsewhere(places) : at(places)}`)),
  );
}

/** The kinds that can be among what is filtered: reasons are those of adjustments, suppliers and channels have their own. */
function kindsOf({ kinds = [], reason, party }: LedgerFilter): readonly MovementKind[] {
  return movementKinds.filter(
    (kind) =>
      (kinds.length === 0 || kinds.includes(kind)) &&
      (reason === undefined || kind === "adjustment") &&
      (party === undefined || (party.kind === "supplier" ? ofSuppliers : ofChannels).includes(kind)),
  );
}

/** Beyond so many places at once, one walk over all of them reads less than one for each. */
const mostApart = 8;

/** Places to be walked each by itself: an index is in order of days at one place, not at several. */
function apart(places: readonly string[] | null): readonly (readonly string[] | null)[] {
  return places === null || places.length < 2 || places.length > mostApart ? [places] : places.map((one) => [one]);
}

const ofSuppliers: readonly MovementKind[] = ["purchase", "purchase_return"];
const ofChannels: readonly MovementKind[] = ["sale", "sale_return", "loose_return", "backfill"];

// Asked of each row as it is come by: as `exists` the planner may begin with all documents of the business instead.
const forReason = (reason: string, b: string) => sql`(select coalesce(y.reason, '') from app.stock_documents y
  where y.business_id = ${b} and y.kind = 'adjustment' and y.id = m.document_id) = ${reason}`;

/** A supplier's purchases and what went back to it; a channel's sales, what came back, and costs by hand for them. */
function withParty(kind: MovementKind, id: string, b: string): SQL {
  switch (kind) {
    case "purchase":
      return sql`(select x.supplier from app.purchases x where x.business_id = ${b} and x.id = m.document_id) = ${id}`;
    case "purchase_return":
      return sql`(select x.supplier from app.stock_documents y join app.purchases x on x.business_id = ${b} and x.id = y.purchase_id
        where y.business_id = ${b} and y.kind = 'purchase_return' and y.id = m.document_id) = ${id}`;
    case "sale":
      return sql`(select x.channel_id from app.orders x where x.business_id = ${b} and x.id = m.document_id) = ${id}`;
    case "sale_return":
    case "loose_return":
      return sql`(select coalesce(x.channel_id, y.channel_id) from app.returns y left join app.orders x on x.business_id = ${b} and x.id = y.order_id
        where y.business_id = ${b} and y.id = m.document_id) = ${id}`;
    case "backfill":
      return sql`(select x.channel_id from app.backfills z join app.order_lines y on y.business_id = ${b} and y.id = z.sale_id
        join app.orders x on x.business_id = ${b} and x.id = y.order_id
        where z.business_id = ${b} and z.id = m.document_id) = ${id}`;
    default:
      return sql`false`;
  }
}

const mostNamed = 200;
const stockKinds: readonly MovementKind[] = ["opening", "adjustment", "transfer", "assembly", "purchase_return"];

/** Documents `(kind, id)` that the ledger shows under this number: an order's is that of its returns and costs by hand too. */
function documentsNamed(b: string, item: string, text: string): SQL {
  const number = text.trim();
  const orders = list("text", [number, `#${number}`]);
  // By its number and by its id; a part of a transfer also by the transfer's. Those that move another item alone are left out.
  return sql`with o as ((select id from app.orders where business_id = ${b} and number = any(${orders}) limit ${mostNamed})
          union select id from app.orders where business_id = ${b} and id = ${number}),
        d as (select kind, id from app.stock_documents where business_id = ${b} and shown_number = ${number}
          union select kind, id from app.stock_documents where business_id = ${b} and kind = any(${list("text", stockKinds)}) and id = ${number}
          union select s.kind, s.id from app.transfers t
            join app.stock_documents s on s.business_id = ${b} and s.consignment_id = t.consignment_id
            where t.business_id = ${b} and t.number = ${number}
          union select 'purchase', id from app.purchases where business_id = ${b} and shown_number = ${number}
          union select 'purchase', id from app.purchases where business_id = ${b} and id = ${number}
          union select 'loose_return', id from app.returns where business_id = ${b} and shown_number = ${number}
          union select case when order_id is null then 'loose_return' else 'sale_return' end, id from app.returns
            where business_id = ${b} and id = ${number}
          union select 'backfill', id from app.backfills where business_id = ${b} and id = ${number})
        select 'sale' as kind, id from o
        union select 'sale_return', r.id from o join app.returns r on r.business_id = ${b} and r.order_id = o.id
        union select 'backfill', f.id from o join app.order_lines l on l.business_id = ${b} and l.order_id = o.id
          join app.backfills f on f.business_id = ${b} and f.sale_id = l.id
        union (select d.kind, d.id from d where exists (select 1 from app.movements m
          where m.business_id = ${b} and m.kind = d.kind and m.document_id = d.id and m.item_id = ${item} offset 0) limit ${mostNamed})`;
}

/** What lies beyond the cursor; its day bounds the index, the rest is compared as rule 1 orders it (no time stands first). */
export function beyond(cursor: Cursor | null, isBack: boolean): SQL {
  if (cursor === null) return sql`true`;
  const side = sql.raw(isBack ? "<" : ">");
  const at = sql`coalesce(${cursor.at}::timestamptz, '-infinity'::timestamptz)`;
  return sql`m.on_date ${side}= ${cursor.on}::date and (m.on_date, m.phase, coalesce(m.at, '-infinity'::timestamptz), m.id, m.leg)
    ${side} (${cursor.on}::date, ${cursor.phase}::smallint, ${at}, ${cursor.id}, ${cursor.leg}::smallint)`;
}

/** A cursor from the address: whatever is not one begins at the latest page. */
export function cursorOf(text: string | null): Cursor | null {
  if (text === null) return null;
  const read = /^\["(\d{4}-\d{2}-\d{2})",([0-3]),(null|"[0-9 :.+-]{10,40}"),("(?:[^"\\]|\\.)*"),(\d{1,4})\]$/u.exec(
    text,
  );
  if (read === null) return null;
  const [on, phase, at, id, leg] = JSON.parse(text) as readonly [string, number, string | null, string, number];
  return { on, phase, at, id, leg };
}
