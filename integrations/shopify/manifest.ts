/** Shopify as data: what it is called, what is pulled from it, what it needs. */
import type { Manifest } from "../connector";

export const manifest: Manifest = {
  name: "Shopify",
  // Orders before the rows that are their money, payouts before the rows that were paid out in them.
  feeds: ["products", "orders", "payouts", "balance", "disputes"],
  connect: "oauth",
  paysEvery: 7,
  needs: [
    {
      variable: "SHOPIFY_CLIENT_ID",
      what: "The client id of your app, from the Dev Dashboard (dev.shopify.com) under Settings.",
    },
    {
      variable: "SHOPIFY_CLIENT_SECRET",
      what: "The secret of the same app, from the same page. Sign-in and webhooks are proved with it.",
    },
  ],
};
