/** A file of rates comes in: POST multipart with `file`. A browser is sent on to the preview; where the file cannot be read, back, with why. */
import { answer, answered } from "@/app/answer";
import { scopeOrRefusal } from "@/app/scope";
import { readUpload } from "@/app/upload";
import { Refusal } from "@/lib/core/errors";
import { rateFileBytes, takeRateFile } from "@/lib/money/rate-files";
import { refusalCookie } from "../../../transactions/import/refused";

export const dynamic = "force-dynamic";

export function POST(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const wantsJson = request.headers.get("accept")?.includes("application/json") === true;
    const base = `/${scope.slug}/settings/rates`;
    try {
      const form = await readUpload(request, rateFileBytes);
      const file = form.get("file");
      if (!(file instanceof File) || file.name === "")
        throw new Refusal("field_missing", "Choose a file first.", { field: "file" });
      const id = await takeRateFile(scope, { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
      if (wantsJson) return Response.json({ file: id, href: `${base}/${id}` }, { status: 201 });
      return new Response(null, { status: 303, headers: { location: `${base}/${id}` } });
    } catch (error) {
      if (!(error instanceof Refusal) || wantsJson) return answer(error);
      return new Response(null, {
        status: 303,
        headers: { location: `${base}?refused=1`, "set-cookie": refusalCookie(base, error) },
      });
    }
  });
}
