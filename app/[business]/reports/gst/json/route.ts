/** GSTR-1 as the portal takes it. */
import { answered } from "@/app/answer";
import { scopeOrRefusal } from "@/app/scope";
import { Refusal } from "@/lib/core/errors";
import { portalFile, portalPeriod } from "@/lib/core/gst";
import { gstr1View } from "@/lib/desk/gst-reads";
import { requireGst } from "@/lib/desk/gst-settings";
import { paramsOf } from "../../query";
import { gstState } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    requireGst(scope);
    const { seller, chosen } = await gstState(scope, paramsOf(request));
    if (seller === null) throw new Refusal("not_ready", "Say your GSTIN first, under Settings, Documents.");
    const { gstr1, issued, turnovers } = await gstr1View(scope, seller, chosen.period);
    const name = `returns_${portalPeriod(chosen.period)}_R1_${seller}.json`;
    return new Response(portalFile(gstr1, issued, turnovers), {
      headers: { "content-type": "application/json", "content-disposition": `attachment; filename="${name}"` },
    });
  });
}
