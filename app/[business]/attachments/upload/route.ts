/**
 * A file beside a document comes in: POST multipart with `file`, `of` (the document's key) and `back` (the page that sent it). A browser is
 * sent back to that page; where the file is refused, the page says why.
 */
import { answer, answered } from "@/app/answer";
import { scopeOrRefusal } from "@/app/scope";
import { readUpload } from "@/app/upload";
import { Refusal } from "@/lib/core/errors";
import { addAttachment, mostFileBytes } from "@/lib/desk/attachments";
import { refusalCookie } from "../../transactions/import/refused";
import { backHref } from "../state";

export const dynamic = "force-dynamic";

export function POST(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const wantsJson = request.headers.get("accept")?.includes("application/json") === true;
    let of = "";
    try {
      const form = await readUpload(request, mostFileBytes);
      const said = form.get("of");
      of = typeof said === "string" ? said : "";
      const file = form.get("file");
      if (!(file instanceof File) || file.name === "")
        throw new Refusal("field_missing", "Choose a file first.", { field: "file" });
      const id = await addAttachment(scope, { of, name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
      if (wantsJson) return Response.json({ attachment: id }, { status: 201 });
      return new Response(null, { status: 303, headers: { location: `${backHref(`/${scope.slug}`, of)}#files` } });
    } catch (error) {
      const back = backHref(`/${scope.slug}`, of);
      if (!(error instanceof Refusal) || wantsJson || back === null) return answer(error);
      return new Response(null, {
        status: 303,
        headers: { location: `${back}?refused=1#files`, "set-cookie": refusalCookie(back, error) },
      });
    }
  });
}
