/** The columns of a payout's rows: each leads to the document whose money it is. */
import { Day } from "@/app/ui/date";
import { countText } from "@/app/ui/figures";
import { Fig } from "@/app/ui/link";
import { Money } from "@/app/ui/money";
import type { Column } from "@/app/ui/table";
import type { Scope } from "@/lib/people/access";
import type { PaidLine } from "@/lib/sales/payout-reads";
import { orderHref } from "../../inventory/balances/state";
import { payoutHref } from "../state";

export function lineColumns(scope: Scope, year: number): readonly Column<PaidLine>[] {
  const base = `/${scope.slug}`;
  return [
    { key: "on", head: "Date", quiet: true, cell: (row) => <Day on={row.on} year={year} /> },
    { key: "type", head: "What", cell: (row) => row.type },
    { key: "document", head: "Document", cell: (row) => <DocumentLink base={base} row={row} /> },
    {
      key: "for",
      head: "For",
      wraps: true,
      phone: "what",
      cell: (row) => (
        <>
          {row.name ?? (row.memo || row.type)}
          {row.more > 0 ? <span className="q"> and {countText(row.more)} more</span> : null}
        </>
      ),
    },
    {
      key: "line",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          <Day on={row.on} year={year} /> · {row.type} · <DocumentLink base={base} row={row} />
        </>
      ),
    },
    {
      key: "amount",
      head: "Amount",
      align: "right",
      ruled: true,
      phone: "amount",
      cell: (row) => (
        <Money
          of={{ amountMinor: row.amount, currency: row.currency ?? scope.currency }}
          code={row.currency !== null}
        />
      ),
    },
  ];
}

function DocumentLink({ base, row }: { base: string; row: PaidLine }) {
  if (row.order !== null)
    return (
      <Fig narrow href={orderHref(base, row.order)}>
        {row.number}
      </Fig>
    );
  if (row.about?.startsWith("payout/"))
    return (
      <Fig narrow href={payoutHref(base, row.about.slice("payout/".length).replace(/\/returned$/, ""))}>
        the payout
      </Fig>
    );
  return <span className="q">{row.about === null ? "none" : "the row itself"}</span>;
}
