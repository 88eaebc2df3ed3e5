import type { Feed } from "../../../integrations/connector";
import { manifest } from "../../../integrations/shopify/manifest";
import { withstands } from "../fault-suite";
import { account, connected, connectorOf, shop } from "./support";

/** `bulkAfter`: from how many orders on the history comes by a bulk operation. */
const misbehaving = (name: string, bulkAfter?: number) =>
  withstands(
    name,
    async () => {
      const { server, credentials } = await connected({ orders: 45, seed: 5 });
      const { control } = server;
      const connector = () => connectorOf(server.url, Date.now, null, bulkAfter);
      return {
        connector: connector(),
        account,
        credentials,
        feeds: manifest.feeds as readonly Feed[],
        close: server.close,
        faults: control.faults,
        paged: "orders",
        truth: () => control.shop.orders.map((order) => String(order.id)),
        another: connector,
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

misbehaving("Shopify");
misbehaving("Shopify, its history by a bulk operation,", 20);
