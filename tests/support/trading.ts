/** Facts of a small shop in few words, and two shops with a channel each: what tests of selling begin with. */
import { expect } from "vitest";
import { inBusiness } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { Refusal } from "../../lib/core/errors";
import type { Fact, OrderFact, PurchaseFact } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { resultOf } from "../../lib/replay/run";
import { addChannel } from "../../lib/sales/channel-accounts";
import { newId } from "../../lib/system/ids";
import { aSeller } from "../../scripts/lib/sellers";

export async function aShop(name: string): Promise<Scope> {
  const scope = await aSeller(name);
  await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "shop", kind: "etsy", name: "Etsy", state: "file" }));
  return scope;
}

export const item = (id: string, name: string, sku: string | null = null): Fact => ({
  kind: "item",
  id,
  name,
  sku,
  decimals: 0,
  aliases: [],
});

/** Lines are [item, quantity, amount]; `over` says what was paid where that is more. */
export const purchase = (
  id: string,
  date: string,
  lines: readonly (readonly [string, bigint, bigint])[],
  over: Partial<PurchaseFact> = {},
): PurchaseFact => ({
  kind: "purchase",
  id,
  date,
  amount: lines.reduce((sum, [, , amount]) => sum + amount, 0n),
  lines: lines.map(([of, qty, amount], i) => ({ id: `${id}-${i + 1}`, item: of, qty, amount, location: null })),
  extras: [],
  account: "1000",
  supplier: `Seller of ${id}`,
  ...over,
});

/** Lines are [name, quantity, amount, SKU]. */
export const order = (
  id: string,
  on: string,
  lines: readonly (readonly [string, bigint, bigint, (string | null)?])[],
  over: Partial<OrderFact> = {},
): OrderFact => ({
  kind: "order",
  id,
  channel: "shop",
  number: `N-${id}`,
  when: { on, at: null },
  lines: lines.map(([name, qty, amount, sku], i) => ({
    id: `${id}-${i + 1}`,
    sku: sku ?? null,
    name,
    listing: null,
    qty,
    amount,
    location: null,
  })),
  shipping: 0n,
  tax: 0n,
  taxBy: "channel",
  discount: 0n,
  fees: [],
  ...over,
});

export const give = (scope: Scope, facts: readonly Fact[]) =>
  record(
    scope,
    facts.map((fact) => ({ fact, version: newId() })),
    { source: null, userId: null },
  );

/** What the books say, but for how many entries it took: the same for two histories with the same facts. */
export const booksNow = async (scope: Scope) => ({ ...(await resultOf(scope)), entries: 0, adjusting_entries: 0 });

export async function proved(...scopes: readonly Scope[]): Promise<void> {
  for (const scope of scopes) {
    const proof = await verifyBooks(scope);
    expect(proof.checks.flatMap((check) => check.findings)).toEqual([]);
  }
}

/** The refusal's code and field; fails where it is not refused. */
export async function refused(work: Promise<unknown>): Promise<Readonly<{ code: string; field: string | undefined }>> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Refusal)) throw error ?? new Error("it was not refused");
  return { code: error.code, field: error.detail.field };
}
