import type { Manifest } from "../connector";

/** Stripe: the seller's own account, read with a restricted key. STRIPE_API_URL puts another server in its place. */
export const manifest: Manifest = {
  name: "Stripe",
  // Sales before what refers to them.
  feeds: ["orders", "balance"],
  connect: "keys",
  paysEvery: 7,
  needs: [],
};
