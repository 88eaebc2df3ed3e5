/**
 * A channel that says its amounts in euros, in books kept in dollars: both amounts in every posting, payouts that leave nothing in the
 * channel's account, deposits that a person chooses, undo, and a proof that names what was changed. At a rate of 1 the books are those of
 * one currency, in both pools (M13).
 */
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { accountPage, entryPage } from "../../lib/books/journal-reads";
import { verifyBooks } from "../../lib/books/verify";
import { inBooks, rateDecimals } from "../../lib/core/exchange";
import type { BalanceRowFact, Fact, PayoutFact, Rate } from "../../lib/core/facts";
import { changeCosting } from "../../lib/desk/costing-settings";
import { depositChoices, depositsFound, pairDeposit, unpairDeposit } from "../../lib/desk/payouts";
import { addByHand, joinDeposits } from "../../lib/desk/transactions";
import { needsOf } from "../../lib/needs";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { channelBalances } from "../../lib/sales/channel-reads";
import { orderView } from "../../lib/sales/order-reads";
import { paidLines, payoutProof, payoutsPage, payoutTotals } from "../../lib/sales/payout-reads";
import { newId } from "../../lib/system/ids";
import { undoFacts } from "../../lib/undo";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase } from "../support/trading";

let owner: postgres.Sql;
beforeAll(async () => {
  owner = postgres((await testDatabase()).url, {
    max: 1,
    onnotice: () => undefined,
    connection: { search_path: "app" },
  });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

const euro = (rate: string, on = "2026-03-02"): Rate => {
  const [whole = "", fraction = ""] = rate.split(".");
  return { currency: "EUR", rate: BigInt(whole + fraction.padEnd(rateDecimals, "0")), on, source: "ECB" };
};
const row = (id: string, on: string, amount: bigint, about: string | null, payout: string | null): BalanceRowFact => ({
  kind: "balance_row",
  id: `row/${id}`,
  channel: "shop",
  when: { on, at: null },
  type: "sale",
  amount,
  payout,
  about,
  memo: "",
});
const paid = (id: string, date: string, amount: bigint): PayoutFact => ({
  kind: "payout",
  id,
  channel: "shop",
  date,
  amount,
});

/** What accounts stand at, and in which other currency, as the journal itself has it. */
async function standing(scope: Scope, ...codes: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const rows = await inBusiness(scope, (tx) =>
    rowsOf<{ name: string; amount: string }>(
      tx,
      sql`with sides as (
            select debit as code, amount_minor as amount, currency, foreign_minor as said from app.postings where business_id = ${scope.businessId}
            union all select credit, -amount_minor, currency, -foreign_minor from app.postings where business_id = ${scope.businessId})
          select code as name, sum(amount)::text as amount from sides group by code having sum(amount) <> 0
          union all select code || ' ' || currency, sum(said)::text from sides where currency is not null group by code, currency having sum(said) <> 0
          order by 1`,
    ),
  );
  return Object.fromEntries(
    rows.filter(({ name }) => codes.includes(name.slice(0, 4))).map(({ name, amount }) => [name, amount]),
  );
}
const held = async (scope: Scope): Promise<string> => {
  const [channel] = await owner<{ code: string }[]>`select account_code as code from channels
    where business_id = ${scope.businessId} and id = 'shop'`;
  return channel?.code ?? "";
};

/** Two orders in euros, one of them in two rows of the channel, a fee, and the payout of all three. */
const facts = (): readonly Fact[] => {
  const first = order("e1", "2026-03-02", [["Mug", 1n, 50_00n, "MUG"]], {
    shipping: 5_00n,
    tax: 4_40n,
    taxBy: "seller",
    fees: [{ kind: "selling", amount: 3_33n }],
  });
  const second = order("e2", "2026-03-04", [["Mug", 2n, 33_33n, "MUG"]]);
  const fee: Fact = {
    kind: "charge",
    id: "f1",
    channel: "shop",
    date: "2026-03-05",
    category: "fee",
    type: "fee",
    amount: -1_11n,
    order: null,
    memo: "A month",
  };
  return [
    inBooks(first, euro("1.0834"), "USD"),
    inBooks(row("1", "2026-03-02", 59_40n, "order/e1", "p1"), euro("1.0834"), "USD"),
    inBooks(row("2", "2026-03-03", -3_33n, "order/e1", "p1"), euro("1.0701"), "USD"),
    inBooks(second, euro("1.0911"), "USD"),
    inBooks(row("3", "2026-03-04", 33_33n, "order/e2", "p1"), euro("1.0911"), "USD"),
    inBooks(fee, euro("1.1111"), "USD"),
    inBooks(row("4", "2026-03-05", -1_11n, "charge/f1", "p1"), euro("1.1111"), "USD"),
    inBooks(paid("p1", "2026-03-09", 88_29n), euro("1.05", "2026-03-09"), "USD"),
  ];
};

async function aTrader(name: string): Promise<Scope> {
  const scope = await aShop(name);
  await give(scope, [item("mug", "Mug", "MUG"), purchase("b1", "2026-03-01", [["mug", 10n, 40_00n]])]);
  return scope;
}

describe("books with documents in another currency", () => {
  test("have both amounts, and nothing in the channel's account once all is paid out", async () => {
    const scope = await aTrader("Euro");
    const account = await held(scope);
    await give(scope, facts());
    // 88.29 at 1.05 is 92.70; what the documents brought is 6900's difference to it.
    expect(await standing(scope, account, "1180", "6900", "4010")).toEqual({
      "1180": "9270",
      "1180 EUR": "8829",
      "4010": "-542",
      "4010 EUR": "-500",
      "6900": "319",
    });
    const [said] =
      await owner`select currency, said_minor::text as said from orders where business_id = ${scope.businessId} and id = 'e1'`;
    expect(said).toEqual({ currency: "EUR", said: "5940" });
    await proved(scope);
  });

  test("come to the same in whatever order they came, row by row, and back again", async () => {
    const scope = await aTrader("Shuffled");
    const account = await held(scope);
    const mixed = [7, 6, 4, 1, 0, 2, 3, 5].flatMap((at) => facts()[at] ?? []);
    for (const fact of mixed) await give(scope, [fact]);
    expect(await standing(scope, account, "6900")).toEqual({ "6900": "319" });
    await proved(scope);

    // A row that goes leaves the payout unproved: nothing is said to be exchange; it comes back when the row does.
    const origin = { source: null, userId: null };
    await undoFacts(scope, ["balance_row/row/2"], origin);
    expect((await standing(scope, "6900"))["6900"]).toBeUndefined();
    expect((await standing(scope, account))[`${account} EUR`]).toBeUndefined();
    await proved(scope);
    await record(scope, [{ fact: facts()[2] as Fact, version: newId() }], { ...origin, revives: true });
    expect(await standing(scope, account, "6900")).toEqual({ "6900": "319" });

    // The order said again, a euro less: its rows do not add to it any more, and count as they were recorded.
    const smaller = order("e1", "2026-03-02", [["Mug", 1n, 49_00n, "MUG"]], {
      shipping: 5_00n,
      tax: 4_40n,
      taxBy: "seller",
      fees: [{ kind: "selling", amount: 3_33n }],
    });
    await give(scope, [inBooks(smaller, euro("1.0834"), "USD")]);
    expect((await standing(scope, account))[`${account} EUR`]).toBe("-100");
    await proved(scope);

    // The payout said in dollars after all: what it left over in euros is taken back.
    await give(scope, [paid("p1", "2026-03-09", 92_70n)]);
    expect(await standing(scope, "1180", "6900")).toEqual({ "1180": "9270" });
    await proved(scope);
    await undoFacts(scope, ["payout/p1"], origin);
    expect(await standing(scope, "1180", "6900")).toEqual({});
    await proved(scope);
  });

  test("of a payout that came back are whole again", async () => {
    const scope = await aTrader("Returned");
    const account = await held(scope);
    await give(scope, [
      ...facts(),
      inBooks(paid("p1/returned", "2026-03-12", -88_29n), euro("1.07", "2026-03-12"), "USD"),
      inBooks(row("5", "2026-03-12", 88_29n, "payout/p1/returned", "p2"), euro("1.08", "2026-03-12"), "USD"),
      inBooks(paid("p2", "2026-03-15", 88_29n), euro("1.02", "2026-03-15"), "USD"),
    ]);
    expect(await standing(scope, account)).toEqual({});
    await proved(scope);
  });

  test("join a payout with the bank line that a person chooses near it, through 6900, and let it go", async () => {
    const scope = await aTrader("Deposit");
    await give(scope, facts());
    const [bank] = await owner<
      { code: string }[]
    >`select code from accounts where business_id = ${scope.businessId} and holds = 'bank' limit 1`;
    const line = (on: string, amount: bigint) =>
      addByHand(scope, { account: bank?.code ?? "", on, amount, payee: "SHOP", memo: "" });
    const far = await line("2026-03-10", 97_34n);
    const late = await line("2026-03-17", 92_00n);
    expect(await depositsFound(scope)).toEqual({ sure: 0, toChoose: 0 });
    const near = await line("2026-03-11", 91_50n);
    expect((await depositChoices(scope, "p1")).map(({ id, amount }) => [id, amount])).toEqual([[near, 91_50n]]);
    expect(await depositsFound(scope)).toEqual({ sure: 0, toChoose: 1 });
    // Never by itself, though it is the only one.
    expect(await joinDeposits(scope)).toBe(0);
    for (const deposit of [far, late])
      await expect(pairDeposit(scope, { payout: "p1", deposit })).rejects.toMatchObject({ code: "stale" });
    await pairDeposit(scope, { payout: "p1", deposit: near });
    expect(await standing(scope, "1180", "6900")).toEqual({ "6900": `${319 + 9270 - 9150}`, "6900 EUR": "8829" });
    await proved(scope);
    await unpairDeposit(scope, { payout: "p1" });
    expect(await standing(scope, "1180", "6900")).toEqual({ "1180": "9270", "1180 EUR": "8829", "6900": "319" });
    await pairDeposit(scope, { payout: "p1", deposit: near });
    // Another amount in euros that comes to the same in dollars: the deposit was another's.
    await give(scope, [inBooks(paid("p1", "2026-03-09", 90_00n), euro("1.03", "2026-03-09"), "USD")]);
    expect((await depositChoices(scope, "p1")).map(({ id }) => id)).toEqual([near]);
    await proved(scope);
  });

  test("keep what was posted: another rate in a new version of nothing else is a difference of its own", async () => {
    const scope = await aTrader("Rate");
    const sale = order("e1", "2026-03-02", [["Mug", 1n, 50_00n, "MUG"]]);
    await give(scope, [inBooks(sale, euro("1.1"), "USD")]);
    await give(scope, [
      {
        ...inBooks(sale, euro("1.1"), "USD"),
        foreign: { ...euro("1.1"), currency: "GBP", amounts: [50_00n, 0n, 0n, 0n] },
      },
    ]);
    const account = await held(scope);
    expect(await standing(scope, account)).toEqual({ [account]: "5500", [`${account} GBP`]: "5000" });
    await proved(scope);
  });
});

describe("what pages show", () => {
  test("an order, a payout and a channel as they were said, beside the books", async () => {
    const scope = await aTrader("Pages");
    await give(scope, facts());
    const account = await held(scope);
    expect((await orderView(scope, "e1")).said).toEqual({ ...euro("1.0834"), said: 59_40n });
    const year = { from: "2026-01-01", to: "2026-12-31" };
    const list = await payoutsPage(scope, year);
    expect(list.rows).toMatchObject([
      { amount: 92_70n, abroad: { currency: "EUR", paid: 88_29n }, rows: 88_29n, difference: 0n, strangers: 0 },
    ]);
    expect(await payoutTotals(scope, year)).toMatchObject({
      amount: 92_70n,
      proved: 1,
      open: 0,
      difference: 0n,
      others: [],
    });
    expect((await payoutsPage(scope, { ...year, words: "88.29" })).rows).toHaveLength(1);
    const { said, proof } = await payoutProof(scope, "p1");
    expect(said).toEqual({ ...euro("1.05", "2026-03-09"), said: 88_29n });
    expect(proof).toMatchObject({ paid: 88_29n, rows: 88_29n, difference: 0n });
    expect(await paidLines(scope, { payout: "p1" })).toMatchObject({ count: 4, amount: 88_29n });
    const open = async () =>
      (await needsOf(scope, { today: "2026-03-20" })).find(({ kind }) => kind === "payouts")?.count ?? 0;
    expect(await open()).toBe(0);
    const [balance] = await channelBalances(scope);
    expect(balance).toMatchObject({
      books: 0n,
      says: null,
      abroad: [{ currency: "EUR", books: 0n, says: 0n, held: 0n }],
    });

    // A sale that is not paid out yet, and a row in dollars that strays into the payout.
    const third = order("e3", "2026-03-10", [["Mug", 1n, 20_00n, "MUG"]]);
    await give(scope, [
      inBooks(third, euro("1.2"), "USD"),
      inBooks(row("6", "2026-03-10", 20_00n, "order/e3", null), euro("1.2"), "USD"),
      row("7", "2026-03-05", 1n, null, "p1"),
    ]);
    expect((await channelBalances(scope))[0]?.abroad).toEqual([
      { currency: "EUR", books: 20_00n, says: 20_00n, held: 0n },
    ]);
    expect((await payoutsPage(scope, { ...year, proof: "open" })).rows).toMatchObject([
      { strangers: 1, difference: 0n },
    ]);
    expect((await payoutTotals(scope, year)).proved).toBe(0);
    expect(await open()).toBe(1);
    expect((await standing(scope, "6900"))["6900"]).toBeUndefined();
    const page = await accountPage(scope, account, { from: "2026-03-01", to: "2026-03-31" });
    expect(page.rows.find(({ amount }) => amount === 24_00n)?.abroad).toEqual({ currency: "EUR", amount: 20_00n });
    const entry = await entryPage(scope, page.rows.find(({ amount }) => amount === 24_00n)?.entry ?? "");
    expect(entry.lines.map(({ code, abroad }) => [code, abroad])).toEqual([
      [account, [{ currency: "EUR", amount: 20_00n }]],
      ["4000", [{ currency: "EUR", amount: -20_00n }]],
    ]);
    await proved(scope);
  });
});

/** Changes something as who may do anything, past the triggers, and takes it back. */
async function behind(change: string, ...check: readonly RegExp[]): Promise<void> {
  const scope = await aTrader("Tampered");
  await give(scope, facts());
  await proved(scope);
  await owner.begin(async (tx) => {
    await tx.unsafe("alter table postings disable trigger all");
    await tx.unsafe(change.replaceAll("$1", `'${scope.businessId}'`));
    await tx.unsafe("alter table postings enable trigger all; alter table postings enable always trigger append_only");
    await tx.unsafe("alter table postings enable always trigger no_truncate");
  });
  const found = (await verifyBooks(scope)).checks.flatMap(({ findings }) => findings.map(({ what }) => what));
  for (const one of check)
    expect(
      found.some((what) => one.test(what)),
      `${one} in ${found.join("; ")}`,
    ).toBe(true);
}

describe("the proof names", () => {
  test("a changed amount in euros, by its entry, its document and its month", () =>
    behind(
      `update postings set foreign_minor = foreign_minor + 1 where business_id = $1 and currency = 'EUR' and credit = '4010'`,
      /^entry .* of order e1, is as it was posted/,
      /^order e1 has posted what it wants on 2026-03-02 4010 in EUR/,
      /^debits and credits of account 4010 in EUR in 2026-03/,
    ));

  test("a currency that is gone from a posting", () =>
    behind(
      `update postings set currency = null, foreign_minor = null where business_id = $1 and credit = '4010'`,
      /^entry .* of order e1, is as it was posted/,
      /^order e1 has posted/,
    ));

  test("a changed month in euros, and what was said by a payout", () =>
    behind(
      `update account_currency_months set debit_minor = debit_minor + 1 where business_id = $1 and code = '1180';
       update payouts set said_minor = said_minor + 1 where business_id = $1`,
      /^debits and credits of account 1180 in EUR in 2026-03/,
      /^what was said of payout p1/,
    ));
});

describe("at a rate of 1 (M13)", () => {
  test.each(["business", "location"] as const)("the books are those of one currency, pool %s", async (pool) => {
    const said: readonly Fact[] = [
      order("e1", "2026-03-02", [["Mug", 3n, 50_00n, "MUG"]], {
        shipping: 5_00n,
        tax: 4_40n,
        taxBy: "seller",
        discount: 2_00n,
        fees: [{ kind: "payment", amount: 1_75n }],
      }),
      order("e2", "2026-03-03", [["Mug", 4n, 41_00n, "MUG"]]),
      {
        kind: "return",
        id: "r1",
        date: "2026-03-05",
        order: "e2",
        lines: [
          {
            id: "r1-1",
            line: "e2-1",
            qty: 1n,
            amount: 10_25n,
            restock: true,
            writeOff: false,
            location: null,
            placed: true,
          },
        ],
      },
      {
        kind: "charge",
        id: "c1",
        channel: "shop",
        date: "2026-03-06",
        category: "other",
        type: "x",
        amount: -3_00n,
        order: "e1",
        memo: "",
      },
      row("1", "2026-03-02", 55_65n, "order/e1", "p1"),
      row("2", "2026-03-03", 41_00n, "order/e2", "p1"),
      row("3", "2026-03-05", -10_25n, "return/r1", "p1"),
      row("4", "2026-03-06", -3_00n, "charge/c1", "p1"),
      paid("p1", "2026-03-09", 83_40n),
    ];
    const [home, abroad] = [await aTrader(`Home ${pool}`), await aTrader(`Abroad ${pool}`)];
    for (const [scope, isAbroad] of [
      [home, false],
      [abroad, true],
    ] as const) {
      await changeCosting(scope, { pool, graceDays: 0 });
      const own = said.map((fact) =>
        isAbroad &&
        (fact.kind === "order" ||
          fact.kind === "return" ||
          fact.kind === "charge" ||
          fact.kind === "payout" ||
          fact.kind === "balance_row")
          ? inBooks(fact, euro("1"), "USD")
          : fact,
      );
      for (const fact of own.slice(0, 3)) await give(scope, [fact]);
      await give(scope, own.slice(3));
      await undoFacts(scope, ["balance_row/row/4", "charge/c1"], { source: null, userId: null });
    }
    expect(await booksNow(abroad)).toEqual(await booksNow(home));
    const entries = (scope: Scope) =>
      owner`select document_kind, document_id, purpose, nth, effective_on::text, e.posted_on::text, memo, debit, credit,
        amount_minor::text as amount from journal_entries e join postings p on p.business_id = e.business_id and p.entry_id = e.id
      where e.business_id = ${scope.businessId} order by entry_no, place`.then((rows) =>
        rows.map((one) => ({ ...one })),
      );
    expect(await entries(abroad)).toEqual(await entries(home));
    const [count] =
      await owner`select count(*) filter (where currency = 'EUR' and foreign_minor = amount_minor)::int as n,
        count(*) filter (where currency is not null and foreign_minor <> amount_minor)::int as other from postings where business_id = ${abroad.businessId}`;
    expect(count?.n).toBeGreaterThan(8);
    expect(count?.other).toBe(0);
    await proved(home, abroad);
  });
});
