/** A file that a worker made of a list: given part by part to who asked for it, or to an owner. */
import { answered } from "@/app/answer";
import { stockScopeOrRefusal } from "@/app/scope";
import { takeFile } from "@/lib/exports/made";

export const dynamic = "force-dynamic";

export function GET(
  request: Request,
  { params }: { params: Promise<{ business: string; run: string }> },
): Promise<Response> {
  return answered(request, async () => {
    const { business, run } = await params;
    const file = await takeFile(await stockScopeOrRefusal(business), run);
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const next = await file.parts.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await file.parts.return(undefined);
      },
    });
    return new Response(body, {
      headers: {
        "content-type": file.type,
        "content-length": String(file.size),
        "content-disposition": `attachment; filename="${file.name}"`,
      },
    });
  });
}
