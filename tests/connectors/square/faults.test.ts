import { localWebhookUrl } from "../../../scripts/channels/square/index";
import { type FaultHarness, withstands } from "../fault-suite";
import { account, connected, connectorOf } from "./support";

async function harness(): Promise<FaultHarness> {
  const { server, connector, credentials, clock } = await connected({ orders: 260, seed: 5 });
  const { control } = server;
  return {
    connector,
    account,
    credentials,
    feeds: ["products", "orders", "refunds", "payouts", "balance"],
    close: server.close,
    faults: control.faults,
    paged: "orders",
    truth: () =>
      control.shop
        .orders()
        .filter((order) => order.line_items !== undefined)
        .map((order) => order.id),
    another: () => connectorOf(server.url, clock),
    tokens: { expire: control.expire, refreshes: control.refreshes, rotates: false },
    revoke: control.revoke,
    hooks: { changed: control.changed, url: localWebhookUrl, shop: control.shop.merchant },
  };
}

withstands("Square", harness, { tokens: true, hooks: true });
