/** What Add costs offers for a sold line: lots of its item, and purchases with something left to detail, the nearest first. */
import { type SQL, sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { parseMinor, share, smaller } from "../core/money";
import { require, type Scope } from "../people/access";
import { purchaseNumber } from "../stock/purchase-reads";
import { like, linesOf, type SoldLine } from "./sold-reads";

/** A lot that the line's units could be taken from; `cost`: what `units` of it would cost, by what is chosen of it so far. */
export type LotChoice = Readonly<{
  kind: "lot";
  /** What a pin names. */
  id: string;
  purchase: string | null;
  says: string;
  number: string;
  on: LocalDate;
  qty: bigint;
  /** Units that a choice may still take; FIFO may hold some of them, whose sales then move. */
  free: bigint;
  /** Units that no sale holds. */
  left: bigint;
  paid: bigint;
  units: bigint;
  cost: bigint;
}>;

/** A purchase with money that no line says the use of. */
export type PartChoice = Readonly<{
  kind: "part";
  id: string;
  says: string;
  number: string;
  on: LocalDate;
  paid: bigint;
  left: bigint;
  /** What is in lots already: names with their cost. */
  inside: readonly Readonly<{ name: string; cost: bigint }>[];
}>;

export type CostChoices = Readonly<{
  line: SoldLine;
  lots: readonly LotChoice[];
  parts: readonly PartChoice[];
  accounts: readonly Readonly<{ code: string; name: string }>[];
  closedThrough: LocalDate | null;
  /** Money of purchases that stands in no lot yet, over all. */
  toDetail: bigint;
}>;

const shown = 12;

/** What the line's cost could be. Null where the line is not there (any more). `words`: supplier, item, amount, or day. */
export function costChoices(scope: Scope, lineId: string, words: string): Promise<CostChoices | null> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const line = (await linesOf(tx, scope, [lineId])).get(lineId);
    if (line === undefined) return null;
    // The nearest before the sale first, then what came after it.
    const nearest = (on: SQL) => sql`(${on} > ${line.on}::date), abs(${on} - ${line.on}::date)`;
    const said = words === "" ? null : like(words);
    const amount = words === "" ? null : amountIn(words, scope.currency);
    const lots = await rowsOf<Record<string, string> & { purchase_id: string | null }>(
      tx,
      sql`select l.line_id, l.source, l.on_date::text, l.qty::text, (l.qty - l.reserved_qty)::text as free, l.left_qty::text, l.cost_minor::text, l.reserved_qty::text,
            b.purchase_id, coalesce(p.supplier, '') as supplier
          from app.lots l
          left join app.purchase_lines b on b.business_id = ${business} and b.id = l.line_id
          left join app.purchases p on p.business_id = ${business} and p.id = b.purchase_id
          where l.business_id = ${business} and l.item_id = ${line.item ?? ""} and l.qty > l.reserved_qty
            and (l.source in ('purchase', 'opening', 'found') or (l.source = 'made' and l.on_date <= ${line.on}::date))
            and exists (select 1 from app.businesses w join app.order_lines o on o.business_id = ${business} and o.id = ${line.id}
              where w.business_id = ${business} and (w.pool = 'business' or o.location_id = l.location_id))
            ${said === null ? sql`` : sql`and (p.supplier ilike ${said} or p.id ilike ${said} or to_char(l.on_date, 'FMDD Mon YYYY') ilike ${said} or l.cost_minor = ${amount}::bigint)`}
          order by (l.left_qty = 0), ${nearest(sql`l.on_date`)}, l.line_id limit ${shown}`,
    );
    const parts = await rowsOf<Record<string, string>>(
      tx,
      sql`select p.id, p.on_date::text, p.supplier, p.amount_minor::text, (p.amount_minor - s.said)::text as remains
          from app.purchases p
          cross join lateral (select coalesce((select sum(amount_minor) from app.purchase_lines where business_id = ${business} and purchase_id = p.id), 0)
              + coalesce((select sum(amount_minor) from app.purchase_extras where business_id = ${business} and purchase_id = p.id), 0) as said) s
          left join app.transactions t on t.business_id = ${business} and t.id = p.transaction_id
          where p.business_id = ${business} and p.detailed_minor < p.amount_minor and not p.is_undone and p.amount_minor > s.said
            ${said === null ? sql`` : sql`and (p.supplier ilike ${said} or p.id ilike ${said} or t.payee ilike ${said} or t.memo ilike ${said} or to_char(p.on_date, 'FMDD Mon YYYY') ilike ${said} or p.amount_minor = ${amount}::bigint or p.amount_minor - s.said = ${amount}::bigint)`}
          order by ${nearest(sql`p.on_date`)}, p.id limit ${shown}`,
    );
    const inside = new Map<string, { name: string; cost: bigint }[]>();
    for (const row of await rowsOf<Record<string, string>>(
      tx,
      sql`select l.purchase_id, i.name, l.cost_minor::text from app.purchase_lines l join app.items i on i.business_id = ${business} and i.id = l.item_id
          where l.business_id = ${business} and l.purchase_id in (${
            parts.length === 0
              ? sql`null`
              : sql.join(
                  parts.map((row) => sql`${row.id}`),
                  sql`, `,
                )
          }) order by l.purchase_id, l.place`,
    )) {
      const own = inside.get(row.purchase_id ?? "") ?? [];
      own.push({ name: row.name ?? "", cost: BigInt(row.cost_minor ?? "0") });
      inside.set(row.purchase_id ?? "", own);
    }
    const accounts = await rowsOf<{ code: string; name: string }>(
      tx,
      sql`select code, name from app.accounts where business_id = ${business} and holds in ('bank', 'card', 'cash') and not is_archived order by code`,
    );
    const [closed] = await rowsOf<{ day: string | null; remains: string }>(
      tx,
      sql`select closed_through::text as day, coalesce((select sum(amount_minor - detailed_minor) from app.purchases
            where business_id = ${business} and detailed_minor < amount_minor and not is_undone), 0)::text as remains
          from app.businesses where business_id = ${business}`,
    );
    const wanted = line.shortQty > 0n ? line.shortQty : line.qty;
    return {
      line,
      lots: lots.map((row) => lotOf(row, wanted)),
      parts: parts.map((row) => ({
        kind: "part" as const,
        id: row.id ?? "",
        says: row.supplier || "No supplier named",
        number: purchaseNumber(row.id ?? ""),
        on: row.on_date ?? "",
        paid: BigInt(row.amount_minor ?? "0"),
        left: BigInt(row.remains ?? "0"),
        inside: inside.get(row.id ?? "") ?? [],
      })),
      accounts,
      closedThrough: closed?.day ?? null,
      toDetail: BigInt(closed?.remains ?? "0"),
    };
  });
}

function lotOf(row: Record<string, string> & { purchase_id: string | null }, wanted: bigint): LotChoice {
  const of = (name: string) => BigInt(row[name] ?? "0");
  const [qty, free, paid, reserved] = [of("qty"), of("free"), of("cost_minor"), of("reserved_qty")];
  const units = smaller(wanted, free);
  const source = row.source === "opening" ? "Opening stock" : row.source === "made" ? "Made here" : "Found in a count";
  return {
    kind: "lot",
    id: row.line_id ?? "",
    purchase: row.purchase_id,
    says: row.purchase_id === null ? source : row.supplier || "No supplier named",
    number: purchaseNumber(row.purchase_id ?? row.line_id ?? ""),
    on: row.on_date ?? "",
    qty,
    free,
    left: of("left_qty"),
    paid,
    units,
    cost: share(paid, reserved + units, qty) - share(paid, reserved, qty),
  };
}

/** The amount that a search is, where it is one. */
function amountIn(words: string, currency: string): bigint | null {
  if (!/^[^\p{L}]*\d[^\p{L}]*$/u.test(words)) return null;
  try {
    return parseMinor(words, currency);
  } catch {
    // Words with digits that are no amount (a day, a number of a purchase) are searched as words alone.
    return null;
  }
}
