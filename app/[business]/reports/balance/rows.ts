/** The balance sheet as rows: the page and its CSV show the same. */
import { accounts as codes } from "@/lib/core/posting";
import type { BalanceSheet } from "@/lib/core/reports/balance";
import { countText, moneyText } from "../../../ui/figures";

export type BalanceRow = Readonly<{
  key: string;
  label: string;
  code: string | null;
  kind: "account" | "earned" | "sum" | "all";
  amount: bigint;
  /** What of it is worth a word: no row of its own, since rows add up. */
  note?: string | undefined;
}>;

/** What of Inventory was on its way between two locations, in words; undefined where nothing was. */
export function wayNote(
  { items, valueMinor }: Readonly<{ items: number; valueMinor: bigint | null }>,
  currency: string,
): string | undefined {
  if (items === 0) return undefined;
  const what = `${countText(items)} ${items === 1 ? "item" : "items"}`;
  return valueMinor === null
    ? `with what is in transit, ${what}`
    : `${moneyText({ amountMinor: valueMinor, currency })} of it in transit, ${what}`;
}

/** `way` is said with Inventory. */
export function balanceRows(sheet: BalanceSheet, way?: string | undefined): readonly BalanceRow[] {
  const group = (key: "assets" | "liabilities" | "equity", label: string): readonly BalanceRow[] => [
    ...sheet[key].children.map((child) => ({
      key: `${key} ${child.label}`,
      label: child.label,
      // Profit is made of many accounts: it leads to profit and loss instead of one of them.
      code: child.accounts.length === 1 && !isEarned(child.label) ? (child.accounts[0] ?? null) : null,
      kind: isEarned(child.label) ? ("earned" as const) : ("account" as const),
      amount: child.amount,
      note: child.accounts.includes(codes.inventory) ? way : undefined,
    })),
    { key, label, code: null, kind: "sum", amount: sheet[key].amount },
  ];
  return [
    ...group("assets", "Assets"),
    ...group("liabilities", "Liabilities"),
    ...group("equity", "Equity"),
    {
      key: "all",
      label: "Liabilities and equity",
      code: null,
      kind: "all",
      amount: sheet.liabilities.amount + sheet.equity.amount,
    },
  ];
}

const isEarned = (label: string) => label === "Profit of earlier years" || label === "Profit of this year";
