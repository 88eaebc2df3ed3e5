/** Calls from a WooCommerce shop: signed with the secret that the seller gave to the webhook. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { ChannelError, Refusal } from "../../lib/core/errors";
import type { Hook, HookRequest } from "../connector";
import { shopAddress } from "./address";
import type { Credentials } from "./credentials";

/** Proves a call and says what changed. Throws ChannelError `refused` for one that no connection's secret has signed. */
export async function hookOf(
  request: HookRequest,
  held: (shop: string) => Promise<readonly Credentials[]>,
): Promise<Hook> {
  const { headers, body } = request;
  const signature = headers.get("x-wc-webhook-signature");
  // When a webhook is saved the shop tries the address, unsigned, and does not keep a webhook that was refused. It says nothing else.
  if (signature === null && isTrial(headers, body))
    return { kind: "answer", status: 200, contentType: "text/plain", body: "ok" };
  const source = headers.get("x-wc-webhook-source");
  const delivery = headers.get("x-wc-webhook-delivery-id");
  if (signature === null || source === null || delivery === null) throw refused();
  const shop = shopOf(source);
  const secrets = (await held(shop)).flatMap(({ webhookSecret }) => (webhookSecret === null ? [] : [webhookSecret]));
  if (!secrets.some((secret) => isSigned(signature, secret, body))) throw refused();
  // Shops number their webhooks each for itself.
  const event = `${shop} ${headers.get("x-wc-webhook-id") ?? ""}/${delivery}`;
  switch (headers.get("x-wc-webhook-resource")) {
    case "order":
      return { kind: "changed", shop, event, feeds: ["orders"] };
    case "product":
      return { kind: "changed", shop, event, feeds: ["products"] };
    default:
      return { kind: "nothing" };
  }
}

function isTrial(headers: Headers, body: Uint8Array): boolean {
  const type = headers.get("content-type") ?? "";
  return (
    /^application\/x-www-form-urlencoded\b/i.test(type) && /^webhook_id=\d{1,12}$/.test(Buffer.from(body).toString())
  );
}

function isSigned(signature: string, secret: string, body: Uint8Array): boolean {
  const right = createHmac("sha256", secret).update(body).digest();
  const given = Buffer.from(signature, "base64");
  return given.byteLength === right.byteLength && timingSafeEqual(given, right);
}

function shopOf(source: string): string {
  const isLocal = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(source);
  try {
    // A shop behind a proxy of its host often takes itself for plain HTTP; keys were only ever sent to it over HTTPS.
    return shopAddress(isLocal ? source : source.replace(/^http:/, "https:"), true);
  } catch (error) {
    if (error instanceof Refusal) throw refused();
    throw error;
  }
}

function refused(): ChannelError {
  return new ChannelError("refused", "this call does not come from a connected WooCommerce shop");
}
