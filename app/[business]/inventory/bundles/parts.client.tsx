"use client";

import { useState } from "react";
import { EditGrid, type GridRow } from "../../../ui/edit-grid.client";
import { useSent } from "../../../ui/form.client";
import { newRow, productColumn, qtyColumn } from "../../lines.client";

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
      columns={[productColumn(business, "70%"), qtyColumn("20%", "In one")]}
    />
  );
}
