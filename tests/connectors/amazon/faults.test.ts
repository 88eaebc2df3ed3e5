import { manifest } from "../../../integrations/amazon/manifest";
import { withstands } from "../fault-suite";
import { account, connected, connectorOf } from "./support";

withstands(
  "Amazon",
  async () => {
    const { server, connector, credentials } = await connected({ orders: 60, pageSize: 15 });
    return {
      connector,
      account,
      credentials,
      feeds: manifest.feeds,
      close: server.close,
      faults: server.control.faults,
      paged: "orders",
      truth: () => server.control.shop.orders().map(({ id }) => id),
      another: () => connectorOf(server.url),
      tokens: { expire: server.control.expire, refreshes: server.control.refreshes, rotates: false },
      revoke: server.control.revoke,
    };
  },
  { tokens: true, hooks: false },
);
