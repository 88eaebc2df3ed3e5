import type { Metadata } from "next";
import { isRepeated, saysDifference } from "@/lib/core/counts";
import { reasonOf } from "@/lib/core/reasons";
import { type CountedOnce, countHistory, countsOfItem, type HistoryRow } from "@/lib/desk/count-history";
import { readCursor } from "@/lib/sales/keyset";
import { type BusinessParams, stockScopeOf } from "../../../../../scope";
import { hrefOf, readAddress, type SearchParams } from "../../../../../ui/address";
import { ButtonLink } from "../../../../../ui/button";
import { Day } from "../../../../../ui/date";
import { Empty } from "../../../../../ui/empty";
import { countText } from "../../../../../ui/figures";
import { Fig } from "../../../../../ui/link";
import { Quantity } from "../../../../../ui/money";
import { Page } from "../../../../../ui/page-frame";
import { Pager } from "../../../../../ui/pager";
import { Section } from "../../../../../ui/section";
import { State } from "../../../../../ui/state";
import { Table } from "../../../../../ui/table";
import { keysetLinks } from "../../../../keyset-links";
import { todayOf } from "../../../balances/state";
import { countHref, countsHref, historyHref } from "../state";

export const metadata: Metadata = { title: "Repeated shortages" };

const one = (value: string | string[] | undefined): string => (typeof value === "string" ? value : "");

/** What counts found by item and location: what is short again and again first; with `item` and `at`, the counts of one. */
export default async function History({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const asked = await searchParams;
  const address = readAddress(asked, { filters: ["location"] });
  const base = `/${scope.slug}`;
  const path = historyHref(base);
  const page = await countHistory(scope, {}, { after: readCursor(address.after), before: readCursor(address.before) });
  const opened = page.rows.find((row) => row.item === one(asked.item) && row.location.id === one(asked.at));
  const counts = opened === undefined ? [] : await countsOfItem(scope, opened.item, opened.location.id);
  const year = Number(todayOf(scope).slice(0, 4));
  const rowHref = (row: HistoryRow) => hrefOf(path, address, { rest: { item: row.item, at: row.location.id } });
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "Movements", href: `${base}/inventory/movements` },
        { label: "Counts", href: countsHref(base) },
        { label: "Repeated shortages" },
      ]}
      title="Repeated shortages"
      actions={
        <ButtonLink href={`${path}/export`} download>
          Export
        </ButtonLink>
      }
      note="What approved counts found, by product and location: what was short in most of the latest three first."
    >
      <Table<HistoryRow>
        caption="Counts by product and location"
        rows={page.rows}
        keyOf={(row) => `${row.item} ${row.location.id}`}
        hrefOf={rowHref}
        stateOf={(row) => ({ chosen: row === opened })}
        columns={[
          {
            key: "item",
            head: "Item",
            rowHead: true,
            wraps: true,
            phone: "what",
            cell: (row) => <Fig href={rowHref(row)}>{row.name}</Fig>,
          },
          { key: "sku", head: "SKU", quiet: true, low: true, cell: (row) => <span className="n">{row.sku}</span> },
          { key: "location", head: "Location", phone: "where", cell: (row) => row.location.name },
          { key: "counts", head: "Counts", align: "right", cell: (row) => countText(row.counts) },
          { key: "short", head: "Short", align: "right", cell: (row) => countText(row.shortages) },
          { key: "over", head: "Over", align: "right", cell: (row) => countText(row.surpluses) },
          {
            key: "net",
            head: "In sum",
            align: "right",
            phone: "amount",
            cell: (row) => <Quantity of={row.net} decimals={row.decimals} />,
          },
          { key: "last", head: "Last counted", quiet: true, cell: (row) => <Day on={row.lastOn} year={year} /> },
          {
            key: "mark",
            head: "Mark",
            headHidden: true,
            phone: "second",
            cell: (row) => (isRepeated(row.recentShort) ? <State kind="wrong">Short again</State> : null),
          },
        ]}
        empty={
          <Empty title="No count was approved yet">
            Once counts are approved, what is short again and again stands at the top of this list.
          </Empty>
        }
      />
      {page.rows.length > 0 ? (
        <Pager says={`${countText(page.rows.length)} shown`} {...keysetLinks(path, address, page)} />
      ) : null}
      {opened === undefined ? null : (
        <Section title={`${opened.name} at ${opened.location.name}`} note="the latest counts, newest first">
          <Table<CountedOnce>
            caption="Counts of the product"
            rows={counts}
            keyOf={(row) => row.count}
            columns={[
              { key: "on", head: "Date", quiet: true, phone: "where", cell: (row) => <Day on={row.on} year={year} /> },
              {
                key: "number",
                head: "Count",
                rowHead: true,
                phone: "what",
                cell: (row) => <Fig href={countHref(base, row.count)}>{row.number}</Fig>,
              },
              {
                key: "counted",
                head: "Counted",
                align: "right",
                cell: (row) => <Quantity of={row.counted} decimals={opened.decimals} zero="figure" />,
              },
              {
                key: "expected",
                head: "Expected",
                align: "right",
                cell: (row) => <Quantity of={row.expected} decimals={opened.decimals} zero="figure" />,
              },
              {
                key: "difference",
                head: "Difference",
                align: "right",
                phone: "amount",
                cell: (row) => <Quantity of={row.counted - row.expected} decimals={opened.decimals} />,
              },
              {
                key: "reason",
                head: "Reason",
                phone: "second",
                cell: (row) => {
                  const reason = row.reason === null ? null : reasonOf(row.reason);
                  return reason === null ? null : saysDifference(reason);
                },
              },
            ]}
          />
        </Section>
      )}
    </Page>
  );
}
