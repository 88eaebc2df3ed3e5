/** What the local eBay's seller has listed, and how an order and its fees are reckoned. Money is whole cents. */
import type { Random } from "../../../integrations/practice/server/random";

export type Good = Readonly<{ itemId: string; variationId: string | null; sku: string; title: string; cents: number }>;

const makes = ["Canon", "Olympus", "Nikon", "Minolta", "Pentax", "Yashica", "Leica", "Konica"];
const things: readonly (readonly [string, number])[] = [
  ["35mm film camera", 8900],
  ["50mm f/1.8 lens", 4500],
  ["lens cap 52mm", 700],
  ["leather strap, brown", 1990],
  ["flash unit", 2450],
  ["light meter", 3900],
  ["camera case", 1650],
  ["set of three filters", 1275],
];

/** Sixty-four listings; some are variations of one. */
export const goods: readonly Good[] = makes.flatMap((make, row) =>
  things.map(([thing, cents], column): Good => {
    const number = String(row * things.length + column + 1).padStart(3, "0");
    const isVariation = thing.startsWith("leather");
    return {
      itemId: isVariation ? "110000000900" : `110000000${number}`,
      variationId: isVariation ? `410000000${number}` : null,
      sku: `${make.slice(0, 3).toUpperCase()}-${number}`,
      title: `${make} ${thing}`,
      cents: cents + row * 50,
    };
  }),
);

export type Line = Readonly<{
  lineItemId: string;
  good: Good;
  quantity: number;
  /** Before discount. */
  cost: number;
  discount: number;
  shipping: number;
  tax: number;
}>;
export type Fee = Readonly<{ lineItemId: string; feeType: string; cents: number; basis: number }>;

/** A line of an order: one good, its pieces, its share of discount, postage and tax. */
export function lineOf(random: Random, lineItemId: string, good: Good, quantity: number, taxPerMille: number): Line {
  const cost = good.cents * quantity;
  const discount = random.chance(100) ? Math.floor(cost / 20) : 0;
  const shipping = random.chance(300) ? 0 : random.between(350, 1490);
  const tax = Math.round(((cost - discount + shipping) * taxPerMille) / 1000);
  return { lineItemId, good, quantity, cost, discount, shipping, tax };
}

/** eBay's fees on what the buyer paid, tax included, as eBay reckons them. */
export function feesOf(lines: readonly Line[], isInternational: boolean): readonly Fee[] {
  const paid = (line: Line) => line.cost - line.discount + line.shipping + line.tax;
  const total = lines.reduce((sum, line) => sum + paid(line), 0);
  return lines.flatMap((line, index): readonly Fee[] => {
    const basis = paid(line);
    const of = (feeType: string, cents: number) => ({ lineItemId: line.lineItemId, feeType, cents, basis });
    return [
      of("FINAL_VALUE_FEE", Math.round((basis * 1325) / 10_000)),
      ...(index === 0 ? [of("FINAL_VALUE_FEE_FIXED_PER_ORDER", total > 1000 ? 40 : 30)] : []),
      ...(isInternational ? [of("INTERNATIONAL_FEE", Math.round((basis * 165) / 10_000))] : []),
    ];
  });
}
