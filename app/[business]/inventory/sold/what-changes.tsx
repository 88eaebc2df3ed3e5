import { lineProfit } from "@/lib/core/orders";
import type { Scope } from "@/lib/people/access";
import type { Figure, Changes as WhatChanges } from "@/lib/preview";
import type { SoldLine } from "@/lib/sales/sold-reads";
import { periodsMoved } from "../../../asks";
import { type Change, Changes } from "../../../ui/changes";
import { dayText } from "../../../ui/days";
import { countText, moneyText } from "../../../ui/figures";
import { TextLink } from "../../../ui/link";
import { orderHref } from "../balances/state";

/** What this changes, of anything that moves costs. `line`: the one it was asked about, whose figures come first. */
export function WhatThisChanges({
  scope,
  changes,
  line,
  toDetail,
  also = [],
}: {
  scope: Scope;
  changes: WhatChanges;
  line?: SoldLine | undefined;
  /** What still stands to detail, and how much of it this takes. */
  toDetail?: Readonly<{ before: bigint; moved: bigint }> | null | undefined;
  /** Other figures that move with it, after the usual ones. */
  also?: readonly Readonly<{ label: string; figure: Figure }>[] | undefined;
}) {
  const money = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  const plus = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency }, { plus: true });
  const figure = (label: string, before: bigint, after: bigint): Change => ({
    label,
    now: money(before),
    change: plus(after - before),
    after: money(after),
  });
  const own = line === undefined ? undefined : changes.sales.find((sale) => sale.line === line.id);
  const shown: Change[] = [];
  if (line !== undefined) {
    const before = own?.before ?? line.cost ?? 0n;
    const after = own?.after ?? before;
    const profitAt = (cost: bigint) =>
      lineProfit({ amount: line.price, discount: 0n, fees: line.fees, refunds: line.refunds, cost, costBack: 0n });
    shown.push(
      { ...figure("Cost of this sale", before, after), ...(line.cost === null ? { now: "needs cost" } : {}) },
      figure("Profit on it", profitAt(before), profitAt(after)),
    );
  }
  shown.push(
    figure("Cost of Goods Sold, in all", changes.cost.before, changes.cost.after),
    figure("Current Balance", changes.inventory.before, changes.inventory.after),
  );
  if (toDetail) shown.push(figure("Still to detail", toDetail.before, toDetail.before - toDetail.moved));
  for (const { label, figure: moved } of also) shown.push(figure(label, moved.before, moved.after));
  const others = changes.sales.filter((sale) => sale.line !== line?.id);
  const otherCount = changes.saleCount - (own === undefined ? 0 : 1);
  return (
    <Changes
      note={noteOf(changes, otherCount, line !== undefined)}
      changes={shown}
      more={
        others.length === 0 &&
        changes.months.length === 0 &&
        changes.late.months.length === 0 &&
        changes.others === 0 ? undefined : (
          <>
            <ul>
              {others.slice(0, 10).map((sale) => (
                <li key={sale.line}>
                  {dayText(sale.on)}, {sale.name}, order{" "}
                  <TextLink href={orderHref(`/${scope.slug}`, sale.order)}>{sale.number}</TextLink>:{" "}
                  {sale.before === 0n ? "no cost" : money(sale.before)} becomes {money(sale.after)}
                  {sale.isClosed ? ", in a closed period" : ""}
                </li>
              ))}
            </ul>
            {otherCount > 10 ? <p>And {countText(otherCount - 10)} more.</p> : null}
            {changes.others === 0 ? null : (
              <p>
                {countText(changes.others)}{" "}
                {changes.others === 1 ? "return or count changes" : "returns or counts change"} what it cost.
              </p>
            )}
            {periodsMoved(scope, changes).map((line) => (
              <p key={line}>{line}</p>
            ))}
          </>
        )
      }
    />
  );
}

function noteOf(changes: WhatChanges, others: number, isOne: boolean): string {
  const which = isOne ? "other sale" : "sale";
  const moved =
    others === 0
      ? `No ${which} changes.`
      : others === 1
        ? `One ${which} changes.`
        : `${countText(others)} ${which}s change.`;
  if (changes.closed === 0) return `No closed period is touched. ${moved}`;
  const entries = changes.closed === 1 ? "One entry falls" : `${countText(changes.closed)} entries fall`;
  return `${entries} into a closed period and is posted on the first open day. ${moved}`.replace(
    "fall into a closed period and is",
    "fall into a closed period and are",
  );
}
