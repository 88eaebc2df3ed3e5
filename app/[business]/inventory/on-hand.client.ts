"use client";

import { useEffect, useState } from "react";
import type { GridRow } from "../../ui/edit-grid.client";

/** What is at a place, by item: as text, asked for whenever the place or a product changes. */
type There = Readonly<Record<string, string>>;

/** What is on hand at a location of the products that stand in rows; nothing while it is not known. */
export function useOnHand(business: string, location: string, rows: readonly GridRow[]): There {
  const [there, setThere] = useState<There>({});
  const items = [...new Set(rows.map((row) => row.cells.itemId ?? "").filter((id) => id !== ""))].sort();
  const asked = new URLSearchParams([
    ["business", business],
    ["at", location],
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

  return there;
}
