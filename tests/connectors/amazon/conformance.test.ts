import { z } from "zod";
import { manifest } from "../../../integrations/amazon/manifest";
import { conforms, type Harness } from "../conformance";
import { account, connected } from "./support";

const Money = z.object({ amount: z.string() });
const Order = z.object({
  fulfillment: z.object({ fulfillmentStatus: z.string() }),
  proceeds: z.object({ grandTotal: Money }).optional(),
});
const Balances = z.object({
  balances: z.array(z.object({ balanceType: z.string(), amount: z.object({ currencyAmount: z.number() }) })),
});

const cents = (amount: string | number): bigint => BigInt(Math.round(Number(amount) * 100));

async function harness(orders: number, seed: number): Promise<Harness> {
  const { server, connector, credentials } = await connected({ orders, seed, pageSize: 40 });
  const { accessToken } = z.object({ accessToken: z.string() }).parse(JSON.parse(credentials));
  return {
    connector,
    account,
    credentials,
    feeds: manifest.feeds,
    holds: [],
    // Amazon takes the buyer's money when it ships: before that nothing is paid.
    paid: ({ body }) => {
      const order = Order.parse(body);
      return order.fulfillment.fulfillmentStatus === "SHIPPED" && order.proceeds !== undefined
        ? cents(order.proceeds.grandTotal.amount)
        : null;
    },
    balance: async () => {
      const answer = await fetch(`${server.url}/finances/2024-06-19/balances`, {
        headers: { "x-amz-access-token": accessToken },
      });
      const total = Balances.parse(await answer.json()).balances.find(({ balanceType }) => balanceType === "TOTAL");
      if (total === undefined) throw new Error("no total balance was said");
      return { available: cents(total.amount.currencyAmount), held: 0n };
    },
    close: server.close,
  };
}

conforms("Amazon, sixty orders", () => harness(60, 3));
conforms("Amazon, two busy months", () => harness(240, 11));
