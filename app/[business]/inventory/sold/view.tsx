import { periodKey } from "@/lib/core/reports/periods";
import { can, type Scope } from "@/lib/people/access";
import { writeCursor } from "@/lib/sales/keyset";
import {
  type Likely,
  likelyPurchases,
  type SoldLine,
  type SoldTotals,
  soldChoices,
  soldLines,
  soldTotals,
} from "@/lib/sales/sold-reads";
import { whyOf } from "@/lib/sales/why";
import { filterOf, hrefOf, type SearchParams, sortOf } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { CoverageBar } from "../../../ui/coverage";
import { Day } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { countText, moneyText, quantityText, shareText } from "../../../ui/figures";
import { type Filter, FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Fig, TextLink } from "../../../ui/link";
import { Dash, Money, Quantity, Share } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Pager } from "../../../ui/pager";
import { type Column, Table } from "../../../ui/table";
import { Tag } from "../../../ui/tag";
import { Tape } from "../../../ui/tape";
import { periodText } from "../../reports/period";
import { orderHref } from "../balances/state";
import { costsHref, matchHref, type SoldState, soldState } from "./state";
import { WhyPanel } from "./why-panel";

const plural = (n: number, one: string, many: string) => `${countText(n)} ${n === 1 ? one : many}`;

/** The year or period shown, in words; null for all years. */
const spanOf = ({ year, period }: SoldState): string | null =>
  period !== null ? periodText(period) : year === null ? null : String(year);

/** Sold: what was sold, what it rests on, and every line with its cost. */
export async function SoldView({ scope, searchParams }: { scope: Scope; searchParams: SearchParams }) {
  const state = soldState(scope, searchParams);
  const { address, filter } = state;
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/sold`;
  const whole = { from: filter.from, to: filter.to };
  const isWhole = !filter.isMissing && !filter.isUnmatched && !filter.channel && !filter.item && !filter.words;
  const [page, all, choices, why] = await Promise.all([
    soldLines(scope, filter, state.page),
    soldTotals(scope, whole),
    soldChoices(scope, filter.item ?? null),
    state.why === null ? null : whyOf(scope, state.why),
  ]);
  const [totals, likely] = await Promise.all([
    isWhole ? all : soldTotals(scope, filter),
    likelyPurchases(scope, page.rows),
  ]);
  const mayWrite = can(scope, "write");
  const columns = columnsOf(scope, state, path, likely, mayWrite);
  const place = page.before === null ? 1 : null;
  const shown = page.rows.length;
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Sold" }]}
      title="Sold"
      actions={
        <>
          <ButtonLink href={hrefOf(`${path}/export`, address, { rest: { why: null } })} download>
            Export
          </ButtonLink>
          {mayWrite ? <ButtonLink href={`${path}/costs/table`}>Costs from a table</ButtonLink> : null}
        </>
      }
    >
      <Header scope={scope} totals={all} state={state} path={path} />
      <form id="chosen" method="get" action={`${path}/costs`} />
      <Table<SoldLine>
        caption={`Sold lines of ${spanOf(state) ?? "all years"}`}
        columns={columns}
        rows={page.rows}
        keyOf={(line) => line.id}
        hrefOf={(line) => orderHref(base, line.order)}
        stateOf={(line) => ({ chosen: line.id === state.why })}
        under={(line) => (why !== null && line.id === why.line.id ? <WhyPanel scope={scope} why={why} /> : null)}
        bar={<Bar scope={scope} state={state} path={path} totals={all} choices={choices} />}
        selection={
          mayWrite
            ? {
                name: "line",
                form: "chosen",
                label: (line) => `${line.name}, order ${line.number}`,
                amount: (line) => line.price,
                currency: scope.currency,
                actions: (
                  <>
                    <Button form="chosen" formAction={`${path}/costs`}>
                      Add costs
                    </Button>
                    <Button form="chosen" formAction={`${path}/match`}>
                      Choose item
                    </Button>
                  </>
                ),
              }
            : undefined
        }
        totals={{
          label: plural(totals.lines, "line", "lines"),
          span: 4,
          figures: {
            qty: <Quantity of={totals.qty} />,
            price: <Money of={{ amountMinor: totals.price, currency: scope.currency }} />,
            fees: <Money of={{ amountMinor: totals.fees, currency: scope.currency }} />,
            cost: <Money of={{ amountMinor: totals.cost, currency: scope.currency }} />,
            profit: <Money of={{ amountMinor: totals.profit, currency: scope.currency }} />,
            margin: <Share part={totals.profit} whole={totals.knownPrice - totals.knownRefunds} />,
          },
        }}
        empty={<Nothing state={state} path={path} hasSales={choices.first !== null} base={base} />}
      />
      {shown > 0 ? (
        <Pager
          says={
            place === 1
              ? `1 to ${countText(shown)} of ${countText(totals.lines)}`
              : `${plural(shown, "line", "lines")} of ${countText(totals.lines)}`
          }
          earlier={{
            label: "Back",
            href:
              page.before === null
                ? null
                : hrefOf(path, address, { before: writeCursor(page.before), rest: { why: null } }),
          }}
          later={{
            label: "More",
            href:
              page.after === null
                ? null
                : hrefOf(path, address, { after: writeCursor(page.after), rest: { why: null } }),
          }}
        />
      ) : null}
    </Page>
  );
}

function Header({ scope, totals, state, path }: { scope: Scope; totals: SoldTotals; state: SoldState; path: string }) {
  const { year, period } = state;
  const span = spanOf(state);
  const days = period !== null ? `&period=${periodKey(period)}` : year === null ? "" : `&year=${year}`;
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const missing = totals.lines - totals.knownLines;
  const known = totals.knownPrice - totals.knownRefunds;
  return (
    <Tape
      terms={[
        {
          label: `Sold in ${span ?? "all"}`,
          value: <Money of={money(totals.price)} zero="figure" />,
          asked: true,
          sub:
            totals.refunds === 0n
              ? plural(totals.lines, "line", "lines")
              : `${plural(totals.lines, "line", "lines")}, ${moneyText(money(totals.refunds))} refunded`,
        },
        {
          label: "Gross margin",
          value: shareText(known - totals.knownCost, known),
          asked: true,
          sub: `${moneyText(money(known))} kept of sales for ${moneyText(money(totals.knownCost))} cost`,
        },
        ...(totals.price === 0n
          ? []
          : [
              {
                label: `It rests on ${shareText(totals.knownPrice, totals.price)} of sales`,
                rest: true as const,
                value: <CoverageBar known={totals.knownPrice} whole={totals.price} says="Cost known for" />,
                sub:
                  missing === 0 ? (
                    "Every line has its cost"
                  ) : (
                    <TextLink href={`${path}?missing=1${days}`}>
                      {plural(missing, "line", "lines")}, {moneyText(money(totals.price - totals.knownPrice))} of sales,{" "}
                      {missing === 1 ? "needs" : "need"} a cost
                    </TextLink>
                  ),
              },
            ]),
      ]}
    />
  );
}

function columnsOf(
  scope: Scope,
  state: SoldState,
  path: string,
  likely: ReadonlyMap<string, Likely>,
  mayWrite: boolean,
): readonly Column<SoldLine>[] {
  const { address } = state;
  const base = `/${scope.slug}`;
  const year = state.year ?? undefined;
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const costCell = (line: SoldLine) => {
    if (line.shortQty > 0n && mayWrite)
      return line.item === null ? (
        <Tag href={matchHref(base, [line.id])} says={`${line.name}, order ${line.number}`}>
          Choose item
        </Tag>
      ) : (
        <Tag href={costsHref(base, [line.id])} says={`${line.name}, order ${line.number}`}>
          Add costs
        </Tag>
      );
    if (line.cost === null) return <span className="q">needs cost</span>;
    const isOpen = state.why === line.id;
    return (
      <Fig
        href={hrefOf(path, address, { rest: { why: isOpen ? null : line.id } })}
        stay
        open={isOpen}
        says={`: why? ${line.name}`}
      >
        {moneyText(money(line.cost))}
      </Fig>
    );
  };
  const columns: Column<SoldLine>[] = [
    {
      key: "on",
      head: "Date",
      quiet: true,
      sort: sortOf(path, address, "on", true),
      cell: (line) => <Day on={line.on} year={year} />,
    },
    { key: "channel", head: "Channel", low: true, cell: (line) => line.channel },
    {
      key: "order",
      head: "Order",
      cell: (line) => (
        <Fig href={orderHref(base, line.order)} narrow>
          {line.number}
        </Fig>
      ),
    },
    {
      key: "item",
      head: "Item",
      wraps: true,
      rowHead: true,
      phone: "what",
      sort: sortOf(path, address, "item"),
      cell: (line) => (
        <>
          {line.name}
          {line.item === null ? (
            <span className="s q"> {line.candidates >= 2 ? `could be ${line.candidates} items` : "no known item"}</span>
          ) : null}
          {line.returnedQty > 0n ? (
            <span className="s q"> {quantityText(line.returnedQty, line.decimals)} came back</span>
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
      cell: (line) => (
        <>
          <Day on={line.on} year={year} /> · {line.channel} · {line.number}
        </>
      ),
    },
    { key: "qty", head: "Qty", align: "right", cell: (line) => <Quantity of={line.qty} decimals={line.decimals} /> },
    {
      key: "price",
      head: "Price",
      align: "right",
      phone: "amount",
      sort: sortOf(path, address, "price", true),
      cell: (line) => <Money of={money(line.price)} />,
    },
    { key: "fees", head: "Fees", align: "right", cell: (line) => <Money of={money(line.fees)} /> },
    {
      key: "cost",
      head: "Item Costs",
      align: "right",
      phone: "second",
      sort: sortOf(path, address, "cost", true),
      cell: costCell,
    },
    {
      key: "profit",
      head: "Profit",
      align: "right",
      sort: sortOf(path, address, "profit", true),
      cell: (line) => (line.profit === null ? <Dash says="needs a cost" /> : <Money of={money(line.profit)} />),
    },
    {
      key: "margin",
      head: "Margin",
      align: "right",
      low: true,
      cell: (line) => (line.profit === null ? null : <Share part={line.profit} whole={line.price - line.refunds} />),
    },
  ];
  if (likely.size > 0)
    columns.push({
      key: "likely",
      head: "Likely bought in",
      low: true,
      clips: true,
      width: 150,
      quiet: true,
      cell: (line) => {
        const found = likely.get(line.id);
        return found === undefined ? null : (
          <span title={`${found.says}, ${moneyText(money(found.left))} left`}>
            {found.says}, {moneyText(money(found.left))} left
          </span>
        );
      },
    });
  return columns;
}

function Bar({
  scope,
  state,
  path,
  totals,
  choices,
}: {
  scope: Scope;
  state: SoldState;
  path: string;
  totals: SoldTotals;
  choices: Awaited<ReturnType<typeof soldChoices>>;
}) {
  const { address, filter, year, thisYear } = state;
  const href = (filters: Readonly<Record<string, string | null>>) =>
    hrefOf(path, address, { filters, rest: { why: null } });
  const start = (day: string | null) => {
    if (day === null) return thisYear;
    const calendar = Number(day.slice(0, 4));
    return Number(day.slice(5, 7)) < scope.taxYearStartMonth ? calendar - 1 : calendar;
  };
  const [first, last] = [start(choices.first), Math.max(start(choices.last), thisYear)];
  const years = Array.from({ length: Math.min(last - first + 1, 15) }, (_, at) => last - at);
  const kept = Object.fromEntries(
    Object.entries(address.filters).flatMap(([name, [value]]) => (value === undefined ? [] : [[name, value]])),
  );
  const channel = choices.channels.find((one) => one.id === filter.channel);
  const filters: Filter[] = [
    {
      name: "Year",
      value: spanOf(state) ?? "all",
      on: filterOf(address, "year") !== null || state.period !== null,
      off: href({ year: null, period: null }),
      choices: [
        ...years.map((one) => ({ label: one, href: href({ year: String(one), period: null }), current: one === year })),
        { label: "All years", href: href({ year: "all", period: null }), current: spanOf(state) === null },
      ],
    },
    {
      name: "Cost missing",
      value: countText(totals.lines - totals.knownLines),
      on: filter.isMissing === true,
      href: href({ missing: "1" }),
      off: href({ missing: null, year: year === null ? null : String(year) }),
    },
    {
      name: "Unmatched",
      value: countText(totals.unmatched),
      on: filter.isUnmatched === true,
      href: href({ unmatched: "1" }),
      off: href({ unmatched: null }),
    },
    {
      name: "Channel",
      value: channel?.name ?? "all",
      on: channel !== undefined,
      off: href({ channel: null }),
      choices: choices.channels.map((one) => ({
        label: one.name,
        href: href({ channel: one.id }),
        current: one.id === filter.channel,
      })),
    },
  ];
  if (choices.item !== null) filters.push({ name: "Item", value: choices.item, on: true, off: href({ item: null }) });
  return (
    <>
      <div className="mb-2">
        <ListSearch action={path} value={address.q} kept={kept} placeholder="Order, item, SKU" />
      </div>
      <FilterBar filters={filters} end={address.sort === null ? "newest first" : undefined} />
    </>
  );
}

function Nothing({ state, path, hasSales, base }: { state: SoldState; path: string; hasSales: boolean; base: string }) {
  if (!hasSales)
    return (
      <Empty
        title="Nothing sold yet"
        actions={
          <>
            <ButtonLink kind="primary" href={`${base}/channels`}>
              Connect a channel
            </ButtonLink>
            <ButtonLink kind="quiet" href={`${base}/sales/new`}>
              Record a sale by hand
            </ButtonLink>
          </>
        }
      >
        Sales come from your channels, from their files, or by hand.
      </Empty>
    );
  const { filter } = state;
  if (filter.isMissing === true && !filter.isUnmatched && !filter.channel && !filter.item && !filter.words)
    return (
      <Empty title="Every sale has its cost" actions={<ButtonLink href={path}>All sold lines</ButtonLink>}>
        The margin above rests on all of them.
      </Empty>
    );
  return (
    <Empty title="No sale fits these filters" actions={<ButtonLink href={path}>Take them all off</ButtonLink>}>
      Another year, or fewer filters, may show what you look for.
    </Empty>
  );
}
