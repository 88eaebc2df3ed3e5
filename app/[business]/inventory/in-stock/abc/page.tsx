import type { Metadata } from "next";
import { type AbcRow, abcList } from "@/lib/stock/analysis";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { type BusinessParams, scopeOf } from "../../../../scope";
import { hrefOf, type SearchParams, sortOf } from "../../../../ui/address";
import { Button } from "../../../../ui/button";
import { Chart } from "../../../../ui/chart";
import { NumberField } from "../../../../ui/field";
import { countText, moneyText, quantityText, shareText } from "../../../../ui/figures";
import { Money, Quantity } from "../../../../ui/money";
import { Section } from "../../../../ui/section";
import { type Column, Table } from "../../../../ui/table";
import { drawn } from "../../../drawn";
import { daysText } from "../../../reports/period";
import { periodChip } from "../../../reports/period-chip";
import { keptOf, locationChip, RegisterFrame } from "../frame";
import { itemColumns } from "../item-columns";
import { itemsText, RegisterBar, RegisterEmpty, RegisterPager } from "../list-parts";
import { itemHref, registerState } from "../state";

export const metadata: Metadata = { title: "ABC" };

/** Which items the sales stand on: three classes by the cost of what was sold. */
export default async function Abc({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { address, asked, chosen, today, problem } = registerState(scope, "abc", await searchParams);
  const { register: _, a, b, ...filter } = asked;
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/in-stock/abc`;
  const [page, places] = await Promise.all([
    abcList(
      scope,
      { ...filter, bounds: { a: BigInt(a), b: BigInt(b) } },
      { after: address.after, before: address.before },
    ),
    locationsOf(scope),
  ]);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  // What was sold from one place has its cost; what is there has a worth of its own only where cost stays with the place.
  const worth = (minor: bigint) => (page.isWorthKnown ? money(minor) : null);
  const ledger = (row: AbcRow) =>
    itemHref(base, row.id, {
      from: asked.period.from,
      to: asked.period.to,
      type: "sale",
      location: asked.location,
    });
  const columns: readonly Column<AbcRow>[] = [
    { key: "class", head: "Class", width: 56, phone: "second", cell: (row) => <b>{row.class}</b> },
    ...itemColumns<AbcRow>(path, address, ledger),
    {
      key: "sold",
      head: "Sold",
      align: "right",
      sort: sortOf(path, address, "sold", true),
      cell: (row) => <Quantity of={row.sold} decimals={row.decimals} />,
    },
    {
      key: "value",
      head: "Value sold",
      align: "right",
      phone: "amount",
      sort: sortOf(path, address, "value", true),
      cell: (row) => <Money of={money(row.value)} />,
    },
    {
      key: "share",
      head: "With those before",
      align: "right",
      low: true,
      cell: (row) => shareText(row.before + (row.value > 0n ? row.value : 0n), page.total),
    },
    {
      key: "hand",
      head: "On hand",
      align: "right",
      cell: (row) => <Quantity of={row.onHand} decimals={row.decimals} />,
    },
    { key: "worth", head: "Worth", align: "right", cell: (row) => <Money of={worth(row.onHandMinor)} /> },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => `${quantityText(row.sold, row.decimals)} sold, ${quantityText(row.onHand, row.decimals)} on hand`,
    },
  ];
  return (
    <RegisterFrame scope={scope} register="abc" address={address} rows={page.items} problem={problem}>
      <Section
        title="Value sold by class"
        note={`${daysText(asked.period)}; A up to ${a}%, B up to ${b}%, C the rest. By the cost of what was sold, less what came back; sales without a cost count nothing`}
        first
      >
        <Chart
          says={`Value sold by class: ${page.groups.map((of) => `${of.class} ${moneyText(money(of.value))} of ${itemsText(of.items)}`).join(", ")}`}
          series={[{ key: "value", label: "Value sold", ink: "c1" }]}
          bands={page.groups.map((of) => ({
            label: `${of.class}, ${itemsText(of.items)}`,
            values: { value: drawn(of.value, scope.currency) },
            says: [
              ["Value sold", moneyText(money(of.value))],
              ["Share", shareText(of.value, page.total)],
              ...(page.isWorthKnown ? [["Worth on hand", moneyText(money(of.onHandMinor))] as const] : []),
            ],
          }))}
          table={
            <Table
              caption="Value sold by class"
              phone="scroll"
              rows={page.groups}
              keyOf={(row) => row.class}
              columns={[
                { key: "class", head: "Class", rowHead: true, cell: (row) => row.class },
                { key: "items", head: "Items", align: "right", cell: (row) => countText(row.items) },
                { key: "value", head: "Value sold", align: "right", cell: (row) => <Money of={money(row.value)} /> },
                { key: "share", head: "Share", align: "right", cell: (row) => shareText(row.value, page.total) },
                {
                  key: "worth",
                  head: "Worth on hand",
                  align: "right",
                  cell: (row) => <Money of={worth(row.onHandMinor)} />,
                },
              ]}
              totals={{
                label: "All",
                span: 1,
                figures: {
                  items: countText(page.groups.reduce((sum, { items }) => sum + items, 0)),
                  value: <Money of={money(page.total)} zero="figure" />,
                  share: shareText(page.total, page.total),
                  worth: (
                    <Money
                      of={worth(page.groups.reduce((sum, { onHandMinor }) => sum + onHandMinor, 0n))}
                      zero="figure"
                    />
                  ),
                },
              }}
            />
          }
        />
      </Section>
      <Table<AbcRow>
        caption={`Items by value sold, ${daysText(asked.period)}`}
        columns={columns}
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={ledger}
        bar={
          <RegisterBar
            path={path}
            address={address}
            items={page.items}
            filters={[
              periodChip(path, address, chosen, scope, today),
              locationChip(path, address, places, asked.location),
              {
                name: "Class",
                value: asked.class ?? "all",
                on: asked.class !== undefined,
                off: hrefOf(path, address, { filters: { class: null } }),
                choices: (["A", "B", "C"] as const).map((one) => ({
                  label: one,
                  href: hrefOf(path, address, { filters: { class: one } }),
                  current: asked.class === one,
                })),
              },
              {
                name: "Bounds",
                value: `${a}% and ${b}%`,
                on: a !== 80 || b !== 95,
                off: hrefOf(path, address, { filters: { a: null, b: null } }),
                form: (
                  <form action={path} method="get" className="grid gap-2 p-3">
                    {keptOf(address, ["a", "b"]).map(([name, value]) => (
                      <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
                    ))}
                    <NumberField label="A up to, percent" name="a" value={String(a)} />
                    <NumberField label="B up to, percent" name="b" value={String(b)} />
                    <Button>Use these</Button>
                  </form>
                ),
              },
            ]}
          />
        }
        totals={{
          label: "All items, each class",
          span: 3,
          figures: { value: <Money of={money(page.total)} zero="figure" /> },
        }}
        empty={
          <RegisterEmpty
            path={path}
            isFiltered={asked.q !== "" || asked.class !== undefined || asked.location !== undefined}
            says="There are no items yet. They come with the details of purchases."
          />
        }
      />
      <RegisterPager path={path} address={address} page={page} />
    </RegisterFrame>
  );
}
