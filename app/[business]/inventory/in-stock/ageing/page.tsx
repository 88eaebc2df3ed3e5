import type { Metadata } from "next";
import { ageNames, shortAge } from "@/lib/exports/register-analysis";
import { type AgeingRow, stockAgeing } from "@/lib/stock/analysis";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { type BusinessParams, scopeOf } from "../../../../scope";
import { type SearchParams, sortOf } from "../../../../ui/address";
import { Chart } from "../../../../ui/chart";
import { dayText } from "../../../../ui/days";
import { moneyText, quantityText, shareText } from "../../../../ui/figures";
import { Money } from "../../../../ui/money";
import { Note, Section } from "../../../../ui/section";
import { type Column, Table } from "../../../../ui/table";
import { drawn } from "../../../drawn";
import { inTransit, locationChip, RegisterFrame } from "../frame";
import { itemColumns } from "../item-columns";
import { itemsText, QuantityWorth, RegisterBar, RegisterEmpty, RegisterPager } from "../list-parts";
import { itemHref, registerState } from "../state";

export const metadata: Metadata = { title: "Stock ageing" };

/** What is left in lots, by how long ago each was acquired. */
export default async function StockAgeing({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { address, asked, problem } = registerState(scope, "ageing", await searchParams);
  const { register: _, ...filter } = asked;
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/in-stock/ageing`;
  const [page, places] = await Promise.all([
    stockAgeing(scope, filter, { after: address.after, before: address.before }),
    locationsOf(scope),
  ]);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const worth = (minor: bigint) => (page.isWorthKnown ? money(minor) : null);
  const ledger = (row: AgeingRow) => itemHref(base, row.id, { location: asked.location });
  const groups = ageNames.map((name, age) => ({ name, minor: page.ages[age]?.minor ?? 0n }));
  const columns: readonly Column<AgeingRow>[] = [
    ...itemColumns<AgeingRow>(path, address, ledger),
    ...ageNames.map(
      (name, age): Column<AgeingRow> => ({
        key: `age${age}`,
        head: name,
        align: "right",
        sort: sortOf(path, address, `age${age}`, true),
        cell: (row) => (
          <QuantityWorth
            qty={row.ages[age]?.qty ?? 0n}
            decimals={row.decimals}
            worth={worth(row.ages[age]?.minor ?? 0n)}
          />
        ),
      }),
    ),
    {
      key: "total",
      head: page.isWorthKnown ? "In lots" : "On hand",
      align: "right",
      ruled: true,
      phone: "amount",
      sort: sortOf(path, address, "total", true),
      cell: (row) => <QuantityWorth qty={row.total.qty} decimals={row.decimals} worth={worth(row.total.minor)} />,
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) =>
        ageNames
          .flatMap((name, age) => {
            const qty = row.ages[age]?.qty ?? 0n;
            return qty === 0n ? [] : [`${name} ${quantityText(qty, row.decimals)}`];
          })
          .join(" · "),
    },
  ];
  return (
    <RegisterFrame scope={scope} register="ageing" address={address} rows={page.items} problem={problem}>
      {page.isWorthKnown ? null : (
        <Note>
          Costs and lots are those of all places, so what is at one place has no worth of its own, and is as old as the
          days since it came there.
        </Note>
      )}
      {page.isWorthKnown ? (
        <Section
          title="Value by age"
          note={`on ${dayText(page.today)}, by the day on which each lot was acquired; a transfer leaves it as it was`}
          first
        >
          <Chart
            says={`Value in lots by age: ${groups.map(({ name, minor }) => `${name} ${moneyText(money(minor))}`).join(", ")}`}
            series={[{ key: "value", label: "Value", ink: "c1" }]}
            bands={groups.map(({ name, minor }) => ({
              label: shortAge(name),
              values: { value: drawn(minor, scope.currency) },
              says: [
                ["Value", moneyText(money(minor))],
                ["Share", shareText(minor, page.total.minor)],
              ] as const,
            }))}
            table={
              <Table
                caption="Value in lots by age"
                phone="scroll"
                rows={groups}
                keyOf={(row) => row.name}
                columns={[
                  { key: "age", head: "Age", rowHead: true, cell: (row) => row.name },
                  { key: "value", head: "Value", align: "right", cell: (row) => <Money of={money(row.minor)} /> },
                  {
                    key: "share",
                    head: "Share",
                    align: "right",
                    cell: (row) => shareText(row.minor, page.total.minor),
                  },
                ]}
                totals={{
                  label: "All of it",
                  span: 1,
                  figures: {
                    value: <Money of={money(page.total.minor)} zero="figure" />,
                    share: shareText(page.total.minor, page.total.minor),
                  },
                }}
              />
            }
          />
        </Section>
      ) : null}
      <Table<AgeingRow>
        caption="Stock by age"
        columns={columns}
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={ledger}
        bar={
          <RegisterBar
            path={path}
            address={address}
            items={page.items}
            filters={[locationChip(path, address, [...places, inTransit], asked.location)]}
          />
        }
        totals={{
          label: itemsText(page.items),
          span: 2,
          figures: Object.fromEntries(
            [...page.ages, page.total].map((of, age) => [
              age < page.ages.length ? `age${age}` : "total",
              <QuantityWorth
                key={age < page.ages.length ? ageNames[age] : "total"}
                qty={page.isWhole ? of.qty : null}
                worth={worth(of.minor)}
                zero="figure"
              />,
            ]),
          ),
        }}
        empty={
          <RegisterEmpty
            path={path}
            isFiltered={asked.q !== "" || asked.location !== undefined}
            says="Nothing is left in any lot. Add Details to a purchase under Balances."
          />
        }
      />
      <RegisterPager path={path} address={address} page={page} />
    </RegisterFrame>
  );
}
