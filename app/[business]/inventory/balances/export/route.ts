/** Balances as CSV: exactly what is filtered, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plain, plainMoney } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import type { Scope } from "@/lib/people/access";
import { type InventoryChange, inventoryChanges } from "@/lib/stock/inventory-reads";
import { balancesState, kindNames } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const { year, filter } = balancesState(scope, query);
    return csvAnswer(`${scope.slug}-inventory-${year}`, rowsOf(scope, filter));
  });
}

async function* rowsOf(scope: Scope, filter: Parameters<typeof inventoryChanges>[1]) {
  yield [
    "Date",
    "What",
    "Document",
    "Party",
    "Product",
    "Units",
    `Amount ${scope.currency}`,
    "Balance",
    "Still to detail",
  ];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof inventoryChanges>> = await inventoryChanges(scope, filter, {
      after,
      limit: 500,
    });
    for (const row of page.rows) yield lineOf(scope, row);
    after = page.older;
  } while (after !== null);
}

function lineOf(scope: Scope, row: InventoryChange): readonly string[] {
  return [
    row.on,
    row.document === null ? `Cost of ${row.count} sales` : kindNames[row.kind],
    row.number,
    row.party,
    row.item?.name ?? (row.kind === "purchase" ? `${row.lots} lots` : `${row.items} items`),
    row.units === null ? "" : plain(row.units, 0),
    plainMoney(row.amountMinor, scope.currency),
    plainMoney(row.balanceMinor, scope.currency),
    row.leftMinor > 0n ? plainMoney(row.leftMinor, scope.currency) : "",
  ];
}
