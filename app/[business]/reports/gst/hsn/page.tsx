import type { Metadata } from "next";
import { type Hsn, rateText } from "@/lib/core/gst";
import { gstr1View } from "@/lib/desk/gst-reads";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Empty } from "../../../../ui/empty";
import { Quantity } from "../../../../ui/money";
import { Table } from "../../../../ui/table";
import { amountColumns } from "../amounts";
import { GstFrame } from "../frame";
import { gstState } from "../state";

export const metadata: Metadata = { title: "HSN summary" };

/** What was sold of each code, less what came back: table 12 of GSTR-1. */
export default async function HsnPage({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const state = await gstState(scope, await searchParams);
  const rows = state.seller === null ? [] : (await gstr1View(scope, state.seller, state.chosen.period)).gstr1.hsn;
  return (
    <GstFrame scope={scope} report="hsn" state={state}>
      <Table<Hsn>
        caption="Supplies by HSN code, unit and rate"
        rows={rows}
        keyOf={(row) => `${row.toRegistered} ${row.hsn} ${row.uqc} ${row.rate}`}
        columns={[
          {
            key: "hsn",
            head: "HSN",
            rowHead: true,
            phone: "what",
            cell: (row) => (row.hsn === "" ? "no code" : row.hsn),
          },
          { key: "what", head: "Description", quiet: true, phone: "where", cell: (row) => row.description },
          {
            key: "buyers",
            head: "Buyers",
            quiet: true,
            cell: (row) => (row.toRegistered === null ? "all" : row.toRegistered ? "registered" : "others"),
          },
          { key: "unit", head: "Unit", cell: (row) => row.uqc },
          {
            key: "qty",
            head: "Quantity",
            align: "right",
            phone: "second",
            cell: (row) => <Quantity of={row.qty} decimals={row.decimals} />,
          },
          { key: "rate", head: "Rate", align: "right", cell: (row) => `${rateText(row.rate)} %` },
          ...amountColumns<Hsn>(scope.currency, (row) => row.amounts),
        ]}
        empty={<Empty title="Nothing was invoiced in this period">Issue invoices from the orders under Sales.</Empty>}
      />
    </GstFrame>
  );
}
