/** What Amazon is as a channel, as data. */
import type { Manifest } from "../connector";

export const manifest: Manifest = {
  name: "Amazon",
  // Orders before the money that is about them; settlements before the finances of what they have not settled yet.
  feeds: ["orders", "payouts", "balance", "stock"],
  connect: "oauth",
  paysEvery: 14,
  needs: [
    {
      variable: "AMAZON_APPLICATION_ID",
      what: "The id of your application in Amazon's Solution Provider Portal, such as amzn1.sp.solution.….",
    },
    { variable: "AMAZON_CLIENT_ID", what: "The application's LWA client identifier (View, beside LWA credentials)." },
    { variable: "AMAZON_CLIENT_SECRET", what: "The application's LWA client secret, from the same place." },
  ],
};
