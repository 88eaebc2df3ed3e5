import { z } from "zod";
import type { Account, Connector, Feed, RawDocument } from "../../../integrations/connector";
import { manifest } from "../../../integrations/shopify/manifest";
import type { Fact } from "../../../lib/core/facts";
import { factKey } from "../../../lib/core/facts";
import { conforms, effectOf, type Harness } from "../conformance";
import { account, connected, connectorOf } from "./support";

/**
 * Shopify's balance knows an order as a whole: one row is the buyer's payment for goods, tip and gift card together, and what came by
 * PayPal has no row. The suite asks for rows of each fact by itself, so the rows of an order are shared out here among the facts of its
 * document: for each fact beside the order, what it does is taken from the order's rows and given to it. It comes to nothing in sum, so
 * an order whose facts do not come to its rows still fails.
 */
function sharingRows(connector: Connector): Connector {
  const read = (document: RawDocument, of: Account): readonly Fact[] => {
    const facts = connector.read(document, of);
    const [order, ...beside] = facts;
    if (order?.kind !== "order") return facts;
    const row = (about: Fact, key: string, amount: bigint): Fact => ({
      kind: "balance_row",
      id: `${of.channel}/row/shared/${key}`,
      channel: of.channel,
      when: order.when,
      type: "shared",
      amount,
      payout: null,
      about: factKey(about),
      memo: "",
    });
    const shared = beside.flatMap((fact) => [
      row(order, `${factKey(fact)}/from`, -effectOf(fact, 0, facts)),
      row(fact, `${factKey(fact)}/to`, effectOf(fact, 0, facts)),
    ]);
    return [...facts, ...shared];
  };
  return { ...connector, read };
}

const Bag = z.object({ shopMoney: z.object({ amount: z.string() }) });
const Paid = z.object({
  test: z.boolean(),
  displayFinancialStatus: z.string(),
  totalPriceSet: Bag,
  totalTipReceivedSet: Bag,
  lineItems: z.array(z.object({ isGiftCard: z.boolean(), originalTotalSet: Bag })),
});
const cents = ({ shopMoney }: z.infer<typeof Bag>) => BigInt(Math.round(Number(shopMoney.amount) * 100));
const Balance = z.object({
  data: z.object({ shopifyPaymentsAccount: z.object({ balance: z.tuple([z.object({ amount: z.string() })]) }) }),
});
const reserves = ["RESERVED_FUNDS", "RESERVED_FUNDS_REVERSAL"];

async function harness(orders: number, seed: number, bulkAfter?: number): Promise<Harness> {
  const { server, credentials } = await connected({ orders, seed });
  const connector = connectorOf(server.url, Date.now, null, bulkAfter);
  const { accessToken } = z.object({ accessToken: z.string() }).parse(JSON.parse(credentials));
  return {
    connector: sharingRows(connector),
    account,
    credentials,
    feeds: manifest.feeds as readonly Feed[],
    holds: reserves,
    // Of what the buyer paid, what the order itself was: without tips and gift cards, which are charges beside it.
    paid: ({ body }) => {
      const order = Paid.parse(body);
      if (order.test || order.displayFinancialStatus === "VOIDED") return null;
      const cards = order.lineItems.filter((line) => line.isGiftCard).map((line) => cents(line.originalTotalSet));
      return cards.reduce((left, card) => left - card, cents(order.totalPriceSet) - cents(order.totalTipReceivedSet));
    },
    balance: async () => {
      const answer = await fetch(`${server.url}/example.myshopify.com/admin/api/2026-10/graphql.json`, {
        method: "POST",
        headers: { "x-shopify-access-token": accessToken },
        body: JSON.stringify({ query: "{ shopifyPaymentsAccount { balance { amount currencyCode } } }" }),
      });
      const { data } = Balance.parse(await answer.json());
      const held = server.control.shop.rows.filter((row) => reserves.includes(row.type));
      return {
        available: BigInt(Math.round(Number(data.shopifyPaymentsAccount.balance[0].amount) * 100)),
        held: BigInt(-held.reduce((sum, row) => sum + row.cents, 0)),
      };
    },
    close: server.close,
  };
}

conforms("Shopify, a shop of sixty orders", () => harness(60, 3));
conforms("Shopify, a busy season, its history by a bulk operation", () => harness(400, 4));
conforms("Shopify, a busy season by plain pages", () => harness(300, 4, Number.POSITIVE_INFINITY));
