/** What saving the details as they are typed would change. Nothing is written: the recording is rolled back. */
import { answered } from "@/app/answer";
import { periodsMoved } from "@/app/asks";
import { scopeOrRefusal } from "@/app/scope";
import { moneyText } from "@/app/ui/figures";
import { Refusal } from "@/lib/core/errors";
import { previewDetails } from "@/lib/desk/purchases";
import { type Figure, fingerprint, mustBeSeen } from "@/lib/preview";
import { type PreviewAnswer, readPreviewFields } from "../preview-answer";
import { readDetails } from "../read-details";

export const dynamic = "force-dynamic";

const mostBytes = 1_000_000;

export function POST(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const body = await request.text();
    if (body.length > mostBytes) throw new Refusal("file_too_large", "There are more rows than a purchase may have.");
    const fields = readPreviewFields(body);
    const changes = await previewDetails(scope, {
      purchase: fields.purchase ?? "",
      version: Number(fields.version ?? "0"),
      accepted: "",
      ...readDetails(fields, scope.currency),
    });
    const money = (amountMinor: bigint, plus = false) => moneyText({ amountMinor, currency: scope.currency }, { plus });
    const texts = (figure: Figure) => ({
      now: money(figure.before),
      change: money(figure.change, true),
      after: money(figure.after),
    });
    return Response.json({
      fingerprint: fingerprint(changes),
      mustBeSeen: mustBeSeen(changes),
      saleCount: changes.saleCount,
      closed: changes.closed,
      periods: periodsMoved(scope, changes),
      cost: texts(changes.cost),
      inventory: texts(changes.inventory),
      sales: changes.sales.slice(0, 8).map((sale) => ({
        line: sale.line,
        order: sale.order,
        number: sale.number,
        name: sale.name,
        on: sale.on,
        change: money(sale.change, true),
        after: money(sale.after),
      })),
    } satisfies PreviewAnswer);
  });
}
