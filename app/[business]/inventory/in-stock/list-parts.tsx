import { hrefOf, type ListAddress } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Empty } from "../../../ui/empty";
import { countText } from "../../../ui/figures";
import { type Filter, FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Money, type MoneyValue, Quantity } from "../../../ui/money";
import { Pager } from "../../../ui/pager";
import { keptOf } from "./frame";

export const itemsText = (count: number): string =>
  count === 0 ? "no items" : `${countText(count)} ${count === 1 ? "item" : "items"}`;

/** A quantity over its worth; where there is neither, one dash. Without a worth to tell, the quantity alone. */
export function QuantityWorth({
  qty,
  decimals,
  worth,
  zero,
}: {
  qty: bigint | null;
  decimals?: number;
  worth: MoneyValue | null;
  zero?: "dash" | "figure";
}) {
  const isEmpty = qty === 0n && worth?.amountMinor === 0n && zero !== "figure";
  return (
    <>
      <Quantity of={qty} decimals={decimals} zero={zero} />
      {worth === null || isEmpty ? null : (
        <div className="q s">
          <Money of={worth} zero={zero} />
        </div>
      )}
    </>
  );
}

/** The search and the chips over a register. */
export function RegisterBar({
  path,
  address,
  filters,
  items,
}: {
  path: string;
  address: ListAddress;
  filters: readonly Filter[];
  items: number;
}) {
  return (
    <>
      <div className="mt-4 mb-2">
        <ListSearch
          action={path}
          value={address.q}
          kept={Object.fromEntries(keptOf(address, ["q"]))}
          placeholder="Item, SKU, other name"
        />
      </div>
      <FilterBar filters={filters} end={itemsText(items)} />
    </>
  );
}

/** The two ends of a page of a register. */
export function RegisterPager({
  path,
  address,
  page,
}: {
  path: string;
  address: ListAddress;
  page: Readonly<{ rows: readonly unknown[]; before: string | null; after: string | null; items: number }>;
}) {
  const to = (change: Parameters<typeof hrefOf>[2]) => hrefOf(path, address, change);
  return (
    <Pager
      says={`${countText(page.rows.length)} of ${countText(page.items)}`}
      earlier={{ label: "Before", href: page.before === null ? null : to({ before: page.before, after: null }) }}
      later={{ label: "Next", href: page.after === null ? null : to({ after: page.after, before: null }) }}
    />
  );
}

/** Instead of rows: what to do next. */
export function RegisterEmpty({ path, isFiltered, says }: { path: string; isFiltered: boolean; says: string }) {
  return isFiltered ? (
    <Empty
      title="No item fits"
      actions={
        <ButtonLink kind="quiet" href={path}>
          Take all filters off
        </ButtonLink>
      }
    />
  ) : (
    <Empty title="Nothing to show">{says}</Empty>
  );
}
