import { z } from "zod";
import { manifest } from "../../../integrations/ebay/manifest";
import { conforms, type Harness } from "../conformance";
import { account, connected } from "./support";

const Paid = z.object({
  orderPaymentStatus: z.string(),
  pricingSummary: z.object({ total: z.object({ value: z.string() }) }),
});

function cents(value: string): bigint {
  const [whole = "0", fraction = ""] = value.split(".");
  return BigInt(whole + fraction.padEnd(2, "0"));
}

async function harness(ordersPerYear: number, seed: number, today: string): Promise<Harness> {
  const [at, startedAt] = [Date.parse(today), Date.now()];
  const clock = () => at + Date.now() - startedAt;
  const { server, connector, credentials } = await connected({ ordersPerYear, seed, clock });
  return {
    connector,
    account,
    credentials,
    feeds: manifest.feeds,
    holds: ["HOLD"],
    paid: ({ body }) => {
      const order = Paid.parse(body);
      return order.orderPaymentStatus === "PENDING" ? null : cents(order.pricingSummary.total.value);
    },
    balance: () => {
      const { available, processing, held } = server.control.shop.funds();
      return Promise.resolve({ available: BigInt(available + processing), held: BigInt(held) });
    },
    close: server.close,
  };
}

conforms("eBay, a shop of a hundred orders", () => harness(100, 3, "2026-03-31T20:00:00Z"));
conforms("eBay, a year of trade with money held at its end", () => harness(900, 4, "2026-01-02T03:04:05Z"));
