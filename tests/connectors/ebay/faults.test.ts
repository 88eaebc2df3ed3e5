import { withstands } from "../fault-suite";
import { account, connected } from "./support";

withstands(
  "eBay",
  async () => {
    const { server, connector, credentials, another } = await connected({ ordersPerYear: 700, days: 200, seed: 5 });
    return {
      connector,
      account,
      credentials,
      feeds: ["orders", "payouts", "balance"],
      close: server.close,
      faults: server.control.faults,
      paged: "orders",
      truth: () => server.control.shop.orders.map((order) => order.id),
      another,
      // A refresh token of eBay's stays the same for its eighteen months.
      tokens: { expire: server.control.expire, refreshes: server.control.refreshes, rotates: false },
      revoke: server.control.revoke,
      hooks: {
        changed: server.control.changed,
        url: "http://127.0.0.1:3000/api/hooks/ebay",
        shop: server.control.seller.userId,
      },
    };
  },
  { tokens: true, hooks: true },
);
