/** A seller whose first sync is what tests of faults disturb, and the same one left in peace, to compare with. */
import { sql } from "drizzle-orm";
import { asSystem } from "../../db/scope";
import type { Practice } from "../../integrations/practice/server/index";
import type { Fact } from "../../lib/core/facts";
import { syncChannel } from "../../lib/digest";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { aSeller, connect } from "../../scripts/lib/sellers";

/** A seller who has bought some of what the market sells, so that sales have costs. */
export async function sellerWithStock(market: Practice): Promise<Scope> {
  const scope = await aSeller();
  const sold = market.control.shop
    .feed("orders")
    .flatMap(({ body }) => body.lines as readonly { sku: string | null }[]);
  const skus = [...new Set(sold.flatMap(({ sku }) => (sku === null || sku === "" ? [] : [sku])))].sort().slice(0, 30);
  const lines = skus.map((_, i) => ({
    id: `bought/${i}`,
    item: `item/${i}`,
    qty: 40n,
    amount: BigInt(1_000 * (i + 7) + 1),
    location: null,
  }));
  const facts: Fact[] = [
    ...skus.map(
      (sku, i): Fact => ({ kind: "item", id: `item/${i}`, name: `Thing ${i}`, sku, decimals: 0, aliases: [] }),
    ),
    {
      kind: "purchase",
      id: "bought",
      date: "2025-01-02",
      amount: lines.reduce((sum, line) => sum + line.amount, 0n),
      lines,
      extras: [],
      account: "1000",
      supplier: null,
    },
  ];
  await record(
    scope,
    facts.map((fact) => ({ fact, version: null })),
    { source: null, userId: null },
  );
  return scope;
}

/** Connects and synchronises in this very process, without queue and worker. */
export async function undisturbed(market: Practice): Promise<Scope> {
  const scope = await sellerWithStock(market);
  const { channelId, run } = await connect(scope);
  await asSystem("this one needs no worker", (tx) =>
    tx.execute(sql`delete from app.outbox where business_id = ${scope.businessId}`),
  );
  await syncChannel(scope, { channelId, run: run ?? "", signal: new AbortController().signal });
  return scope;
}
