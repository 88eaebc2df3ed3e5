/** An adjustment as its page shows it, and the latest ones. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { accounts } from "../core/posting";
import { inPlaces, isLimited, mayAt, placesOf, require, type Scope } from "../people/access";
import { namesOf } from "../people/users";

/** A line: `qty` signed, in smallest units; `valueMinor` signed likewise; `short`: what of it no lot covers, so it has no cost yet. */
export type AdjustmentLine = Readonly<{
  id: string;
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  qty: bigint;
  valueMinor: bigint;
  short: bigint;
}>;

export type AdjustmentView = Readonly<{
  id: string;
  /** `ADJ-2026-0001`; null where its source gave none. */
  number: string | null;
  on: LocalDate;
  /** A key of core/reasons.ts, or a source's own words; null: none was given. */
  reason: string | null;
  note: string;
  /** null for who is limited to some locations. */
  account: Readonly<{ code: string; name: string }> | null;
  location: string;
  /** When it was recorded, and by whom; null: by a channel, a file or a person who is gone. */
  at: string;
  who: string | null;
  isUndone: boolean;
  /** It is a step of another document (what was lost on its way), and is taken back there. */
  isStep: boolean;
  lines: readonly AdjustmentLine[];
}>;

/**
 * Refuses `not_found` for what is not there or is somebody else's, or at other locations than the one who asks is limited to; to them it says
 * quantities alone. One that was taken back is shown as it was said, without costs.
 */
export function adjustmentView(scope: Scope, id: string): Promise<AdjustmentView> {
  require(scope, "stock");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [head] = await rowsOf<{
      number: string | null;
      on: string;
      reason: string | null;
      note: string | null;
      code: string;
      account: string | null;
      at: string;
      user_id: string | null;
      undone: boolean;
      step: boolean;
    }>(
      tx,
      sql`select d.number, d.on_date::text as on, d.reason, d.note, coalesce(d.account_code, ${accounts.shrinkage}) as code, a.name as account,
            d.recorded_at::text as at, f.user_id, d.is_undone as undone, f.body ->> 'consignment' is not null as step
          from app.stock_documents d
          join app.facts f on f.business_id = ${b} and f.id = 'adjustment/' || d.id
          left join app.accounts a on a.business_id = ${b} and a.code = coalesce(d.account_code, ${accounts.shrinkage})
          where d.business_id = ${b} and d.kind = 'adjustment' and d.id = ${id}`,
    );
    if (head === undefined) throw new Refusal("not_found", "There is no such document.");
    const lines = await rowsOf<Record<string, string | null> & { decimals: number }>(
      tx,
      sql`select s.id, s.item_id as item, i.name, i.sku, i.decimals, s.qty::text, coalesce(m.value_minor, 0)::text as value,
            coalesce(m.short_qty, 0)::text as short, l.name as location, s.location_id as place
          from app.stock_lines s
          join app.items i on i.business_id = ${b} and i.id = s.item_id
          left join app.movements m on m.business_id = ${b} and m.id = s.id and m.leg = 0
          left join app.locations l on l.business_id = ${b} and l.id = s.location_id
          where s.business_id = ${b} and s.document_kind = 'adjustment' and s.document_id = ${id} order by s.place, s.id`,
    );
    if (isLimited(scope) && (lines.length === 0 || lines.some((line) => !mayAt(scope, line.place ?? ""))))
      throw new Refusal("not_found", "There is no such document.");
    const isTold = !isLimited(scope);
    const names = await namesOf(tx, [head.user_id]);
    return {
      id,
      number: head.number,
      on: head.on,
      reason: head.reason,
      note: head.note ?? "",
      account: isTold ? { code: head.code, name: head.account ?? "" } : null,
      location: lines[0]?.location ?? "",
      at: head.at,
      who: head.user_id === null ? null : (names.get(head.user_id) ?? null),
      isUndone: head.undone,
      isStep: head.step,
      lines: lines.map((row) => ({
        id: row.id ?? "",
        item: row.item ?? "",
        name: row.name ?? "",
        sku: row.sku ?? null,
        decimals: row.decimals,
        qty: BigInt(row.qty ?? "0"),
        valueMinor: isTold ? BigInt(row.value ?? "0") : 0n,
        short: isTold ? BigInt(row.short ?? "0") : 0n,
      })),
    };
  });
}

/** One of the latest: `item` is its first product, `items` how many there are; `valueMinor` signed. */
export type LatestAdjustment = Readonly<{
  id: string;
  on: LocalDate;
  reason: string | null;
  item: string;
  items: number;
  valueMinor: bigint;
}>;

const latestShown = 5;

/** The latest adjustments that stand, by their day: those that the one who asks may open. */
export function latestAdjustments(scope: Scope): Promise<readonly LatestAdjustment[]> {
  require(scope, "stock");
  const own = placesOf(scope);
  const isOwn =
    own === null
      ? sql`true`
      : sql`exists (select 1 from app.stock_lines s where s.business_id = ${scope.businessId} and s.document_kind = 'adjustment'
          and s.document_id = stock_documents.id and ${inPlaces("s.location_id", own)})`;
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{
      id: string;
      on: string;
      reason: string | null;
      item: string | null;
      items: number;
      value: string;
    }>(
      tx,
      sql`select d.id, d.on_date::text as on, d.reason, l.item, l.items, l.value::text from (
            select id, on_date, reason from app.stock_documents
            where business_id = ${b} and kind = 'adjustment' and not is_undone and ${isOwn} order by on_date desc, id desc limit ${latestShown}) d
          cross join lateral (select count(*)::int as items, (array_agg(i.name order by s.place, s.id))[1] as item, coalesce(sum(m.value_minor), 0) as value
            from app.stock_lines s
            join app.items i on i.business_id = ${b} and i.id = s.item_id
            left join app.movements m on m.business_id = ${b} and m.id = s.id and m.leg = 0
            where s.business_id = ${b} and s.document_kind = 'adjustment' and s.document_id = d.id) l
          order by d.on_date desc, d.id desc`,
    );
    return rows.map((row) => ({ ...row, item: row.item ?? "", valueMinor: isLimited(scope) ? 0n : BigInt(row.value) }));
  });
}
