/**
 * A file comes in: POST multipart with `file`, and `from` (the page that sent it). Counted while it is read and stopped at the limit, so
 * that nobody fills the memory. A browser is sent on to the preview; where the file cannot be read, back to the page, which says why.
 */
import { answer, answered } from "@/app/answer";
import { scopeOrRefusal } from "@/app/scope";
import { Refusal } from "@/lib/core/errors";
import { takeFile } from "@/lib/money/imports";
import { refusalCookie } from "../refused";

export const dynamic = "force-dynamic";

const limitBytes = 20 * 1024 * 1024;
/** The form around the file: boundaries, names. */
const aroundBytes = 64 * 1024;

export function POST(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const { business } = await params;
    const scope = await scopeOrRefusal(business);
    const wantsJson = request.headers.get("accept")?.includes("application/json") === true;
    let base = `/${scope.slug}/transactions/import`;
    try {
      const form = await readForm(request);
      if (form.get("from") === "channels") base = `/${scope.slug}/channels/import`;
      const file = form.get("file");
      if (!(file instanceof File) || file.name === "")
        throw new Refusal("field_missing", "Choose a file first.", { field: "file" });
      const channel = form.get("channel");
      const taken = await takeFile(scope, {
        channel: typeof channel === "string" ? channel : null,
        name: file.name,
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

async function readForm(request: Request): Promise<FormData> {
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/form-data"))
    throw new Refusal("bad_field", "Send the file as a form.", { field: "file" });
  const said = Number(request.headers.get("content-length") ?? 0);
  if (said > limitBytes + aroundBytes) throw tooLarge(said);
  const reader = request.body?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) break;
    size += next.value.length;
    if (size > limitBytes + aroundBytes) {
      await reader?.cancel();
      throw tooLarge(size);
    }
    parts.push(new Uint8Array(next.value));
  }
  if (said > size)
    throw new Refusal("upload_incomplete", "The file did not arrive whole. Send it again.", { field: "file" });
  try {
    return await new Response(new Blob(parts), { headers: { "content-type": type } }).formData();
  } catch (error) {
    // A body that was cut off has no last boundary.
    if (error instanceof TypeError)
      throw new Refusal("upload_incomplete", "The file did not arrive whole. Send it again.", { field: "file" });
    throw error;
  }
}

function tooLarge(bytes: number): Refusal {
  const size = Math.ceil(bytes / 1024 / 1024);
  return new Refusal("file_too_large", `The file has ${size} MB or more; the limit is 20 MB.`, { field: "file" });
}
