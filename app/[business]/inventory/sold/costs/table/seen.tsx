import { WhatItMoves } from "../../../../../ui/form.client";
import { Section } from "../../../../../ui/section";
import { Table } from "../../../../../ui/table";
import type { Seen } from "./actions";

/** What was read of the table, row by row, and what saving it would change. */
export function TableSeen({ of: { asked, note, rows } }: { of: Seen }) {
  return (
    <>
      {asked === null ? null : <WhatItMoves of={asked} />}
      <Section title="What was read" note={note}>
        <Table<Seen["rows"][number]>
          caption="Rows of the table"
          rows={rows}
          keyOf={({ row }) => String(row)}
          columns={[
            { key: "row", head: "Row", quiet: true, cell: ({ row }) => row },
            { key: "order", head: "Order or SKU", phone: "where", cell: (row) => row.of },
            {
              key: "lines",
              head: "Sold lines",
              wraps: true,
              rowHead: true,
              phone: "what",
              cell: ({ says, isWrong }) => (isWrong ? <span className="bad">{says}</span> : says),
            },
            { key: "amount", head: "Cost", align: "right", phone: "amount", cell: ({ cost }) => cost },
          ]}
        />
      </Section>
    </>
  );
}
