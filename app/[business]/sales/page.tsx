import type { Metadata } from "next";
import { can, type Scope } from "@/lib/people/access";
import { type OrderRow, orderRows, orderTotals } from "@/lib/sales/order-reads";
import { soldChoices } from "@/lib/sales/sold-reads";
import { type BusinessParams, scopeOf } from "../../scope";
import { filterOf, hrefOf, type SearchParams, sortOf } from "../../ui/address";
import { Button, ButtonLink } from "../../ui/button";
import { Day } from "../../ui/date";
import { AskDialog } from "../../ui/dialog.client";
import { Empty } from "../../ui/empty";
import { countText } from "../../ui/figures";
import { FilterBar, ListSearch } from "../../ui/filter-bar";
import { Form } from "../../ui/form";
import { Fig } from "../../ui/link";
import { Money } from "../../ui/money";
import { Page } from "../../ui/page-frame";
import { Pager } from "../../ui/pager";
import { type Column, Table } from "../../ui/table";
import { Tag } from "../../ui/tag";
import { Tape } from "../../ui/tape";
import { issueFiltered, issueMarked } from "../documents/actions";
import { documentsHref } from "../documents/state";
import { orderHref } from "../inventory/balances/state";
import { keysetLinks } from "../keyset-links";
import { type SalesState, salesState } from "./state";

export const metadata: Metadata = { title: "Sales" };

const invoiceForm = "issue-invoices";

const plural = (n: number, one: string, many: string) => `${countText(n)} ${n === 1 ? one : many}`;

/** Sales: the orders of a year, what they came to and what they earned. */
export default async function Sales({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const state = salesState(scope, await searchParams);
  const { address, filter, year } = state;
  const base = `/${scope.slug}`;
  const path = `${base}/sales`;
  const [page, totals, choices] = await Promise.all([
    orderRows(scope, filter, state.page),
    orderTotals(scope, filter),
    soldChoices(scope, null),
  ]);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const shown = page.rows.length;
  return (
    <Page
      path={[{ label: "Sales" }]}
      title="Sales"
      actions={
        <>
          <ButtonLink href={documentsHref(base)}>Invoices and notes</ButtonLink>
          <ButtonLink href={hrefOf(`${path}/export`, address)} download>
            Export
          </ButtonLink>
          {can(scope, "write") ? (
            <ButtonLink kind="primary" href={`${path}/new`}>
              Record a sale
            </ButtonLink>
          ) : null}
        </>
      }
    >
      <Tape
        terms={[
          {
            label: year === null ? "Sales in all" : `Sales in ${year}`,
            value: <Money of={money(totals.sales)} zero="figure" />,
            sub: plural(totals.orders, "order", "orders"),
          },
          { op: "−", label: "Refunds", value: <Money of={money(totals.refunds)} zero="figure" /> },
          {
            op: "−",
            label: "Fees",
            value: <Money of={money(totals.fees)} zero="figure" />,
            sub: "with labels and advertising",
          },
          { op: "−", label: "Cost of what was sold", value: <Money of={money(totals.cost)} zero="figure" /> },
          {
            op: "=",
            label: "Profit on orders",
            value: <Money of={money(totals.profit)} zero="figure" />,
            asked: true,
            sub:
              totals.needsCost === 0
                ? "every line has its cost"
                : `${plural(totals.needsCost, "order needs", "orders need")} a cost: it reads high until then`,
          },
        ]}
      />
      <Table<OrderRow>
        selection={
          can(scope, "write")
            ? {
                name: "order",
                form: invoiceForm,
                label: (row) => `Order ${row.number}`,
                actions: (
                  <Button form={invoiceForm} busy="Issuing">
                    Issue invoices
                  </Button>
                ),
              }
            : undefined
        }
        caption={year === null ? "Orders of all years" : `Orders of ${year}`}
        columns={columnsOf(scope, state, path)}
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => orderHref(base, row.id)}
        bar={
          <Bar
            scope={scope}
            state={state}
            path={path}
            channels={choices.channels}
            days={[choices.first, choices.last]}
            toPlace={totals.toPlace}
          />
        }
        totals={{
          label: plural(totals.orders, "order", "orders"),
          span: 4,
          figures: {
            sales: <Money of={money(totals.sales)} />,
            refunds: <Money of={money(totals.refunds)} />,
            fees: <Money of={money(totals.fees)} />,
            cost: <Money of={money(totals.cost)} />,
            profit: <Money of={money(totals.profit)} />,
          },
        }}
        empty={
          choices.first === null ? (
            <Empty
              title="No orders yet"
              actions={
                <>
                  <ButtonLink kind="primary" href={`${base}/channels`}>
                    Connect a channel
                  </ButtonLink>
                  <ButtonLink kind="quiet" href={`${path}/new`}>
                    Record a sale by hand
                  </ButtonLink>
                </>
              }
            >
              Orders come from your channels, from their files, or by hand.
            </Empty>
          ) : (
            <Empty title="No order fits these filters" actions={<ButtonLink href={path}>Take them all off</ButtonLink>}>
              Another year, or fewer filters, may show what you look for.
            </Empty>
          )
        }
      />
      {can(scope, "write") ? (
        <Form action={issueMarked} id={invoiceForm}>
          {null}
        </Form>
      ) : null}
      {can(scope, "write") && totals.orders > shown && filter.words === "" && filter.isToPlace !== true ? (
        <AskDialog
          opens={`Issue the invoices of all ${countText(totals.orders)} orders`}
          title={`Issue the invoices of ${countText(totals.orders)} orders?`}
          note="Each of them that has none gets the next number, dated today. An invoice is not taken back: it is cancelled and keeps its number."
          keep="Leave it"
        >
          <Form action={issueFiltered} hidden={{ asked: hrefOf("", address, { after: null, before: null }).slice(1) }}>
            <Button kind="filled" busy="Asking">
              Issue them
            </Button>
          </Form>
        </AskDialog>
      ) : null}
      {shown > 0 ? (
        <Pager
          says={
            page.before === null
              ? `1 to ${countText(shown)} of ${countText(totals.orders)}`
              : `${plural(shown, "order", "orders")} of ${countText(totals.orders)}`
          }
          {...keysetLinks(path, address, page)}
        />
      ) : null}
    </Page>
  );
}

function columnsOf(scope: Scope, state: SalesState, path: string): readonly Column<OrderRow>[] {
  const { address } = state;
  const year = state.year ?? undefined;
  const base = `/${scope.slug}`;
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  return [
    {
      key: "on",
      head: "Date",
      quiet: true,
      sort: sortOf(path, address, "on", true),
      cell: (row) => <Day on={row.on} year={year} />,
    },
    {
      key: "number",
      head: "Order",
      cell: (row) => (
        <Fig href={orderHref(base, row.id)} narrow>
          {row.number}
        </Fig>
      ),
    },
    { key: "channel", head: "Channel", cell: (row) => row.channel },
    {
      key: "item",
      head: "Items",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (row) => (
        <>
          {row.item}
          {row.lines > 1 ? <span className="s q"> and {countText(row.lines - 1)} more</span> : null}
          {row.toPlace > 0 ? (
            <>
              {" "}
              <Tag href={`${orderHref(base, row.id)}#returns`} says={`order ${row.number}`}>
                Place it
              </Tag>
            </>
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
          <Day on={row.on} year={year} /> · {row.channel} · {row.number}
        </>
      ),
    },
    {
      key: "sales",
      head: "Sales",
      align: "right",
      phone: "amount",
      sort: sortOf(path, address, "sales", true),
      cell: (row) => <Money of={money(row.sales)} />,
    },
    { key: "refunds", head: "Refunds", align: "right", low: true, cell: (row) => <Money of={money(row.refunds)} /> },
    { key: "fees", head: "Fees", align: "right", cell: (row) => <Money of={money(row.fees)} /> },
    {
      key: "cost",
      head: "Cost",
      align: "right",
      cell: (row) =>
        row.needsCost > 0 && row.cost === 0n ? <span className="q">needs cost</span> : <Money of={money(row.cost)} />,
    },
    {
      key: "profit",
      head: "Profit",
      align: "right",
      phone: "second",
      sort: sortOf(path, address, "profit", true),
      cell: (row) => (
        <>
          <Money of={money(row.profit)} />
          {row.needsCost > 0 ? <span className="vh">, before a cost that is missing</span> : null}
        </>
      ),
    },
  ];
}

function Bar({
  scope,
  state,
  path,
  channels,
  days,
  toPlace,
}: {
  scope: Scope;
  state: SalesState;
  path: string;
  channels: readonly Readonly<{ id: string; name: string }>[];
  days: readonly [string | null, string | null];
  toPlace: number;
}) {
  const { address, filter, year, thisYear } = state;
  const href = (filters: Readonly<Record<string, string | null>>) => hrefOf(path, address, { filters });
  const start = (day: string | null) => {
    if (day === null) return thisYear;
    const calendar = Number(day.slice(0, 4));
    return Number(day.slice(5, 7)) < scope.taxYearStartMonth ? calendar - 1 : calendar;
  };
  const [first, last] = [start(days[0]), Math.max(start(days[1]), thisYear)];
  const years = Array.from({ length: Math.min(last - first + 1, 15) }, (_, at) => last - at);
  const kept = Object.fromEntries(
    Object.entries(address.filters).flatMap(([name, [value]]) => (value === undefined ? [] : [[name, value]])),
  );
  const channel = channels.find((one) => one.id === filter.channel);
  return (
    <>
      <div className="mb-2">
        <ListSearch action={path} value={address.q} kept={kept} placeholder="Order number, item, SKU" />
      </div>
      <FilterBar
        filters={[
          {
            name: "Year",
            value: year ?? "all",
            on: filterOf(address, "year") !== null,
            off: href({ year: null }),
            choices: [
              ...years.map((one) => ({ label: one, href: href({ year: String(one) }), current: one === year })),
              { label: "All years", href: href({ year: "all" }), current: year === null },
            ],
          },
          {
            name: "Channel",
            value: channel?.name ?? "all",
            on: channel !== undefined,
            off: href({ channel: null }),
            choices: channels.map((one) => ({
              label: one.name,
              href: href({ channel: one.id }),
              current: one.id === filter.channel,
            })),
          },
          {
            name: "To place",
            value: countText(toPlace),
            on: filter.isToPlace === true,
            href: href({ place: "1" }),
            off: href({ place: null }),
          },
        ]}
        end={address.sort === null ? "newest first" : undefined}
      />
    </>
  );
}
