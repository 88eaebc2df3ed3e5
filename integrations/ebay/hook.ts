/**
 * Calls from eBay (Notification API). A GET with a challenge proves to eBay that the address is ours; a POST carries one event, signed
 * with a key of eBay's that its id names. Keys are asked for with the application's token and kept for an hour, as eBay wishes.
 */
import { createHash, createPublicKey, verify } from "node:crypto";
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { Feed, Hook, HookRequest } from "../connector";
import { type Bucket, jsonOf, request as send } from "../http";
import type { Settings } from "./settings";
import { applicationGrant, type Grant } from "./tokens";

type Options = Readonly<{ settings: () => Settings; clock: () => number; bucket: Bucket }>;
/** How many connections there are to an account. */
type Held = (shop: string) => Promise<readonly unknown[]>;

const Header = z.object({ kid: z.string().regex(/^[\w-]{8,80}$/), signature: z.string().min(1) });
const Key = z.object({ key: z.string().min(1), algorithm: z.string().optional(), digest: z.string().optional() });
const Event = z.object({
  metadata: z.object({ topic: z.string().min(1) }),
  notification: z.object({
    notificationId: z.string().min(1).max(300),
    data: z.looseObject({ userId: z.string().min(1).max(200).optional() }),
  }),
});
const Seller = z.object({ seller: z.object({ userId: z.string().min(1).max(200) }) });

const keyLivesMs = 3_600_000;
/** eBay has one key at a time and the one before; more than this is somebody's play. */
const mostKeys = 50;
const timeoutMs = 10_000;

/** Topics that say that orders or money changed. eBay adds to them, so they are known by what they are about. */
const changes: readonly (readonly [RegExp, readonly Feed[]])[] = [
  [/REFUND|RETURN|DISPUTE|PAYOUT|CASE|CANCEL/, ["orders", "payouts", "balance"]],
  [/ORDER|ITEM_SOLD|CHECKOUT|SHIPPED/, ["orders", "balance"]],
];

/** The hook of a connector. Its memory is that of one process. */
export function hookOf({ settings, clock, bucket }: Options): (request: HookRequest, held: Held) => Promise<Hook> {
  const keys = new Map<string, Readonly<{ key: Promise<z.infer<typeof Key>>; untilMs: number }>>();
  let application: Grant | null = null;

  async function fetchKey(kid: string): Promise<z.infer<typeof Key>> {
    const signal = AbortSignal.timeout(timeoutMs);
    await bucket.take(signal);
    if (application === null || clock() > application.expiresAtMs - 60_000)
      application = await applicationGrant({ settings: settings(), clock, signal });
    const url = `${settings().urls.api}/commerce/notification/v1/public_key/${encodeURIComponent(kid)}`;
    const headers = { authorization: `Bearer ${application.accessToken}` };
    const answer = await send(url, { signal, headers, timeoutMs, maxBytes: 100_000, accept: [401, 404], clock });
    if (answer.status === 401) application = null;
    if (answer.status === 404)
      throw new ChannelError("refused", "eBay does not know the key that a call is signed with");
    const parsed = Key.safeParse(answer.status === 401 ? null : jsonOf(answer));
    if (!parsed.success) throw new ChannelError("unavailable", "eBay did not give the key that a call is signed with");
    return parsed.data;
  }

  function keyOf(kid: string): Promise<z.infer<typeof Key>> {
    const known = keys.get(kid);
    if (known !== undefined && clock() < known.untilMs) return known.key;
    const key = fetchKey(kid);
    keys.set(kid, { key, untilMs: clock() + keyLivesMs });
    // A key that could not be had is asked for again with the next call.
    key.catch(() => keys.delete(kid));
    for (const old of keys.keys()) {
      if (keys.size <= mostKeys) break;
      keys.delete(old);
    }
    return key;
  }

  async function proved({ headers, body }: HookRequest): Promise<void> {
    const header = Header.safeParse(
      jsonOrNull(Buffer.from(headers.get("x-ebay-signature") ?? "", "base64").toString("utf8")),
    );
    if (!header.success) throw new ChannelError("refused", "a call says that it is eBay's and is not signed");
    const { kid, signature } = header.data;
    const key = await keyOf(kid);
    // The bytes as they came: what was read and written again could be another text.
    if (!isSigned(body, key, signature)) throw new ChannelError("refused", "a call's signature is not eBay's");
  }

  return async (request, held) => {
    const url = new URL(request.url);
    if (request.method === "GET") return challenged(url, settings());
    await proved(request);
    const event = Event.safeParse(jsonOrNull(Buffer.from(request.body).toString("utf8")));
    if (!event.success) throw new ChannelError("unreadable", "eBay's call has another shape");
    const { topic } = event.data.metadata;
    const { notificationId, data } = event.data.notification;
    const seller = Seller.safeParse(data);
    const shop = seller.success ? seller.data.seller.userId : data.userId;
    if (topic === "MARKETPLACE_ACCOUNT_DELETION") {
      if (shop === undefined) throw new ChannelError("unreadable", "eBay's call does not say whose account was closed");
      // Everybody's closed accounts are told to everybody: of a seller who is connected here, or of somebody who may have bought here.
      const isSeller = (await held(shop)).length > 0;
      return {
        kind: "privacy",
        shop,
        event: notificationId,
        what: isSeller ? "erase_shop" : "erase_buyer",
        body: data,
      };
    }
    if (shop === undefined) return { kind: "nothing" };
    if (topic === "AUTHORIZATION_REVOCATION") return { kind: "disconnected", shop, event: notificationId };
    const feeds = changes.find(([words]) => words.test(topic))?.[1];
    return feeds === undefined ? { kind: "nothing" } : { kind: "changed", shop, event: notificationId, feeds };
  };
}

/** SHA-256 of the challenge, our token and the address, one after the other. */
function challenged(url: URL, settings: Settings): Hook {
  const code = url.searchParams.get("challenge_code");
  const token = settings.verificationToken;
  if (code === null || token === null)
    throw new ChannelError("refused", code === null ? "a call asks for nothing" : "EBAY_VERIFICATION_TOKEN is not set");
  const endpoint = settings.notificationUrl ?? `${url.origin}${url.pathname}`;
  const challengeResponse = createHash("sha256").update(code).update(token).update(endpoint).digest("hex");
  return { kind: "answer", status: 200, contentType: "application/json", body: JSON.stringify({ challengeResponse }) };
}

/** eBay gives the key as PEM on one line. The digest is what the key says, SHA-1 where it says nothing. */
function isSigned(body: Uint8Array, key: z.infer<typeof Key>, signature: string): boolean {
  const base64 = key.key.replace(/-----[A-Z ]+-----/g, "").replace(/\s+/g, "");
  const digest = (key.digest ?? "SHA1").replace("-", "").toLowerCase();
  if (!["sha1", "sha256", "sha384", "sha512"].includes(digest))
    throw new ChannelError("unreadable", `eBay signs with ${digest}, which we do not know`);
  try {
    const publicKey = createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" });
    return verify(digest, body, publicKey, Buffer.from(signature, "base64"));
  } catch (error) {
    throw new ChannelError("unreadable", `eBay's key cannot be used: ${error instanceof Error ? error.message : "?"}`);
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
