import type { ReactNode } from "react";
import { can, type Scope } from "@/lib/people/access";
import {
  type ChangeKind,
  firstInventoryMonth,
  type InventoryChange,
  inventoryChanges,
  inventoryTape,
  salesOfDay,
} from "@/lib/stock/inventory-reads";
import { filterOf, hrefOf, type SearchParams } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { dayText } from "../../../ui/days";
import { Empty } from "../../../ui/empty";
import { Expander } from "../../../ui/expander";
import { countText, moneyText, quantityText } from "../../../ui/figures";
import { FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Fig } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Pager } from "../../../ui/pager";
import { type Column, Table } from "../../../ui/table";
import { Tag } from "../../../ui/tag";
import { Tape } from "../../../ui/tape";
import { adjustmentHref } from "../remove/state";
import { balancesState, detailsHref, kindNames, ledgerHref, orderHref } from "./state";

type Line = InventoryChange & { isPart?: boolean };

/** Balances: the sum, and the list of what changed it. Also stands behind the sheets that are opened from it. */
export async function BalancesView({ scope, searchParams }: { scope: Scope; searchParams: SearchParams }) {
  const state = balancesState(scope, searchParams);
  const { address, year, filter, open } = state;
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/balances`;
  const [tape, page, first, parts] = await Promise.all([
    inventoryTape(scope, filter.period),
    inventoryChanges(scope, filter, { after: address.after, before: address.before }),
    firstInventoryMonth(scope),
    open === null ? [] : salesOfDay(scope, open),
  ]);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const firstYear = first === null ? year : Math.min(Number(first.slice(0, 4)), year);
  const years = Array.from({ length: state.thisYear - firstYear + 1 }, (_, i) => state.thisYear - i).slice(0, 12);
  const lines: Line[] = page.rows.flatMap((row) =>
    isDayOfSales(row) && row.on === open ? [row, ...parts.map((part) => ({ ...part, isPart: true }))] : [row],
  );
  const isPlain = filter.kind === undefined && filter.q === "" && filter.toDetail !== true;
  const href = (change: Parameters<typeof hrefOf>[2]) => hrefOf(path, address, change);
  const columns = columnsOf({ scope, year, isPlain, open, href, money });
  const isNow = year >= state.thisYear;
  const what = filter.kind;
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Balances" }]}
      title="Balances"
      actions={
        <>
          <ButtonLink href={hrefOf(`${path}/export`, address)} download>
            Export
          </ButtonLink>
          {can(scope, "write") ? (
            <ButtonLink kind="primary" href={href({ rest: { new: "purchase" } })} stay>
              Record a purchase
            </ButtonLink>
          ) : null}
        </>
      }
    >
      <Tape
        terms={[
          { label: `Balance, ${dayText(filter.period.from)}`, value: <Money of={money(tape.opening)} zero="figure" /> },
          {
            op: "+",
            label: "Purchases",
            value: <Money of={money(tape.purchases)} zero="figure" />,
            sub: `${countText(tape.purchaseCount)} ${tape.purchaseCount === 1 ? "purchase" : "purchases"}`,
          },
          ...(tape.other === 0n
            ? []
            : [
                {
                  op: tape.other > 0n ? ("+" as const) : ("−" as const),
                  label: "Other",
                  value: <Money of={money(tape.other > 0n ? tape.other : -tape.other)} zero="figure" />,
                  sub: "opening stock, costs by hand, back to suppliers",
                },
              ]),
          {
            op: "−",
            label: "Cost of Goods Sold",
            value: <Money of={money(tape.cost)} zero="figure" />,
            asked: true,
            sub: [
              `sold ${moneyText(money(tape.sold))}`,
              ...(tape.back === 0n ? [] : [`back ${moneyText(money(-tape.back))}`]),
              ...(tape.shrinkage === 0n ? [] : [`shrinkage ${moneyText(money(tape.shrinkage))}`]),
            ].join(", "),
          },
          {
            op: "=",
            label: isNow ? "Current Balance" : `Balance, ${dayText(filter.period.to)}`,
            value: <Money of={money(tape.balance)} zero="figure" />,
            asked: true,
            proved: tape.isProved,
            sub: isNow
              ? `${moneyText(money(tape.inLots))} in lots, ${moneyText(money(tape.toDetail))} still to detail`
              : undefined,
          },
        ]}
      />
      <Table<Line>
        caption={`What changed Inventory in ${year}, newest first`}
        columns={columns}
        rows={lines}
        keyOf={(row) => `${row.isPart === true ? "part " : ""}${row.key}`}
        hrefOf={(row) => documentHref(base, row)}
        stateOf={(row) => ({ part: row.isPart })}
        bar={
          <>
            <div className="mb-2">
              <ListSearch
                action={path}
                value={address.q}
                kept={keptOf(address.filters)}
                placeholder="Supplier, product, number"
              />
            </div>
            <FilterBar
              filters={[
                {
                  name: "Year",
                  value: year,
                  on: filterOf(address, "year") !== null,
                  choices: years.map((one) => ({
                    label: String(one),
                    href: href({
                      filters: { year: one === state.thisYear ? null : String(one) },
                      rest: { open: null },
                    }),
                    current: one === year,
                  })),
                },
                {
                  name: "What",
                  value: what === undefined ? "all" : kindNames[what].toLowerCase(),
                  on: what !== undefined,
                  off: href({ filters: { what: null } }),
                  choices: (Object.keys(kindNames) as ChangeKind[]).map((kind) => ({
                    label: kindNames[kind],
                    href: href({ filters: { what: kind, todetail: null } }),
                    current: kind === what,
                  })),
                },
                {
                  name: "Still to detail",
                  value: countText(tape.toDetailCount),
                  on: filter.toDetail === true,
                  href: href({ filters: { todetail: "yes", what: null }, rest: { open: null } }),
                  off: href({ filters: { todetail: null } }),
                },
                {
                  name: "Sales of a day",
                  value: filter.folded === false ? "one by one" : "together",
                  on: filter.folded !== false,
                  href: href({ filters: { each: null } }),
                  off: href({ filters: { each: "yes" }, rest: { open: null } }),
                },
              ]}
              end={filter.toDetail === true ? "all years, newest first" : "newest first"}
            />
          </>
        }
        totals={totalsOf(page.newer === null && page.older === null, page.rows, isPlain && isNow ? tape : null, money)}
        empty={
          isPlain ? (
            <Empty
              title={`No purchases in ${year} yet`}
              actions={
                <>
                  <ButtonLink kind="primary" href={`${base}/transactions`}>
                    Import a statement
                  </ButtonLink>
                  <ButtonLink kind="quiet" href={href({ rest: { new: "purchase" } })} stay>
                    Record one by hand
                  </ButtonLink>
                </>
              }
            >
              What is categorised as Inventory under Transactions stands here, and the cost of each sale as it is taken
              out.
            </Empty>
          ) : (
            <Empty
              title={filter.toDetail === true ? "Every purchase is detailed" : "No change fits these filters"}
              actions={
                <ButtonLink kind="quiet" href={path}>
                  Take all filters off
                </ButtonLink>
              }
            />
          )
        }
      />
      <Pager
        says={`${countText(page.rows.length)} ${page.rows.length === 1 ? "row" : "rows"}`}
        earlier={{
          label: "Newer",
          href: page.newer === null ? null : href({ before: page.newer, after: null, rest: { open: null } }),
        }}
        later={{
          label: "Older",
          href: page.older === null ? null : href({ after: page.older, before: null, rest: { open: null } }),
        }}
      />
    </Page>
  );
}

function keptOf(filters: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filters).flatMap(([name, [one]]) => (one === undefined ? [] : [[name, one]])),
  );
}

function isDayOfSales(row: InventoryChange): boolean {
  return row.kind === "sale" && row.document === null;
}

function documentHref(base: string, row: InventoryChange): string | null {
  if (row.kind === "purchase" && row.document !== null) return detailsHref(base, row.document);
  if (row.isAdjustment && row.document !== null) return adjustmentHref(base, row.document);
  if (row.order !== null) return orderHref(base, row.order);
  return row.item?.id === undefined || row.item.id === null ? null : ledgerHref(base, row.item.id);
}

/** Only of a list that stands whole on the page: the sum of its rows. */
function totalsOf(
  isWhole: boolean,
  rows: readonly InventoryChange[],
  tape: Readonly<{ balance: bigint; isProved: boolean }> | null,
  money: (minor: bigint) => Readonly<{ amountMinor: bigint; currency: string }>,
) {
  if (!isWhole) return undefined;
  const sum = rows.reduce((total, row) => total + row.amountMinor, 0n);
  return {
    label: `All ${countText(rows.length)} rows`,
    span: 5,
    figures: {
      amount: <Money of={money(sum)} zero="figure" />,
      ...(tape === null ? {} : { balance: <Money of={money(tape.balance)} zero="figure" /> }),
    },
    proved: tape?.isProved === true ? ["balance"] : [],
  };
}

function columnsOf({
  scope,
  year,
  isPlain,
  open,
  href,
  money,
}: {
  scope: Scope;
  year: number;
  isPlain: boolean;
  open: string | null;
  href: (change: Parameters<typeof hrefOf>[2]) => string;
  money: (minor: bigint) => Readonly<{ amountMinor: bigint; currency: string }>;
}): readonly Column<Line>[] {
  const base = `/${scope.slug}`;
  const whatOf = (row: Line): ReactNode => {
    if (!isDayOfSales(row))
      return row.isPart === true ? <span className="q">{kindNames[row.kind]}</span> : kindNames[row.kind];
    const isOpen = row.on === open;
    return (
      <Expander href={href({ rest: { open: isOpen ? null : row.on } })} open={isOpen}>
        Cost of {countText(row.count)} sales
      </Expander>
    );
  };
  const productOf = (row: Line): ReactNode => {
    if (row.kind === "purchase") return <PurchaseDetail base={base} row={row} left={money(row.leftMinor)} />;
    if (row.item !== null)
      return row.item.id === null ? (
        <span className="q">{row.item.name}</span>
      ) : (
        <Fig href={ledgerHref(base, row.item.id)}>{row.item.name}</Fig>
      );
    if (row.items === 0) return null;
    const of = `${countText(row.items)} ${row.items === 1 ? "item" : "items"}`;
    return (
      <span className="q">
        {row.units === null ? of : `${quantityText(row.units)} ${row.units === 1n ? "unit" : "units"} of ${of}`}
      </span>
    );
  };
  const numberOf = (row: Line): ReactNode => {
    const to = documentHref(base, row);
    if (row.document === null || row.kind === "opening") return null;
    if ((row.kind === "adjustment" && !row.isAdjustment) || to === null) return <span className="n">{row.number}</span>;
    return (
      <Fig href={to} narrow>
        {row.number}
      </Fig>
    );
  };
  return [
    {
      key: "on",
      head: "Date",
      width: 72,
      quiet: true,
      cell: (row) => (row.isPart === true ? null : <Day on={row.on} year={year} />),
    },
    {
      key: "what",
      head: "What",
      phone: "what",
      cell: (row) => (
        <>
          {whatOf(row)}
          <span className="only-s">
            {" "}
            {row.kind === "purchase" ? row.party : ""} {productOf(row)}
          </span>
        </>
      ),
    },
    { key: "document", head: "Document", cell: numberOf },
    { key: "party", head: "Party", low: true, clips: true, width: 190, cell: (row) => row.party },
    { key: "product", head: "Product", wraps: true, cell: productOf },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (row.isPart === true ? row.number : <Day on={row.on} year={year} />),
    },
    {
      key: "amount",
      head: "Amount",
      align: "right",
      width: 96,
      phone: "amount",
      cell: (row) => <Money of={money(row.amountMinor)} />,
    },
    ...(isPlain
      ? [
          {
            key: "balance",
            head: "Balance",
            align: "right" as const,
            width: 104,
            running: "first" as const,
            phone: "second" as const,
            cell: (row: Line) =>
              row.isPart === true || row.balanceMinor === null ? null : (
                <Money of={money(row.balanceMinor)} zero="figure" />
              ),
          },
        ]
      : []),
  ];
}

/** The Product column of a purchase: what is left to say, or what was in it. */
function PurchaseDetail({
  base,
  row,
  left,
}: {
  base: string;
  row: InventoryChange;
  left: Readonly<{ amountMinor: bigint; currency: string }>;
}) {
  if (row.document === null) return null;
  const to = detailsHref(base, row.document);
  if (row.leftMinor <= 0n)
    return (
      <Fig href={to} stay>
        {countText(row.lots)} {row.lots === 1 ? "lot" : "lots"}
      </Fig>
    );
  return (
    <span className="nw">
      <Tag href={to} says={`${row.party} of ${row.on}`}>
        Add Details
      </Tag>{" "}
      <span className="s q">{moneyText(left)} left</span>
    </span>
  );
}
