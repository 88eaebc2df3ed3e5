/** The lines of a count as CSV: of an approved one as they were signed off, of another as they stand, of a blind one without what is expected. */
import { answered } from "@/app/answer";
import { csvAnswer, plain } from "@/app/csv-answer";
import { stockScopeOrRefusal } from "@/app/scope";
import { saysDifference } from "@/lib/core/counts";
import { type CountView, countView } from "@/lib/desk/count-reads";

export const dynamic = "force-dynamic";

export function GET(
  request: Request,
  { params }: { params: Promise<{ business: string; count: string }> },
): Promise<Response> {
  return answered(request, async () => {
    const { business, count } = await params;
    const scope = await stockScopeOrRefusal(business);
    const found = await countView(scope, decodeURIComponent(count));
    return csvAnswer(`${scope.slug}-count-${(found.number ?? "not-approved").replaceAll("/", "-")}`, rowsOf(found));
  });
}

async function* rowsOf(count: CountView) {
  const tells = count.state === "approved" || count.state === "review" || !count.isBlind;
  const head = ["Item", "SKU", "Counted on", "Counted by", "Counted"];
  yield tells ? [...head, "Expected", "Difference", "Reason"] : head;
  for (const line of count.lines) {
    const proof = count.state === "approved" ? count.proved.get(line.item) : undefined;
    const stands = count.state !== "approved" && line.counted !== null;
    const counted = proof?.counted ?? (stands ? line.counted?.qty : undefined);
    const expected = proof?.expected ?? (stands ? line.expected : undefined);
    const figure = (of: bigint | undefined) => (of === undefined ? null : plain(of, line.decimals));
    const row = [
      line.name,
      line.sku,
      counted === undefined ? null : (line.counted?.on ?? null),
      line.counted?.by.join(", ") ?? null,
      figure(counted),
    ];
    const difference = counted === undefined || expected === undefined ? undefined : counted - expected;
    const reason =
      difference === undefined || difference === 0n || line.reason === null ? null : saysDifference(line.reason);
    yield tells ? [...row, figure(expected), figure(difference), reason] : row;
  }
}
