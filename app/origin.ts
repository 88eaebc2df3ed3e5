/** Where a request comes from: the address of the client, and whether the page that sent it is one of ours. */
import { Refusal } from "@/lib/core/errors";
import { env } from "@/lib/system/env";

/**
 * The client's address: what the outermost of our own proxies (TRUSTED_PROXIES) has written, never what the client says of itself;
 * "" where there is no proxy to believe.
 */
export function addressOf(headers: Headers): string {
  const trusted = env().TRUSTED_PROXIES;
  if (trusted === 0) return "";
  const hops = (headers.get("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  return (hops.at(-trusted) ?? "").slice(0, 64);
}

/** Refuses what another site's page sent with this person's cookie. Browsers say Origin with every request that changes something. */
export function refuseOtherOrigin(headers: Headers): void {
  const site = headers.get("sec-fetch-site");
  const origin = URL.parse(headers.get("origin") ?? "");
  const own = [headers.get("host"), URL.parse(env().AUTH_URL ?? "")?.host];
  if ((site === null || site === "same-origin" || site === "none") && origin !== null && own.includes(origin.host))
    return;
  throw new Refusal("not_allowed", "This came from another site's page. Open Lotbook and try again.");
}
