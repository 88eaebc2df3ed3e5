/** A form with a file, as it comes in: counted while it is read and stopped at the limit, so that nobody fills the memory. */
import { Refusal } from "@/lib/core/errors";

/** The form around the file: boundaries, names. */
const aroundBytes = 64 * 1024;

/** Reads a multipart form whose file may have so many bytes. Refuses `file_too_large`, `upload_incomplete` and `bad_field`. */
export async function readUpload(request: Request, limitBytes: number): Promise<FormData> {
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/form-data"))
    throw new Refusal("bad_field", "Send the file as a form.", { field: "file" });
  const said = Number(request.headers.get("content-length") ?? 0);
  if (said > limitBytes + aroundBytes) throw tooLarge(said, limitBytes);
  const reader = request.body?.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) break;
    size += next.value.length;
    if (size > limitBytes + aroundBytes) {
      await reader?.cancel();
      throw tooLarge(size, limitBytes);
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

function tooLarge(bytes: number, limitBytes: number): Refusal {
  const mb = (n: number) => Math.ceil(n / 1024 / 1024);
  return new Refusal("file_too_large", `The file has ${mb(bytes)} MB or more; the limit is ${mb(limitBytes)} MB.`, {
    field: "file",
  });
}
