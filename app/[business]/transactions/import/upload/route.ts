/**
 * A file comes in: POST multipart with `file`, and `from` (the page that sent it). A browser is sent on to the preview; where the file cannot be read, back to the page, which says why.
 */
import { answer, answered } from "@/app/answer";
import { scopeOrRefusal } from "@/app/scope";
import { readUpload } from "@/app/upload";
import { Refusal } from "@/lib/core/errors";
import { takeFile } from "@/lib/money/imports";
import { refusalCookie } from "../refused";

export const dynamic = "force-dynamic";

const limitBytes = 20 * 1024 * 1024;

export function POST(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const { business } = await params;
    const scope = await scopeOrRefusal(business);
    const wantsJson = request.headers.get("accept")?.includes("application/json") === true;
    let base = `/${scope.slug}/transactions/import`;
    try {
      const form = await readUpload(request, limitBytes);
      if (form.get("from") === "channels") base = `/${scope.slug}/channels/import`;
      const file = form.get("file");
      if (!(file instanceof File) || file.name === "")
        throw new Refusal("field_missing", "Choose a file first.", { field: "file" });
      const channel = form.get("channel");
      const taken = await takeFile(scope, {
        channel: typeof channel === "string" ? channel : null,
        name: file.name,
        isSales: form.get("from") === "channels",
        bytes: new Uint8Array(await file.arrayBuffer()),
      });
      const there = `/${scope.slug}/${taken.kind === "channel" ? "channels" : "transactions"}/import/${taken.id}`;
      if (wantsJson) return Response.json({ import: taken.id, href: there }, { status: 201 });
      return new Response(null, { status: 303, headers: { location: there } });
    } catch (error) {
      if (!(error instanceof Refusal) || wantsJson) return answer(error);
      return new Response(null, {
        status: 303,
        headers: { location: `${base}?refused=1`, "set-cookie": refusalCookie(base, error) },
      });
    }
  });
}
