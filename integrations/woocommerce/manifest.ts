import type { Manifest } from "../connector";

/** WooCommerce: a shop of the seller's own. It holds no money, so it has no payouts and no balance to compare. */
export const manifest: Manifest = {
  name: "WooCommerce",
  feeds: ["products", "orders"],
  connect: "keys",
  paysEvery: null,
  needs: [],
};
