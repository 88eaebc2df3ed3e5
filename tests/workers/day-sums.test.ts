/** The sums of days that Sold and Balances read: exact whoever records, sums or dies at the same moment; proved; and there for old books. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { migrate } from "../../db/migrate";
import { closeDatabase } from "../../db/scope";
import { balanceReport } from "../../lib/books/reports";
import { summariseDays } from "../../lib/books/summarise-days";
import { verifyBooks } from "../../lib/books/verify";
import { addDays } from "../../lib/core/dates";
import type { Scope } from "../../lib/people/access";
import { removeBusiness } from "../../lib/people/businesses";
import { soldTotals } from "../../lib/sales/sold-reads";
import { inventoryTape } from "../../lib/stock/inventory-reads";
import { testDatabase } from "../support/database";
import { keptNow, sumsAgree } from "../support/sums";
import { aShop, give, item, order, proved, purchase } from "../support/trading";
import { startWorker, until } from "./process";

const year = { from: "2025-01-01", to: "2025-12-31" };
const fees = [{ kind: "selling", amount: 199n }] as const;
let owner: postgres.Sql;
beforeAll(async () => {
  owner = postgres((await testDatabase()).url, {
    max: 2,
    connection: { search_path: "app" },
    onnotice: () => undefined,
  });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

const dayOf = (n: number) => addDays("2025-03-01", n);
const sale = (n: number, day = dayOf(n % 40)) =>
  order(`o${n}`, day, [["Mug", 1n, 1_999n, "MUG"], ...(n % 7 === 0 ? ([["Lamp", 1n, 500n]] as const) : [])], { fees });

async function trades(name: string, days = 40): Promise<Scope> {
  const scope = await aShop(name);
  await give(scope, [item("mug", "Mug", "MUG"), purchase("p1", "2025-02-01", [["mug", 500n, 100_003n]])]);
  await give(
    scope,
    Array.from({ length: days }, (_, n) => sale(n)),
  );
  return scope;
}

describe("summed days", () => {
  let scope: Scope;
  beforeEach(async () => {
    scope = await trades("Beech Road");
  });

  test("are as many as were marked; what is recorded later marks its own and nothing else", async () => {
    const before = await keptNow(scope);
    // The purchase's day, and the forty of the sales.
    expect(before).toEqual({ marked: 41, sold: 0, inventory: 0, accounts: 0 });
    const raw = await soldTotals(scope, year);
    expect(await summariseDays(scope)).toEqual({ days: 41, isDone: true });
    expect(await keptNow(scope)).toEqual({ marked: 0, sold: 40, inventory: 41, accounts: 41 });
    expect(await soldTotals(scope, year)).toEqual(raw);
    await give(scope, [sale(40, "2025-03-05")]);
    expect(await keptNow(scope)).toEqual({ marked: 1, sold: 40, inventory: 41, accounts: 41 });
    expect((await soldTotals(scope, year)).lines).toBe(raw.lines + 1);
    await sumsAgree(scope);
  });

  test("are marked where a late purchase or a charge changes their lines", async () => {
    await summariseDays(scope);
    await give(scope, [
      // From its day on all mugs cost something else.
      purchase("late", "2025-02-01", [["mug", 1n, 1n]]),
      {
        kind: "charge",
        id: "label",
        channel: "shop",
        date: "2025-06-01",
        category: "label",
        type: "Label",
        amount: -431n,
        order: "o7",
        memo: "",
      },
    ]);
    await sumsAgree(scope);
    await proved(scope);
  });

  test("are marked where money moves and nothing else, and the reports of that day know it at once", async () => {
    await summariseDays(scope);
    const eve = await balanceReport(scope, "2025-03-08");
    const before = await balanceReport(scope, "2025-03-10");
    await give(scope, [{ kind: "payout", id: "paid", channel: "shop", date: "2025-03-09", amount: 70n }]);
    expect((await keptNow(scope)).marked).toBe(1);
    const after = await balanceReport(scope, "2025-03-10");
    // From what the channel owes to what is on its way to the bank.
    expect(after.assets.amount).toBe(before.assets.amount);
    expect(after.assets.children).not.toEqual(before.assets.children);
    expect(await balanceReport(scope, "2025-03-08")).toEqual(eve);
    await sumsAgree(scope);
    await proved(scope);
  });

  test("lose nothing to two workers at once and to who records meanwhile, on the very days that are summed", async () => {
    const selling = (async () => {
      for (let n = 100; n < 130; n += 1) await give(scope, [sale(n)]);
    })();
    const summing = [1, 2].map(async () => {
      for (let n = 0; n < 12; n += 1) await summariseDays(scope);
    });
    await Promise.all([selling, ...summing]);
    await sumsAgree(scope);
    await proved(scope);
  });

  test("keep nobody waiting who records: not while their marks are taken", async () => {
    const held = await owner.reserve();
    try {
      await held`begin`;
      await held`delete from touched_days where business_id = ${scope.businessId}`;
      await give(scope, [sale(200, dayOf(3))]);
      await held`commit`;
    } finally {
      held.release();
    }
    // The mark that came meanwhile is still there, for who sums next.
    expect((await keptNow(scope)).marked).toBe(1);
  });

  test("of another business are its own", async () => {
    const other = await aShop("Next door");
    await give(other, [order("alien", dayOf(0), [["Pot", 1n, 100n]])]);
    await summariseDays(scope);
    expect(await keptNow(other)).toEqual({ marked: 1, sold: 0, inventory: 0, accounts: 0 });
    await summariseDays(other);
    expect((await soldTotals(other, year)).price).toBe(100n);
    await removeBusiness(other);
    const [left] = await owner`select count(*)::int as n from sold_days where business_id = ${other.businessId}`;
    expect(left?.n).toBe(0);
    await sumsAgree(scope);
  });
});

describe("the job", () => {
  test.each(["summarise.taken", "summarise.committed"])(
    "killed at %s loses no mark, and the next worker sums the rest",
    async (place) => {
      process.env.SUMMARISE_AFTER_MS = "1";
      const scope = await trades("Cherry Lane");
      const [sold, tape] = [await soldTotals(scope, year), await inventoryTape(scope, year)];
      const killed = startWorker({}, `${place}=kill`);
      expect((await killed.ended).signal).toBe("SIGKILL");
      // Sixteen days of one transaction are summed or all of them are marked.
      const kept = await keptNow(scope);
      expect(kept).toMatchObject(place === "summarise.taken" ? { marked: 41, sold: 0 } : { marked: 25, sold: 16 });
      expect([await soldTotals(scope, year), await inventoryTape(scope, year)]).toEqual([sold, tape]);
      const worker = startWorker();
      await until(
        "all days are summed",
        () => keptNow(scope),
        ({ marked }) => marked === 0,
      );
      expect(await worker.stop()).toEqual({ code: 0, signal: null });
      expect([await soldTotals(scope, year), await inventoryTape(scope, year)]).toEqual([sold, tape]);
      await proved(scope);
    },
    60_000,
  );
});

describe("verify", () => {
  const changes: readonly (readonly [string, string, RegExp])[] = [
    [
      "a sum of what was sold",
      "update sold_days set known_fees_minor = known_fees_minor + 1 where business_id = $1 and on_date = '2025-03-04'",
      /^what was sold through shop on 2025-03-04$/,
    ],
    [
      "a day without sums and without a mark",
      "delete from sold_days where business_id = $1 and on_date = '2025-03-05'",
      /^what was sold through shop on 2025-03-05$/,
    ],
    [
      "sums of a day on which nothing was",
      "update sold_days set on_date = '2024-12-24' where business_id = $1 and on_date = '2025-03-06'",
      /^what was sold through shop on 2024-12-24$/,
    ],
    [
      "a sum of a day's orders",
      "update order_days set missing = missing + 1 where business_id = $1 and on_date = '2025-03-04'",
      /^what was ordered through shop on 2025-03-04$/,
    ],
    [
      "what a day's sales took out of Inventory",
      "update inventory_days set amount_minor = amount_minor - 1 where business_id = $1 and on_date = '2025-03-07'",
      /^what changed Inventory on 2025-03-07, sale$/,
    ],
    [
      "a purchase that is gone from its day",
      "delete from inventory_days where business_id = $1 and what = 'purchase'",
      /^what changed Inventory on 2025-02-01, purchase p1$/,
    ],
    [
      "what an account was debited on a day",
      "update account_days set debit_minor = debit_minor + 1 where business_id = $1 and on_date = '2025-03-07' and code = '5000'",
      /^debits and credits of account 5000 on 2025-03-07$/,
    ],
    [
      "a day of an account that is gone",
      "delete from account_days where business_id = $1 and on_date = '2025-03-06' and code = '1200'",
      /^debits and credits of account 1200 on 2025-03-06$/,
    ],
    [
      "sums of a day on which nothing was posted",
      "update account_days set on_date = '2024-12-24' where business_id = $1 and on_date = '2025-03-05'",
      /^debits and credits of account 4000 on 2024-12-24$/,
    ],
  ];
  test.each(changes)(
    "finds and names %s; marked, it is believed by nobody and summed anew",
    async (_name, forge, what) => {
      const scope = await trades("Rowan Hill", 10);
      await summariseDays(scope);
      await proved(scope);
      const before = [await soldTotals(scope, year), await inventoryTape(scope, year)];
      await owner.unsafe(forge, [scope.businessId]);
      const findings = async () =>
        (await verifyBooks(scope)).checks.flatMap((check) => check.findings.map((finding) => finding.what));
      expect((await findings()).some((found) => what.test(found))).toBe(true);
      await owner`insert into touched_days (business_id, on_date, id)
      select ${scope.businessId}, d::date, gen_random_uuid() from generate_series('2024-12-01'::date, '2025-04-30', '1 day') d`;
      expect(await findings()).toEqual([]);
      expect([await soldTotals(scope, year), await inventoryTape(scope, year)]).toEqual(before);
      await summariseDays(scope);
      await proved(scope);
    },
  );
});

test("books from before there were sums have all their days marked, and the job asked for", async () => {
  const [scope, empty] = [await trades("Old", 10), await aShop("Empty")];
  const before = [await soldTotals(scope, year), await inventoryTape(scope, year)];
  await owner`delete from outbox`;
  await owner.unsafe(
    "drop table app.touched_days, app.sold_days, app.order_days, app.inventory_days, app.account_days; delete from app.migrations where name in ('0014_sums.sql', '0031_account_days.sql')",
  );
  const database = await testDatabase();
  expect((await migrate(database.url, database.appPassword)).ran).toEqual(["0014_sums.sql", "0031_account_days.sql"]);
  expect(await keptNow(scope)).toEqual({ marked: 11, sold: 0, inventory: 0, accounts: 0 });
  const asked = await owner<{ business: string; payload: unknown }[]>`
    select business_id as business, payload from outbox where job = 'summariseDays'`;
  expect(asked.find(({ business }) => business === scope.businessId)?.payload).toEqual({ business: scope.businessId });
  expect(asked.map(({ business }) => business)).not.toContain(empty.businessId);
  expect([await soldTotals(scope, year), await inventoryTape(scope, year)]).toEqual(before);
  await sumsAgree(scope);
  await proved(scope, empty);
});
