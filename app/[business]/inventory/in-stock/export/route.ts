/**
 * A stock register as a file: `?register=stock|summary|ageing|abc|cover|dead&format=csv|xlsx|pdf` with the page's own filters, all rows and the
 * totals. A list that is too long to wait for is refused (`too_long_at_once`): the page asks a worker for it.
 */
import { answered } from "@/app/answer";
import { stockScopeOrRefusal } from "@/app/scope";
import { Refusal } from "@/lib/core/errors";
import { fileAtOnce } from "@/lib/exports/made";
import { formats } from "@/lib/exports/sheet";
import { registerNamed, registerState } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await stockScopeOrRefusal((await params).business);
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const format = formats.find((one) => one === (query.format ?? "csv"));
    if (format === undefined) throw new Refusal("bad_field", `A file is ${formats.join(", ")}.`, { field: "format" });
    const { asked } = registerState(scope, registerNamed(query.register), query);
    const file = await fileAtOnce(scope, { report: "register", format, asked });
    return new Response(file.bytes, {
      headers: {
        "content-type": file.type,
        "content-length": String(file.bytes.length),
        "content-disposition": `attachment; filename="${file.name}"`,
      },
    });
  });
}
