/** What a change moves, as texts: a form that was sent without script carries them back to itself, so nothing but texts may stand in them. */
import { monthPeriod, yearPeriod } from "@/lib/core/reports/periods";
import type { Scope } from "@/lib/people/access";
import type { Changes, Figure } from "@/lib/preview";
import { orderHref } from "./[business]/inventory/balances/state";
import { periodText } from "./[business]/reports/period";
import { dayText } from "./ui/days";
import { countText, moneyText } from "./ui/figures";
import type { Asked } from "./ui/form-state";

const salesShown = 10;

/** The figures, the first sales, the months and the tax years. */
export function askedOf(scope: Scope, changes: Changes): Asked {
  const money = (amountMinor: bigint, plus = false) => moneyText({ amountMinor, currency: scope.currency }, { plus });
  const figure = (label: string, { before, change, after }: Figure) => ({
    label,
    now: money(before),
    change: money(change, true),
    after: money(after),
  });
  const more = changes.saleCount - Math.min(changes.sales.length, salesShown);
  return {
    figures: [figure("Cost of Goods Sold, in all", changes.cost), figure("Current Balance", changes.inventory)],
    sales: changes.sales.slice(0, salesShown).map((sale) => ({
      says: `${dayText(sale.on)}, ${sale.name}: ${sale.before === 0n ? "no cost" : money(sale.before)} becomes ${money(sale.after)}${sale.isClosed ? ", in a closed period" : ""}, order`,
      number: sale.number,
      href: orderHref(`/${scope.slug}`, sale.order),
    })),
    lines: [
      ...(more > 0 ? [`And ${countText(more)} sales more.`] : []),
      ...(changes.others > 0 ? [`${countText(changes.others)} returns or counts change what they cost.`] : []),
      ...periodsMoved(scope, changes),
    ],
  };
}

/** The months and tax years in which a change is posted, and beside them those closed ones that it is about. */
export function periodsMoved(scope: Scope, { months, years, late }: Changes): readonly string[] {
  const by = (change: bigint) => moneyText({ amountMinor: change, currency: scope.currency }, { plus: true });
  const month = (of: Readonly<{ month: string; change: bigint }>) =>
    `${periodText(monthPeriod(`${of.month}-01`))} ${by(of.change)}`;
  const yearText = (year: number) => periodText(yearPeriod(year, scope.taxYearStartMonth));
  const lateYears = late.years.map(
    ({ year, change, isClosed }) => `${yearText(year)}${isClosed ? ", which is closed," : ""} ${by(change)}`,
  );
  return [
    ...(months.length > 0
      ? [
          `By month: ${months.map(month).join(", ")}.`,
          `By tax year: ${years.map(({ year, change }) => `${yearText(year)} ${by(change)}`).join(", ")}.`,
        ]
      : []),
    ...(late.months.length > 0
      ? [
          `What was filed then differs: ${late.months.map(month).join(", ")}${lateYears.length > 0 ? `; tax year ${lateYears.join(", ")}` : ""}.`,
        ]
      : []),
  ];
}
