/** A local Stripe account, connected by its restricted key. */
import type { Account, Connector } from "../../../integrations/connector";
import { stripeConnector } from "../../../integrations/stripe/connector";
import { type LocalStripe, type StripeOptions, startStripe } from "../../../scripts/channels/stripe/index";

export const account: Account = { channel: "stripe-1", currency: "USD", timeZone: "America/New_York" };

export type Connected = Readonly<{
  server: LocalStripe;
  connector: Connector;
  credentials: string;
  another: () => Connector;
}>;
export async function connected(options: Partial<StripeOptions> = {}): Promise<Connected> {
  const server = await startStripe({ port: 0, ...options });
  const another = () => stripeConnector(() => ({ url: server.url }), Date.now);
  const connector = another();
  if (connector.keys === undefined) throw new Error("Stripe is connected by keys");
  const answers = { ...server.control.keys };
  const credentials = await connector.keys.check({ answers, signal: AbortSignal.timeout(10_000) });
  return { server, connector, credentials, another };
}
