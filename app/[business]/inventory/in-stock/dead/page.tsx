import type { Metadata } from "next";
import { daysBetween } from "@/lib/core/dates";
import { ageNames, shortAge } from "@/lib/exports/register-analysis";
import { type DeadRow, deadStock } from "@/lib/stock/dead-stock";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { type BusinessParams, scopeOf } from "../../../../scope";
import { hrefOf, type SearchParams, sortOf } from "../../../../ui/address";
import { Chart } from "../../../../ui/chart";
import { Day } from "../../../../ui/date";
import { countText, moneyText, shareText } from "../../../../ui/figures";
import { Money, Quantity } from "../../../../ui/money";
import { Note, Section } from "../../../../ui/section";
import { type Column, Table } from "../../../../ui/table";
import { Tape } from "../../../../ui/tape";
import { drawn } from "../../../drawn";
import { locationChip, RegisterFrame } from "../frame";
import { itemColumns } from "../item-columns";
import { itemsText, RegisterBar, RegisterEmpty, RegisterPager } from "../list-parts";
import { itemHref, registerState } from "../state";

export const metadata: Metadata = { title: "Dead stock" };

/** What lies there and nobody buys. */
export default async function DeadStock({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { address, asked, problem } = registerState(scope, "dead", await searchParams);
  const { register: _, ...filter } = asked;
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/in-stock/dead`;
  const [page, places] = await Promise.all([
    deadStock(scope, filter, { after: address.after, before: address.before }),
    locationsOf(scope),
  ]);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const worth = (minor: bigint) => (page.isWorthKnown ? money(minor) : null);
  const ledger = (row: DeadRow) => itemHref(base, row.id, { location: asked.location });
  const year = Number(page.today.slice(0, 4));
  const columns: readonly Column<DeadRow>[] = [
    ...itemColumns<DeadRow>(path, address, ledger),
    {
      key: "qty",
      head: "On hand",
      align: "right",
      phone: "second",
      sort: sortOf(path, address, "qty", true),
      cell: (row) => <Quantity of={row.qty} decimals={row.decimals} />,
    },
    {
      key: "value",
      head: "Value",
      align: "right",
      phone: "amount",
      sort: sortOf(path, address, "value", true),
      cell: (row) => <Money of={worth(row.minor)} />,
    },
    {
      key: "sold",
      head: "Last sold",
      align: "right",
      sort: sortOf(path, address, "sold"),
      cell: (row) =>
        row.lastSoldOn === null ? <span className="f">never</span> : <Day on={row.lastSoldOn} year={year} />,
    },
    {
      key: "oldest",
      head: "Oldest lot",
      align: "right",
      sort: sortOf(path, address, "oldest"),
      cell: (row) => (row.oldestOn === null ? null : `${countText(daysBetween(row.oldestOn, page.today))} days`),
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          {row.lastSoldOn === null ? (
            "never sold"
          ) : (
            <>
              last sold <Day on={row.lastSoldOn} year={year} />
            </>
          )}
        </>
      ),
    },
  ];
  return (
    <RegisterFrame scope={scope} register="dead" address={address} rows={page.items} problem={problem}>
      <Tape
        terms={[
          { label: `Not sold for ${asked.days} days`, value: itemsText(page.items), text: true },
          ...(page.isWorthKnown
            ? [
                { label: "Worth", value: <Money of={money(page.minor)} zero="figure" />, asked: true },
                { label: "Of all stock that fits", value: shareText(page.minor, page.stockMinor), text: true },
              ]
            : []),
        ]}
      />
      {page.isWorthKnown ? (
        <Section
          title="Value by how long nothing was sold"
          note="what was not sold since it came counts from its oldest lot"
        >
          <Chart
            says={`Value by how long nothing was sold: ${page.groups.map((of) => `${ageNames[of.age]} ${moneyText(money(of.minor))}`).join(", ")}`}
            series={[{ key: "value", label: "Value", ink: "c1" }]}
            bands={page.groups.map((of) => ({
              label: shortAge(ageNames[of.age] ?? ""),
              values: { value: drawn(of.minor, scope.currency) },
              says: [
                ["Items", countText(of.items)],
                ["Value", moneyText(money(of.minor))],
              ] as const,
            }))}
            table={
              <Table
                caption="Value by how long nothing was sold"
                phone="scroll"
                rows={page.groups}
                keyOf={(row) => String(row.age)}
                columns={[
                  { key: "age", head: "Not sold for", rowHead: true, cell: (row) => ageNames[row.age] },
                  { key: "items", head: "Items", align: "right", cell: (row) => countText(row.items) },
                  { key: "value", head: "Value", align: "right", cell: (row) => <Money of={money(row.minor)} /> },
                ]}
                totals={{
                  label: "All that is in stock",
                  span: 2,
                  figures: { value: <Money of={money(page.stockMinor)} zero="figure" /> },
                }}
              />
            }
          />
        </Section>
      ) : (
        <Note>
          Costs and lots are those of all places, so what is at one place has no worth of its own. It is old where it is
          more than what came there in these days.
        </Note>
      )}
      <Table<DeadRow>
        caption={`In stock and not sold for ${asked.days} days`}
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
              locationChip(path, address, places, asked.location),
              {
                name: "Not sold for",
                value: `${asked.days} days`,
                on: asked.days !== 180,
                off: hrefOf(path, address, { filters: { days: null } }),
                choices: [30, 60, 90, 180, 365].map((days) => ({
                  label: `${days} days`,
                  href: hrefOf(path, address, { filters: { days: String(days) } }),
                  current: asked.days === days,
                })),
              },
            ]}
          />
        }
        totals={{
          label: itemsText(page.items),
          span: 3,
          figures: { value: <Money of={worth(page.minor)} zero="figure" /> },
        }}
        empty={
          <RegisterEmpty
            path={path}
            isFiltered={asked.q !== "" || asked.location !== undefined}
            says="Everything that is in stock was sold lately, or came lately."
          />
        }
      />
      <RegisterPager path={path} address={address} page={page} />
    </RegisterFrame>
  );
}
