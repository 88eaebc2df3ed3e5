/** Orders to suppliers as CSV: exactly what is filtered, the latest first, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import { decimalsOf } from "@/lib/core/money";
import { formatQuantity } from "@/lib/core/quantity";
import { type OrderFilter, orderRows, orderView } from "@/lib/desk/purchase-order-reads";
import type { Scope } from "@/lib/people/access";
import type { Cursor } from "@/lib/sales/keyset";
import { ordersFilter, standingNames } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const { filter } = ordersFilter(Object.fromEntries(new URL(request.url).searchParams));
    return csvAnswer(`${scope.slug}-orders-to-suppliers`, rowsOf(scope, filter));
  });
}

/** A row for each line, so that what is still to come can be summed. */
async function* rowsOf(scope: Scope, filter: OrderFilter) {
  yield [
    "Order",
    "Supplier",
    "Location",
    "Ordered on",
    "Expected",
    "State",
    "Item",
    "SKU",
    "Ordered",
    "Received",
    "Still to come",
    `Cost ${scope.currency}`,
  ];
  const decimals = decimalsOf(scope.currency);
  let after: Cursor | null = null;
  do {
    const read: Awaited<ReturnType<typeof orderRows>> = await orderRows(scope, filter, { after, limit: 100 });
    for (const { id } of read.rows) {
      const order = await orderView(scope, id);
      const isOpen = order.state === "ordered";
      for (const line of order.lines) {
        const open = isOpen && line.ordered > line.received ? line.ordered - line.received : 0n;
        yield [
          order.number,
          order.supplier,
          order.location.name,
          order.on,
          order.expectedOn,
          standingNames[order.standing],
          line.name,
          line.sku,
          formatQuantity(line.ordered, line.decimals),
          formatQuantity(line.received, line.decimals),
          formatQuantity(open, line.decimals),
          line.amountMinor === null ? null : formatQuantity(line.amountMinor, decimals),
        ];
      }
    }
    after = read.after;
  } while (after !== null);
}
