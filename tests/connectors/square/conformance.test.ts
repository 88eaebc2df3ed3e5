import { z } from "zod";
import { holds } from "../../../integrations/square/read-entry";
import { conforms, type Harness } from "../conformance";
import { account, connected } from "./support";

const Amount = z.object({ amount: z.int() });
const Paid = z.object({ total_money: Amount, total_tip_money: Amount });

/** Only cards: what is paid by a way that Square does not hold is in no payout, and is worked out by hand in read.test.ts. */
async function harness(orders: number, seed: number, days: number): Promise<Harness> {
  const { server, connector, credentials } = await connected({ orders, seed, days, counter: false });
  return {
    connector,
    account,
    credentials,
    feeds: ["products", "orders", "refunds", "payouts", "balance"],
    holds,
    // A tip is no part of the sale.
    paid: ({ body }) => {
      const { total_money, total_tip_money } = Paid.parse(body);
      return BigInt(total_money.amount - total_tip_money.amount);
    },
    // All that came in was paid out before the server's time; what was held is free again.
    balance: async () => ({ available: 0n, held: 0n }),
    close: server.close,
  };
}

conforms("Square, a café of forty days", () => harness(130, 3, 40));
conforms("Square, a larger one of two weeks", () => harness(420, 4, 16));
