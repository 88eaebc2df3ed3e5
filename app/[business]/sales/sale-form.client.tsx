"use client";

import { formatMinor } from "@/lib/core/money";
import { EditGrid, type GridRow } from "../../ui/edit-grid.client";
import { typedMoney } from "../../ui/typed";
import { newRow, productColumn, qtyColumn, useLines } from "../lines.client";

/** The lines of a sale by hand, with their sum in view. */
export function SaleLines({
  business,
  currency,
  saved,
}: {
  business: string;
  currency: string;
  saved: readonly GridRow[];
}) {
  const [rows, setRows] = useLines(saved);
  const sum = rows.reduce((all, row) => {
    const read = typedMoney(row.cells.amount ?? "", currency);
    return "wrong" in read ? all : all + read.value;
  }, 0n);
  return (
    <>
      {rows.map((row, at) =>
        row.cells.line === undefined ? null : (
          <input key={row.id} type="hidden" name={`lines.${at}.id`} value={row.cells.line} />
        ),
      )}
      <EditGrid
        caption="What was sold"
        name="lines"
        rows={rows}
        onRows={setRows}
        newRow={newRow}
        columns={[
          { ...productColumn(business, "52%"), create: "New product" },
          qtyColumn("16%"),
          { key: "amount", label: "Price in all", kind: "money", width: "24%", currency },
        ]}
      />
      <p className="note mt-2" aria-live="polite">
        Lines come to <b>{formatMinor(sum, currency)}</b>
      </p>
    </>
  );
}
