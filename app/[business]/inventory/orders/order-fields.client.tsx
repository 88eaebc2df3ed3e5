"use client";

import { useState } from "react";
import { EditGrid, type GridRow } from "../../../ui/edit-grid.client";
import { newRow } from "../on-hand.client";

/** What is ordered, how much of it, and what it is to cost. */
export function OrderFields({ business, saved }: { business: string; saved: readonly GridRow[] }) {
  const [rows, setRows] = useState<readonly GridRow[]>(() =>
    saved.length > 0
      ? saved
      : [
          { id: "first", cells: {} },
          { id: "second", cells: {} },
        ],
  );
  return (
    <EditGrid
      caption="What is ordered"
      name="lines"
      rows={rows}
      onRows={setRows}
      newRow={newRow}
      columns={[
        {
          key: "item",
          label: "Product",
          kind: "combo",
          width: "56%",
          url: `/api/items?business=${business}&only=items`,
          placeholder: "Name or SKU",
          phone: 6,
        },
        // Text: how many decimals it may have is the product's matter.
        { key: "qty", label: "Quantity", kind: "text", width: "18%", placeholder: "1" },
        { key: "amount", label: "Cost in all", kind: "text", width: "22%", placeholder: "if known" },
      ]}
    />
  );
}
