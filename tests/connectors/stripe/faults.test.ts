import { isSale, Transaction } from "../../../integrations/stripe/shapes";
import { transactionJson } from "../../../scripts/channels/stripe/objects";
import { withstands } from "../fault-suite";
import { account, connected } from "./support";

withstands(
  "Stripe",
  async () => {
    const { server, connector, credentials, another } = await connected({ days: 120 });
    const { control } = server;
    return {
      connector,
      account,
      credentials,
      feeds: ["orders", "balance"],
      close: server.close,
      faults: control.faults,
      paged: "orders",
      truth: () =>
        control
          .transactions()
          .filter((one) => isSale(Transaction.parse(transactionJson(one, "usd", true))))
          .map(({ id }) => id),
      another,
      revoke: control.revoke,
      hooks: {
        changed: control.event,
        url: `https://books.example/api/hooks/stripe?shop=${control.shop}`,
        shop: control.shop,
      },
    };
  },
  { tokens: false, hooks: true },
);
