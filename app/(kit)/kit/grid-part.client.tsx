"use client";

import { useState } from "react";
import { Button, ButtonLink } from "@/app/ui/button";
import { EditGrid, type GridRow } from "@/app/ui/edit-grid.client";
import { Form } from "@/app/ui/form";
import { SheetBody, SheetFoot } from "@/app/ui/sheet";
import { State } from "@/app/ui/state";
import { keep } from "./actions";

const products = [
  {
    id: "1",
    label: "Storm lantern, rust",
    aside: "LNT-RY",
    evidence: "Sold on eBay and Shopify. Last paid 23.80 each, 24 Jul",
  },
  { id: "2", label: "Lantern wicks, pack of 10", aside: "no SKU", evidence: "Seen on Etsy, never bought" },
];

/** The grid of Add details, with rows that are held here. */
export function KitGrid() {
  const [rows, setRows] = useState<readonly GridRow[]>([
    { id: "a", cells: { product: "Enamel mug, 12 oz", sku: "ENM-12", qty: "24", each: "6.50", all: "156.00" } },
    { id: "b", cells: { product: "Cast-iron trivet", sku: "TRV-CI", qty: "10", each: "10.90", all: "109.00" } },
    { id: "c", cells: {} },
  ]);
  return (
    <Form action={keep} hidden={{ cost: "98.00" }}>
      <SheetBody>
        <EditGrid
          caption="Products on this purchase"
          name="lines"
          rows={rows}
          onRows={setRows}
          newRow={() => ({ id: crypto.randomUUID(), cells: {} })}
          columns={[
            {
              key: "product",
              label: "Product",
              kind: "combo",
              width: "32%",
              options: products,
              create: "New product",
              phone: 6,
            },
            { key: "sku", label: "SKU", kind: "text", width: "13%", placeholder: "SKU" },
            { key: "qty", label: "Quantity", kind: "quantity", width: "10%" },
            { key: "each", label: "Each", kind: "money", width: "12%", currency: "USD" },
            { key: "all", label: "In all", kind: "money", width: "13%", currency: "USD" },
          ]}
          tail={[{ label: "Lot cost", width: "12%", cell: (row) => row.cells.all ?? "" }]}
          settled={(row) =>
            row.cells.product && row.cells.all
              ? [row.cells.product, row.cells.all, `${row.cells.qty} at ${row.cells.each}`, row.cells.sku ?? ""]
              : null
          }
        />
      </SheetBody>
      <SheetFoot end={<State kind="done">Rows 1 and 2 saved 14:31</State>}>
        <Button kind="primary" busy="Saving">
          Save, 98.00 left
        </Button>
        <ButtonLink href="/kit" stay>
          Close
        </ButtonLink>
      </SheetFoot>
    </Form>
  );
}
