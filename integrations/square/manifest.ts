/** Square as data: what it needs and what it gives. */
import type { Manifest } from "../connector";

export const manifest: Manifest = {
  name: "Square",
  // Orders before what refers to them; payouts before the entries that were paid out in them.
  feeds: ["products", "orders", "refunds", "payouts", "balance"],
  connect: "oauth",
  paysEvery: 7,
  needs: [
    { variable: "SQUARE_APPLICATION_ID", what: "The application id of your app at developer.squareup.com/apps." },
    { variable: "SQUARE_APPLICATION_SECRET", what: "The application secret on the app's OAuth page." },
  ],
};
