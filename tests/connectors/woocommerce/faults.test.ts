import { withstands } from "../fault-suite";
import { account, connected, connectorOf } from "./support";

withstands(
  "WooCommerce",
  async () => {
    const { server, connector, credentials } = await connected({ orders: 160 });
    const { control } = server;
    return {
      connector,
      account,
      credentials,
      feeds: ["products", "orders"],
      close: server.close,
      faults: control.faults,
      paged: "orders",
      truth: () => control.orders().map(String),
      another: connectorOf,
      revoke: control.revoke,
      hooks: { changed: control.event, url: "https://books.example/api/hooks/woocommerce", shop: server.url },
    };
  },
  { tokens: false, hooks: true },
);
