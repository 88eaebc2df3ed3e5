import type { Amounts } from "@/lib/core/gst";
import { Money } from "../../../ui/money";
import type { Column } from "../../../ui/table";

const heads = [
  ["taxable", "Taxable value"],
  ["igst", "IGST"],
  ["cgst", "CGST"],
  ["sgst", "SGST"],
  ["cess", "Cess"],
] as const;

/** A value and its taxes, a column each. On phones the value stands at the right. */
export function amountColumns<Row>(currency: string, of: (row: Row) => Amounts): readonly Column<Row>[] {
  return heads.map(([key, head]) => ({
    key,
    head,
    align: "right" as const,
    phone: key === "taxable" ? ("amount" as const) : undefined,
    cell: (row) => <Money of={{ amountMinor: of(row)[key], currency }} />,
  }));
}
