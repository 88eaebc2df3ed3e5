/** A local PayPal account, connected by the seller's own app. */
import type { Account, Connector } from "../../../integrations/connector";
import { paypalConnector } from "../../../integrations/paypal/connector";
import { type LocalPaypal, type PaypalOptions, startPaypal } from "../../../scripts/channels/paypal/index";

export const account: Account = { channel: "paypal-1", currency: "USD", timeZone: "America/New_York" };

export type Connected = Readonly<{
  server: LocalPaypal;
  connector: Connector;
  credentials: string;
  another: () => Connector;
}>;
export async function connected(options: Partial<PaypalOptions> = {}): Promise<Connected> {
  const server = await startPaypal({ port: 0, ...options });
  const another = () => paypalConnector(() => ({ url: server.url, perSecond: 10_000 }), Date.now);
  const connector = another();
  if (connector.keys === undefined) throw new Error("PayPal is connected by keys");
  const answers = { ...server.control.keys };
  const credentials = await connector.keys.check({ answers, signal: AbortSignal.timeout(10_000) });
  return { server, connector, credentials, another };
}
