"use client";

import { useEffect, useState } from "react";
import { EditGrid, type GridRow } from "../../../../ui/edit-grid.client";
import { Fields, SelectField } from "../../../../ui/field";

let made = 0;
const newRow = (): GridRow => {
  made += 1;
  return { id: `new-${made}`, cells: {} };
};

type Choice = Readonly<{ id: string; name: string }>;
/** What is at the source, by item: as text, asked for whenever the source or a product changes. */
type There = Readonly<Record<string, string>>;

/** From where, to where and what, with what is on hand at the source beside each product. */
export function TransferFields({
  business,
  locations,
  from: firstFrom,
  to,
  saved,
}: {
  business: string;
  locations: readonly Choice[];
  from: string;
  to: string;
  saved: readonly GridRow[];
}) {
  const [from, setFrom] = useState(firstFrom);
  const [rows, setRows] = useState<readonly GridRow[]>(() =>
    saved.length > 0
      ? saved
      : [
          { id: "first", cells: {} },
          { id: "second", cells: {} },
        ],
  );
  const [there, setThere] = useState<There>({});
  const items = [...new Set(rows.map((row) => row.cells.itemId ?? "").filter((id) => id !== ""))].sort();
  const asked = new URLSearchParams([
    ["business", business],
    ["at", from],
    ...items.map((id) => ["item", id] as [string, string]),
  ]).toString();
  const hasItems = items.length > 0;

  useEffect(() => {
    if (!hasItems) return;
    const stop = new AbortController();
    fetch(`/api/items?${asked}`, { signal: stop.signal, headers: { accept: "application/json" } })
      .then(async (response) => {
        if (!response.ok) throw new Error(`On hand: ${response.status}`);
        setThere(((await response.json()) as { there: There }).there);
      })
      .catch((failure: unknown) => {
        if (stop.signal.aborted) return;
        console.error(failure);
        setThere({});
      });
    return () => stop.abort();
  }, [asked, hasItems]);

  const options = locations.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <div
        className="mb-4"
        onChange={({ target }) => {
          if (target instanceof HTMLSelectElement && target.name === "from") setFrom(target.value);
        }}
      >
        <Fields columns={2}>
          <SelectField label="From" name="from" options={options} value={firstFrom} />
          <SelectField label="To" name="to" options={options} value={to} />
        </Fields>
      </div>
      <EditGrid
        caption="What is to be moved"
        name="lines"
        rows={rows}
        onRows={setRows}
        newRow={newRow}
        columns={[
          {
            key: "item",
            label: "Product",
            kind: "combo",
            width: "58%",
            url: `/api/items?business=${business}&only=items&from=${encodeURIComponent(from)}`,
            placeholder: "Name or SKU",
            phone: 6,
          },
          // Text: how many decimals it may have is the product's matter.
          { key: "qty", label: "Quantity", kind: "text", width: "18%", placeholder: "1" },
        ]}
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
