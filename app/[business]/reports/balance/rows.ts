/** The balance sheet as rows: the page and its CSV show the same. */
import type { BalanceSheet } from "@/lib/core/reports/balance";

export type BalanceRow = Readonly<{
  key: string;
  label: string;
  code: string | null;
  kind: "account" | "earned" | "sum" | "all";
  amount: bigint;
}>;

export function balanceRows(sheet: BalanceSheet): readonly BalanceRow[] {
  const group = (key: "assets" | "liabilities" | "equity", label: string): readonly BalanceRow[] => [
    ...sheet[key].children.map((child) => ({
      key: `${key} ${child.label}`,
      label: child.label,
      // Profit is made of many accounts: it leads to profit and loss instead of one of them.
      code: child.accounts.length === 1 && !isEarned(child.label) ? (child.accounts[0] ?? null) : null,
      kind: isEarned(child.label) ? ("earned" as const) : ("account" as const),
      amount: child.amount,
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
