import { type FaultHarness, withstands } from "../fault-suite";
import { account, connected, connectorOf } from "./support";

async function harness(): Promise<FaultHarness> {
  const { server, connector, credentials, clock } = await connected({ orders: 260, seed: 5 });
  const { control } = server;
  return {
    connector,
    account,
    credentials,
    feeds: ["products", "orders", "balance"],
    close: server.close,
    faults: control.faults,
    paged: "orders",
    truth: () => control.shop.receipts().map((receipt) => String(receipt.receipt_id)),
    another: () => connectorOf(server.url, clock),
    tokens: { expire: control.expire, refreshes: control.refreshes, rotates: true },
    revoke: control.revoke,
    hooks: { changed: control.changed, url: `${server.url}/hook`, shop: String(control.shop.id) },
  };
}

withstands("Etsy", harness, { tokens: true, hooks: true });
