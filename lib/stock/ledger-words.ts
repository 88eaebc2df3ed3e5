/** How the ledger says things, on its page and in what is taken away from it. */
import { share } from "../core/money";
import type { LedgerRow } from "./item-ledger";
import type { MovementKind } from "./ledger-filter";

export const movementNames: Readonly<Record<MovementKind, string>> = {
  purchase: "Purchase",
  opening: "Opening stock",
  backfill: "Cost by hand",
  loose_return: "Return",
  transfer: "Transfer",
  assembly: "Production",
  sale: "Sale",
  purchase_return: "Back to supplier",
  adjustment: "Adjustment",
  sale_return: "Sale return",
};

/** The cost of one in minor units, halves up, for reading only: the books hold the row's whole value. Null where there is none. */
export function rateOf(row: Pick<LedgerRow, "qty" | "valueMinor">, decimals: number): bigint | null {
  const value = row.valueMinor < 0n ? -row.valueMinor : row.valueMinor;
  const qty = row.qty < 0n ? -row.qty : row.qty;
  const one = 10n ** BigInt(decimals);
  if (value === 0n || qty === 0n) return null;
  return qty >= one ? share(value, one, qty) : (value * one * 2n + qty) / (2n * qty);
}
