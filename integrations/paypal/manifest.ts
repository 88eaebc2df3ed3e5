import type { Manifest } from "../connector";

/** PayPal: the seller's own account, read with an app that the seller makes there. PAYPAL_API_URL puts another server in its place. */
export const manifest: Manifest = {
  name: "PayPal",
  // Sales before what refers to them.
  feeds: ["orders", "balance"],
  connect: "keys",
  paysEvery: null,
  needs: [],
};
