/**
 * An item's ledger as a file: `?item=…&format=csv|xlsx|pdf` with the page's own filters; opening, every row that is filtered, closing. A list
 * that is too long to wait for is refused (`too_long_at_once`): the page asks a worker for it.
 */
import { answered } from "@/app/answer";
import { stockScopeOrRefusal } from "@/app/scope";
import { Refusal } from "@/lib/core/errors";
import { fileAtOnce } from "@/lib/exports/made";
import { formats } from "@/lib/exports/sheet";
import { ledgerState } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await stockScopeOrRefusal((await params).business);
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const format = formats.find((one) => one === (query.format ?? "csv"));
    if (format === undefined) throw new Refusal("bad_field", `A file is ${formats.join(", ")}.`, { field: "format" });
    const asked = ledgerState(scope, query.item ?? "", query).filter;
    const file = await fileAtOnce(scope, { report: "ledger", format, asked });
    return new Response(file.bytes, {
      headers: {
        "content-type": file.type,
        "content-length": String(file.bytes.length),
        "content-disposition": `attachment; filename="${file.name}"`,
      },
    });
  });
}
