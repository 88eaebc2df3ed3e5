/** What eBay is, as data. */
import type { Manifest } from "../connector";

export const manifest: Manifest = {
  name: "eBay",
  // Orders before the rows that are their money; payouts before the rows that were paid out in them. Refunds are rows of the balance.
  feeds: ["orders", "payouts", "balance"],
  connect: "oauth",
  paysEvery: 7,
  needs: [
    {
      variable: "EBAY_CLIENT_ID",
      what: "The App ID (Client ID) of your keyset, from developer.ebay.com under Application Keysets.",
    },
    {
      variable: "EBAY_CLIENT_SECRET",
      what: "The Cert ID (Client Secret) of the same keyset.",
    },
    {
      variable: "EBAY_RUNAME",
      what: "The RuName of the same keyset (User Tokens, Get a Token from eBay via Your Application). Its accepted address is this product's address followed by /api/channels/ebay/return.",
    },
  ],
};
