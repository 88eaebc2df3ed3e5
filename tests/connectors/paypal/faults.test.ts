import { Detail, isSale } from "../../../integrations/paypal/shapes";
import { detailOf } from "../../../scripts/channels/paypal/index";
import { withstands } from "../fault-suite";
import { account, connected } from "./support";

withstands(
  "PayPal",
  async () => {
    // An account that trades until now, so that the first window has something in it.
    const today = new Date().toISOString().slice(0, 10);
    const { server, connector, credentials, another } = await connected({ days: 60, today, mostOnPage: 20 });
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
          .rows()
          .filter((row) => row.at <= Date.now() && isSale(Detail.parse(detailOf(row, "USD"))))
          .map(({ id, code }) => `${id}/${code}`),
      another,
      tokens: { expire: control.expire, refreshes: control.tokensGiven, rotates: false },
      revoke: control.revoke,
      hooks: {
        changed: control.event,
        url: `https://books.example/api/hooks/paypal?shop=${control.shop}`,
        shop: control.shop,
      },
    };
  },
  { tokens: true, hooks: true },
);
