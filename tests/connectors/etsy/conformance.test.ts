import { z } from "zod";
import { conforms, type Harness } from "../conformance";
import { account, connected } from "./support";

const Paid = z.object({ grandtotal: z.object({ amount: z.int() }) });

async function harness(orders: number, seed: number, days: number): Promise<Harness> {
  const { server, connector, credentials } = await connected({ orders, seed, days });
  return {
    connector,
    account,
    credentials,
    feeds: ["products", "orders", "balance"],
    // Etsy sets nothing aside by entries of the ledger.
    holds: [],
    // A cancelled receipt keeps its amounts: the refund in the ledger takes them back.
    paid: ({ body }) => BigInt(Paid.parse(body).grandtotal.amount),
    balance: async () => ({ available: BigInt(server.control.shop.entries().at(-1)?.balance ?? 0), held: 0n }),
    close: server.close,
  };
}

conforms("Etsy, a small shop", () => harness(60, 3, 40));
conforms("Etsy, windows that are split and payouts over several of them", () => harness(340, 4, 120));
