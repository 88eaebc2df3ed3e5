import { isLimited, type Scope } from "@/lib/people/access";
import type { LedgerRow } from "@/lib/stock/item-ledger";
import type { ItemView } from "@/lib/stock/item-reads";
import type { Late } from "@/lib/stock/ledger-names";
import { movementNames, rateOf } from "@/lib/stock/ledger-words";
import { Day } from "../../../ui/date";
import { momentText } from "../../../ui/days";
import { quantityText } from "../../../ui/figures";
import { Fig } from "../../../ui/link";
import { Money, Quantity } from "../../../ui/money";
import type { Column } from "../../../ui/table";
import { Tag } from "../../../ui/tag";

/** The columns of the item ledger; running balances stand after the double hairline. */
export function columnsOf({
  scope,
  item,
  year,
  base,
  documentHref,
}: {
  scope: Scope;
  item: ItemView;
  year: number;
  base: string;
  documentHref: (row: LedgerRow) => string | undefined;
}): readonly Column<LedgerRow>[] {
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const units = (qty: bigint | null) => <Quantity of={qty} decimals={item.decimals} />;
  const columns: readonly Column<LedgerRow>[] = [
    { key: "on", head: "Date", quiet: true, width: 76, cell: (row) => <Day on={row.on} year={year} /> },
    {
      key: "type",
      head: "Type",
      phone: "what",
      cell: (row) => (
        <>
          {movementNames[row.kind]}
          <span className="only-s q"> {row.party}</span>
          {row.late === null ? null : (
            <span className="s f" title={lateText(row.late, scope.timeZone)}>
              {" "}
              recorded later
            </span>
          )}
        </>
      ),
    },
    {
      key: "document",
      head: "Document",
      cell: (row) => <DocumentNumber href={documentHref(row)}>{row.number}</DocumentNumber>,
    },
    { key: "party", head: "Party", low: true, clips: true, width: 150, cell: (row) => row.party },
    { key: "location", head: "Location", clips: true, width: 90, cell: (row) => row.location },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          <Day on={row.on} year={year} /> · {row.number}
        </>
      ),
    },
    { key: "in", head: "In", align: "right", cell: (row) => units(row.qty > 0n ? row.qty : null) },
    { key: "out", head: "Out", align: "right", cell: (row) => units(row.qty < 0n ? -row.qty : null) },
    { key: "moved", head: "Moved", phoneOnly: true, align: "right", phone: "moved", cell: (row) => units(row.qty) },
    {
      key: "rate",
      head: "Rate",
      align: "right",
      quiet: true,
      cell: (row) => {
        const rate = rateOf(row, item.decimals);
        return rate === null ? null : <Money of={money(rate)} />;
      },
    },
    {
      key: "value",
      head: "Value",
      align: "right",
      phone: "movedValue",
      cell: (row) =>
        row.short > 0n && row.kind === "sale" ? (
          <Tag
            href={`${base}/inventory/sold?needs=cost&q=${encodeURIComponent(row.number)}`}
            says={`${quantityText(row.short, item.decimals)} of ${row.number}`}
          >
            Add costs
          </Tag>
        ) : (
          <Money of={money(row.valueMinor)} />
        ),
    },
    {
      key: "running",
      head: "On hand",
      align: "right",
      width: 76,
      running: "first",
      phone: "amount",
      cell: (row) => <Quantity of={row.runningQty} decimals={item.decimals} zero="figure" />,
    },
    {
      key: "worth",
      head: "Worth",
      align: "right",
      width: 96,
      running: true,
      phone: "second",
      cell: (row) => (row.runningMinor === null ? null : <Money of={money(row.runningMinor)} zero="figure" />),
    },
  ];
  // Who is limited to some locations is told quantities alone.
  return isLimited(scope) ? columns.filter(({ key }) => key !== "rate" && key !== "value" && key !== "worth") : columns;
}

function DocumentNumber({ href, children }: { href: string | undefined; children: string }) {
  return href === undefined ? (
    <span className="n">{children}</span>
  ) : (
    <Fig href={href} narrow>
      {children}
    </Fig>
  );
}

/** When a late row was recorded, and by whom. */
export const lateText = (late: Late, timeZone: string): string =>
  `recorded ${momentText(late.at, timeZone)} ${late.by === null ? "from a channel or a file" : `by ${late.by}`}`;
