/** A local Amazon's documents into real books, through two settlements: early news goes in, is taken back, and the payout is proved. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase, inBusiness } from "../../../db/scope";
import type { RawDocument } from "../../../integrations/connector";
import { balancesAt } from "../../../lib/books/reports";
import { verifyBooks } from "../../../lib/books/verify";
import { record } from "../../../lib/record";
import { addChannel } from "../../../lib/sales/channel-accounts";
import { payoutProof } from "../../../lib/sales/payout-reads";
import { aSeller } from "../../../scripts/lib/sellers";
import { testDatabase } from "../../support/database";
import { pullAll } from "../conformance";
import { account, connected, now } from "./support";

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

it("keeps the channel's balance at what Amazon owes, before a settlement, after one that is not paid, and after one that is", async () => {
  const scope = await aSeller("Amazon");
  const code = await inBusiness(scope, (tx) =>
    addChannel(tx, scope, { id: "amazon", kind: "amazon", name: "Amazon", state: "connected" }),
  );
  let clock = now;
  const here = await connected({ orders: 40, seed: 5, clock: () => clock });
  const { shop } = here.server.control;
  const marks = new Map<string, string | null>();
  const known = new Set<string>();
  const sync = async () => {
    const session = {
      account,
      credentials: here.credentials,
      since: null,
      signal: new AbortController().signal,
      renewed: async () => undefined,
    };
    for (const feed of ["orders", "payouts", "balance", "stock"] as const) {
      const { documents, watermark } = await pullAll(here.connector, session, feed, marks.get(feed) ?? null);
      marks.set(feed, watermark);
      // As the product does: a version that is here is not read again.
      const nameOf = ({ externalId, version }: RawDocument) => `${feed}/${externalId}/${version}`;
      const fresh = documents.filter((document) => !known.has(nameOf(document)));
      for (const document of fresh) known.add(nameOf(document));
      const facts = fresh.flatMap((document) =>
        here.connector.read(document, account).map((fact) => ({ fact, version: document.version })),
      );
      await record(scope, facts, { source: `sync-${clock}`, userId: null });
    }
  };
  const owed = async (): Promise<bigint> => {
    const balances = await inBusiness(scope, (tx) => balancesAt(tx, scope, "2026-12-31"));
    return balances.find((one) => one.code === code)?.amount ?? 0n;
  };
  const owes = () => BigInt(shop.owed());
  const verified = async () => (await verifyBooks(scope)).checks.flatMap(({ findings }) => findings);
  try {
    await sync();
    expect(await owed()).toBe(owes());
    expect(await verified()).toEqual([]);

    // A settlement that a refund brings below nothing is not paid: the seller owes it, and the next one begins with it.
    clock += 3_600_000;
    shop.refund(clock);
    clock += 3_600_000;
    const unpaid = shop.settle(clock);
    expect(shop.carried()).toBeLessThan(0);
    for (let i = 1; i <= 6; i += 1) shop.sell(clock + i * 60_000);
    clock += 3_600_000;
    await sync();
    expect(await owed()).toBe(owes());
    await expect(payoutProof(scope, `amazon/payout/${unpaid.id}`)).rejects.toMatchObject({ code: "not_found" });
    expect(await verified()).toEqual([]);

    const paid = shop.settle(clock);
    clock += 3_600_000;
    await sync();
    expect(await owed()).toBe(owes());
    const { proof, payout } = await payoutProof(scope, `amazon/payout/${paid.id}`);
    expect(payout.amount).toBeGreaterThan(0n);
    expect(proof.difference).toBe(0n);
    expect(proof.unexplained).toEqual([]);
    expect(await verified()).toEqual([]);
  } finally {
    await here.server.close();
  }
});
