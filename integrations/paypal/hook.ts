/**
 * Calls from PayPal: signed with a key of PayPal's own, over the transmission's id and time, the id of the seller's webhook and the CRC-32
 * of the body. The key is fetched from the address that the call names, which must be PayPal's. CRC-32 does not bind the body, so the body
 * is worth no more than the hint that it is.
 */
import { createPublicKey, verify } from "node:crypto";
import { crc32 } from "node:zlib";
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Hook, HookRequest } from "../connector";
import { request } from "../http";

const Event = z.object({ id: z.string().min(1).max(200), event_type: z.string() });

export type KeyStore = (url: string) => Promise<string>;

/** Fetches signing certificates of PayPal, each once. `own` is the API's address, for a server that stands in for PayPal. */
export function keyStore(own: () => string): KeyStore {
  const kept = new Map<string, string>();
  return async (url) => {
    const known = kept.get(url);
    if (known !== undefined) return known;
    const at = URL.parse(url);
    const isPayPal =
      at !== null && at.protocol === "https:" && /(^|\.)paypal\.com$/.test(at.hostname) && at.port === "";
    if (at === null || !(isPayPal || at.origin === new URL(own()).origin)) throw refused();
    const signal = AbortSignal.timeout(10_000);
    const { text } = await request(url, { signal, maxBytes: 100_000, headers: { accept: "*/*" } });
    if (kept.size >= 50) kept.clear();
    kept.set(url, text);
    return text;
  };
}

/** Proves a call and says what changed. Whose account it is stands in the address that it is sent to: `…?shop=ID`. */
export async function hookOf(
  call: HookRequest,
  webhooksOf: (shop: string) => Promise<readonly string[]>,
  keys: KeyStore,
): Promise<Hook> {
  const { headers, body } = call;
  const shop = new URL(call.url).searchParams.get("shop") ?? "";
  const [id, time, signature, certificate, method] = ["id", "time", "sig"]
    .map((name) => headers.get(`paypal-transmission-${name}`) ?? "")
    .concat(headers.get("paypal-cert-url") ?? "", headers.get("paypal-auth-algo") ?? "") as [
    string,
    string,
    string,
    string,
    string,
  ];
  if (id === "" || time === "" || signature === "" || method !== "SHA256withRSA" || !/^[A-Za-z0-9]{5,40}$/.test(shop))
    throw refused();
  const webhooks = await webhooksOf(shop);
  if (webhooks.length === 0) throw refused();
  const key = keyOf(await keys(certificate));
  const given = Buffer.from(signature, "base64");
  const isProved = webhooks.some((webhook) =>
    verify("sha256", Buffer.from(`${id}|${time}|${webhook}|${crc32(body)}`), key, given),
  );
  if (!isProved) throw refused();
  const event = Event.safeParse(jsonIn(body));
  if (!event.success) throw refused();
  const { event_type: type } = event.data;
  if (/^(PAYMENT|CHECKOUT|CUSTOMER\.DISPUTE|INVOICING|RISK)\./.test(type))
    return { kind: "changed", shop, event: event.data.id, feeds: ["orders", "balance"] };
  return { kind: "nothing" };
}

/** A certificate's key, or a bare one. */
function keyOf(pem: string): ReturnType<typeof createPublicKey> {
  try {
    return createPublicKey(pem);
  } catch {
    // What cannot be a key proves nothing; node's own words are about PEM and help nobody.
    throw refused();
  }
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
  return new ChannelError("refused", "this call does not come from a connected PayPal account");
}
