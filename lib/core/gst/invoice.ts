/**
 * The taxes of an invoice or a credit note, line by line, from an order's amounts. What the buyer pays is given and never changes: the
 * lines with their taxes and `rest` come to it exactly.
 *
 * Shipping is part of the goods that it brings (a composite supply, section 8 of the CGST Act): it is spread over the lines by their
 * value and taxed as they are. A discount that stands on the invoice lessens the value (section 15(3)).
 */
import { invariant } from "../errors";
import { allocate } from "../money";
import type { GstLine, Nature } from "./document";
import type { StateCode } from "./states";
import { isUntaxed, type Supply, wayOf } from "./supply";
import { divideTax, noTax, type TaxParts, taxOn, taxSum, taxWithin } from "./tax";

/** What an item is for the tax, on a day. */
export type ItemTax = Readonly<{ hsn: string; uqc: string; nature: Nature; rate: bigint }>;
/** An item that nobody said anything of: it is taxable, at a rate of 0, and the return names it. */
export const untold: ItemTax = { hsn: "", uqc: "OTH", nature: "taxable", rate: 0n };

/** A sold line; `amount` before its discount, paise, not below 0. */
export type ToTax = Readonly<{
  source: string;
  item: string | null;
  description: string;
  qty: bigint;
  decimals: number;
  amount: bigint;
  discount: bigint;
  tax: ItemTax;
}>;

/** Of an order: `tax` is what it charges on top; `isWithin`: where it charges none, the prices hold it. */
export type OrderToTax = Readonly<{
  seller: StateCode;
  pos: StateCode;
  supply: Supply;
  lines: readonly ToTax[];
  shipping: bigint;
  tax: bigint;
  isWithin: boolean;
}>;

/** `rest`: what no part of the tax takes up (an odd paisa, or a tax that was charged where no line has a rate). */
export type Taxed = Readonly<{ lines: readonly GstLine[]; rest: bigint }>;

/** The lines of an order's invoice with their taxes. */
export function invoiceLines(order: OrderToTax): Taxed {
  const nets = order.lines.map(({ amount, discount }) => amount - discount);
  invariant(
    nets.every((net) => net >= 0n) && order.shipping >= 0n && order.tax >= 0n,
    "an invoice is of nothing below 0",
  );
  const isFree = nets.every((net) => net === 0n);
  invariant(order.lines.length > 0 || order.shipping === 0n, "shipping brings something");
  const shipping = allocate(order.shipping, isFree ? order.lines.map(() => 1n) : nets);
  const gross = nets.map((net, at) => net + (shipping[at] ?? 0n));
  if (order.tax === 0n && order.isWithin && !isUntaxed(order.supply)) return withinOf(order, gross);
  return onTopOf(order, gross);
}

function withinOf(order: OrderToTax, gross: readonly bigint[]): Taxed {
  const way = wayOf(order.seller, order.pos, order.supply);
  const lines = order.lines.map((line, at) => {
    const { taxable, tax } = taxWithin(gross[at] ?? 0n, rateOf(line.tax), way);
    return lineOf(line, taxable, tax);
  });
  return { lines, rest: 0n };
}

/** The order's own tax, spread by what the rates of its lines say; where none has a rate, nobody knows whose it is. */
function onTopOf(order: OrderToTax, gross: readonly bigint[]): Taxed {
  const way = wayOf(order.seller, order.pos, order.supply);
  const weights = order.lines.map((line, at) => taxSum(taxOn(gross[at] ?? 0n, rateOf(line.tax), way)));
  const { taxes, rest } = spreadTax(order.tax, weights, way, isUntaxed(order.supply));
  return { lines: order.lines.map((line, at) => lineOf(line, gross[at] ?? 0n, taxes[at] ?? noTax)), rest };
}

const rateOf = ({ nature, rate }: ItemTax): bigint => (nature === "taxable" ? rate : 0n);

const lineOf = (line: Omit<ToTax, "discount">, taxable: bigint, tax: TaxParts): GstLine => ({
  source: line.source,
  item: line.item,
  description: line.description,
  hsn: line.tax.hsn,
  uqc: line.tax.uqc,
  qty: line.qty,
  decimals: line.decimals,
  nature: line.tax.nature,
  rate: rateOf(line.tax),
  taxable,
  cess: 0n,
  ...tax,
});

/** A line of what comes back, and the invoice's own line that it is of. `amount` is what is given back for it. */
type BackLine = Readonly<{ source: string; qty: bigint; amount: bigint; of: GstLine }>;

/**
 * The lines of a credit note, at the rates of the invoice's own lines whatever the rates are on the day of the note. `tax` is what the
 * refund gives back of it beside its lines: it is divided as an invoice's is. Where that is 0, what the buyer gets back holds the tax that
 * was charged with it. Shipping goes back with the goods that it brought.
 */
export function noteLines(
  order: Readonly<{ seller: StateCode; pos: StateCode; supply: Supply; shipping: bigint; tax: bigint }>,
  back: readonly BackLine[],
): Taxed {
  const way = wayOf(order.seller, order.pos, order.supply);
  invariant(
    back.every(({ amount, qty }) => amount >= 0n && qty > 0n) && order.shipping >= 0n && order.tax >= 0n,
    "what comes back is something, and costs the seller nothing less than 0",
  );
  invariant(back.length > 0 || order.shipping + order.tax === 0n, "what is given back is of something that was sold");
  const isFree = back.every(({ amount }) => amount === 0n);
  const shipping = allocate(
    order.shipping,
    back.map(({ amount }) => (isFree ? 1n : amount)),
  );
  const gross = back.map(({ amount }, at) => amount + (shipping[at] ?? 0n));
  // A line that no tax was charged on gives none back.
  const rate = (of: GstLine) => (taxSum(of) === 0n ? 0n : of.rate);
  const made = ({ of, source, qty }: BackLine, taxable: bigint, tax: TaxParts) => ({
    ...of,
    source,
    qty,
    taxable,
    ...tax,
  });
  if (order.tax === 0n) {
    const lines = back.map((line, at) => {
      const { taxable, tax } = taxWithin(gross[at] ?? 0n, rate(line.of), way);
      return made(line, taxable, tax);
    });
    return { lines, rest: 0n };
  }
  const weights = back.map(({ of }, at) => taxSum(taxOn(gross[at] ?? 0n, rate(of), way)));
  const { taxes, rest } = spreadTax(order.tax, weights, way, isUntaxed(order.supply));
  return { lines: back.map((line, at) => made(line, gross[at] ?? 0n, taxes[at] ?? noTax)), rest };
}

/** A tax over lines by weights; where none has one, nobody knows whose it is. Both halves are spread alike, so they are equal on every line. */
function spreadTax(
  tax: bigint,
  weights: readonly bigint[],
  way: ReturnType<typeof wayOf>,
  isNobodys: boolean,
): Readonly<{ taxes: readonly TaxParts[]; rest: bigint }> {
  const isKnown = weights.some((weight) => weight > 0n) && !isNobodys;
  const { parts, rest } = isKnown ? divideTax(tax, way) : { parts: noTax, rest: tax };
  const spread = (sum: bigint) => (sum === 0n ? weights.map(() => 0n) : allocate(sum, weights));
  const [igst, half] = [spread(parts.igst), spread(parts.cgst)];
  const taxes = weights.map((_, at) => ({ igst: igst[at] ?? 0n, cgst: half[at] ?? 0n, sgst: half[at] ?? 0n }));
  return { taxes, rest };
}

/**
 * The lines of a credit note of what was sold outside the books: what the buyer gets back holds the tax at the item's rate, unless the
 * supply has none.
 */
export function looseNoteLines(
  note: Readonly<{ seller: StateCode; pos: StateCode; supply: Supply }>,
  back: readonly Omit<ToTax, "discount">[],
): readonly GstLine[] {
  const way = wayOf(note.seller, note.pos, note.supply);
  return back.map((line) => {
    invariant(
      line.amount >= 0n && line.qty > 0n,
      "what comes back is something, and costs the seller nothing less than 0",
    );
    const rate = isUntaxed(note.supply) ? 0n : rateOf(line.tax);
    const { taxable, tax } = taxWithin(line.amount, rate, way);
    return lineOf(line, taxable, tax);
  });
}

/** Lines whose tax is further from their rate than rounding explains: a rate that was changed, or a channel that charged another. */
export function offRate(lines: readonly GstLine[]): readonly GstLine[] {
  return lines.filter((line) => {
    const charged = taxSum(line) * 10_000n;
    const due = line.taxable * line.rate;
    const off = charged > due ? charged - due : due - charged;
    return off > 20_000n;
  });
}
