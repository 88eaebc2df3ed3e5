import type { Metadata } from "next";
import { recordIn, recordOut, recordWords } from "@/lib/core/gst";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { type RecordRow, stockRecords } from "@/lib/stock/stock-record";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Empty } from "../../../../ui/empty";
import { Quantity } from "../../../../ui/money";
import { Note } from "../../../../ui/section";
import { Table } from "../../../../ui/table";
import { locationChip } from "../../../inventory/in-stock/frame";
import { itemColumns } from "../../../inventory/in-stock/item-columns";
import { RegisterPager } from "../../../inventory/in-stock/list-parts";
import { itemHref } from "../../../inventory/in-stock/state";
import { GstFrame } from "../frame";
import { gstState } from "../state";

export const metadata: Metadata = { title: "Stock record" };

/** The record of stock that rule 56(2) of the CGST Rules asks for: from opening to balance, with what was lost, given away or destroyed. */
export default async function RecordPage({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const state = await gstState(scope, await searchParams);
  const { address, location } = state;
  const period = { from: state.chosen.period.from, to: state.chosen.period.to };
  const base = `/${scope.slug}`;
  const path = `${base}/reports/gst/record`;
  const [page, places] = await Promise.all([
    stockRecords(
      scope,
      { period, q: address.q, ...(location === null ? {} : { location }) },
      { after: address.after, before: address.before },
    ),
    locationsOf(scope),
  ]);
  const ledger = (row: RecordRow) => itemHref(base, row.id, { ...period, ...(location === null ? {} : { location }) });
  // Columns that nothing happened in are left out, but for those that the rule names.
  const named: readonly string[] = ["receipt", "supply", "lost", "stolen", "destroyed", "writtenOff", "gift", "sample"];
  const terms = [...recordIn, ...recordOut].filter(
    (term) => named.includes(term) || page.rows.some((row) => row[term] !== 0n),
  );
  return (
    <GstFrame
      scope={scope}
      report="record"
      state={state}
      filters={[locationChip(path, address, places, location ?? undefined)]}
    >
      <Note>Quantities, as rule 56(2) of the CGST Rules asks: every row adds up to its balance.</Note>
      <Table<RecordRow>
        caption="Stock record"
        phone="scroll"
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={ledger}
        columns={[
          ...itemColumns<RecordRow>(path, address, ledger),
          ...(["opening", ...terms, "balance"] as const).map((term) => ({
            key: term,
            head: term === "opening" ? "Opening" : term === "balance" ? "Balance" : recordWords[term],
            align: "right" as const,
            ruled: term === "balance",
            cell: (row: RecordRow) => <Quantity of={row[term]} decimals={row.decimals} />,
          })),
        ]}
        empty={<Empty title="No stock in this period">It begins with the first purchase or opening stock.</Empty>}
      />
      <RegisterPager path={path} address={address} page={page} />
    </GstFrame>
  );
}
