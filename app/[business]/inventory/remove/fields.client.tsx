"use client";

import { useEffect, useState } from "react";
import type { Way } from "@/lib/core/reasons";
import { EditGrid, type GridRow } from "../../../ui/edit-grid.client";
import { Fields, SelectField } from "../../../ui/field";
import { useSent } from "../../../ui/form.client";
import { newRow, productColumn, qtyColumn } from "../../lines.client";
import { useOnHand } from "../on-hand.client";

/** Where and what, with what is on hand at the place beside each product. */
export function AdjustmentFields({
  business,
  locations,
  location: first,
  way,
  currency,
  chosen,
}: {
  business: string;
  locations: readonly Readonly<{ id: string; name: string }>[];
  location: string;
  way: Way;
  currency: string;
  /** What stands in the first row. */
  chosen: Readonly<{ id: string; name: string }> | null;
}) {
  const [location, setLocation] = useState(first);
  const [rows, setRows] = useState<readonly GridRow[]>(() => [
    { id: "first", cells: chosen === null ? {} : { item: chosen.name, itemId: chosen.id } },
    { id: "second", cells: {} },
  ]);
  const there = useOnHand(business, location, rows);
  const { error, done } = useSent("").sent;

  // What was saved is not typed a second time.
  useEffect(() => {
    if (done === undefined) return;
    setRows([newRow(), newRow()]);
    setLocation(first);
  }, [done, first]);

  return (
    <>
      <div
        className="mb-4"
        onChange={({ target }) => {
          if (target instanceof HTMLSelectElement && target.name === "location") setLocation(target.value);
        }}
      >
        <Fields columns={2}>
          <SelectField
            label={way === "out" ? "Out of" : "Into"}
            name="location"
            options={locations.map(({ id, name }) => ({ value: id, label: name }))}
            value={first}
          />
        </Fields>
      </div>
      <EditGrid
        caption={way === "out" ? "What is removed" : "What was found"}
        name="lines"
        rows={rows}
        onRows={setRows}
        newRow={newRow}
        errors={error?.field === undefined ? {} : { [error.field]: error.message }}
        columns={[
          productColumn(business, way === "out" ? "56%" : "44%", location),
          qtyColumn("18%"),
          ...(way === "in"
            ? [
                {
                  key: "worth",
                  label: "Worth in all",
                  kind: "money",
                  width: "16%",
                  currency,
                  placeholder: "0.00",
                } as const,
              ]
            : []),
        ]}
        tail={[
          {
            label: "There now",
            width: "16%",
            cell: (row) => {
              const qty = there[row.cells.itemId ?? ""];
              return qty === undefined ? null : (
                <span className="q">
                  {qty}
                  <span className="only-s"> there now</span>
                </span>
              );
            },
          },
        ]}
      />
    </>
  );
}
