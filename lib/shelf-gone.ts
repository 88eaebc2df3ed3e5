/**
 * Numbers of a channel that grow: how many pieces a removal order did away with so far. Each number that it says is a movement of its own,
 * whose id ends in the number; the ids of one series differ in that alone.
 *
 * What was taken of a series counts once for good, undone or not: another sync does not bring back what a person has undone.
 */
import { sql } from "drizzle-orm";
import { list } from "../db/bulk";
import { rowsOf, type Tx } from "../db/scope";
import type { LocalDate } from "./core/facts";
import type { Scope } from "./people/access";
import { sha256Hex } from "./system/sha256";

/** Behind all that an id can go on with. */
const last = "\u{10ffff}";

/** By series, how many pieces were taken of it. Who takes more adds to it, since a batch may have several numbers of a series. */
export type GoneSoFar = Map<string, bigint>;

/** What the ids of one growing number begin with: all but the number. */
export const seriesOf = (id: string): string => id.slice(0, id.lastIndexOf("/") + 1);

/** What the ids of all adjustments for one removal order begin with: so what it did away with is found among a shelf's movements. */
export const idsOfOrder = (channelId: string, order: string): string =>
  `${channelId}/stock/${sha256Hex(order).slice(0, 12)}/`;

/** What was taken of the series that these movements are of. */
export async function goneSoFar(tx: Tx, scope: Scope, channelId: string, ids: readonly string[]): Promise<GoneSoFar> {
  const series = [...new Set(ids.map(seriesOf))];
  if (series.length === 0) return new Map();
  const rows = await rowsOf<{ series: string; qty: string }>(
    tx,
    sql`select s.series, coalesce(sum(m.qty), 0)::text as qty from unnest(${list("text", series)}) as s(series)
        join app.shelf_moves m on m.business_id = ${scope.businessId} and m.channel_id = ${channelId} and m.facts is not null
          and m.id >= s.series and m.id < s.series || ${last} and substr(m.id, length(s.series) + 1) not like '%/%'
        group by 1`,
  );
  return new Map(rows.map(({ series: name, qty }) => [name, BigInt(qty)]));
}

type Wanted = Readonly<{
  id: string;
  on: LocalDate;
  inAll: string;
  lines: readonly Readonly<{ item: string; qty: bigint }>[];
}>;

/**
 * The first day, from the one that the channel says, from which a shelf has these goods of a removal order without ever being short of them
 * later; null where it has not. Where what came to the shelf names removal orders that the channel has told of, only what is left of this
 * one's counts: what another one sends back is not this one's to lose. Where it names none, whatever of the item is there.
 */
export async function isThere(
  tx: Tx,
  scope: Scope,
  { channelId, location }: Readonly<{ channelId: string; location: string }>,
  { id, on, inAll, lines }: Wanted,
): Promise<LocalDate | null> {
  const b = scope.businessId;
  const kind = id.slice(0, id.indexOf("/") + 1);
  const rows = await rowsOf<{ item: string; on: string; qty: string; order: string | null; came: boolean }>(
    tx,
    sql`select m.item_id as item, m.on_date::text as "on", sum(m.qty)::text as qty, m.kind = 'transfer' as came,
          case when m.kind = 'adjustment' and starts_with(m.document_id, ${idsOfOrder(channelId, inAll)}) then ${inAll} else d.number end as "order"
        from app.movements m
        left join app.stock_documents d on m.kind = 'transfer' and d.business_id = ${b} and d.kind = 'transfer' and d.id = m.document_id
          and starts_with(d.id, ${`${channelId}/stock/`})
          and exists (select 1 from app.raw_documents r where r.business_id = ${b} and r.channel_id = ${channelId} and r.feed = 'stock'
            and r.external_id >= ${kind} || d.number || '/' and r.external_id < ${kind} || d.number || '/' || ${last})
        where m.business_id = ${b} and m.location_id = ${location} and m.item_id = any(${list(
          "text",
          lines.map(({ item }) => item),
        )}) group by 1, 2, 4, 5 order by 2`,
  );
  let day = on;
  for (const { item, qty } of lines) {
    const own = rows.filter((row) => row.item === item);
    // What was done away with of it before is taken off.
    const left = own.filter(({ order }) => order === inAll).reduce((sum, row) => sum + BigInt(row.qty), 0n);
    if (own.some(({ order, came }) => came && order !== null) && left < qty) return null;
    const from = heldFrom(own, qty);
    if (from === null) return null;
    if (from > day) day = from;
  }
  return day;
}

/** From which day on at least so much is always there, of movements in the order of their days; null where it is not at the end. */
function heldFrom(rows: readonly Readonly<{ on: LocalDate; qty: string }>[], qty: bigint): LocalDate | null {
  const left = new Map<LocalDate, bigint>();
  let total = 0n;
  for (const row of rows) {
    total += BigInt(row.qty);
    left.set(row.on, total);
  }
  let from: LocalDate | null = null;
  for (const [on, there] of [...left].reverse()) {
    if (there < qty) break;
    from = on;
  }
  return from;
}
