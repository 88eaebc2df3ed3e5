import { z } from "zod";
import type { Feed } from "../../integrations/connector";
import { conforms, type Harness } from "./conformance";
import { account, connected } from "./practice-support";

const Money = z.object({ amount: z.string() });
const Paid = z.object({ status: z.string(), total: Money });
const Balance = z.object({ available: Money, held: Money });
const feeds: readonly Feed[] = ["products", "orders", "refunds", "payouts", "balance"];

async function harness(orders: number, seed: number, today: string): Promise<Harness> {
  const { server, connector, credentials } = await connected({ orders, seed, today });
  const { accessToken } = z.object({ accessToken: z.string() }).parse(JSON.parse(credentials));
  return {
    connector,
    account,
    credentials,
    feeds,
    holds: ["hold", "release"],
    paid: ({ body }) => {
      const order = Paid.parse(body);
      return order.status === "cancelled" ? null : BigInt(order.total.amount);
    },
    balance: async () => {
      const answer = await fetch(`${server.url}/v1/balance`, { headers: { authorization: `Bearer ${accessToken}` } });
      const { available, held } = Balance.parse(await answer.json());
      return { available: BigInt(available.amount), held: BigInt(held.amount) };
    },
    close: server.close,
  };
}

conforms("Practice Market, a shop of fifty orders", () => harness(50, 3, "2026-03-31"));
// A seed that leaves something held at the end.
conforms("Practice Market, a year of trade", () => harness(1_500, 4, "2025-12-20"));
