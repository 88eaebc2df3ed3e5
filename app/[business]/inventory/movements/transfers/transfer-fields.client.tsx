"use client";

import { useState } from "react";
import { EditGrid, type GridRow } from "../../../../ui/edit-grid.client";
import { Fields, SelectField } from "../../../../ui/field";
import { newRow, productColumn, qtyColumn, useLines } from "../../../lines.client";
import { useOnHand } from "../../on-hand.client";

type Choice = Readonly<{ id: string; name: string }>;
/** From where, to where and what, with what is on hand at the source beside each product. */
export function TransferFields({
  business,
  locations,
  goals,
  from: firstFrom,
  to,
  saved,
}: {
  business: string;
  locations: readonly Choice[];
  goals: readonly Choice[];
  from: string;
  to: string;
  saved: readonly GridRow[];
}) {
  const [from, setFrom] = useState(firstFrom);
  const [rows, setRows] = useLines(saved);
  const there = useOnHand(business, from, rows);

  const optionsOf = (places: readonly Choice[]) => places.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <div
        className="mb-4"
        onChange={({ target }) => {
          if (target instanceof HTMLSelectElement && target.name === "from") setFrom(target.value);
        }}
      >
        <Fields columns={2}>
          <SelectField label="From" name="from" options={optionsOf(locations)} value={firstFrom} />
          <SelectField label="To" name="to" options={optionsOf(goals)} value={to} />
        </Fields>
      </div>
      <EditGrid
        caption="What is to be moved"
        name="lines"
        rows={rows}
        onRows={setRows}
        newRow={newRow}
        columns={[productColumn(business, "58%", from), qtyColumn("18%")]}
        tail={[
          {
            label: "On hand",
            width: "20%",
            cell: (row) => {
              const qty = there[row.cells.itemId ?? ""];
              return qty === undefined ? null : <span className="q">{qty} there</span>;
            },
          },
        ]}
      />
    </>
  );
}
