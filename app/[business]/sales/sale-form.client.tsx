"use client";

import { useState } from "react";
import { formatMinor } from "@/lib/core/money";
import { EditGrid, type GridRow } from "../../ui/edit-grid.client";
import { typedMoney } from "../../ui/typed";

let made = 0;
const newRow = (): GridRow => {
  made += 1;
  return { id: `new-${made}`, cells: {} };
};

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
  const [rows, setRows] = useState<readonly GridRow[]>(() =>
    saved.length > 0
      ? saved
      : [
          { id: "first", cells: {} },
          { id: "second", cells: {} },
        ],
  );
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
          {
            key: "item",
            label: "Product",
            kind: "combo",
            width: "52%",
            url: `/api/items?business=${business}&only=items`,
            create: "New product",
            placeholder: "Name or SKU",
            phone: 6,
          },
          // Text: how many decimals it may have is the product's matter.
          { key: "qty", label: "Quantity", kind: "text", width: "16%", placeholder: "1" },
          { key: "amount", label: "Price in all", kind: "money", width: "24%", currency },
        ]}
      />
      <p className="note mt-2" aria-live="polite">
        Lines come to <b>{formatMinor(sum, currency)}</b>
      </p>
    </>
  );
}
