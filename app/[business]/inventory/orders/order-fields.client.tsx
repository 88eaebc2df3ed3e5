"use client";

import { EditGrid, type GridRow } from "../../../ui/edit-grid.client";
import { newRow, productColumn, qtyColumn, useLines } from "../../lines.client";

/** What is ordered, how much of it, and what it is to cost. */
export function OrderFields({ business, saved }: { business: string; saved: readonly GridRow[] }) {
  const [rows, setRows] = useLines(saved);
  return (
    <EditGrid
      caption="What is ordered"
      name="lines"
      rows={rows}
      onRows={setRows}
      newRow={newRow}
      columns={[
        productColumn(business, "56%"),
        qtyColumn("18%"),
        { key: "amount", label: "Cost in all", kind: "text", width: "22%", placeholder: "if known" },
      ]}
    />
  );
}
