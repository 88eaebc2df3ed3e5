/** A report of GST as a file: `?report=gstr1|hsn|gstr3b|stock|record&format=csv|xlsx|pdf` with the page's own period and registration. */
import { answered } from "@/app/answer";
import { scopeOrRefusal } from "@/app/scope";
import { Refusal } from "@/lib/core/errors";
import { requireGst } from "@/lib/desk/gst-settings";
import { fileAtOnce } from "@/lib/exports/made";
import { formats } from "@/lib/exports/sheet";
import { paramsOf } from "../../query";
import { askedOf, gstReports, gstState } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    requireGst(scope);
    const query = paramsOf(request);
    const format = formats.find((one) => one === (query.format ?? "csv"));
    if (format === undefined) throw new Refusal("bad_field", `A file is ${formats.join(", ")}.`, { field: "format" });
    const report = gstReports.find((one) => one === query.report);
    if (report === undefined) throw new Refusal("bad_field", "There is no such report.", { field: "report" });
    const asked = askedOf(report, await gstState(scope, query));
    if (asked === null) throw new Refusal("not_ready", "Say your GSTIN first, under Settings, Documents.");
    const file = await fileAtOnce(scope, { report: "gst", format, asked });
    return new Response(file.bytes, {
      headers: {
        "content-type": file.type,
        "content-length": String(file.bytes.length),
        "content-disposition": `attachment; filename="${file.name}"`,
      },
    });
  });
}
