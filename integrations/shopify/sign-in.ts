/** Signing in at Shopify: the authorization code grant, for an offline token that ends after an hour and is renewed. */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { OAuth } from "../connector";
import { ask, tokensFor } from "./api";
import { costBucket } from "./cost";
import { isSigned } from "./proof";
import { queries } from "./queries";
import { adminOf, type Settings, scopes, shopAddress } from "./settings";

export const Credentials = z.strictObject({
  accessToken: z.string().min(1),
  refreshToken: z.string(),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  shop: z.strictObject({ id: z.string(), name: z.string() }),
});
export type Credentials = z.infer<typeof Credentials>;

const Shop = z.object({ shop: z.object({ name: z.string(), myshopifyDomain: z.string() }) });

/** Without these there are no books; the rest only leaves a feed empty, which says so when it is pulled. */
const needed = ["read_orders", "read_products"] as const;

export function signIn(settings: () => Settings, clock: () => number): OAuth<Credentials> {
  return {
    asks: [
      {
        name: "shop",
        label: "Your shop's address",
        hint: "It ends in .myshopify.com, like example.myshopify.com. Shopify shows it under Settings, Domains.",
        isSecret: false,
      },
    ],
    authorizeUrl: ({ redirectUri, state, answers }) => {
      const url = new URL(`${adminOf(settings(), shopAddress(answers.shop ?? ""))}/oauth/authorize`);
      url.searchParams.set("client_id", settings().clientId);
      url.searchParams.set("scope", scopes.join(","));
      url.searchParams.set("redirect_uri", redirectUri);
      url.searchParams.set("state", state);
      return url.href;
    },
    exchange: async ({ code, answers, returned, signal }) => {
      const id = shopAddress(answers.shop ?? "");
      if (returned.shop !== id)
        throw new ChannelError("refused", "Shopify sent the person back from another shop than they named");
      if (returned.code !== code || !(await isSigned(settings(), returned)))
        throw new ChannelError("refused", "what came back from the sign-in is not signed by Shopify");
      const { scope, ...tokens } = await tokensFor(settings(), id, { code }, clock, signal);
      const given = new Set(scope.split(/[\s,]+/));
      const missing = needed.filter((name) => !given.has(name) && !given.has(name.replace("read_", "write_")));
      if (missing.length > 0)
        throw new ChannelError("refused", `Shopify did not give the permission to ${missing.join(" and ")}`);
      const connection = { shop: id, accessToken: tokens.accessToken, bucket: costBucket(clock), signal, clock };
      const answer = await ask(settings(), connection, queries.shop, {});
      const shop = answer.kind === "data" ? Shop.safeParse(answer.data) : null;
      if (shop?.success !== true) throw new ChannelError("unreadable", "Shopify did not say whose shop it is");
      if (settings().apiUrl === null && shop.data.shop.myshopifyDomain !== id)
        throw new ChannelError("refused", "Shopify gave a token of another shop than the person named");
      return { ...tokens, shop: { id, name: shop.data.shop.name } };
    },
    shopOf: ({ shop }) => shop,
  };
}
