import { expect, it } from "vitest";
import { z } from "zod";
import { conforms, effectOf, type Harness, latestOf, pullAll, sessionOf, sum } from "../conformance";
import { account, connected } from "./support";

// The suite asks every channel for payouts; a WooCommerce shop holds no money and has none. What holds in its place is below.
const cents = (text: string): bigint => BigInt(text.replace(".", ""));
const Paid = z.object({
  order: z.object({
    status: z.string(),
    total: z.string(),
    refunds: z.array(z.unknown()),
    fee_lines: z.array(z.object({ total: z.string() })),
  }),
});
async function harness(orders: number, seed: number): Promise<Harness> {
  const { server, connector, credentials } = await connected({ orders, seed });
  return {
    connector,
    account,
    credentials,
    feeds: ["products", "orders"],
    holds: [],
    paid: ({ body }) => {
      const { order } = Paid.parse(body);
      if (["pending", "cancelled"].includes(order.status)) return null;
      if (order.status === "trash" && order.refunds.length === 0) return null;
      // What is wrapped or handled for money is a charge "sale" beside the order.
      return cents(order.total) - sum(order.fee_lines.map((fee) => cents(fee.total)));
    },
    balance: async () => ({ available: 0n, held: 0n }),
    close: server.close,
  };
}

conforms("WooCommerce, a small shop", () => harness(60, 3), { listsPaid: false });
conforms("WooCommerce, a year of trade", () => harness(700, 4), { listsPaid: false });

it("has no payouts, and what each order was paid lies elsewhere", async () => {
  const { connector, credentials, server } = await connected({ orders: 200, seed: 9 });
  const { documents } = await pullAll(connector, sessionOf({ account, credentials }), "orders");
  const facts = latestOf(documents).flatMap((document) => connector.read(document, account));
  expect(facts.filter((fact) => fact.kind === "payout")).toEqual([]);
  const elsewhere = facts.flatMap((fact) => (fact.kind === "charge" && fact.category === "elsewhere" ? [fact] : []));
  const others = facts.filter((fact) => fact.kind !== "charge" || fact.category !== "elsewhere");
  expect(sum(elsewhere.map((fact) => fact.amount))).toBe(-sum(others.map(effectOf)));
  expect(new Set(elsewhere.map((fact) => fact.type))).toEqual(new Set(["stripe", "ppcp", "bacs", "cod"]));
  await server.close();
});

it("finds what was sold, refunded or thrown into the bin since its watermark, and no old orders with it", async () => {
  const { connector, credentials, server } = await connected({ orders: 150, seed: 5 });
  const session = sessionOf({ account, credentials });
  const first = await pullAll(connector, session, "orders");
  const sold = server.control.sell();
  const refunded = first.documents
    .map(({ externalId }) => Number(externalId))
    .find((id) => server.control.refund(id) !== null);
  const binned = server.control.orders().find((id) => id !== sold && id !== refunded);
  server.control.trash(binned);
  const then = await pullAll(connector, session, "orders", first.watermark);
  const ids = then.documents.map(({ externalId }) => Number(externalId));
  expect(ids).toEqual(expect.arrayContaining([sold, refunded, binned]));
  expect(ids.length).toBeLessThan(first.documents.length / 2);
  const gone = then.documents.find(({ externalId }) => externalId === String(binned));
  expect(gone === undefined ? [] : connector.read(gone, account)).toContainEqual(
    expect.objectContaining({ kind: "order", lines: [] }),
  );
  await server.close();
});
