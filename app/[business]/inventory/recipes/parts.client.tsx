"use client";

import { useState } from "react";
import { EditGrid, type GridColumn, type GridRow } from "../../../ui/edit-grid.client";
import { Fields, SelectField } from "../../../ui/field";
import { useSent } from "../../../ui/form.client";
import { Section } from "../../../ui/section";
import { newRow, productColumn, qtyColumn } from "../../lines.client";
import { useOnHand } from "../on-hand.client";

/** A row that a form begins with, as text. */
export type PartRow = Readonly<{ id: string; name: string; qty: string; waste: string; share: string }>;

const rowsOf = (rows: readonly PartRow[], first: string): readonly GridRow[] => [
  ...rows.map(({ id, name, qty, waste, share }) => ({
    id,
    cells: { item: name, itemId: id, qty, waste, share },
  })),
  ...(rows.length === 0 ? [{ id: first, cells: {} }] : []),
];

/** What goes in and what comes out: of a recipe, with waste, or of a production at a place, with what is there beside each product. */
export function PartsFields({
  business,
  ins,
  outs,
  place,
}: {
  business: string;
  ins: readonly PartRow[];
  outs: readonly PartRow[];
  /** Left out: a recipe, which is made nowhere yet. */
  place?: Readonly<{ locations: readonly Readonly<{ id: string; name: string }>[]; chosen: string }> | undefined;
}) {
  const [location, setLocation] = useState(place?.chosen ?? "");
  const [used, setUsed] = useState<readonly GridRow[]>(() => rowsOf(ins, "used"));
  const [made, setMade] = useState<readonly GridRow[]>(() => rowsOf(outs, "made"));
  const there = useOnHand(business, location, used);
  const { error } = useSent("").sent;
  const errors = error?.field === undefined ? {} : { [error.field]: error.message };
  const item = productColumn(business, "52%", place === undefined ? undefined : location);
  const qty = qtyColumn("18%");
  const waste: GridColumn = { key: "waste", label: "Waste", kind: "text", width: "18%", placeholder: "5% or 0.2" };
  const share: GridColumn = {
    key: "share",
    label: "Share of the cost",
    kind: "text",
    width: "18%",
    placeholder: "100",
  };
  return (
    <>
      {place === undefined ? null : (
        <div
          className="mb-4"
          onChange={({ target }) => {
            if (target instanceof HTMLSelectElement && target.name === "location") setLocation(target.value);
          }}
        >
          <Fields columns={2}>
            <SelectField
              label="Where"
              name="location"
              options={place.locations.map(({ id, name }) => ({ value: id, label: name }))}
              value={place.chosen}
            />
          </Fields>
        </div>
      )}
      <Section title="What goes in" first>
        <EditGrid
          caption="What goes in"
          name="in"
          rows={used}
          onRows={setUsed}
          newRow={newRow}
          errors={errors}
          columns={place === undefined ? [item, qty, waste] : [item, qty]}
          tail={
            place === undefined
              ? []
              : [
                  {
                    label: "There now",
                    width: "18%",
                    cell: (row) => {
                      const is = there[row.cells.itemId ?? ""];
                      return is === undefined ? null : (
                        <span className="q">
                          {is}
                          <span className="only-s"> there now</span>
                        </span>
                      );
                    },
                  },
                ]
          }
        />
      </Section>
      <Section title="What comes out">
        <EditGrid
          caption="What comes out"
          name="out"
          rows={made}
          onRows={setMade}
          newRow={newRow}
          errors={errors}
          columns={[{ ...item, create: "New product" }, qty, share]}
        />
      </Section>
    </>
  );
}
