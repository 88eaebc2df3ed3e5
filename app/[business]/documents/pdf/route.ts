/** A document as PDF: `?of=issued|transfer|adjustment|count|purchase_order&id=…`, kept as a file, or shown to be printed with `print=1`. */
import { answered } from "@/app/answer";
import { scopeOrRefusal } from "@/app/scope";
import { Refusal } from "@/lib/core/errors";
import { paperFile, paperKinds, paperOf } from "@/lib/desk/notes";
import { paperPdf } from "@/lib/exports/paper-pdf";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const query = new URL(request.url).searchParams;
    const of = paperKinds.find((one) => one === query.get("of"));
    if (of === undefined) throw new Refusal("not_found", "There is no such document.");
    const paper = await paperOf(scope, of, query.get("id") ?? "");
    const bytes = await paperPdf(paper);
    const how = query.get("print") === "1" ? "inline" : "attachment";
    return new Response(bytes, {
      headers: {
        "content-type": "application/pdf",
        "content-length": String(bytes.length),
        "content-disposition": `${how}; filename="${paperFile(paper)}"`,
      },
    });
  });
}
