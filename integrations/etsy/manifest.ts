/** Etsy as data: what it needs and what it gives. */
import type { Manifest } from "../connector";

export const manifest: Manifest = {
  name: "Etsy",
  // Orders before the ledger, whose entries refer to them. Payouts, fees and refunds are told by the ledger and nowhere else.
  feeds: ["products", "orders", "balance"],
  connect: "oauth",
  paysEvery: 7,
  needs: [
    { variable: "ETSY_KEY", what: "The keystring of your app at etsy.com/developers/your-apps." },
    { variable: "ETSY_SECRET", what: "The shared secret of the same app, shown beside its keystring." },
  ],
};
