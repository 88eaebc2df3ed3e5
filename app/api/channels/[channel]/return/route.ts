/**
 * Where a channel sends a person back to after signing in there: ends the sign-in and leads to the channel's page, where the first sync
 * is under way. What went wrong is told there too, by the code of its refusal.
 */
import { redirect } from "next/navigation";
import { answered } from "@/app/answer";
import { personOrSignIn } from "@/app/scope";
import { Refusal } from "@/lib/core/errors";
import { abandonConnect, finishConnect, redirectUriOf } from "@/lib/sales/connect";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ channel: string }> }): Promise<Response> {
  return answered(request, async () => {
    const person = await personOrSignIn();
    const { channel } = await params;
    const query = new URL(request.url).searchParams;
    const state = query.get("state") ?? "";
    // Amazon has a word of its own for it.
    const code = query.get("code") ?? query.get("spapi_oauth_code");
    // The person pressed no, or the channel did: RFC 6749 §4.1.2.1.
    if (code === null) {
      const slug = await abandonConnect(state, person.id);
      redirect(
        slug === null
          ? "/"
          : `/${slug}/channels?refused=${query.get("error") === "access_denied" ? "denied" : "failed"}`,
      );
    }
    redirect(
      await placeAfter({
        state,
        code,
        userId: person.id,
        redirectUri: redirectUriOf(channel),
        returned: Object.fromEntries(query),
      }),
    );
  });
}

async function placeAfter(returned: Parameters<typeof finishConnect>[0]): Promise<string> {
  try {
    const { slug, channelId } = await finishConnect(returned);
    return `/${slug}/channels?connected=${encodeURIComponent(channelId)}`;
  } catch (error) {
    if (!(error instanceof Refusal) || error.detail.slug === undefined) throw error;
    return `/${error.detail.slug}/channels?refused=${error.code}`;
  }
}
