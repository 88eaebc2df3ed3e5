/** A local WooCommerce shop, connected by its keys. */
import type { Account, Connector } from "../../../integrations/connector";
import { woocommerceConnector } from "../../../integrations/woocommerce/connector";
import {
  startWoocommerce,
  type Woocommerce,
  type WoocommerceOptions,
} from "../../../scripts/channels/woocommerce/index";

export const account: Account = { channel: "woo-1", currency: "USD", timeZone: "America/New_York" };
export const connectorOf = (): Connector =>
  woocommerceConnector(() => ({ allowsLoopback: true, perSecond: 10_000 }), Date.now);

export type Connected = Readonly<{ server: Woocommerce; connector: Connector; credentials: string }>;
export async function connected(options: Partial<WoocommerceOptions> = {}): Promise<Connected> {
  const server = await startWoocommerce({ port: 0, ...options });
  const connector = connectorOf();
  if (connector.keys === undefined) throw new Error("WooCommerce is connected by keys");
  const answers = { address: server.url, ...server.control.keys };
  const credentials = await connector.keys.check({ answers, signal: AbortSignal.timeout(10_000) });
  return { server, connector, credentials };
}
