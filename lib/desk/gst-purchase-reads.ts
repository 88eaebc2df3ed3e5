/** Purchases of a period with their taxes, for the page that asks for them and for GSTR-3B, table 4. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { type Amounts, type Inward, inwardNatures } from "../core/gst";
import { share, smaller } from "../core/money";
import type { Days } from "../core/reports/periods";
import { require, type Scope } from "../people/access";
import { requireGst } from "./gst-settings";

const natureOf = (text: string): Inward["nature"] => inwardNatures.find((one) => one === text) ?? "taxable";

/** A purchase of a period with its tax, null where none was said. Amounts in paise. */
export type PurchaseToTax = Readonly<{
  id: string;
  on: string;
  party: string;
  paid: bigint;
  tax: Readonly<{
    number: string;
    supplier: string;
    nature: Inward["nature"];
    isImport: boolean;
    isReverseCharge: boolean;
    isBlocked: boolean;
    /** The accounts have it; false: it was said before they could, and is to be saved again. */
    isBooked: boolean;
    amounts: Amounts;
  }> | null;
  /** Its extra costs, of which one may be the tax, and how much of what was paid its details say. */
  extras: readonly string[];
  detailed: bigint;
}>;

/** The purchases of a period, those without their tax first. At most 500: a list to work through. */
export function purchasesToTax(scope: Scope, { from, to }: Days): Promise<readonly PurchaseToTax[]> {
  require(scope, "read");
  requireGst(scope);
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<
      Record<"id" | "on" | "party" | "paid", string> &
        Readonly<{
          number: string | null;
          supplier: string | null;
          nature: string | null;
          is_import: boolean | null;
          is_reverse_charge: boolean | null;
          is_blocked: boolean | null;
          is_booked: boolean | null;
          extras: readonly string[];
          detailed: string;
          taxable: string | null;
          igst: string | null;
          cgst: string | null;
          sgst: string | null;
          cess: string | null;
        }>
    >(
      tx,
      sql`select p.id, p.on_date::text as on, p.supplier as party, (p.amount_minor + p.igst_minor + p.cgst_minor + p.sgst_minor)::text as paid, p.detailed_minor::text as detailed, t.number, t.supplier, t.nature, t.is_import,
            t.is_reverse_charge, t.is_blocked, t.taxable_minor::text as taxable, t.igst_minor::text as igst, t.cgst_minor::text as cgst,
            t.sgst_minor::text as sgst, t.cess_minor::text as cess, t.is_booked,
            coalesce((select array_agg(e.label order by e.place) from app.purchase_extras e
              where e.business_id = ${b} and e.purchase_id = p.id), '{}') as extras
          from app.purchases p left join app.purchase_taxes t on t.business_id = ${b} and t.purchase_id = p.id
          where p.business_id = ${b} and not p.is_undone and p.on_date between ${from}::date and ${to}::date
          order by t.purchase_id is not null, p.on_date, p.id limit 500`,
    );
    return rows.map(({ id, on, party, paid, ...row }) => ({
      id,
      on,
      party,
      paid: BigInt(paid),
      extras: row.extras,
      detailed: BigInt(row.detailed),
      tax:
        row.number === null
          ? null
          : {
              number: row.number,
              supplier: row.supplier ?? "",
              nature: natureOf(row.nature ?? ""),
              isBooked: row.is_booked === true,
              isImport: row.is_import === true,
              isReverseCharge: row.is_reverse_charge === true,
              isBlocked: row.is_blocked === true,
              amounts: {
                taxable: BigInt(row.taxable ?? "0"),
                igst: BigInt(row.igst ?? "0"),
                cgst: BigInt(row.cgst ?? "0"),
                sgst: BigInt(row.sgst ?? "0"),
                cess: BigInt(row.cess ?? "0"),
              },
            },
    }));
  });
}

type Row = Record<
  | "id"
  | "number"
  | "on"
  | "buyer"
  | "supplier"
  | "pos"
  | "nature"
  | "amount"
  | "back"
  | "taxable"
  | "igst"
  | "cgst"
  | "sgst"
  | "cess",
  string
> &
  Readonly<{ is_return: boolean; is_import: boolean; is_reverse_charge: boolean; is_blocked: boolean }>;

/** Purchases of a period with their taxes, and what of such purchases went back to suppliers in it, with its part of their taxes. */
export async function inwardIn(tx: Tx, scope: Scope, { from, to }: Days): Promise<readonly Inward[]> {
  const b = scope.businessId;
  const paid = sql`p.amount_minor + p.igst_minor + p.cgst_minor + p.sgst_minor`;
  const columns = sql`t.buyer, t.supplier, t.pos, t.nature, t.is_import, t.is_reverse_charge, t.is_blocked, (${paid})::text as amount,
    t.taxable_minor::text as taxable, t.igst_minor::text as igst, t.cgst_minor::text as cgst, t.sgst_minor::text as sgst,
    t.cess_minor::text as cess`;
  const rows = await rowsOf<Row>(
    tx,
    sql`select 'purchase/' || p.id as id, t.number, p.on_date::text as on, false as is_return, (${paid})::text as back, ${columns}
        from app.purchases p join app.purchase_taxes t on t.business_id = ${b} and t.purchase_id = p.id
        where p.business_id = ${b} and not p.is_undone and p.on_date between ${from}::date and ${to}::date
        union all
        select 'purchase_return/' || d.id, t.number, d.on_date::text, true, l.back::text, ${columns}
        from app.stock_documents d
        join app.purchases p on p.business_id = ${b} and p.id = d.purchase_id and not p.is_undone
        join app.purchase_taxes t on t.business_id = ${b} and t.purchase_id = p.id
        cross join lateral (select coalesce(sum(s.amount_minor), 0) as back from app.stock_lines s
          where s.business_id = ${b} and s.document_kind = 'purchase_return' and s.document_id = d.id) l
        where d.business_id = ${b} and d.kind = 'purchase_return' and not d.is_undone and d.on_date between ${from}::date and ${to}::date
        order by 3, 1`,
  );
  return rows.map((row) => {
    const [paid, back] = [BigInt(row.amount), BigInt(row.back)];
    const part = (of: string) =>
      row.is_return ? (paid === 0n ? 0n : share(BigInt(of), smaller(back, paid), paid)) : BigInt(of);
    return {
      id: row.id,
      number: row.number,
      on: row.on,
      buyer: row.buyer,
      supplier: row.supplier === "" ? null : row.supplier,
      isReturn: row.is_return,
      isImport: row.is_import,
      isReverseCharge: row.is_reverse_charge,
      isBlocked: row.is_blocked,
      nature: natureOf(row.nature),
      pos: row.pos,
      amounts: {
        taxable: part(row.taxable),
        igst: part(row.igst),
        cgst: part(row.cgst),
        sgst: part(row.sgst),
        cess: part(row.cess),
      },
    };
  });
}
