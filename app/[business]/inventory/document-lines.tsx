import type { StockDocument } from "@/lib/stock/item-ledger";
import { Fig } from "../../ui/link";
import { Money, Quantity } from "../../ui/money";
import { Table } from "../../ui/table";
import { ledgerHref } from "./balances/state";

/** The lines of a document of stock, each with the way to its item's ledger. */
export function DocumentLines({ base, currency, of }: { base: string; currency: string; of: StockDocument }) {
  return (
    <Table<StockDocument["lines"][number]>
      caption="Lines of this document"
      rows={of.lines}
      keyOf={(line) => line.id}
      columns={[
        {
          key: "item",
          head: "Item",
          rowHead: true,
          wraps: true,
          phone: "what",
          cell: (line) => <Fig href={ledgerHref(base, line.item)}>{line.name}</Fig>,
        },
        { key: "location", head: "Location", phone: "where", cell: (line) => line.location },
        {
          key: "qty",
          head: "Quantity",
          align: "right",
          phone: "amount",
          cell: (line) => <Quantity of={line.qty} decimals={line.decimals} />,
        },
        {
          key: "amount",
          head: "Amount",
          align: "right",
          phone: "second",
          cell: (line) => <Money of={{ amountMinor: line.amountMinor, currency }} />,
        },
      ]}
    />
  );
}
