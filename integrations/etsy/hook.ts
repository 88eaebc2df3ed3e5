/**
 * Calls from Etsy: `webhook-id`, `webhook-timestamp` and `webhook-signature` are those of the Standard Webhooks scheme. What is signed is
 * `id.timestamp.body`; a signature is `v1,` and base64, and there may be several while a secret is being changed.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Hook, HookRequest } from "../connector";

/** A call that is older, or from a clock that is further ahead, may be one that was listened to. */
const toleranceSeconds = 300;

const Event = z.object({ event_type: z.string(), shop_id: z.union([z.int(), z.string()]) });
const told: readonly string[] = ["order.paid", "order.canceled", "order.shipped", "order.delivered"];

/** What a call says. Throws ChannelError `refused` for one that does not prove to come from Etsy. */
export function hookOf(request: HookRequest, secret: string | null, clock: () => number): Hook {
  if (secret === null)
    throw new ChannelError("refused", "ETSY_WEBHOOK_SECRET is not set, so that no call can be proved");
  const id = request.headers.get("webhook-id") ?? "";
  const time = request.headers.get("webhook-timestamp") ?? "";
  const given = request.headers.get("webhook-signature") ?? "";
  if (id === "" || !/^\d{1,12}$/.test(time)) throw new ChannelError("refused", "the call is not signed");
  if (Math.abs(Number(time) - clock() / 1000) > toleranceSeconds)
    throw new ChannelError("refused", "the call was signed at another time");
  const wanted = signatureOf(secret, id, time, request.body);
  const isProved = given.split(" ").some((each) => {
    const bytes = Buffer.from(each.replace(/^v1,/, ""), "base64");
    return bytes.byteLength === wanted.byteLength && timingSafeEqual(bytes, wanted);
  });
  if (!isProved) throw new ChannelError("refused", "the call's signature is not Etsy's");
  const event = Event.safeParse(parsed(request.body));
  if (!event.success) throw new ChannelError("unreadable", "Etsy's call has another shape");
  // A call is a hint: which receipt it speaks of is found by pulling what changed.
  if (!told.includes(event.data.event_type)) return { kind: "nothing" };
  return { kind: "changed", shop: String(event.data.shop_id), event: id, feeds: ["orders", "balance"] };
}

/** HMAC-SHA256 with the secret's own bytes, which are written as `whsec_` and base64. */
function signatureOf(secret: string, id: string, time: string, body: Uint8Array): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return createHmac("sha256", key).update(`${id}.${time}.`).update(body).digest();
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new ChannelError("unreadable", "Etsy's call is no JSON");
    throw error;
  }
}
