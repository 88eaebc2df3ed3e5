/** A purchase with its details, as Add Details shows it; the accounts that may have paid; the locations things may be put at. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { inPlaces, placesOf, require, type Scope } from "../people/access";
import { namesOf } from "../people/users";

/** What people call a document whose id is long: the last part of it, or `P-` and the end of an id that only chance made. */
export function purchaseNumber(id: string): string {
  const last = id.slice(id.lastIndexOf("/") + 1);
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(last)) return `P-${last.slice(-6)}`;
  return last.length <= 24 ? last : `…${last.slice(-20)}`;
}

export type PurchaseLine = Readonly<{
  id: string;
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  qty: bigint;
  amountMinor: bigint;
  /** The amount with its part of the extra costs: what the lot cost. */
  costMinor: bigint;
  location: string;
}>;

export type PurchaseDetails = Readonly<{
  id: string;
  number: string;
  on: LocalDate;
  supplier: string;
  account: Readonly<{ code: string; name: string }>;
  /** What the goods cost: what was paid less the tax that is set off. */
  amountMinor: bigint;
  inputMinor: bigint;
  detailedMinor: bigint;
  leftMinor: bigint;
  /** Counts the saves; what a form has seen must be what is there. */
  version: number;
  /** Its bank line, where it came from one. */
  transaction: string | null;
  lines: readonly PurchaseLine[];
  extras: readonly Readonly<{ label: string; amountMinor: bigint }>[];
  /** Who saved details last, and when (ISO); null before the first save. */
  saved: Readonly<{ who: string | null; at: string }> | null;
}>;

/** One purchase. Refuses `not_found` for what is not there, was taken back, or is somebody else's. */
export function purchaseDetails(scope: Scope, id: string): Promise<PurchaseDetails> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [head] = await rowsOf<Record<string, string | null> & { version: number }>(
      tx,
      sql`select p.id, p.on_date::text, p.supplier, p.account_code, a.name as account_name, p.amount_minor::text, (p.igst_minor + p.cgst_minor + p.sgst_minor)::text as input_minor, p.detailed_minor::text, p.version, p.transaction_id
          from app.purchases p left join app.accounts a on a.business_id = ${business} and a.code = p.account_code
          where p.business_id = ${business} and p.id = ${id} and not p.is_undone`,
    );
    if (head === undefined) throw new Refusal("not_found", "There is no such purchase, or it was taken back.");
    const lines = await rowsOf<Record<string, string> & { decimals: number; sku: string | null }>(
      tx,
      sql`select l.id, l.item_id, i.name, i.sku, i.decimals, l.qty::text, l.amount_minor::text, l.cost_minor::text, l.location_id
          from app.purchase_lines l join app.items i on i.business_id = ${business} and i.id = l.item_id
          where l.business_id = ${business} and l.purchase_id = ${id} order by l.place, l.id`,
    );
    const extras = await rowsOf<{ label: string; amount: string }>(
      tx,
      sql`select label, amount_minor::text as amount from app.purchase_extras where business_id = ${business} and purchase_id = ${id} order by place`,
    );
    const [saved] = await rowsOf<{ at: string; user_id: string | null }>(
      tx,
      sql`select t.at::text, t.user_id from app.audit_trail t
          where t.business_id = ${business} and t.about = ${`purchase/${id}`} and t.what = 'purchase.detail' order by t.id desc limit 1`,
    );
    const by = saved?.user_id ?? null;
    const who = by === null ? null : ((await namesOf(tx, [by])).get(by) ?? null);
    const amountMinor = BigInt(head.amount_minor ?? "0");
    const detailedMinor = BigInt(head.detailed_minor ?? "0");
    return {
      id,
      number: purchaseNumber(id),
      on: head.on_date ?? "",
      supplier: head.supplier ?? "",
      account: { code: head.account_code ?? "", name: head.account_name ?? head.account_code ?? "" },
      amountMinor,
      inputMinor: BigInt(head.input_minor ?? "0"),
      detailedMinor,
      leftMinor: amountMinor - detailedMinor,
      version: head.version,
      transaction: head.transaction_id ?? null,
      lines: lines.map((row) => ({
        id: row.id ?? "",
        item: row.item_id ?? "",
        name: row.name ?? "",
        sku: row.sku,
        decimals: row.decimals,
        qty: BigInt(row.qty ?? "0"),
        amountMinor: BigInt(row.amount_minor ?? "0"),
        costMinor: BigInt(row.cost_minor ?? "0"),
        location: row.location_id ?? "",
      })),
      extras: extras.map((row) => ({ label: row.label, amountMinor: BigInt(row.amount) })),
      saved: saved === undefined ? null : { who, at: saved.at },
    };
  });
}

export type Choice = Readonly<{ id: string; name: string }>;

/** Where things can be that the one who asks sees, in the business's order; without the place between leaving and arriving. */
export function locationsOf(scope: Scope): Promise<readonly Choice[]> {
  require(scope, "stock");
  return inBusiness(scope, (tx) =>
    rowsOf<Choice>(
      tx,
      sql`select id, name from app.locations where business_id = ${scope.businessId} and not is_in_transit and ${inPlaces("id", placesOf(scope))} order by place, id`,
    ),
  );
}

/** The accounts that can have paid for a purchase: banks, cards, cash, and the owner. */
export function payingAccounts(scope: Scope): Promise<readonly Choice[]> {
  require(scope, "read");
  return inBusiness(scope, (tx) =>
    rowsOf<Choice>(
      tx,
      sql`select code as id, name from app.accounts where business_id = ${scope.businessId} and not is_archived
            and (holds in ('bank', 'card', 'cash') or code = '3000') order by code = '3000', code`,
    ),
  );
}
