import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { Refusal } from "../../lib/core/errors";
import { checkParts, purchasesOf, transactionPostings, wordsOf } from "../../lib/core/transactions";
import { openDemo } from "../../lib/demo/open";
import {
  type As,
  addByHand,
  countLike,
  editByHand,
  joinDeposits,
  makeRule,
  removeByHand,
  sortAs,
  takeRuleBack,
} from "../../lib/desk/transactions";
import { addMoneyAccount, hideMoneyAccount, moneyAccounts, renameMoneyAccount } from "../../lib/money/money-accounts";
import { listRules, moveRule, removeRule, switchRule } from "../../lib/money/rules";
import { listTransactions, partsOf, showTransaction } from "../../lib/money/transaction-reads";
import type { Scope } from "../../lib/people/access";
import { createBusiness } from "../../lib/people/businesses";
import { record } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { newId } from "../../lib/system/ids";
import { testDatabase } from "../support/database";

const usual = { name: "Alder", country: "US", currency: "USD", timeZone: "America/New_York", taxYearStartMonth: 1 };
let alder: Scope;
let birch: Scope;
let savings: string;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

async function twoBusinesses(): Promise<void> {
  alder = await createBusiness({ id: newId() }, usual);
  birch = await createBusiness({ id: newId() }, { ...usual, name: "Birch" });
  savings = await addMoneyAccount(alder, { name: "Savings", holds: "bank", number: "12345678" });
}

const line = (scope: Scope, amount: bigint, payee: string, on = "2026-03-10", account = "1000") =>
  addByHand(scope, { account, on, amount, payee, memo: "" });
const say = (id: string, as: As, version: number | null = null) => sortAs(alder, [{ id, version }], as);
async function balances(scope: Scope): Promise<Readonly<Record<string, bigint>>> {
  const rows = await inBusiness(scope, (tx) =>
    rowsOf<{ code: string; amount: string }>(
      tx,
      sql`select code, sum(debit_minor - credit_minor)::text as amount from app.account_months where business_id = ${scope.businessId} group by code
          having sum(debit_minor - credit_minor) <> 0 order by code`,
    ),
  );
  return Object.fromEntries(rows.map((row) => [row.code, BigInt(row.amount)]));
}
async function clean(): Promise<void> {
  for (const scope of [alder, birch]) {
    const proof = await verifyBooks(scope);
    expect(proof.checks.flatMap((check) => check.findings)).toEqual([]);
  }
}
async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Refusal)) throw new Error(`not refused, but ${String(error)}`);
  return error;
}

describe("what a transaction is", () => {
  it("posts from the first moment, then only the difference, and goes back to open", async () => {
    await twoBusinesses();
    const id = await line(alder, -1240n, "USPS PO 4471");
    expect(await balances(alder)).toEqual({ "1000": -1240n, "9991": 1240n });
    const each: readonly (readonly [As, Readonly<Record<string, bigint>>])[] = [
      [
        { kind: "category", code: "6030" },
        { "1000": -1240n, "6030": 1240n },
      ],
      [{ kind: "personal" }, { "1000": -1240n, "3010": 1240n }],
      [{ kind: "inventory" }, { "1000": -1240n, "1200": 1240n }],
      [{ kind: "hidden" }, { "1000": -1240n, "9991": 1240n }],
      [
        {
          kind: "split",
          parts: [
            { category: "6040", amount: -240n, memo: "tape" },
            { category: "1200", amount: -1000n, memo: "" },
          ],
        },
        { "1000": -1240n, "1200": 1000n, "6040": 240n },
      ],
      [
        { kind: "transfer", account: savings },
        { "1000": -1240n, [savings]: 1240n },
      ],
      [{ kind: "open" }, { "1000": -1240n, "9991": 1240n }],
    ];
    for (const [as, wanted] of each) {
      await say(id, as);
      expect(await balances(alder)).toEqual(wanted);
      await clean();
    }
    expect(await balances(birch)).toEqual({});
    expect((await refusal(sortAs(birch, [{ id, version: null }], { kind: "personal" }))).code).toBe("not_found");
    expect(
      (await refusal(sortAs({ ...alder, role: "viewer" }, [{ id, version: null }], { kind: "personal" }))).code,
    ).toBe("not_allowed");
  });

  it("is not changed under somebody's hands, nor into what it cannot be", async () => {
    await twoBusinesses();
    const out = await line(alder, -5000n, "Redwood");
    const into = await line(alder, 5000n, "Refund of Redwood");
    await say(out, { kind: "personal" }, 1);
    expect((await refusal(say(out, { kind: "inventory" }, 1))).code).toBe("stale");
    expect((await refusal(say(into, { kind: "inventory" }))).code).toBe("does_not_fit");
    expect((await refusal(say(out, { kind: "category", code: savings }))).code).toBe("does_not_fit");
    expect((await refusal(say(out, { kind: "category", code: "7777" }))).code).toBe("unknown_id");
    expect((await refusal(say(out, { kind: "transfer", account: "1000" }))).code).toBe("does_not_fit");
    const part = (category: string, amount: bigint) => ({ category, amount, memo: "" });
    expect((await refusal(say(out, { kind: "split", parts: [part("6040", -4000n), part("6030", -900n)] }))).code).toBe(
      "does_not_fit",
    );
    expect((await refusal(sortAs(alder, [], { kind: "personal" }))).code).toBe("field_missing");
    await clean();
  });

  it("as a purchase with details waits until the details are taken back", async () => {
    await twoBusinesses();
    const id = await line(alder, -5000n, "Redwood");
    await say(id, { kind: "inventory" });
    const { purchase, leftMinor } = await showTransaction(alder, id);
    expect([purchase, leftMinor]).toEqual([`transaction/${id}`, 5000n]);
    const fact = (
      lines: readonly Readonly<{ id: string; item: string; qty: bigint; amount: bigint; location: null }>[],
    ) => ({
      fact: {
        kind: "purchase" as const,
        id: purchase ?? "",
        date: "2026-03-10",
        amount: 5000n,
        lines,
        extras: [],
        account: "1000",
        supplier: "Redwood",
      },
      version: newId(),
    });
    const item = { kind: "item" as const, id: "jar", name: "Jar", sku: null, decimals: 0, aliases: [] };
    const origin = { source: null, userId: null, revives: true };
    await record(
      alder,
      [{ fact: item, version: "1" }, fact([{ id: "l1", item: "jar", qty: 2n, amount: 3000n, location: null }])],
      origin,
    );
    const refused = await refusal(say(id, { kind: "category", code: "6160" }));
    expect([refused.code, refused.message]).toEqual([
      "in_use",
      "The purchase from Redwood has details for 30.00. Take the details back first, then say what it is.",
    ]);
    await record(alder, [fact([])], origin);
    await say(id, { kind: "category", code: "6160" });
    expect(await balances(alder)).toEqual({ "1000": -5000n, "6160": 5000n });
    await say(id, { kind: "inventory" });
    expect((await showTransaction(alder, id)).leftMinor).toBe(5000n);
    await clean();
  });

  it("a split keeps its parts and each Inventory part is a purchase", async () => {
    await twoBusinesses();
    const id = await line(alder, -9000n, "Costco");
    const parts = [
      { category: "1200", amount: -6000n, memo: "jars" },
      { category: "6140", amount: -3500n, memo: "" },
      { category: "6140", amount: 500n, memo: "coupon" },
    ];
    await say(id, { kind: "split", parts });
    expect((await partsOf(alder, id)).map((one) => [one.categoryName, one.amount])).toEqual([
      ["Inventory", -6000n],
      ["Office expense", -3500n],
      ["Office expense", 500n],
    ]);
    expect(await balances(alder)).toEqual({ "1000": -9000n, "1200": 6000n, "6140": 3000n });
    await clean();
    await say(id, { kind: "open" });
    expect(await partsOf(alder, id)).toEqual([]);
    expect(await balances(alder)).toEqual({ "1000": -9000n, "9991": 9000n });
    await clean();
  });
});

describe("a transfer", () => {
  it("finds its other line, posts once, and lets it go again", async () => {
    await twoBusinesses();
    const out = await line(alder, -20000n, "To savings", "2026-03-10");
    const into = await line(alder, 20000n, "From checking", "2026-03-12", savings);
    await say(into, { kind: "transfer", account: "1000" });
    expect((await showTransaction(alder, out)).state).toBe("transfer");
    expect(await balances(alder)).toEqual({ "1000": -20000n, [savings]: 20000n });
    await clean();
    await say(out, { kind: "open" });
    expect((await showTransaction(alder, into)).state).toBe("open");
    expect(await balances(alder)).toEqual({ "1000": -20000n, [savings]: 20000n, "9990": -20000n, "9991": 20000n });
    await clean();
  });

  it("waits for a line that comes later; where two fit, a person says which", async () => {
    await twoBusinesses();
    const out = await line(alder, -20000n, "To savings");
    await say(out, { kind: "transfer", account: savings });
    expect(await balances(alder)).toEqual({ "1000": -20000n, [savings]: 20000n });
    await clean();
    const into = await line(alder, 20000n, "From checking", "2026-03-11", savings);
    expect(await showTransaction(alder, into)).toMatchObject({ state: "transfer", matched: out });
    expect(await balances(alder)).toEqual({ "1000": -20000n, [savings]: 20000n });
    await clean();
    const one = await line(alder, -700n, "A", "2026-04-01");
    const [first, second] = [
      await line(alder, 700n, "B", "2026-04-02", savings),
      await line(alder, 700n, "C", "2026-04-02", savings),
    ];
    await say(one, { kind: "transfer", account: savings });
    expect((await showTransaction(alder, one)).matched).toBeNull();
    await say(one, { kind: "transfer", account: savings, twin: second });
    expect([(await showTransaction(alder, first)).state, (await showTransaction(alder, second)).matched]).toEqual([
      "open",
      one,
    ]);
    await clean();
  });
});

describe("a deposit", () => {
  it("is joined with the payout that it became, and only one of two that fit by a person", async () => {
    await twoBusinesses();
    await inBusiness(alder, (tx) => addChannel(tx, alder, { id: "etsy", kind: "etsy", name: "Etsy", state: "file" }));
    const payout = (id: string, date: string) => ({
      fact: { kind: "payout" as const, id, channel: "etsy", date, amount: 9000n },
      version: "1",
    });
    const deposit = await line(alder, 9000n, "ETSY INC", "2026-03-12");
    await record(alder, [payout("p1", "2026-03-10"), payout("p2", "2026-03-11")], { source: null, userId: null });
    expect(await joinDeposits(alder)).toBe(0);
    expect((await showTransaction(alder, deposit)).payouts.map((one) => one.id)).toEqual(["p2", "p1"]);
    await say(deposit, { kind: "payout", payout: "p1" });
    expect(await balances(alder)).toEqual({ "1000": 9000n, "1150": -18000n, "1180": 9000n });
    await clean();
    const other = await line(alder, 9000n, "ETSY INC", "2026-03-13");
    // The one that is left fits one payout alone, so it needed nobody.
    expect(await showTransaction(alder, other)).toMatchObject({ state: "payout", matched: "p2" });
    expect((await refusal(say(other, { kind: "payout", payout: "p1" }))).code).toBe("stale");
    await say(deposit, { kind: "open" });
    expect((await showTransaction(alder, deposit)).payouts.map((one) => one.id)).toEqual(["p1"]);
    expect(await joinDeposits(alder)).toBe(1);
    expect(await balances(alder)).toEqual({ "1000": 18000n, "1150": -18000n });
    await clean();
  });
});

describe("accounts", () => {
  it("keep their own names, and are hidden only when they hold nothing", async () => {
    await twoBusinesses();
    const cash = await addMoneyAccount(alder, { name: "Cash box", holds: "cash", number: null });
    const named = (name: string) => renameMoneyAccount(alder, { code: cash, name, number: null });
    expect((await refusal(named("CHECKING"))).code).toBe("duplicate_id");
    await named("cash box");
    const hide = (scope: Scope, isHidden: boolean) => hideMoneyAccount(scope, { code: cash, isHidden });
    expect((await refusal(hide(birch, true))).code).toBe("not_found");
    const id = await addByHand(alder, { account: cash, on: "2026-03-02", amount: 500n, payee: "Float", memo: "" });
    expect((await refusal(hide(alder, true))).code).toBe("in_use");
    const back = await addByHand(alder, { account: cash, on: "2026-03-03", amount: -500n, payee: "Back", memo: "" });
    expect((await refusal(hide(alder, true))).message).toMatch(/lines to categorise/);
    await sortAs(
      alder,
      [id, back].map((one) => ({ id: one, version: null })),
      { kind: "personal" },
    );
    const shown = async () => (await moneyAccounts(alder)).find((one) => one.code === cash)?.isArchived;
    await hide(alder, true);
    expect(await shown()).toBe(true);
    const again = { account: cash, on: "2026-03-04", amount: 500n, payee: "Float", memo: "" };
    expect((await refusal(addByHand(alder, again))).code).toBe("unknown_id");
    await hide(alder, false);
    expect(await shown()).toBe(false);
    await clean();
  });
});

describe("rules", () => {
  it("file all like this now and later, in their order, and can be switched off", async () => {
    await twoBusinesses();
    for (const payee of ["USPS PO 1", "usps po 2", "Blue Cup"]) await line(alder, -500n, payee);
    await line(birch, -500n, "USPS PO 9");
    expect(await countLike(alder, { words: "USPS", direction: "out", account: null })).toBe(2);
    const rule = { direction: "out" as const, account: null, state: "categorised" as const, category: "6030" };
    const made = await makeRule(alder, { ...rule, words: "usps" });
    expect(made.sorted).toBe(2);
    await line(alder, -900n, "USPS PO 3");
    await line(alder, 900n, "USPS refund");
    expect(await balances(alder)).toEqual({ "1000": -1500n, "6030": 1900n, "9990": -900n, "9991": 500n });
    expect((await balances(birch))["6030"]).toBeUndefined();
    const second = await makeRule(alder, { ...rule, words: "po", category: "6140" });
    await moveRule(alder, second.id, "up");
    await line(alder, -100n, "USPS PO 4");
    expect((await balances(alder))["6140"]).toBe(100n);
    await switchRule(alder, second.id, true);
    await line(alder, -100n, "USPS PO 5");
    expect((await balances(alder))["6140"]).toBe(100n);
    expect((await listRules(alder)).map((one) => [one.words, one.used, one.isOff])).toEqual([
      ["po", 1, true],
      ["usps", 4, false],
    ]);
    await removeRule(alder, second.id);
    expect(await listRules(alder)).toHaveLength(1);
    expect((await balances(alder))["6140"]).toBe(100n);
    expect((await refusal(makeRule(alder, { ...rule, words: " " }))).code).toBe("field_missing");
    expect((await refusal(removeRule(birch, made.id))).code).toBe("not_found");
    await clean();
  });

  it("are taken back with all that they have filed", async () => {
    await twoBusinesses();
    for (const payee of ["USPS PO 1", "usps po 2", "Blue Cup"]) await line(alder, -500n, payee);
    const rule = { direction: "out" as const, account: null, state: "categorised" as const, category: "6030" };
    const made = await makeRule(alder, { ...rule, words: "usps" });
    await line(alder, -900n, "USPS PO 3");
    expect((await refusal(takeRuleBack(birch, made.id))).code).toBe("not_found");
    expect(await takeRuleBack(alder, made.id)).toBe(3);
    expect(await listRules(alder)).toEqual([]);
    expect(await countLike(alder, { words: "usps", direction: "out", account: null })).toBe(3);
    expect(await balances(alder)).toEqual({ "1000": -2400n, "9991": 2400n });
    expect((await refusal(takeRuleBack(alder, made.id))).code).toBe("not_found");
    await clean();
  });
});

describe("lines by hand and the list", () => {
  it("are edited and taken away with what they posted", async () => {
    await twoBusinesses();
    const id = await line(alder, -500n, "Cash for tape");
    await say(id, { kind: "category", code: "6040" });
    const change = { account: "1000", on: "2026-04-02", amount: -700n, payee: "Tape", memo: "two rolls" };
    expect((await refusal(editByHand(alder, { id, version: 1 }, change))).code).toBe("stale");
    await editByHand(alder, { id, version: 2 }, change);
    expect(await balances(alder)).toEqual({ "1000": -700n, "6040": 700n });
    expect(await showTransaction(alder, id)).toMatchObject({
      on: "2026-04-02",
      memo: "two rolls",
      categoryName: "Packaging",
    });
    await clean();
    await removeByHand(alder, { id, version: null });
    expect(await balances(alder)).toEqual({});
    expect((await refusal(showTransaction(alder, id))).code).toBe("not_found");
    await clean();
  });

  it("is filtered, paged and summed", async () => {
    await twoBusinesses();
    for (let i = 1; i <= 5; i += 1) await line(alder, BigInt(-100 * i), `Payee ${i}`, `2026-03-0${i}`);
    await line(alder, 250n, "100% wool_", "2025-12-31");
    const first = await listTransactions(alder, { from: "2026-01-01", to: "2026-12-31" }, { limit: 3 });
    expect(first.rows.map((row) => row.payee)).toEqual(["Payee 5", "Payee 4", "Payee 3"]);
    expect(first.totals).toEqual({ count: 5, cameIn: 0n, wentOut: -1500n });
    const second = await listTransactions(alder, { from: "2026-01-01" }, { after: first.next, limit: 3 });
    expect([second.rows.map((row) => row.payee), second.next]).toEqual([["Payee 2", "Payee 1"], null]);
    const found = async (filter: Parameters<typeof listTransactions>[1]) =>
      (await listTransactions(alder, filter)).rows.map((row) => row.payee);
    expect(await found({ q: "100% wool_" })).toEqual(["100% wool_"]);
    expect(await found({ q: "0% p" })).toEqual([]);
    expect(await found({ amount: 400n })).toEqual(["Payee 4"]);
    expect(await found({ direction: "in" })).toEqual(["100% wool_"]);
    expect((await listTransactions(birch, {})).rows).toEqual([]);
    expect((await moneyAccounts(alder)).map((one) => [one.code, one.balance, one.open])).toEqual([
      ["1000", -1250n, 6],
      [savings, 0n, 0],
    ]);
    await clean();
  });
});

describe("the demo's bank", () => {
  it("is two hundred lines and more, proved, with seven open and two payouts on the way", async () => {
    await twoBusinesses();
    const demo = await openDemo(newId(), "2026-11-14");
    const { totals } = await listTransactions(demo, {});
    expect(totals.count).toBeGreaterThan(180);
    expect((await listTransactions(demo, { state: "open" })).totals.count).toBe(7);
    const [waiting] = await inBusiness(demo, (tx) =>
      rowsOf<{ n: number }>(
        tx,
        sql`select count(*)::int as n from app.payouts where business_id = ${demo.businessId} and deposit_id is null and not is_undone`,
      ),
    );
    expect(waiting?.n).toBe(2);
    for (const account of await moneyAccounts(demo)) {
      const lines = await listTransactions(demo, { account: account.code });
      expect(account.balance).toBe(lines.totals.cameIn + lines.totals.wentOut);
    }
    expect((await verifyBooks(demo)).checks.flatMap((check) => check.findings)).toEqual([]);
    const [bought] = (await listTransactions(demo, { state: "inventory" })).rows.filter(
      (row) => row.leftMinor === row.amount * -1n,
    );
    await sortAs(demo, [{ id: bought?.id ?? "", version: null }], { kind: "personal" });
    await sortAs(demo, [{ id: bought?.id ?? "", version: null }], { kind: "inventory" });
    expect((await verifyBooks(demo)).findings).toBe(0);
  });
});

describe("the rules themselves", () => {
  it("post nothing for nothing, and name the words that matter", () => {
    const one = {
      account: "1000",
      on: "2026-01-01",
      amount: 0n,
      payee: "",
      state: "open" as const,
      category: null,
      matched: null,
      parts: [],
      isUndone: false,
    };
    expect(transactionPostings(one)).toEqual([]);
    expect(transactionPostings({ ...one, amount: 5n, isUndone: true })).toEqual([]);
    expect(purchasesOf("t", { amount: -5n, state: "open", parts: [] })).toEqual([]);
    expect(() => checkParts(-5n, [{ category: "6040", amount: -5n, memo: "" }])).toThrow(Refusal);
    expect(wordsOf("POS PURCHASE 4471 USPS PO 0612")).toBe("pos purchase usps");
    expect(wordsOf("0612 4471")).toBe("");
  });
});
