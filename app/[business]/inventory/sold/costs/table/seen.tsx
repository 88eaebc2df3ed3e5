import type { CostTable, TableRow } from "@/lib/desk/costs-table";
import type { Scope } from "@/lib/people/access";
import type { Changes as WhatChanges } from "@/lib/preview";
import { dayText } from "../../../../../ui/days";
import { countText } from "../../../../../ui/figures";
import { Money } from "../../../../../ui/money";
import { Section } from "../../../../../ui/section";
import { Table } from "../../../../../ui/table";
import { WhatThisChanges } from "../../what-changes";

/** What was read of the table, row by row, and what saving it would change. */
export function TableSeen({ scope, table, changes }: { scope: Scope; table: CostTable; changes: WhatChanges | null }) {
  const wrong = table.rows.filter((row) => row.wrong !== null).length;
  const shown = [...table.rows].sort((a, b) => Number(a.wrong === null) - Number(b.wrong === null)).slice(0, 200);
  return (
    <>
      {changes === null ? null : <WhatThisChanges scope={scope} changes={changes} />}
      <Section
        title="What was read"
        note={`${countText(table.costs.length)} costs${wrong === 0 ? "" : `, ${countText(wrong)} rows are left out`}`}
      >
        <Table<TableRow>
          caption="Rows of the table"
          rows={shown}
          keyOf={(row) => String(row.row)}
          columns={[
            { key: "row", head: "Row", quiet: true, cell: (row) => row.row },
            { key: "order", head: "Order or SKU", phone: "where", cell: (row) => row.order || row.sku },
            {
              key: "lines",
              head: "Sold lines",
              wraps: true,
              rowHead: true,
              phone: "what",
              cell: (row) =>
                row.wrong !== null ? (
                  <span className="bad">{row.wrong}</span>
                ) : row.lines.length === 1 ? (
                  `${row.lines[0]?.name}, bought ${dayText(row.lines[0]?.on ?? "")}`
                ) : (
                  `${countText(row.lines.length)} lines of ${row.lines[0]?.name ?? ""}`
                ),
            },
            {
              key: "amount",
              head: "Cost",
              align: "right",
              phone: "amount",
              cell: (row) => (
                <Money
                  of={
                    row.wrong !== null
                      ? null
                      : {
                          amountMinor: row.lines.reduce((sum, line) => sum + line.amount, 0n),
                          currency: scope.currency,
                        }
                  }
                  zero="figure"
                />
              ),
            },
          ]}
        />
      </Section>
    </>
  );
}
