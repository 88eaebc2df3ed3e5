"use client";

import { useState } from "react";
import { EditGrid, type GridRow } from "../../../ui/edit-grid.client";
import { useSent } from "../../../ui/form.client";
import { newRow } from "../on-hand.client";

/** What is in one of a bundle: products, and other bundles. */
export function BundleParts({
  business,
  saved,
}: {
  business: string;
  saved: readonly Readonly<{ id: string; name: string; qty: string }>[];
}) {
  const [rows, setRows] = useState<readonly GridRow[]>(() => [
    ...saved.map(({ id, name, qty }) => ({ id, cells: { item: name, itemId: id, qty } })),
    ...(saved.length === 0 ? [{ id: "first", cells: {} }] : []),
  ]);
  const { error } = useSent("").sent;
  return (
    <EditGrid
      caption="What is in it"
      name="in"
      rows={rows}
      onRows={setRows}
      newRow={newRow}
      errors={error?.field === undefined ? {} : { [error.field]: error.message }}
      columns={[
        {
          key: "item",
          label: "Product",
          kind: "combo",
          width: "70%",
          url: `/api/items?business=${business}&only=items`,
          placeholder: "Name or SKU",
          phone: 6,
        },
        // Text: how many decimals it may have is the product's matter.
        { key: "qty", label: "In one", kind: "text", width: "20%", placeholder: "1" },
      ]}
    />
  );
}
