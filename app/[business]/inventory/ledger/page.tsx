import type { Metadata } from "next";
import { isLimited, type Scope } from "@/lib/people/access";
import { type ItemChoice, searchItems } from "@/lib/stock/item-reads";
import { type BusinessParams, stockScopeOf } from "../../../scope";
import { readAddress, type SearchParams } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { ListSearch } from "../../../ui/filter-bar";
import { Fig, TextLink } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { type Column, Table } from "../../../ui/table";
import { ledgerHref } from "../balances/state";

export const metadata: Metadata = { title: "Item ledger" };

/** Picks the item whose ledger is wanted. */
export default async function ItemLedgers({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const { q } = readAddress(await searchParams, { filters: [] });
  const base = `/${scope.slug}`;
  const found = (await searchItems(scope, q)).filter((one) => one.isItem);
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Item ledger" }]}
      title="Item ledger"
      note="Every movement of one item, with what was on hand after it."
    >
      <Table<ItemChoice>
        caption="Items"
        bar={<ListSearch action={`${base}/inventory/ledger`} value={q} placeholder="Item, SKU, other name" />}
        rows={found}
        keyOf={(row) => row.id}
        hrefOf={(row) => ledgerHref(base, row.id)}
        columns={columnsOf(scope, base)}
        empty={
          <Empty
            title={q === "" ? "No items yet" : `Nothing is called “${q}”`}
            actions={
              <ButtonLink
                kind={q === "" ? "primary" : "quiet"}
                href={q === "" && !isLimited(scope) ? `${base}/inventory/balances` : `${base}/inventory/in-stock`}
              >
                {q === "" && !isLimited(scope) ? "Go to Balances" : "See all items"}
              </ButtonLink>
            }
          >
            Items come from what you say was in a purchase.
          </Empty>
        }
      />
    </Page>
  );
}

/** The items that were found; what was paid and where it was sold is not told to who is limited to some locations. */
function columnsOf(scope: Scope, base: string): readonly Column<ItemChoice>[] {
  const columns: readonly Column<ItemChoice>[] = [
    {
      key: "item",
      head: "Item",
      wraps: true,
      phone: "what",
      cell: (row) => <Fig href={ledgerHref(base, row.id)}>{row.name}</Fig>,
    },
    { key: "sku", head: "SKU", phone: "where", cell: (row) => <span className="n">{row.sku ?? "no SKU"}</span> },
    { key: "sold", head: "Sold on", low: true, cell: (row) => row.soldOn.join(", ") },
    {
      key: "last",
      head: "Last paid, each",
      align: "right",
      phone: "amount",
      cell: (row) =>
        row.last === null ? null : <Money of={{ amountMinor: row.last.eachMinor, currency: scope.currency }} />,
    },
    {
      key: "when",
      head: "When",
      align: "right",
      phone: "second",
      cell: (row) => (row.last === null ? null : <Day on={row.last.on} />),
    },
    {
      key: "view",
      head: "View Item",
      headHidden: true,
      align: "right",
      cell: (row) => (
        <TextLink href={ledgerHref(base, row.id)} says={row.name}>
          View Item
        </TextLink>
      ),
    },
  ];
  return isLimited(scope) ? columns.filter(({ key }) => !["sold", "last", "when"].includes(key)) : columns;
}
