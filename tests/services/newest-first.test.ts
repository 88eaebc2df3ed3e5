/** A first sync is useful while it is under way: what the channel says first, its newest sales, is in the books before the rest has come. */
import { sql } from "drizzle-orm";
import { afterAll, afterEach, expect, test } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Scope } from "../../lib/people/access";
import { runOf } from "../../lib/system/runs";
import { aSeller } from "../../scripts/lib/sellers";
import { connectTo, type Live, live, syncToEnd } from "../support/live";
import { proved } from "../support/trading";
import { until } from "../workers/process";

let shop: Live | undefined;
afterEach(() => shop?.close());
afterAll(closeDatabase);

type Order = Readonly<{ id: string; on: string; posted: boolean }>;

const ordersOf = (scope: Scope): Promise<readonly Order[]> =>
  inBusiness(scope, (tx) =>
    rowsOf<Order>(
      tx,
      sql`select o.id, o.on_date::text as on, exists (select 1 from app.journal_entries e where e.business_id = ${scope.businessId}
            and e.document_id = o.id) as posted
          from app.orders o where o.business_id = ${scope.businessId} order by o.on_date, o.id`,
    ),
  );

test("the newest sales are posted while older ones are still to come, and the books are the same in the end", async () => {
  shop = await live("woocommerce", "paged");
  const scope = await aSeller();
  const { channelId, run } = await connectTo(scope, shop);
  await shop.command("faults", { slow: 50, slowMs: 700 });
  const sync = syncToEnd(scope, channelId, run ?? "");
  const early = await until(
    "sales in the books",
    () => ordersOf(scope),
    (found) => found.length > 0,
  );
  const { steps, total } = await runOf(scope, run ?? "");
  await shop.command("faults", { slow: 0 });
  await sync;
  const step = steps.find(({ key }) => key === "orders");
  expect(step?.state).toBe("running");
  // How many there will be nobody knows yet.
  expect(total).toBe(null);
  expect(steps.find(({ key }) => key === "books")?.state).toBe("running");
  const all = await ordersOf(scope);
  expect(early.length).toBeLessThan(all.length / 2);
  // One that was called off posts nothing, then and now.
  const known = new Set(early.map(({ id }) => id));
  expect(early).toEqual(all.filter(({ id }) => known.has(id)));
  expect(early.some(({ posted }) => posted)).toBe(true);
  // An order's day in the books is the one on which it was paid, so a few come out of turn.
  const middleOf = (orders: readonly Order[]) => orders[Math.floor(orders.length / 2)]?.on ?? "";
  expect(middleOf(early) > middleOf(all.filter(({ id }) => !known.has(id)))).toBe(true);
  const done = await runOf(scope, run ?? "");
  expect([done.state, done.done, done.skipped]).toEqual(["done", done.total, 0]);
  expect(done.steps.map(({ state }) => state)).toEqual(done.steps.map(() => "done"));
  await proved(scope);
}, 120_000);
