/** The rates as CSV: all of what is filtered, the latest day first, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import { listRates, type RateFilter, type RatePage } from "@/lib/money/rates";
import { require, type Scope } from "@/lib/people/access";
import { ratesState } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    // Refused before the first byte, not in the middle of a file.
    require(scope, "read");
    const { filter } = ratesState(scope, Object.fromEntries(new URL(request.url).searchParams));
    return csvAnswer(`${scope.slug}-exchange-rates`, rowsOf(scope, filter));
  });
}

async function* rowsOf(scope: Scope, filter: RateFilter) {
  yield ["Date", "Currency", `1 unit in ${scope.currency}`, "Source", "Recorded (UTC)"];
  let after: RatePage["after"] = null;
  do {
    const page: Awaited<ReturnType<typeof listRates>> = await listRates(scope, filter, { after, limit: 500 });
    for (const { on, currency, rate, source, recordedAt } of page.rows) yield [on, currency, rate, source, recordedAt];
    after = page.after;
  } while (after !== null);
}
