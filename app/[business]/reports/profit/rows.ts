/** Profit and loss as rows: one for each account, a sum for each group, and what remains. The page and its CSV show the same. */
import type { ProfitReport } from "@/lib/books/reports";
import type { Figure, Profit } from "@/lib/core/reports/profit";

export type ProfitRow = Readonly<{
  key: string;
  label: string;
  /** The account that it is; a sum has none. */
  code: string | null;
  kind: "account" | "sum" | "gross" | "profit";
  amount: bigint;
  /** For each month of the report. */
  months: readonly bigint[];
  before: bigint | null;
}>;

type Part = "income" | "costOfGoodsSold" | "grossProfit" | "expenses" | "netProfit";

/** All rows of the report, in their order. */
export function profitRows(report: ProfitReport): readonly ProfitRow[] {
  const sum = (part: Part, label: string, kind: ProfitRow["kind"]): ProfitRow => ({
    key: part,
    label,
    code: null,
    kind,
    amount: report.whole[part].amount,
    months: report.months.map(({ profit }) => profit[part].amount),
    before: report.before?.[part].amount ?? null,
  });
  return [
    ...accountRows(report, "income"),
    sum("income", "Income", "sum"),
    ...accountRows(report, "costOfGoodsSold"),
    sum("costOfGoodsSold", "Cost of Goods Sold", "sum"),
    sum("grossProfit", "Gross profit", "gross"),
    ...accountRows(report, "expenses"),
    sum("expenses", "Expenses", "sum"),
    sum("netProfit", "Profit", "profit"),
  ];
}

/** Every account that stands at something in the whole, in a month or in the period before; an account may cancel itself out over months. */
function accountRows(report: ProfitReport, part: Part): readonly ProfitRow[] {
  const all: readonly Profit[] = [
    report.whole,
    ...report.months.map(({ profit }) => profit),
    ...(report.before === null ? [] : [report.before]),
  ];
  const names = new Map<string, string>();
  for (const profit of all) for (const child of profit[part].children) names.set(child.accounts[0] ?? "", child.label);
  return [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, label]) => ({
      key: code,
      label,
      code,
      kind: "account" as const,
      amount: amountOf(report.whole[part], code),
      months: report.months.map(({ profit }) => amountOf(profit[part], code)),
      before: report.before === null ? null : amountOf(report.before[part], code),
    }));
}

function amountOf(figure: Figure, code: string): bigint {
  return figure.children.find((child) => child.accounts[0] === code)?.amount ?? 0n;
}
