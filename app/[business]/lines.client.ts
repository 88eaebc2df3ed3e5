"use client";

import { useState } from "react";
import type { GridColumn, GridRow } from "../ui/edit-grid.client";

let made = 0;
/** An empty row of products. */
export const newRow = (): GridRow => {
  made += 1;
  return { id: `new-${made}`, cells: {} };
};

/** The rows of a grid of products: what was saved, or two empty ones, whose names are the same on the server. */
export function useLines(saved: readonly GridRow[]) {
  return useState<readonly GridRow[]>(() =>
    saved.length > 0 ? saved : ["first", "second"].map((id) => ({ id, cells: {} })),
  );
}

/** Which product: one of the business's. `from`: what is on hand at that location is said beside each. */
export const productColumn = (business: string, width: string, from?: string): GridColumn => ({
  key: "item",
  label: "Product",
  kind: "combo",
  width,
  url: `/api/items?business=${business}&only=items${from === undefined ? "" : `&from=${encodeURIComponent(from)}`}`,
  placeholder: "Name or SKU",
  phone: 6,
});

/** How many. Text: how many decimals it may have is the product's matter. */
export const qtyColumn = (width: string, label = "Quantity"): GridColumn => ({
  key: "qty",
  label,
  kind: "text",
  width,
  placeholder: "1",
  phone: 2,
});
