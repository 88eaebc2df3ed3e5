import type { Metadata } from "next";
import { can } from "@/lib/people/access";
import { type BuyRow, buyAgain, costOf } from "@/lib/stock/minimums";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { type BusinessParams, scopeOf } from "../../../../scope";
import { type SearchParams, sortOf } from "../../../../ui/address";
import { ButtonLink } from "../../../../ui/button";
import { Day } from "../../../../ui/date";
import { Empty } from "../../../../ui/empty";
import { countText, quantityText } from "../../../../ui/figures";
import { Dash, Money, Quantity } from "../../../../ui/money";
import { type Column, Table } from "../../../../ui/table";
import { Tape } from "../../../../ui/tape";
import { locationChip, RegisterFrame } from "../frame";
import { itemColumns } from "../item-columns";
import { itemsText, RegisterBar, RegisterEmpty, RegisterPager } from "../list-parts";
import { itemHref, registerState } from "../state";

export const metadata: Metadata = { title: "Buy again" };

/** What is below its minimum, and how many to buy. */
export default async function BuyAgain({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { address, asked, today, problem } = registerState(scope, "buy", await searchParams);
  const { register: _, ...filter } = asked;
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/in-stock/buy`;
  const [page, places] = await Promise.all([
    buyAgain(scope, filter, { after: address.after, before: address.before }),
    locationsOf(scope),
  ]);
  const money = (amountMinor: bigint | null) =>
    amountMinor === null ? null : { amountMinor, currency: scope.currency };
  const year = Number(today.slice(0, 4));
  const ledger = (row: BuyRow) => itemHref(base, row.item, { location: row.location });
  const columns: readonly Column<BuyRow>[] = [
    ...itemColumns<BuyRow>(path, address, ledger),
    { key: "place", head: "Location", sort: sortOf(path, address, "place"), cell: (row) => row.locationName },
    {
      key: "qty",
      head: "On hand",
      align: "right",
      sort: sortOf(path, address, "qty"),
      cell: (row) => <Quantity of={row.qty} decimals={row.decimals} zero="figure" />,
    },
    {
      key: "transit",
      head: "In transit",
      align: "right",
      low: true,
      cell: (row) => <Quantity of={row.inTransit} decimals={row.decimals} />,
    },
    {
      key: "order",
      head: "On order",
      align: "right",
      low: true,
      cell: (row) => <Quantity of={row.onOrder} decimals={row.decimals} />,
    },
    {
      key: "minimum",
      head: "Minimum",
      align: "right",
      cell: (row) => <Quantity of={row.minimum} decimals={row.decimals} />,
    },
    {
      key: "buy",
      head: "Buy",
      align: "right",
      phone: "amount",
      sort: sortOf(path, address, "buy", true),
      cell: (row) => (
        <b>
          <Quantity of={row.buy} decimals={row.decimals} />
        </b>
      ),
    },
    {
      key: "cost",
      head: "About",
      align: "right",
      phone: "second",
      cell: (row) => <Money of={money(costOf(row))} />,
    },
    {
      key: "last",
      head: "Bought last",
      wraps: true,
      low: true,
      cell: (row) =>
        row.last === null ? (
          <span className="f">never</span>
        ) : (
          <>
            {row.last.supplier === "" ? null : `${row.last.supplier}, `}
            <Day on={row.last.on} year={year} />
          </>
        ),
    },
    {
      key: "each",
      head: "At, each",
      align: "right",
      cell: (row) => <Money of={money(row.last?.eachMinor ?? null)} />,
    },
    {
      key: "cover",
      head: "Days of cover",
      align: "right",
      sort: sortOf(path, address, "cover"),
      cell: (row) => (row.cover === null ? <Dash says="none sold" /> : countText(row.cover)),
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) =>
        `${row.locationName}: ${quantityText(row.qty, row.decimals)} of at least ${quantityText(row.minimum, row.decimals)}`,
    },
  ];
  // An order goes to one location: the one that is asked for, or that of the first row.
  const place = asked.location ?? page.rows[0]?.location;
  const minimums = can(scope, "write") ? (
    <>
      <ButtonLink href={`${base}/inventory/in-stock/minimums`}>Set minimums</ButtonLink>
      {place === undefined || page.items === 0 ? null : (
        <ButtonLink href={`${base}/inventory/orders/new?buy=1&location=${encodeURIComponent(place)}`}>
          Write an order
        </ButtonLink>
      )}
    </>
  ) : undefined;
  return (
    <RegisterFrame
      scope={scope}
      register="buy"
      address={address}
      rows={page.items}
      problem={problem}
      actions={minimums}
    >
      <Tape
        terms={[
          { label: "Below the minimum", value: itemsText(page.items), text: true, left: page.items > 0 },
          {
            label: "To buy, at the last prices",
            value: <Money of={money(page.costMinor)} zero="figure" />,
            asked: true,
          },
          { label: "Minimums set", value: countText(page.minimums), text: true },
        ]}
      />
      <Table<BuyRow>
        caption="What to buy again"
        columns={columns}
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={ledger}
        bar={
          <RegisterBar
            path={path}
            address={address}
            items={page.items}
            filters={[locationChip(path, address, places, asked.location)]}
          />
        }
        totals={{
          label: itemsText(page.items),
          span: 3,
          figures: { cost: <Money of={money(page.costMinor)} zero="figure" /> },
        }}
        empty={
          page.minimums === 0 ? (
            <Empty title="No minimums yet" actions={minimums}>
              Say how many of an item a place shall have at least. What falls below stands here, with how many to buy.
            </Empty>
          ) : (
            <RegisterEmpty
              path={path}
              isFiltered={asked.q !== "" || asked.location !== undefined}
              says="Every place has what it shall have at least."
            />
          )
        }
      />
      <RegisterPager path={path} address={address} page={page} />
    </RegisterFrame>
  );
}
