/**
 * Figures as text, exact: bigint in, what a person reads out. Everything that shows money, quantities or shares in the product
 * goes through here, so that a minus sign is a minus sign (U+2212) and a zero an en dash everywhere.
 */
import { formatMinor, formatScaled } from "../../lib/core/money";

/** Money as the pages get it: whole minor units and the currency that they are of. */
export type MoneyValue = Readonly<{ amountMinor: bigint; currency: string }>;

/** The figure alone, `−1,240.50`. The currency stands once in a title, not on every figure. */
export function moneyText(value: MoneyValue, options: { plus?: boolean | undefined } = {}): string {
  const text = formatMinor(value.amountMinor, value.currency);
  return options.plus && value.amountMinor > 0n ? `+${text}` : text;
}

/** A quantity in an item's smallest units; `decimals` of them make one (most items: 0). */
export function quantityText(value: bigint, decimals = 0): string {
  return formatScaled(value, decimals);
}

/** A count, `1,234`. */
export function countText(value: number | bigint): string {
  return formatScaled(BigInt(value), 0);
}

/** `part` of `whole` as `93.3%`, halves up; an en dash where there is no whole. */
export function shareText(part: bigint, whole: bigint): string {
  if (whole === 0n) return "–";
  const sign = part < 0n !== whole < 0n && part !== 0n ? -1n : 1n;
  const top = part < 0n ? -part : part;
  const under = whole < 0n ? -whole : whole;
  return `${formatScaled(sign * ((top * 2000n + under) / (2n * under)), 1)}%`;
}

/** The same share as a CSS width between 0% and 100%, to a hundredth. */
export function shareWidth(part: bigint, whole: bigint): string {
  if (whole <= 0n || part <= 0n) return "0%";
  return `${formatScaled(part >= whole ? 10000n : (part * 10000n) / whole, 2)}%`;
}

/** The sign that stands at the left of a money field: `$`, `€`, `₹`; the code where there is none. */
export function currencySign(currency: string): string {
  const part = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "narrowSymbol" })
    .formatToParts(0)
    .find((piece) => piece.type === "currency");
  return part?.value ?? currency;
}
