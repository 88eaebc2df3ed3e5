/**
 * What Shopify signs, proved by Shopify's own library: the query that a person comes back from sign-in with, and webhooks. The library's
 * own requests are not used: they know one address for each shop, no limits, no time-outs and no cancelling, which integrations/http.ts has.
 */
import "@shopify/shopify-api/adapters/web-api";
import { LogSeverity, shopifyApi, WebhookType, WebhookValidationErrorReason } from "@shopify/shopify-api";
import { ChannelError } from "../../lib/core/errors";
import type { Answers, HookRequest } from "../connector";
import { apiVersion, type Settings } from "./settings";

function libraryWith(clientId: string, apiSecretKey: string) {
  return shopifyApi({
    apiKey: clientId,
    apiSecretKey,
    apiVersion,
    isEmbeddedApp: false,
    hostName: "localhost",
    logger: { level: LogSeverity.Error },
  });
}

/** The library with each secret that Shopify may sign with now. */
function libraries({ clientId, clientSecret, oldClientSecret }: Settings) {
  if (clientId === "" || clientSecret === "")
    throw new ChannelError(
      "refused",
      "Shopify cannot be heard before SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET are set",
    );
  return [clientSecret, ...(oldClientSecret === null ? [] : [oldClientSecret])].map((secret) =>
    libraryWith(clientId, secret),
  );
}

/** Whether Shopify signed all of what came back, not more than a minute and a half ago. Compared in constant time. */
export async function isSigned(settings: Settings, returned: Answers): Promise<boolean> {
  // The library throws, where it could say no, for what has no signature or no good time at all.
  if (!/^[0-9a-f]{64}$/.test(returned.hmac ?? "") || !/^\d{1,12}$/.test(returned.timestamp ?? "")) return false;
  const age = Math.abs(Date.now() / 1000 - Number(returned.timestamp));
  if (age > 85) return false;
  for (const library of libraries(settings)) if (await library.utils.validateHmac({ ...returned })) return true;
  return false;
}

export type Proved = Readonly<{ topic: string; domain: string; webhookId: string; body: string }>;

/** A webhook that Shopify signed. Throws ChannelError `refused` for any other. */
export async function provedWebhook(settings: Settings, request: HookRequest): Promise<Proved> {
  const body = Buffer.from(request.body).toString("utf8");
  for (const library of libraries(settings)) {
    const checked = await library.webhooks.validate({
      rawBody: body,
      rawRequest: new Request(request.url, { method: request.method, headers: request.headers }),
    });
    if (checked.valid) {
      if (checked.webhookType !== WebhookType.Webhooks) break;
      return { topic: checked.topic, domain: checked.domain, webhookId: checked.webhookId, body };
    }
    if (checked.reason !== WebhookValidationErrorReason.InvalidHmac) break;
  }
  throw new ChannelError("refused", "a call that says it comes from Shopify is not signed by it");
}
