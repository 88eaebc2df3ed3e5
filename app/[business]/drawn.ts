import { decimalsOf } from "@/lib/core/money";

/** Minor units as a plain number of major ones, for the height of a bar and its rounded label alone: no figure is made of it. */
export function drawn(amountMinor: bigint, currency: string): number {
  return Number(amountMinor) / 10 ** decimalsOf(currency);
}
