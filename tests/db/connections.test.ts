/** What the database ends: deadlocks, serialisation, connections cut. Tried again where nothing was done, told where it was (F10–F12). */
import { sql } from "drizzle-orm";
import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase, inBusiness, rowsOf, sqlState } from "../../db/scope";
import { lockBooks } from "../../lib/books/ledger";
import type { Fact } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { recordAudit } from "../../lib/people/audit";
import { resultOf } from "../../lib/replay/run";
import { balanceOf, entriesOf, openRaces, recordAlone, twoShops, waitFor } from "../support/races";
import { deliberate } from "../support/statement-check";
import { give, item, order, proved } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
let other: Scope;

beforeAll(async () => {
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = await twoShops();
});
const record = (facts: readonly Fact[]) => recordAlone(scope, facts);
const postedFor = (kind: string, id: string) => entriesOf(owner, scope, kind, id);
const balance = (code: string) => balanceOf(scope, code);

describe("a transaction that the database ends", () => {
  test("by a deadlock is tried again, and posts once", async () => {
    const sale = order("o1", "2025-01-20", [["Mug", 1n, 500n, "MUG"]]);
    let recorded: Promise<{ added: number }> | undefined;
    await owner.begin(async (tx) => {
      // Theirs waits so long that ours is the one that the database takes for the victim.
      await tx`set local deadlock_timeout = '20s'`;
      await tx`select 1 from account_months where business_id = ${scope.businessId} for update`;
      recorded = record([sale]);
      await waitFor(owner, 1);
      await tx`select 1 from businesses where business_id = ${scope.businessId} for update`;
    });
    expect((await recorded)?.added).toBe(1);
    const [row] = await owner<
      { n: number }[]
    >`select deadlocks::int as n from pg_stat_database where datname = current_database()`;
    expect(row?.n).toBeGreaterThan(0);
    expect([await postedFor("order", "o1"), await postedFor("cost", "o1-1")]).toEqual([1, 1]);
    await proved(scope, other);
  });

  test("two in opposite orders both end well, with one try more", async () => {
    await give(scope, [item("cup", "Cup", "CUP")]);
    let [tries, held] = [0, 0];
    let meet: () => void = () => undefined;
    const met = new Promise<void>((done) => {
      meet = done;
    });
    const inOrder = (first: string, second: string) =>
      inBusiness(scope, async (tx) => {
        tries += 1;
        const lock = (id: string) =>
          tx.execute(sql`select 1 from app.items where business_id = ${scope.businessId} and id = ${id} for update`);
        await lock(first);
        held += 1;
        if (held === 2) meet();
        await met;
        await lock(second);
        return first;
      });
    expect(await Promise.all([inOrder("mug", "cup"), inOrder("cup", "mug")])).toEqual(["mug", "cup"]);
    expect(tries).toBe(3);
  });

  test("for its serialisation is tried again", async () => {
    let tries = 0;
    const add = () =>
      inBusiness(scope, async (tx) => {
        tries += 1;
        await tx.execute(sql`set transaction isolation level serializable`);
        const [row] = await rowsOf<{ n: number }>(
          tx,
          sql`select grace_days as n from app.businesses where business_id = ${scope.businessId}`,
        );
        // The snapshot is taken; whoever writes first wins.
        await new Promise((done) => setTimeout(done, 50));
        await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
        await lockBooks(tx, scope);
        await recordAudit(tx, scope, { what: "business.costing", about: scope.businessId });
        await tx.execute(
          sql`update app.businesses set grace_days = ${(row?.n ?? 0) + 1} where business_id = ${scope.businessId}`,
        );
      });
    await Promise.all([add(), add()]);
    const [row] = await owner<
      { n: number }[]
    >`select grace_days as n from businesses where business_id = ${scope.businessId}`;
    // Both were counted: neither has overwritten what it did not see.
    expect(row?.n).toBe(2);
    expect(tries).toBe(3);
  });

  test("each time is given up after five tries, with nothing kept", async () => {
    let tries = 0;
    const work = inBusiness(scope, async (tx) => {
      tries += 1;
      await tx.execute(sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$ ${sql.raw(deliberate)}`);
    });
    await expect(work).rejects.toSatisfy((error) => sqlState(error) === "40001");
    expect(tries).toBe(5);
  });

  test("in its middle by a cut connection: nothing stays, and the same again posts once", async () => {
    const sale = order("o1", "2025-01-20", [["Mug", 1n, 500n, "MUG"]]);
    await owner.begin(async (tx) => {
      await tx`select 1 from account_months where business_id = ${scope.businessId} for update`;
      const cut = record([sale]);
      cut.catch(() => undefined);
      await waitFor(owner, 1);
      await owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await expect(cut).rejects.toThrow();
    });
    expect(await postedFor("order", "o1")).toBe(0);
    await proved(scope);
    expect((await record([sale])).added).toBe(1);
    expect((await record([sale])).already).toBe(1);
    expect([await postedFor("order", "o1"), await postedFor("cost", "o1-1")]).toEqual([1, 1]);
    await proved(scope, other);
  });

  test("while it does nothing: what it asks for after that is refused, and the pool goes on", async () => {
    let isAsked: () => void = () => undefined;
    const asked = new Promise<void>((done) => {
      isAsked = done;
    });
    let goOn: () => void = () => undefined;
    const cut = new Promise<void>((done) => {
      goOn = done;
    });
    const ends = Promise.allSettled(
      [true, false].map((asksMore) =>
        inBusiness(scope, async (tx) => {
          await tx.execute(sql`select 1`);
          isAsked();
          await cut;
          if (asksMore) await tx.execute(sql`select 2`);
        }),
      ),
    );
    await asked;
    await new Promise((done) => setTimeout(done, 100));
    const [row] = await owner<{ n: number }[]>`select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
      where datname = current_database() and state = 'idle in transaction'`;
    expect(row?.n).toBe(2);
    expect((await ends).map((end) => end.status)).toEqual(["rejected", "rejected"]);
    goOn();
    // Long enough for what is written too late to be written.
    await new Promise((done) => setTimeout(done, 100));
    const sales = Array.from({ length: 30 }, (_, i) => order(`s${i}`, "2025-01-20", [["Mug", 1n, 500n, "MUG"]]));
    await Promise.all(sales.map((sale) => record([sale])));
    expect((await resultOf(scope)).sales).toHaveLength(30);
    await proved(scope, other);
  });

  test("three times under load: what was told as lost is done again, and each is posted once", async () => {
    const sales = Array.from({ length: 40 }, (_, i) => order(`s${i}`, "2025-01-20", [["Mug", 1n, 500n, "MUG"]]));
    let waiting = sales;
    let [added, lost] = [0, 0];
    for (let round = 0; waiting.length > 0; round += 1) {
      const work = waiting.map((sale) => record([sale]));
      const ends = Promise.allSettled(work);
      if (round < 3) {
        await Promise.race(work.map((one) => one.catch(() => undefined)));
        await owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'lotbook'`;
      }
      const again: typeof sales = [];
      for (const [place, end] of (await ends).entries()) {
        const sale = waiting[place];
        if (sale === undefined) continue;
        if (end.status === "fulfilled") added += end.value.added;
        else again.push(sale);
      }
      lost += again.length;
      waiting = again;
    }
    expect(lost).toBeGreaterThan(0);
    // Those that were committed while their answer was cut off are known already the second time.
    expect(added).toBeLessThanOrEqual(40);
    const { sales: sold } = await resultOf(scope);
    expect([sold.length, sold.filter((one) => one.uncosted === 0).length]).toEqual([40, 10]);
    const [row] = await owner<{ n: number }[]>`select count(*)::int as n from journal_entries
      where business_id = ${scope.businessId} and document_kind = 'order'`;
    expect([row?.n, await balance("5000")]).toEqual([40, 1_003n]);
    await proved(scope, other);
  });
});
