import { expect, it } from "vitest";
import { z } from "zod";
import { conforms, type Harness, latestOf, pullAll, sessionOf, sum } from "../conformance";
import { account, connected } from "./support";

const Paid = z.object({ transaction: z.object({ amount: z.int() }) });

async function harness(days: number, seed: number, currency: string): Promise<Harness> {
  const { server, connector, credentials } = await connected({ days, seed, currency: currency.toLowerCase() });
  return {
    connector,
    account: { ...account, currency },
    credentials,
    feeds: ["orders", "balance"],
    holds: [],
    paid: ({ body }) => BigInt(Paid.parse(body).transaction.amount),
    balance: async () => ({ available: server.control.balance(), held: 0n }),
    close: server.close,
  };
}

conforms("Stripe, two months", () => harness(60, 3, "USD"));
conforms("Stripe in yen, which have no decimals", () => harness(120, 5, "JPY"));

it("finds since its watermark what was sold, and that what waited was paid out", async () => {
  const { connector, credentials, server } = await connected({ days: 40, seed: 7 });
  const session = sessionOf({ account, credentials });
  const balance = await pullAll(connector, session, "balance");
  const sold = server.control.sell(true);
  const payout = server.control.payout();
  const then = await pullAll(connector, session, "balance", balance.watermark);
  expect(then.documents.length).toBeLessThan(balance.documents.length);
  const facts = latestOf(then.documents).flatMap((document) => connector.read(document, account));
  expect(facts).toContainEqual(
    expect.objectContaining({ kind: "charge", id: `stripe-1/charge/${sold}`, category: "elsewhere" }),
  );
  const orders = await pullAll(connector, session, "orders", (await pullAll(connector, session, "orders")).watermark);
  const rows = [
    ...facts,
    ...latestOf(orders.documents).flatMap((document) => connector.read(document, account)),
  ].flatMap((fact) =>
    fact.kind === "balance_row" && fact.payout === `stripe-1/payout/${payout}` ? [fact.amount] : [],
  );
  const sent = facts.find((fact) => fact.kind === "payout" && fact.id === `stripe-1/payout/${payout}`);
  expect(sent?.kind === "payout" && sent.amount).toBe(sum(rows));
  await server.close();
});

it("a payout made by hand names no rows, and stays one", async () => {
  const { connector, credentials, server } = await connected({ days: 10, seed: 8 });
  const payout = server.control.payout(false);
  const session = sessionOf({ account, credentials });
  const first = await pullAll(connector, session, "balance");
  await pullAll(connector, session, "balance", first.watermark);
  const facts = first.documents.flatMap((document) => connector.read(document, account));
  expect(facts.filter((fact) => fact.kind === "payout").map(({ id }) => id)).toContain(`stripe-1/payout/${payout}`);
  expect(facts.some((fact) => fact.kind === "balance_row" && fact.payout === `stripe-1/payout/${payout}`)).toBe(false);
  await server.close();
});
