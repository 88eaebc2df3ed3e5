import type { Metadata } from "next";
import { daysBetween } from "@/lib/core/dates";
import { can, isLimited } from "@/lib/people/access";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { inStock, type StockRow, type StockState, stockStates } from "@/lib/stock/register";
import { type BusinessParams, stockScopeOf } from "../../../scope";
import { hrefOf, type SearchParams, sortOf } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { dayText } from "../../../ui/days";
import { Empty } from "../../../ui/empty";
import { countText, quantityText } from "../../../ui/figures";
import { FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Fig, TextLink } from "../../../ui/link";
import { Dash, Money, Quantity } from "../../../ui/money";
import { Pager } from "../../../ui/pager";
import { type Column, Table } from "../../../ui/table";
import { Tag } from "../../../ui/tag";
import { Tape } from "../../../ui/tape";
import { removeHref } from "../remove/state";
import { dayChip, inTransit, keptOf, locationChip, RegisterFrame } from "./frame";
import { itemHref, registerState, stateNames } from "./state";

export const metadata: Metadata = { title: "In Stock" };

/** So many places stand in columns of their own; where there are more, a row says them under its item. */
const mostColumns = 4;

/** The stock register. */
export default async function InStock({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const { address, asked, today, problem } = registerState(scope, "stock", await searchParams);
  const { register: _, ...filter } = asked;
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/in-stock`;
  const [page, places] = await Promise.all([
    inStock(scope, filter, { after: address.after, before: address.before }),
    locationsOf(scope),
  ]);
  const money = (amountMinor: bigint | null) =>
    amountMinor === null ? null : { amountMinor, currency: scope.currency };
  const day = asked.on ?? today;
  const year = Number(day.slice(0, 4));
  const href = (change: Parameters<typeof hrefOf>[2]) => hrefOf(path, address, change);
  const isFiltered = asked.q !== "" || asked.state !== undefined || asked.location !== undefined;
  const { totals } = page;
  // Who is limited to some locations is told quantities alone.
  const isTold = !isLimited(scope);
  const all = isTold ? [...places, inTransit] : places;
  const nameOf = new Map(all.map(({ id, name }) => [id, name]));
  const used = all.filter(
    ({ id }) =>
      totals.places.some((place) => place.location === id) ||
      page.rows.some((row) => row.places.some((p) => p.location === id)),
  );
  const columnsOfPlaces = asked.location === undefined && used.length > 1 && used.length <= mostColumns ? used : [];
  const at = (of: StockRow["places"], id: string) => of.find((place) => place.location === id)?.qty ?? 0n;
  const ledger = (row: StockRow, location = asked.location) => itemHref(base, row.id, { to: asked.on, location });
  const columns: readonly Column<StockRow>[] = [
    {
      key: "item",
      head: "Item",
      wraps: true,
      width: 150,
      phone: "what",
      sort: sortOf(path, address, "name"),
      cell: (row) => (
        <>
          <Fig href={ledger(row)}>{row.name}</Fig>
          {asked.location === undefined && columnsOfPlaces.length === 0 && row.places.length > 1 ? (
            <span className="q s"> {placesText(row, nameOf)}</span>
          ) : null}
        </>
      ),
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
      cell: (row) => <Quantity of={row.qty} decimals={row.decimals} zero="figure" />,
    },
    ...columnsOfPlaces.map(
      ({ id, name }): Column<StockRow> => ({
        key: `at ${id}`,
        head: name,
        align: "right",
        quiet: true,
        cell: (row) => {
          const qty = at(row.places, id);
          return qty === 0n ? (
            <Dash />
          ) : (
            <Fig href={ledger(row, id)}>
              <Quantity of={qty} decimals={row.decimals} />
            </Fig>
          );
        },
      }),
    ),
    ...(isTold
      ? [
          {
            key: "value",
            head: "Value",
            align: "right",
            phone: "second",
            sort: sortOf(path, address, "value", true),
            cell: (row) => <Money of={money(row.valueMinor)} />,
          } satisfies Column<StockRow>,
        ]
      : []),
    {
      key: "oldest",
      head: "Oldest lot",
      align: "right",
      low: columnsOfPlaces.length > 0,
      sort: sortOf(path, address, "oldest"),
      cell: (row) => (row.oldestOn === null ? null : <Age days={daysBetween(row.oldestOn, day)} />),
    },
    {
      key: "sold",
      head: "Last sold",
      align: "right",
      low: columnsOfPlaces.length > 0,
      sort: sortOf(path, address, "sold", true),
      cell: (row) =>
        row.lastSoldOn === null ? <span className="f">never</span> : <Day on={row.lastSoldOn} year={year} />,
    },
    ...(asked.on === undefined
      ? [
          {
            key: "order",
            head: "On order",
            align: "right",
            low: true,
            cell: (row) =>
              row.onOrder === 0n ? null : (
                <Fig href={`${base}/inventory/orders?state=open&q=${encodeURIComponent(row.sku ?? row.name)}`}>
                  <Quantity of={row.onOrder} decimals={row.decimals} />
                </Fig>
              ),
          } satisfies Column<StockRow>,
          minimumColumn,
        ]
      : []),
    {
      key: "short",
      head: "To do",
      headHidden: true,
      // Two tags are as wide as a name: one below the other they leave it its place.
      wraps: true,
      cell: (row) => (
        <>
          {row.isLow ? (
            <Tag href={isTold ? `${path}/buy` : `${path}?state=low`} says={row.name}>
              low stock
            </Tag>
          ) : null}{" "}
          {row.short > 0n ? (
            <Tag href={`${base}/inventory/sold?missing=1&item=${encodeURIComponent(row.id)}`} says={row.name}>
              {`${quantityText(row.short, row.decimals)} need a cost`}
            </Tag>
          ) : null}
        </>
      ),
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
          {row.places.length > 1 ? ` · ${placesText(row, nameOf)}` : ""}
          {row.isLow ? " · low stock" : ""}
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
        <TextLink href={ledger(row)} says={row.name}>
          View Item
        </TextLink>
      ),
    },
  ];
  const valueTerm = () => ({
    label: isFiltered ? "Value of these" : asked.on === undefined ? "Value in lots" : `Value on ${dayText(asked.on)}`,
    value: totals.valueMinor === null ? "follows the item" : <Money of={money(totals.valueMinor)} zero="figure" />,
    asked: totals.valueMinor !== null,
    text: totals.valueMinor === null,
    ...(totals.valueMinor === null
      ? { sub: "costs are those of all places, so one place has no worth of its own" }
      : {}),
  });
  return (
    <RegisterFrame
      scope={scope}
      register="stock"
      address={address}
      rows={totals.items}
      problem={problem}
      actions={
        can(scope, "move") ? (
          <>
            <ButtonLink
              href={`${path}/minimums${asked.location === undefined ? "" : `?location=${encodeURIComponent(asked.location)}`}`}
            >
              Set minimums
            </ButtonLink>
            <ButtonLink href={removeHref(base)}>Remove stock</ButtonLink>
          </>
        ) : undefined
      }
    >
      <Tape
        terms={[
          { label: "Items", value: countText(totals.items), text: true },
          ...(isTold ? [valueTerm()] : []),
          ...(asked.on === undefined
            ? [
                {
                  label: "Low stock",
                  value: itemsText(totals.lowItems),
                  text: true,
                  left: totals.lowItems > 0,
                },
                ...(isTold
                  ? [
                      {
                        label: "Short of a cost",
                        value: itemsText(totals.shortItems),
                        text: true,
                        left: totals.shortItems > 0,
                      },
                    ]
                  : []),
              ]
            : [
                {
                  label: isTold ? "Minimums and costs to add" : "Minimums",
                  value: "are of now only",
                  text: true,
                },
              ]),
        ]}
      />
      <Table<StockRow>
        caption={asked.on === undefined ? "Stock register" : `Stock register at the end of ${dayText(asked.on)}`}
        columns={columns}
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => ledger(row)}
        bar={
          <>
            <div className="mb-2">
              <ListSearch
                action={path}
                value={address.q}
                kept={Object.fromEntries(keptOf(address, ["q"]))}
                placeholder="Item, SKU, other name"
              />
            </div>
            <FilterBar
              filters={[
                {
                  name: "Show",
                  value: asked.state === undefined ? "all" : stateNames[asked.state],
                  on: asked.state !== undefined,
                  off: href({ filters: { state: null } }),
                  choices: stockStates
                    .filter((state: StockState) => asked.on === undefined || (state !== "low" && state !== "short"))
                    .filter((state) => isTold || state !== "short")
                    .map((state) => ({
                      label: stateNames[state],
                      href: href({ filters: { state } }),
                      current: asked.state === state,
                    })),
                },
                locationChip(path, address, all, asked.location),
                dayChip(path, address, scope, asked.on, today),
              ]}
              end={itemsText(totals.items)}
            />
          </>
        }
        totals={{
          label: itemsText(totals.items),
          span: 2,
          figures: {
            qty: totals.qty === null ? null : <Quantity of={totals.qty} zero="figure" />,
            ...Object.fromEntries(
              columnsOfPlaces.map(({ id }) => [
                `at ${id}`,
                totals.qty === null ? null : <Quantity key={id} of={at(totals.places, id)} />,
              ]),
            ),
            value: <Money of={money(totals.valueMinor)} zero="figure" />,
          },
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
                isTold ? (
                  <ButtonLink kind="primary" href={`${base}/inventory/balances`}>
                    Go to Balances
                  </ButtonLink>
                ) : undefined
              }
            >
              {isTold
                ? "Items come from what you say was in a purchase: Add Details under Balances."
                : "What is bought for your locations or transferred to them stands here."}
            </Empty>
          )
        }
      />
      <Pager
        says={`${countText(page.rows.length)} of ${countText(totals.items)}`}
        earlier={{ label: "Before", href: page.before === null ? null : href({ before: page.before, after: null }) }}
        later={{ label: "Next", href: page.after === null ? null : href({ after: page.after, before: null }) }}
      />
    </RegisterFrame>
  );
}

const itemsText = (count: number): string =>
  count === 0 ? "none" : `${countText(count)} ${count === 1 ? "item" : "items"}`;

function placesText(row: StockRow, names: ReadonlyMap<string, string>): string {
  return row.places
    .map(({ location, qty }) => `${names.get(location) ?? location} ${quantityText(qty, row.decimals)}`)
    .join(", ");
}

/** What is wanted at least. */
const minimumColumn: Column<StockRow> = {
  key: "minimum",
  head: "Minimum",
  align: "right",
  cell: (row) => (row.minimum === null ? null : <Quantity of={row.minimum} decimals={row.decimals} />),
};

function Age({ days }: { days: bigint }) {
  return <span className="nw">{days === 1n ? "1 day" : `${countText(days)} days`}</span>;
}
