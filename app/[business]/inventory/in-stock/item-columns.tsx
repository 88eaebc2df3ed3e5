import { type ListAddress, sortOf } from "../../../ui/address";
import { Fig } from "../../../ui/link";
import type { Column } from "../../../ui/table";

type Item = Readonly<{ id: string; name: string; sku: string | null }>;

/** The first two columns of every register: the item, which opens its ledger, and its SKU. */
export function itemColumns<Row extends Item>(
  path: string,
  address: ListAddress,
  ledger: (row: Row) => string,
): readonly Column<Row>[] {
  return [
    {
      key: "item",
      head: "Item",
      wraps: true,
      phone: "what",
      sort: sortOf(path, address, "name"),
      cell: (row) => <Fig href={ledger(row)}>{row.name}</Fig>,
    },
    {
      key: "sku",
      head: "SKU",
      quiet: true,
      low: true,
      cell: (row) => <span className="n">{row.sku}</span>,
    },
  ];
}
