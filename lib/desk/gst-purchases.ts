/**
 * The tax of a purchase as it stands on the supplier's invoice: what may be set against the tax of sales (GSTR-3B, table 4). A row of the
 * desk: the purchase's amount is what was paid, with its tax, and stays as it is (docs/decisions/0011-gst.md says what is not posted).
 */
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { purchaseTaxes } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { type Amounts, type Inward, nothing, stateOfGstin, taxSum } from "../core/gst";
import { parseMinor, share, smaller } from "../core/money";
import type { Days } from "../core/reports/periods";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { gstSettingsIn, requireGst } from "./gst-settings";
import { paperText, taxNumberOf } from "./letterhead";

/** As typed: amounts in rupees, empty is 0. */
export type TypedPurchaseTax = Readonly<{
  purchase: string;
  /** The supplier's own number. */
  number: string;
  supplier: string;
  nature: string;
  isImport: boolean;
  isReverseCharge: boolean;
  isBlocked: boolean;
  taxable: string;
  igst: string;
  cgst: string;
  sgst: string;
  cess: string;
}>;

const parts = ["taxable", "igst", "cgst", "sgst", "cess"] as const;
const natureOf = (text: string): Inward["nature"] | null =>
  (["taxable", "nil", "non_gst"] as const).find((one) => one === text) ?? null;

function amountsOfTyped(scope: Scope, typed: TypedPurchaseTax): Amounts {
  const amounts: Record<(typeof parts)[number], bigint> = { ...nothing };
  for (const part of parts) {
    const text = typed[part].trim();
    amounts[part] = text === "" ? 0n : parseMinor(text, scope.currency);
    if (amounts[part] < 0n) throw new Refusal("bad_number", "A tax is not below 0.", { field: part });
  }
  return amounts;
}

/**
 * Says the tax of a purchase, or corrects it. Refuses `not_found`, `not_ready` without a registration of one's own, a wrong GSTIN at its
 * field, halves that differ, tax within a state beside tax between states, and more than was paid.
 */
export async function savePurchaseTax(scope: Scope, typed: TypedPurchaseTax): Promise<void> {
  require(scope, "write");
  requireGst(scope);
  const supplier = taxNumberOf(scope, typed.supplier, "supplier");
  const number = paperText(typed.number, "number", 40);
  const nature = natureOf(typed.nature);
  if (nature === null) throw new Refusal("bad_field", "Choose how it was taxed.", { field: "nature" });
  const amounts = amountsOfTyped(scope, typed);
  if (amounts.cgst !== amounts.sgst)
    throw new Refusal("bad_number", "CGST and SGST are two equal halves.", { field: "sgst" });
  if (amounts.igst !== 0n && amounts.cgst !== 0n)
    throw new Refusal("bad_number", "It is either IGST, or CGST and SGST.", { field: "igst" });
  if (nature !== "taxable" && taxSum(amounts) + amounts.cess !== 0n)
    throw new Refusal("bad_field", "What is not taxed has no tax.", { field: "nature" });
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const { gstin } = await gstSettingsIn(tx, scope);
    if (gstin === "")
      throw new Refusal(
        "not_ready",
        "Give your own GSTIN first, under Settings, Documents: the credit is that registration’s.",
      );
    const [head] = await rowsOf<{ amount: string }>(
      tx,
      sql`select amount_minor::text as amount from app.purchases where business_id = ${b} and id = ${typed.purchase} and not is_undone for update`,
    );
    if (head === undefined) throw new Refusal("not_found", "There is no such purchase, or it was taken back.");
    // Who owes the tax of an import or of reverse charge is the buyer, and it is not in what the supplier was paid.
    const charged =
      typed.isImport || typed.isReverseCharge ? amounts.taxable : amounts.taxable + taxSum(amounts) + amounts.cess;
    if (charged > BigInt(head.amount))
      throw new Refusal("out_of_range", "Value and tax come to more than was paid.", { field: "taxable" });
    const row = {
      number,
      supplier,
      nature,
      isImport: typed.isImport,
      isReverseCharge: typed.isReverseCharge,
      isBlocked: typed.isBlocked,
    };
    await recordAudit(tx, scope, {
      what: "gst.purchase",
      about: `purchase/${typed.purchase}`,
      after: { ...row, ...amounts },
    });
    await bulkInsert(
      tx,
      purchaseTaxes,
      [
        {
          businessId: b,
          purchaseId: typed.purchase,
          ...row,
          buyer: gstin,
          pos: stateOfGstin(gstin),
          taxableMinor: amounts.taxable,
          igstMinor: amounts.igst,
          cgstMinor: amounts.cgst,
          sgstMinor: amounts.sgst,
          cessMinor: amounts.cess,
        },
      ],
      sql`on conflict (business_id, purchase_id) do update set number = excluded.number, buyer = excluded.buyer, supplier = excluded.supplier,
          pos = excluded.pos, nature = excluded.nature, is_import = excluded.is_import, is_reverse_charge = excluded.is_reverse_charge,
          is_blocked = excluded.is_blocked, taxable_minor = excluded.taxable_minor, igst_minor = excluded.igst_minor,
          cgst_minor = excluded.cgst_minor, sgst_minor = excluded.sgst_minor, cess_minor = excluded.cess_minor`,
    );
  });
}

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
    amounts: Amounts;
  }> | null;
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
          taxable: string | null;
          igst: string | null;
          cgst: string | null;
          sgst: string | null;
          cess: string | null;
        }>
    >(
      tx,
      sql`select p.id, p.on_date::text as on, p.supplier as party, p.amount_minor::text as paid, t.number, t.supplier, t.nature, t.is_import,
            t.is_reverse_charge, t.is_blocked, t.taxable_minor::text as taxable, t.igst_minor::text as igst, t.cgst_minor::text as cgst,
            t.sgst_minor::text as sgst, t.cess_minor::text as cess
          from app.purchases p left join app.purchase_taxes t on t.business_id = ${b} and t.purchase_id = p.id
          where p.business_id = ${b} and not p.is_undone and p.on_date between ${from}::date and ${to}::date
          order by t.purchase_id is not null, p.on_date, p.id limit 500`,
    );
    return rows.map(({ id, on, party, paid, ...row }) => ({
      id,
      on,
      party,
      paid: BigInt(paid),
      tax:
        row.number === null
          ? null
          : {
              number: row.number,
              supplier: row.supplier ?? "",
              nature: natureOf(row.nature ?? "") ?? "taxable",
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
  const columns = sql`t.buyer, t.supplier, t.pos, t.nature, t.is_import, t.is_reverse_charge, t.is_blocked, p.amount_minor::text as amount,
    t.taxable_minor::text as taxable, t.igst_minor::text as igst, t.cgst_minor::text as cgst, t.sgst_minor::text as sgst,
    t.cess_minor::text as cess`;
  const rows = await rowsOf<Row>(
    tx,
    sql`select 'purchase/' || p.id as id, t.number, p.on_date::text as on, false as is_return, p.amount_minor::text as back, ${columns}
        from app.purchases p join app.purchase_taxes t on t.business_id = ${b} and t.purchase_id = p.id
        where p.business_id = ${b} and not p.is_undone and p.on_date between ${from}::date and ${to}::date
        union all
        select 'purchase_return/' || d.id, t.number, d.on_date::text, true, l.back::text, ${columns}
        from app.stock_documents d
        join app.purchases p on p.business_id = ${b} and p.id = d.purchase_id and not p.is_undone
        join app.purchase_taxes t on t.business_id = ${b} and t.purchase_id = p.id
        cross join lateral (select coalesce(sum(abs(s.amount_minor)), 0) as back from app.stock_lines s
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
      nature: natureOf(row.nature) ?? "taxable",
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
