import type { Metadata } from "next";
import { type CoverBand, coverBands } from "@/lib/core/registers";
import { type CoverRow, coverList, coverSpans } from "@/lib/stock/analysis";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { type BusinessParams, scopeOf } from "../../../../scope";
import { hrefOf, type SearchParams, sortOf } from "../../../../ui/address";
import { Chart } from "../../../../ui/chart";
import { dayText } from "../../../../ui/days";
import { countText, moneyText, quantityText } from "../../../../ui/figures";
import { Dash, Money, Quantity } from "../../../../ui/money";
import { Section } from "../../../../ui/section";
import { type Column, Table } from "../../../../ui/table";
import { locationChip, RegisterFrame } from "../frame";
import { itemColumns } from "../item-columns";
import { itemsText, RegisterBar, RegisterEmpty, RegisterPager } from "../list-parts";
import { itemHref, registerState } from "../state";

export const metadata: Metadata = { title: "Days of cover" };

const bandNames: Readonly<Record<CoverBand, string>> = {
  out: "nothing left",
  week: "under a week",
  month: "7–30 days",
  quarter: "31–90 days",
  longer: "over 90 days",
  unsold: "none sold",
};

/** The same under a bar of the chart, in days. */
const shortBands: Readonly<Record<CoverBand, string>> = {
  out: "none left",
  week: "0–6",
  month: "7–30",
  quarter: "31–90",
  longer: "over 90",
  unsold: "unsold",
};

/** For how many days what is on hand lasts. */
export default async function DaysOfCover({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { address, asked, problem } = registerState(scope, "cover", await searchParams);
  const { register: _, ...filter } = asked;
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/in-stock/cover`;
  const [page, places] = await Promise.all([
    coverList(scope, filter, { after: address.after, before: address.before }),
    locationsOf(scope),
  ]);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const ledger = (row: CoverRow) =>
    itemHref(base, row.id, { from: page.period.from, to: page.period.to, location: asked.location });
  const groups = coverBands.map((band) => ({
    band,
    items: page.groups.find((group) => group.band === band)?.items ?? 0,
    minor: page.groups.find((group) => group.band === band)?.minor ?? 0n,
  }));
  const columns: readonly Column<CoverRow>[] = [
    ...itemColumns<CoverRow>(path, address, ledger),
    {
      key: "qty",
      head: "On hand",
      align: "right",
      sort: sortOf(path, address, "qty", true),
      cell: (row) => <Quantity of={row.qty} decimals={row.decimals} zero="figure" />,
    },
    ...(page.isWorthKnown
      ? [
          {
            key: "value",
            head: "Value",
            align: "right",
            phone: "second",
            cell: (row: CoverRow) => <Money of={money(row.minor)} />,
          } as const,
        ]
      : []),
    {
      key: "sold",
      head: `Sold in ${asked.days} days`,
      align: "right",
      sort: sortOf(path, address, "sold", true),
      cell: (row) => <Quantity of={row.sold} decimals={row.decimals} />,
    },
    {
      key: "cover",
      head: "Days of cover",
      align: "right",
      phone: "amount",
      sort: sortOf(path, address, "cover"),
      cell: (row) => (row.cover === null ? <Dash says="none sold" /> : countText(row.cover)),
    },
    { key: "band", head: "Lasts", cell: (row) => bandNames[row.band] },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) =>
        `${quantityText(row.qty, row.decimals)} on hand, ${quantityText(row.sold, row.decimals)} sold; ${bandNames[row.band]}`,
    },
  ];
  return (
    <RegisterFrame scope={scope} register="cover" address={address} rows={page.items} problem={problem}>
      <Section
        title="Items by how long they last"
        note={`at the pace of the last ${asked.days} days, ${dayText(page.period.from)} to ${dayText(page.period.to)}, less what came back`}
        first
      >
        <Chart
          says={`Items by days of cover: ${groups.map(({ band, items }) => `${bandNames[band]} ${itemsText(items)}`).join(", ")}`}
          series={[{ key: "items", label: "Items", ink: "c1" }]}
          bands={groups.map(({ band, items, minor }) => ({
            label: shortBands[band],
            values: { items },
            says: [
              ["Items", countText(items)],
              ...(page.isWorthKnown ? ([["Value", moneyText(money(minor))]] as const) : []),
            ],
          }))}
          table={
            <Table
              caption="Items by days of cover"
              phone="scroll"
              rows={groups}
              keyOf={(row) => row.band}
              columns={[
                { key: "band", head: "Lasts", rowHead: true, cell: (row) => bandNames[row.band] },
                { key: "items", head: "Items", align: "right", cell: (row) => countText(row.items) },
                ...(page.isWorthKnown
                  ? [
                      {
                        key: "value",
                        head: "Value",
                        align: "right",
                        cell: (row: (typeof groups)[number]) => <Money of={money(row.minor)} />,
                      } as const,
                    ]
                  : []),
              ]}
            />
          }
        />
      </Section>
      <Table<CoverRow>
        caption="Days of cover"
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
              {
                name: "Pace of",
                value: `the last ${asked.days} days`,
                on: asked.days !== 30,
                off: hrefOf(path, address, { filters: { days: null } }),
                choices: coverSpans.map((days) => ({
                  label: `the last ${days} days`,
                  href: hrefOf(path, address, { filters: { days: String(days) } }),
                  current: asked.days === days,
                })),
              },
              {
                name: "Lasts",
                value: asked.band === undefined ? "all" : bandNames[asked.band],
                on: asked.band !== undefined,
                off: hrefOf(path, address, { filters: { band: null } }),
                choices: coverBands.map((band) => ({
                  label: bandNames[band],
                  href: hrefOf(path, address, { filters: { band } }),
                  current: asked.band === band,
                })),
              },
              locationChip(path, address, places, asked.location),
            ]}
          />
        }
        totals={{
          label: itemsText(page.items),
          span: 2,
          figures: page.isWorthKnown ? { value: <Money of={money(page.minor)} zero="figure" /> } : {},
        }}
        empty={
          <RegisterEmpty
            path={path}
            isFiltered={asked.q !== "" || asked.band !== undefined || asked.location !== undefined}
            says="Nothing is on hand, and nothing was sold on these days."
          />
        }
      />
      <RegisterPager path={path} address={address} page={page} />
    </RegisterFrame>
  );
}
