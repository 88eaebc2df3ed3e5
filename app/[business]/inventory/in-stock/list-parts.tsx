import { hrefOf, type ListAddress } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Empty } from "../../../ui/empty";
import { countText } from "../../../ui/figures";
import { type Filter, FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Pager } from "../../../ui/pager";
import { keptOf } from "./frame";

export const itemsText = (count: number): string =>
  count === 0 ? "no items" : `${countText(count)} ${count === 1 ? "item" : "items"}`;

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
      <div className="mb-2">
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
