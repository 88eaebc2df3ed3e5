import type { Metadata } from "next";
import { daysBetween } from "@/lib/core/dates";
import { can } from "@/lib/people/access";
import { inStock, type StockRow, type StockState, whereIs } from "@/lib/stock/item-reads";
import { type BusinessParams, scopeOf } from "../../../scope";
import { hrefOf, type SearchParams, sortOf } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { Expander } from "../../../ui/expander";
import { countText, quantityText } from "../../../ui/figures";
import { FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Fig, TextLink } from "../../../ui/link";
import { Money, Quantity } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Pager } from "../../../ui/pager";
import { type Column, Table } from "../../../ui/table";
import { Tag } from "../../../ui/tag";
import { Tape } from "../../../ui/tape";
import { ledgerHref, todayOf } from "../balances/state";
import { removeHref } from "../remove/state";
import { stockState, stockStates } from "./state";

export const metadata: Metadata = { title: "In Stock" };

/** The stock register. */
export default async function InStock({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { address, filter, open } = stockState(await searchParams);
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/in-stock`;
  const page = await inStock(scope, filter, { after: address.after, before: address.before });
  const places = open === null ? [] : await whereIs(scope, open);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const today = todayOf(scope);
  const year = Number(today.slice(0, 4));
  const href = (change: Parameters<typeof hrefOf>[2]) => hrefOf(path, address, change);
  const isFiltered = address.q !== "" || filter.state !== undefined;
  const columns: readonly Column<StockRow>[] = [
    {
      key: "item",
      head: "Item",
      wraps: true,
      phone: "what",
      sort: sortOf(path, address, "name"),
      cell: (row) => <Fig href={ledgerHref(base, row.id)}>{row.name}</Fig>,
    },
    {
      key: "sku",
      head: "SKU",
      quiet: true,
      low: true,
      sort: sortOf(path, address, "sku"),
      cell: (row) => <span className="n">{row.sku}</span>,
    },
    {
      key: "qty",
      head: "On hand",
      align: "right",
      phone: "amount",
      sort: sortOf(path, address, "qty", true),
      cell: (row) => (
        <Expander href={href({ rest: { where: row.id === open ? null : row.id } })} open={row.id === open}>
          <Quantity of={row.qty} decimals={row.decimals} zero="figure" />
        </Expander>
      ),
    },
    {
      key: "value",
      head: "Value",
      align: "right",
      phone: "second",
      sort: sortOf(path, address, "value", true),
      cell: (row) => <Money of={money(row.valueMinor)} />,
    },
    {
      key: "oldest",
      head: "Oldest lot",
      align: "right",
      sort: sortOf(path, address, "oldest"),
      cell: (row) => (row.oldestOn === null ? null : <Age days={daysBetween(row.oldestOn, today)} />),
    },
    {
      key: "sold",
      head: "Last sold",
      align: "right",
      sort: sortOf(path, address, "sold", true),
      cell: (row) =>
        row.lastSoldOn === null ? <span className="f">never</span> : <Day on={row.lastSoldOn} year={year} />,
    },
    {
      key: "short",
      head: "To do",
      headHidden: true,
      cell: (row) =>
        row.short > 0n ? (
          <Tag href={`${base}/inventory/sold?missing=1&item=${encodeURIComponent(row.id)}`} says={row.name}>
            {`${quantityText(row.short, row.decimals)} need a cost`}
          </Tag>
        ) : null,
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          {row.sku === null ? "no SKU" : row.sku}
          {row.short > 0n ? ` · ${quantityText(row.short, row.decimals)} need a cost` : ""}
        </>
      ),
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
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "In stock" }]}
      title="In Stock"
      actions={
        <>
          {can(scope, "write") ? <ButtonLink href={removeHref(base)}>Remove stock</ButtonLink> : null}
          <ButtonLink href={hrefOf(`${path}/export`, address)} download>
            Export
          </ButtonLink>
        </>
      }
    >
      <Tape
        terms={[
          { label: "Items", value: countText(page.totals.items), text: true },
          {
            label: isFiltered ? "Value of these" : "Value in lots",
            value: <Money of={money(page.totals.valueMinor)} zero="figure" />,
            asked: true,
          },
          {
            label: "Short of a cost",
            value:
              page.totals.shortItems === 0
                ? "none"
                : `${countText(page.totals.shortItems)} ${page.totals.shortItems === 1 ? "item" : "items"}`,
            text: true,
            left: page.totals.shortItems > 0,
          },
        ]}
      />
      <Table<StockRow>
        caption="Stock register"
        columns={columns}
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => ledgerHref(base, row.id)}
        stateOf={(row) => ({ chosen: row.id === open })}
        under={(row) =>
          row.id !== open ? null : places.length === 0 ? (
            "It is at no location now."
          ) : (
            <>
              Where it is:{" "}
              {places.map((place, at) => (
                <span key={place.id}>
                  {at > 0 ? ", " : ""}
                  {place.name} <b>{quantityText(place.qty, row.decimals)}</b>
                </span>
              ))}
            </>
          )
        }
        bar={
          <>
            <div className="mb-2">
              <ListSearch
                action={path}
                value={address.q}
                kept={filter.state === undefined ? {} : { state: filter.state }}
                placeholder="Item, SKU, other name"
              />
            </div>
            <FilterBar
              filters={[
                {
                  name: "Show",
                  value: filter.state === undefined ? "all" : stockStates[filter.state],
                  on: filter.state !== undefined,
                  off: href({ filters: { state: null } }),
                  choices: (Object.keys(stockStates) as StockState[]).map((state) => ({
                    label: stockStates[state],
                    href: href({ filters: { state } }),
                    current: filter.state === state,
                  })),
                },
              ]}
              end={`${countText(page.totals.items)} items`}
            />
          </>
        }
        totals={{
          label: `${countText(page.totals.items)} items`,
          span: 3,
          figures: { value: <Money of={money(page.totals.valueMinor)} zero="figure" /> },
        }}
        empty={
          isFiltered ? (
            <Empty
              title="No item fits"
              actions={
                <ButtonLink kind="quiet" href={path}>
                  Take all filters off
                </ButtonLink>
              }
            />
          ) : (
            <Empty
              title="Nothing in stock yet"
              actions={
                <ButtonLink kind="primary" href={`${base}/inventory/balances`}>
                  Go to Balances
                </ButtonLink>
              }
            >
              Items come from what you say was in a purchase: Add Details under Balances.
            </Empty>
          )
        }
      />
      <Pager
        says={`${countText(page.rows.length)} of ${countText(page.totals.items)}`}
        earlier={{ label: "Before", href: page.before === null ? null : href({ before: page.before, after: null }) }}
        later={{ label: "Next", href: page.after === null ? null : href({ after: page.after, before: null }) }}
      />
    </Page>
  );
}

function Age({ days }: { days: bigint }) {
  return <span className="nw">{days === 1n ? "1 day" : `${countText(days)} days`}</span>;
}
