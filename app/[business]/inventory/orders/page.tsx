import type { Metadata } from "next";
import { type OrderRow, orderRows } from "@/lib/desk/purchase-order-reads";
import { can } from "@/lib/people/access";
import { readCursor } from "@/lib/sales/keyset";
import { locationChoices } from "@/lib/stock/location-reads";
import { type BusinessParams, scopeOf } from "../../../scope";
import { hrefOf, type SearchParams } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { countText } from "../../../ui/figures";
import { FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Fig } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Pager } from "../../../ui/pager";
import { State } from "../../../ui/state";
import { type Column, Table } from "../../../ui/table";
import { keysetLinks } from "../../keyset-links";
import { todayOf } from "../balances/state";
import {
  type FilterName,
  filterNames,
  orderHref,
  ordersFilter,
  ordersHref,
  standingKinds,
  standingNames,
} from "./state";

export const metadata: Metadata = { title: "On order" };

/** Inventory → On order: what is ordered from suppliers and is not here yet, and what became of it. */
export default async function Orders({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { address, filter } = ordersFilter(await searchParams);
  const base = `/${scope.slug}`;
  const path = ordersHref(base);
  const [page, locations] = await Promise.all([
    orderRows(scope, filter, { after: readCursor(address.after), before: readCursor(address.before) }),
    locationChoices(scope),
  ]);
  const year = Number(todayOf(scope).slice(0, 4));
  const mayWrite = can(scope, "write");
  const place = locations.find(({ id }) => id === filter.location);
  const newOne = (
    <ButtonLink kind="primary" href={`${path}/new`}>
      New order
    </ButtonLink>
  );
  const kept = {
    ...(filter.state === undefined ? {} : { state: filter.state }),
    ...(filter.location === undefined ? {} : { location: filter.location }),
  };
  const choice = (name: string, label: string, value: string | null, current: boolean) => ({
    label,
    href: hrefOf(path, address, { filters: { [name]: value } }),
    current,
  });
  const columns: readonly Column<OrderRow>[] = [
    {
      key: "number",
      head: "Order",
      rowHead: true,
      phone: "what",
      cell: (row) => (
        <Fig href={orderHref(base, row.id)} narrow>
          {row.number ?? "draft"}
        </Fig>
      ),
    },
    { key: "supplier", head: "Supplier", clips: true, width: 160, cell: (row) => row.supplier },
    {
      key: "what",
      head: "What",
      clips: true,
      quiet: true,
      width: 200,
      phone: "where",
      cell: (row) => (row.items > 1 ? `${row.item} and ${countText(row.items - 1)} more` : row.item),
    },
    { key: "location", head: "To", quiet: true, low: true, cell: (row) => row.location },
    { key: "on", head: "Ordered", quiet: true, cell: (row) => <Day on={row.on} year={year} /> },
    {
      key: "expected",
      head: "Expected",
      phone: "second",
      cell: (row) =>
        row.expectedOn === null ? null : (
          <>
            <Day on={row.expectedOn} year={year} />
            {row.isLate ? <span className="s q"> late</span> : null}
          </>
        ),
    },
    {
      key: "amount",
      head: "Cost",
      align: "right",
      cell: (row) => <Money of={{ amountMinor: row.amountMinor, currency: scope.currency }} />,
    },
    {
      key: "state",
      head: "State",
      phone: "amount",
      cell: (row) => <State kind={standingKinds[row.standing]}>{standingNames[row.standing]}</State>,
    },
  ];
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "On order" }]}
      title="On order"
      note="What you ordered from suppliers. Nothing is in the books before it is received."
      actions={
        <>
          <ButtonLink href={`${base}/inventory/in-stock/buy`}>What to buy again</ButtonLink>
          <ButtonLink href={hrefOf(`${path}/export`, address)} download>
            Export
          </ButtonLink>
          {mayWrite ? newOne : null}
        </>
      }
    >
      <Table<OrderRow>
        caption="Orders to suppliers"
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => orderHref(base, row.id)}
        columns={columns}
        bar={
          <>
            <div className="mb-2">
              <ListSearch action={path} value={address.q} kept={kept} placeholder="Number, supplier, product, SKU" />
            </div>
            <FilterBar
              filters={[
                {
                  name: "State",
                  value: filter.state === undefined ? "all" : filterNames[filter.state],
                  on: filter.state !== undefined,
                  choices: [
                    choice("state", "All", null, filter.state === undefined),
                    ...(Object.keys(filterNames) as FilterName[]).map((state) =>
                      choice("state", filterNames[state], state, filter.state === state),
                    ),
                  ],
                },
                {
                  name: "Location",
                  value: place?.name ?? "all",
                  on: place !== undefined,
                  choices: [
                    choice("location", "All", null, place === undefined),
                    ...locations.map(({ id, name }) => choice("location", name, id, place?.id === id)),
                  ],
                },
              ]}
            />
          </>
        }
        empty={
          page.isEmpty ? (
            <Empty title="Nothing was ordered yet" actions={mayWrite ? newOne : undefined}>
              Write down what you order from a supplier and when it should come. In Stock then shows what is on order,
              and what to buy again takes it into account.
            </Empty>
          ) : (
            <Empty title="No order fits">Take a filter away.</Empty>
          )
        }
      />
      {page.rows.length > 0 ? (
        <Pager says={`${countText(page.rows.length)} shown, the latest first`} {...keysetLinks(path, address, page)} />
      ) : null}
    </Page>
  );
}
