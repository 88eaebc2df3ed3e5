/** An item's ledger as CSV: `?item=…` with the page's own filters; opening, every row that is filtered, closing. Streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plain, plainMoney } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import type { Scope } from "@/lib/people/access";
import { type LedgerPage, ledgerPage, ledgerSpan } from "@/lib/stock/item-ledger";
import { type ItemView, itemView } from "@/lib/stock/item-reads";
import type { LedgerFilter } from "@/lib/stock/ledger-filter";
import { ledgerState, movementNames } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const item = await itemView(scope, query.item ?? "");
    return csvAnswer(
      `${scope.slug}-ledger-${item.sku ?? item.name}`,
      rowsOf(scope, item, ledgerState(scope, item.id, query).filter),
    );
  });
}

async function* rowsOf(scope: Scope, item: ItemView, filter: LedgerFilter) {
  const money = (minor: bigint | null) => plainMoney(minor, scope.currency);
  const units = (qty: bigint) => plain(qty, item.decimals);
  const span = await ledgerSpan(scope, filter);
  yield [
    "Date",
    "Type",
    "Document",
    "Party",
    "Location",
    "In",
    "Out",
    `Value ${scope.currency}`,
    "On hand",
    "Worth",
    "Without a cost",
    "Recorded later",
  ];
  yield [
    filter.from ?? "",
    "Opening",
    "",
    "",
    "",
    "",
    "",
    "",
    units(span.opening.qty),
    money(span.opening.valueMinor),
    "",
    "",
  ];
  let after: string | null = null;
  let isFirst = true;
  while (isFirst || after !== null) {
    const page: LedgerPage = await ledgerPage(scope, filter, { after, fromStart: true, limit: 500 });
    isFirst = false;
    for (const row of page.rows)
      yield [
        row.on,
        movementNames[row.kind],
        row.number,
        row.party,
        row.location,
        row.qty > 0n ? units(row.qty) : "",
        row.qty < 0n ? units(-row.qty) : "",
        money(row.valueMinor),
        units(row.runningQty),
        money(row.runningMinor),
        row.short > 0n ? units(row.short) : "",
        row.late?.at.slice(0, 10) ?? "",
      ];
    after = page.later;
  }
  yield [
    filter.to ?? "",
    "Closing",
    "",
    "",
    "",
    units(span.inQty),
    units(span.outQty),
    money(span.valueMinor),
    units(span.closing.qty),
    money(span.closing.valueMinor),
    "",
    "",
  ];
}
