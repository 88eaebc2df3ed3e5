import type { Feed } from "../../../integrations/connector";
import { manifest } from "../../../integrations/shopify/manifest";
import { withstands } from "../fault-suite";
import { account, connected, connectorOf, shop } from "./support";

withstands(
  "Shopify",
  async () => {
    const { server, connector, credentials } = await connected({ orders: 45, seed: 5 });
    const { control } = server;
    return {
      connector,
      account,
      credentials,
      feeds: manifest.feeds as readonly Feed[],
      close: server.close,
      faults: control.faults,
      paged: "orders",
      truth: () => control.shop.orders.map((order) => String(order.id)),
      another: () => connectorOf(server.url),
      tokens: { expire: control.expire, refreshes: () => control.stats().refreshes, rotates: true },
      revoke: control.revoke,
      hooks: {
        changed: () => control.event("orders/updated", { id: 1 }),
        url: "http://127.0.0.1:3000/api/hooks/shopify",
        shop,
      },
    };
  },
  { tokens: true, hooks: true },
);
