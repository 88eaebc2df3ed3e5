/** Calls from Square: `x-square-hmacsha256-signature` is base64 of HMAC-SHA256 over the address that was subscribed and the body. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Feed, Hook, HookRequest } from "../connector";
import type { Settings } from "./api";

const Event = z.object({ merchant_id: z.string().min(1), type: z.string(), event_id: z.string().min(1) });

const feedsOf: readonly (readonly [pattern: RegExp, feeds: readonly Feed[]])[] = [
  [/^(order|payment)\./, ["orders"]],
  [/^refund\./, ["orders", "refunds"]],
  [/^payout\./, ["payouts", "balance"]],
  [/^catalog\./, ["products"]],
];

/** What a call says. Throws ChannelError `refused` for one that does not prove to come from Square. */
export function hookOf(request: HookRequest, settings: Settings): Hook {
  const { webhookKey, webhookUrl } = settings;
  if (webhookKey === null)
    throw new ChannelError("refused", "SQUARE_WEBHOOK_KEY is not set, so that no call can be proved");
  // Behind a proxy the address that a call arrives at may not be the one that Square was given.
  const wanted = createHmac("sha256", webhookKey)
    .update(webhookUrl ?? request.url)
    .update(request.body)
    .digest();
  const given = Buffer.from(request.headers.get("x-square-hmacsha256-signature") ?? "", "base64");
  if (given.byteLength !== wanted.byteLength || !timingSafeEqual(given, wanted))
    throw new ChannelError("refused", "the call's signature is not Square's");
  const event = Event.safeParse(parsed(request.body));
  if (!event.success) throw new ChannelError("unreadable", "Square's call has another shape");
  const { merchant_id, type, event_id } = event.data;
  if (type === "oauth.authorization.revoked") return { kind: "disconnected", shop: merchant_id, event: event_id };
  const feeds = feedsOf.find(([pattern]) => pattern.test(type))?.[1];
  return feeds === undefined
    ? { kind: "nothing" }
    : { kind: "changed", shop: merchant_id, event: event_id, feeds: [...feeds] };
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new ChannelError("unreadable", "Square's call is no JSON");
    throw error;
  }
}
