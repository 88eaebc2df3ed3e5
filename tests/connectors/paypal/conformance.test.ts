import { expect, it } from "vitest";
import { z } from "zod";
import { conforms, type Harness, latestOf, pullAll, sessionOf, sum } from "../conformance";
import { account, connected } from "./support";

// PayPal never says which rows a withdrawal pays out. What can be proved in its place is below.
const cents = (text: string): bigint => BigInt(text.replace(".", ""));
const Paid = z.object({
  transaction: z.object({ transaction_info: z.object({ transaction_amount: z.object({ value: z.string() }) }) }),
});
async function harness(days: number, seed: number): Promise<Harness> {
  const { server, connector, credentials } = await connected({ days, seed });
  return {
    connector,
    account,
    credentials,
    feeds: ["orders", "balance"],
    holds: ["hold T1110", "release T1111"],
    paid: ({ body }) => cents(Paid.parse(body).transaction.transaction_info.transaction_amount.value),
    balance: async () => ({ available: server.control.balance(), held: server.control.held() }),
    close: server.close,
  };
}

conforms("PayPal, two months", () => harness(60, 3), { listsPaid: false });
conforms("PayPal, two hundred days", () => harness(200, 6), { listsPaid: false });

it("withdraws what the rows since the last withdrawal come to, where all is withdrawn each week", async () => {
  const { connector, credentials, server } = await connected({ days: 100, seed: 11 });
  const session = sessionOf({ account, credentials });
  const facts = [];
  for (const feed of ["orders", "balance"] as const) {
    const { documents } = await pullAll(connector, session, feed);
    facts.push(...latestOf(documents).flatMap((document) => connector.read(document, account)));
  }
  const sent = facts.filter((fact) => fact.kind === "payout");
  expect(sent.length).toBeGreaterThan(10);
  let waiting = 0n;
  const rows = facts.filter((fact) => fact.kind === "balance_row");
  for (const row of rows.sort((a, b) => Number((a.when.at ?? 0n) - (b.when.at ?? 0n)))) {
    const payout = sent.find(({ id }) => row.about === `payout/${id}`);
    if (payout === undefined) waiting += row.amount;
    else {
      expect(payout.amount).toBe(waiting);
      waiting = 0n;
    }
  }
  expect(waiting).toBe(server.control.balance());
  expect(sum(rows.map(({ amount }) => amount))).toBe(server.control.balance());
  await server.close();
});

it("takes a window apart that PayPal finds too full, and finds everything", async () => {
  const { connector, credentials, server } = await connected({ days: 70, seed: 12, mostInWindow: 30 });
  const session = sessionOf({ account, credentials });
  const ids = new Set<string>();
  for (const feed of ["orders", "balance"] as const)
    for (const { externalId } of (await pullAll(connector, session, feed)).documents) ids.add(externalId);
  expect(ids).toEqual(new Set(server.control.rows().map(({ id, code }) => `${id}/${code}`)));
  await server.close();
});

it("finds what came since its watermark, and begins no earlier than it was told to", async () => {
  const { connector, credentials, server } = await connected({ days: 60, seed: 13 });
  const session = sessionOf({ account, credentials });
  const first = await pullAll(connector, session, "balance");
  const sold = server.control.sell(true);
  const then = await pullAll(connector, session, "balance", first.watermark);
  expect(then.documents.map(({ externalId }) => externalId)).toContain(`${sold}/T0006`);
  expect(then.documents.length).toBeLessThan(first.documents.length / 2);
  const since = "2026-03-20T00:00:00.000Z";
  const late = await pullAll(connector, { ...session, since }, "orders");
  const days = late.documents.flatMap((document) =>
    connector.read(document, account).flatMap((fact) => (fact.kind === "order" ? [fact.when.on] : [])),
  );
  expect(days.length).toBeGreaterThan(0);
  expect([...days].sort()[0]?.localeCompare("2026-03-19")).toBeGreaterThanOrEqual(0);
  await server.close();
});
