/**
 * The tax of a purchase as it stands on the supplier's invoice: what may be set against the tax of sales (GSTR-3B, table 4). What of it was
 * paid to the supplier and may be set off is said by the purchase's fact, so that the accounts follow and the goods cost that much less;
 * the rest of the invoice is a row of the desk (docs/decisions/0011-gst.md).
 */
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { purchaseTaxes } from "../../db/schema";
import { rowsOf, type Tx } from "../../db/scope";
import type { Books } from "../books/ledger";
import { Refusal } from "../core/errors";
import type { PurchaseFact } from "../core/facts";
import { type Amounts, type Inward, inputOf, inwardNatures, nothing, stateOfGstin, taxSum } from "../core/gst";
import { allocate, formatMinor, parseMinor } from "../core/money";
import { inputSum, noInput } from "../core/purchases";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { toldOf } from "../people/audit-facts";
import { changeBooks, type Seen } from "../preview";
import { recordIn } from "../record";
import { newId } from "../system/ids";
import { gstSettingsIn, requireGst } from "./gst-settings";
import { paperText, taxNumberOf } from "./letterhead";
import { detailsOf, type FormerDetails, type Header, headerOf, refuseStale } from "./purchases";

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

/**
 * Where the details of a purchase hold the tax, so that it is taken out there: nowhere (""), in what its rows cost ("rows", in proportion),
 * or in one of its extra costs ("extra 0").
 */
export type TaxWithin = string;

/** What came of a save, and all that was there before, for the way back. `details`: null where they stayed. */
export type SavedPurchaseTax = Readonly<{
  purchase: string;
  version: number;
  before: Readonly<{ tax: TypedPurchaseTax | null; details: FormerDetails | null }>;
}>;

const parts = ["taxable", "igst", "cgst", "sgst", "cess"] as const;

function amountsOfTyped(scope: Scope, typed: TypedPurchaseTax): Amounts {
  const amounts: Record<(typeof parts)[number], bigint> = { ...nothing };
  for (const part of parts) {
    const text = typed[part].trim();
    amounts[part] = text === "" ? 0n : parseMinor(text, scope.currency);
    if (amounts[part] < 0n) throw new Refusal("bad_number", "A tax is not below 0.", { field: part });
  }
  return amounts;
}

type Said = Readonly<
  Pick<Inward, "number" | "nature" | "isImport" | "isReverseCharge" | "isBlocked" | "amounts"> & { supplier: string }
>;

/** What is typed, as it is kept. Refuses a wrong GSTIN at its field, halves that differ, and tax within a state beside tax between states. */
function read(scope: Scope, typed: TypedPurchaseTax): Said {
  const supplier = taxNumberOf(scope, typed.supplier, "supplier");
  const number = paperText(typed.number, "number", 40);
  const nature = inwardNatures.find((one) => one === typed.nature);
  if (nature === undefined) throw new Refusal("bad_field", "Choose how it was taxed.", { field: "nature" });
  const amounts = amountsOfTyped(scope, typed);
  if (amounts.cgst !== amounts.sgst)
    throw new Refusal("bad_number", "CGST and SGST are two equal halves.", { field: "sgst" });
  if (amounts.igst !== 0n && amounts.cgst !== 0n)
    throw new Refusal("bad_number", "It is either IGST, or CGST and SGST.", { field: "igst" });
  if (nature !== "taxable" && taxSum(amounts) + amounts.cess !== 0n)
    throw new Refusal("bad_field", "What is not taxed has no tax.", { field: "nature" });
  const { isImport, isReverseCharge, isBlocked } = typed;
  return { number, supplier, nature, isImport, isReverseCharge, isBlocked, amounts };
}

/**
 * Says the tax of a purchase, or corrects it. Refuses `not_found`, `not_ready` without a registration of one's own, what `read` refuses,
 * more than was paid, `over_allocated` where the details hold the tax and `within` does not say where, and `moves_costs` where posted
 * costs move in a way that was not seen.
 */
export async function savePurchaseTax(
  scope: Scope,
  typed: TypedPurchaseTax,
  within: TaxWithin = "",
  seen: Seen = null,
): Promise<SavedPurchaseTax> {
  require(scope, "write");
  requireGst(scope);
  const said = read(scope, typed);
  return changeBooks(scope, seen, async (tx, books) => {
    const header = await headerOf(tx, scope, typed.purchase);
    refuseMoreThanPaid(header, said);
    const details = await withoutTax(tx, scope, header, said, within);
    return write(tx, scope, books, header, said, details);
  });
}

/** Takes the tax of a purchase out again: nothing of it is set off, and all that was paid is cost. Refuses as `savePurchaseTax`. */
export async function dropPurchaseTax(
  scope: Scope,
  input: Readonly<{ purchase: string }>,
  seen: Seen = null,
): Promise<SavedPurchaseTax> {
  require(scope, "write");
  requireGst(scope);
  return changeBooks(scope, seen, async (tx, books) =>
    write(tx, scope, books, await headerOf(tx, scope, input.purchase), null, null),
  );
}

/** Puts the tax, and the details that it was taken out of, back as they were before a save. Refuses `stale` after another one. */
export async function takeBackPurchaseTax(
  scope: Scope,
  input: Omit<SavedPurchaseTax, "before"> & Readonly<{ before: SavedPurchaseTax["before"] }>,
  seen: Seen = null,
): Promise<SavedPurchaseTax> {
  require(scope, "write");
  requireGst(scope);
  const { tax, details } = input.before;
  const said = tax === null ? null : read(scope, tax);
  return changeBooks(scope, seen, async (tx, books) => {
    const header = await headerOf(tx, scope, input.purchase);
    await refuseStale(tx, scope, header, input);
    if (said !== null) refuseMoreThanPaid(header, said);
    return write(tx, scope, books, header, said, details === null ? null : detailsOf(details));
  });
}

function refuseMoreThanPaid({ fact }: Header, { amounts, isImport, isReverseCharge }: Said): void {
  const { taxable, cess } = amounts;
  // Who owes the tax of an import or of reverse charge is the buyer, and it is not in what the supplier was paid.
  const charged = isImport || isReverseCharge ? taxable : taxable + taxSum(amounts) + cess;
  if (charged > fact.amount)
    throw new Refusal("out_of_range", "Value and tax come to more than was paid.", { field: "taxable" });
}

type Details = Pick<PurchaseFact, "lines" | "extras">;

/** The details without the tax that they hold; null where they hold none of it. */
async function withoutTax(
  tx: Tx,
  scope: Scope,
  header: Header,
  said: Said,
  within: TaxWithin,
): Promise<Details | null> {
  const { lines, extras } = detailsOf(header.former);
  const detailed = [...lines, ...extras].reduce((sum, part) => sum + part.amount, 0n);
  const over = detailed + inputSum(inputOf(said)) - header.fact.amount;
  if (over <= 0n) return null;
  const money = formatMinor(over, scope.currency);
  const cost = lines.reduce((sum, line) => sum + line.amount, 0n);
  if (within === "rows") {
    if (cost < over) throw new Refusal("over_allocated", `The rows cost less than ${money}.`, { field: "within" });
    const taken = allocate(
      over,
      lines.map((line) => line.amount),
    );
    return { lines: lines.map((line, place) => ({ ...line, amount: line.amount - (taken[place] ?? 0n) })), extras };
  }
  const place = /^extra ([0-9]{1,3})$/.exec(within)?.[1];
  const extra = place === undefined ? undefined : extras[Number(place)];
  if (extra !== undefined) {
    if (extra.amount < over)
      throw new Refusal("over_allocated", `${extra.label} is less than ${money}.`, { field: "within" });
    const left = extras.map((one) => (one === extra ? { ...one, amount: one.amount - over } : one));
    return { lines, extras: left.filter(({ amount }) => amount !== 0n) };
  }
  const most = lines.reduce<(typeof lines)[number] | null>(
    (top, line) => (top === null || line.amount > top.amount ? line : top),
    null,
  );
  const [item] = await rowsOf<{ name: string }>(
    tx,
    sql`select name from app.items where business_id = ${scope.businessId} and id = ${most?.item ?? ""}`,
  );
  throw new Refusal(
    "over_allocated",
    `The details hold ${money} of this tax. Say where, or lower ${item === undefined ? "an extra cost" : `the row of ${item.name}`} first.`,
    { field: "within", over: String(over), ...(most === null ? {} : { line: most.id }) },
  );
}

type Row = Record<(typeof parts)[number] | "number" | "supplier" | "nature", string> &
  Readonly<{ is_import: boolean; is_reverse_charge: boolean; is_blocked: boolean }>;

/** What is kept of a purchase's tax, as it would be typed; null where nothing is. */
async function keptIn(tx: Tx, scope: Scope, purchase: string): Promise<TypedPurchaseTax | null> {
  const [row] = await rowsOf<Row>(
    tx,
    sql`select number, supplier, nature, is_import, is_reverse_charge, is_blocked, taxable_minor::text as taxable, igst_minor::text as igst,
          cgst_minor::text as cgst, sgst_minor::text as sgst, cess_minor::text as cess
        from app.purchase_taxes where business_id = ${scope.businessId} and purchase_id = ${purchase}`,
  );
  if (row === undefined) return null;
  const { is_import: isImport, is_reverse_charge: isReverseCharge, is_blocked: isBlocked, ...kept } = row;
  const typed = (amount: string) => formatMinor(BigInt(amount), scope.currency);
  return {
    ...kept,
    purchase,
    isImport,
    isReverseCharge,
    isBlocked,
    taxable: typed(kept.taxable),
    igst: typed(kept.igst),
    cgst: typed(kept.cgst),
    sgst: typed(kept.sgst),
    cess: typed(kept.cess),
  };
}

const typedOf = (scope: Scope, amounts: Readonly<Record<string, bigint>>) =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, formatMinor(amount, scope.currency)]));

/** Keeps what is said (null: nothing) and records the purchase with it. `details` null: they stay. */
async function write(
  tx: Tx,
  scope: Scope,
  books: Books,
  header: Header,
  said: Said | null,
  details: Details | null,
): Promise<SavedPurchaseTax> {
  const b = scope.businessId;
  const { id, input: former = noInput, ...fact } = header.fact;
  const { gstin } = await gstSettingsIn(tx, scope);
  if (gstin === "")
    throw new Refusal(
      "not_ready",
      "Give your own GSTIN first, under Settings, Documents: the credit is that registration’s.",
    );
  const input = said === null ? noInput : inputOf(said);
  const before = await keptIn(tx, scope, id);
  const { amounts, ...row } = said ?? { amounts: null };
  const told = async (kept: Details) => {
    const [said] = await toldOf(tx, scope, books.currency, [{ ...header.fact, ...kept }]);
    return { lines: said?.lines, extras: said?.extras };
  };
  const was = await told(detailsOf(header.former));
  const now = details === null ? was : await told(details);
  await recordAudit(tx, scope, {
    what: "gst.purchase",
    about: `purchase/${id}`,
    before: before === null && details === null ? undefined : { ...before, ...(details === null ? {} : was) },
    after:
      said === null && details === null
        ? undefined
        : {
            ...(amounts === null ? {} : { purchase: id, ...row, ...typedOf(scope, amounts) }),
            ...(details === null ? {} : now),
          },
  });
  const isSame = input.igst === former.igst && input.cgst === former.cgst && input.sgst === former.sgst;
  if (!isSame || details !== null) {
    const purchase: PurchaseFact = {
      ...fact,
      id,
      ...(details ?? detailsOf(header.former)),
      ...(inputSum(input) === 0n ? {} : { input }),
    };
    const origin = { source: null, userId: scope.userId, revives: true };
    await recordIn(tx, scope, books, [{ fact: purchase, version: newId() }], origin);
  }
  if (said === null)
    await tx.execute(sql`delete from app.purchase_taxes where business_id = ${b} and purchase_id = ${id}`);
  else await keep(tx, scope, id, gstin, said);
  const [kept] = await rowsOf<{ version: number }>(
    tx,
    sql`select version from app.purchases where business_id = ${b} and id = ${id}`,
  );
  return {
    purchase: id,
    version: kept?.version ?? header.version,
    before: { tax: before, details: details === null ? null : header.former },
  };
}

/** Writes the row of the desk. */
function keep(tx: Tx, scope: Scope, purchase: string, gstin: string, { amounts, ...said }: Said): Promise<void> {
  return bulkInsert(
    tx,
    purchaseTaxes,
    [
      {
        businessId: scope.businessId,
        purchaseId: purchase,
        ...said,
        buyer: gstin,
        pos: stateOfGstin(gstin),
        isBooked: true,
        taxableMinor: amounts.taxable,
        igstMinor: amounts.igst,
        cgstMinor: amounts.cgst,
        sgstMinor: amounts.sgst,
        cessMinor: amounts.cess,
      },
    ],
    sql`on conflict (business_id, purchase_id) do update set number = excluded.number, buyer = excluded.buyer, supplier = excluded.supplier,
        pos = excluded.pos, nature = excluded.nature, is_import = excluded.is_import, is_reverse_charge = excluded.is_reverse_charge,
        is_blocked = excluded.is_blocked, is_booked = true, taxable_minor = excluded.taxable_minor, igst_minor = excluded.igst_minor,
        cgst_minor = excluded.cgst_minor, sgst_minor = excluded.sgst_minor, cess_minor = excluded.cess_minor`,
  );
}
