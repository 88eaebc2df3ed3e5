/**
 * A file beside a document, to who may see the business. It is somebody's upload, so it is given as what its content says and nothing else,
 * in a sandbox (proxy.ts), and only pictures are shown in the browser; the rest is kept as a file.
 */
import { answered } from "@/app/answer";
import { scopeOrRefusal } from "@/app/scope";
import { attachmentFile } from "@/lib/desk/attachments";
import { isPicture } from "@/lib/desk/file-types";

export const dynamic = "force-dynamic";

export function GET(
  request: Request,
  { params }: { params: Promise<{ business: string; attachment: string }> },
): Promise<Response> {
  return answered(request, async () => {
    const { business, attachment } = await params;
    const { name, type, bytes } = await attachmentFile(await scopeOrRefusal(business), attachment);
    const plain = name.replace(/[^A-Za-z0-9._ -]+/g, "_");
    const how = isPicture(type) ? "inline" : "attachment";
    return new Response(bytes, {
      headers: {
        "content-type": type,
        "content-length": String(bytes.length),
        "content-disposition": `${how}; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, "_")}`,
      },
    });
  });
}
