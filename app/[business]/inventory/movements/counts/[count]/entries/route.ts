/** What a phone hands in of a count: `POST { now, entries }` answers each entry's outcome (lib/desk/count-entries.ts). */
import { z } from "zod";
import { answered } from "@/app/answer";
import { stockScopeOrRefusal } from "@/app/scope";
import { Refusal } from "@/lib/core/errors";
import { handIn } from "@/lib/desk/count-entries";

export const dynamic = "force-dynamic";

const short = z.string().max(2_000);
const Body = z.strictObject({
  now: z.string().max(20),
  entries: z
    .array(
      z.strictObject({
        id: z.string().max(64),
        item: short,
        text: short,
        qty: z.string().max(60),
        mode: z.string().max(20),
        at: z.string().max(20),
      }),
    )
    .max(500),
});

export function POST(
  request: Request,
  { params }: { params: Promise<{ business: string; count: string }> },
): Promise<Response> {
  return answered(request, async () => {
    const { business, count } = await params;
    const scope = await stockScopeOrRefusal(business);
    const body = Body.safeParse(await request.json().catch(() => null));
    if (!body.success) throw new Refusal("bad_json", "This cannot be read. Load the page again.");
    const { outcomes, state } = await handIn(scope, { count: decodeURIComponent(count), ...body.data });
    return Response.json({ outcomes, state });
  });
}
