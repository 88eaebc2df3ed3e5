/** Calls from Stripe: signed with the secret of the seller's own webhook endpoint, over the time and the body. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Hook, HookRequest } from "../connector";

/** A call that is older than this was kept by somebody, or a clock is wrong. */
const toleranceMs = 5 * 60_000;

const Event = z.object({ id: z.string().min(1).max(200), type: z.string() });

/**
 * Proves a call and says what changed. An event of the seller's own account does not say whose it is, so the address that it is sent to
 * does: `…?shop=acct_…`. Throws ChannelError `refused` for one that no connection's secret has signed, or whose time is not now.
 */
export async function hookOf(
  request: HookRequest,
  secretsOf: (shop: string) => Promise<readonly string[]>,
  nowMs: number,
): Promise<Hook> {
  const shop = new URL(request.url).searchParams.get("shop") ?? "";
  const fields = (request.headers.get("stripe-signature") ?? "").split(",").map((field) => field.trim().split("="));
  const time = fields.find(([name]) => name === "t")?.[1] ?? "";
  const signatures = fields.flatMap(([name, value]) => (name === "v1" && value !== undefined ? [value] : []));
  const isNow = /^\d{1,12}$/.test(time) && Math.abs(nowMs - Number(time) * 1000) <= toleranceMs;
  if (!isNow || !/^acct_\w{1,60}$/.test(shop) || signatures.length === 0) throw refused();
  const secrets = await secretsOf(shop);
  if (!secrets.some((secret) => signatures.some((given) => isSigned(given, secret, time, request.body))))
    throw refused();
  const event = Event.safeParse(jsonIn(request.body));
  if (!event.success) throw refused();
  const { id, type } = event.data;
  if (/^(charge\.(succeeded|captured|updated|pending|failed)|payment_intent\.succeeded)$/.test(type))
    return { kind: "changed", shop, event: id, feeds: ["orders", "balance"] };
  if (/^(charge\.(refund|dispute)|refund\.|payout\.|balance\.|topup\.|transfer\.)/.test(type))
    return { kind: "changed", shop, event: id, feeds: ["balance"] };
  return { kind: "nothing" };
}

function isSigned(given: string, secret: string, time: string, body: Uint8Array): boolean {
  const right = createHmac("sha256", secret).update(`${time}.`).update(body).digest();
  const bytes = Buffer.from(given, "hex");
  return bytes.byteLength === right.byteLength && timingSafeEqual(bytes, right);
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw refused();
    throw error;
  }
}

function refused(): ChannelError {
  return new ChannelError("refused", "this call does not come from a connected Stripe account");
}
