/** Payouts as their pages show them: proofs by the channel's rows, differences with what explains them, and the deposits they became. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { lockBooks } from "../../lib/books/ledger";
import { verifyBooks } from "../../lib/books/verify";
import type { Fact } from "../../lib/core/facts";
import { depositChoices, depositsFound, pairDeposit, unpairDeposit } from "../../lib/desk/payouts";
import { addByHand, joinDeposits } from "../../lib/desk/transactions";
import { moneyAccounts } from "../../lib/money/money-accounts";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { channelBalances } from "../../lib/sales/channel-reads";
import { paidLines, payoutProof, payoutsPage, payoutTotals } from "../../lib/sales/payout-reads";
import { aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";

const year = { from: "2026-01-01", to: "2026-12-31" };
const row = (
  id: string,
  on: string,
  type: string,
  amount: bigint,
  more: Partial<Extract<Fact, { kind: "balance_row" }>>,
): Fact => ({
  kind: "balance_row",
  id: `shop/row/${id}`,
  channel: "shop",
  when: { on, at: null },
  type,
  amount,
  payout: null,
  about: null,
  memo: "",
  ...more,
});
const paid = (id: string, date: string, amount: bigint): Fact => ({
  kind: "payout",
  id: `shop/payout/${id}`,
  channel: "shop",
  date,
  amount,
});
const sale = (id: string, date: string, amount: bigint, payout: string | null): readonly Fact[] => [
  {
    kind: "order",
    id: `shop/order/${id}`,
    channel: "shop",
    when: { on: date, at: null },
    number: `No ${id}`,
    lines: [
      { id: `shop/order/${id}/1`, sku: null, name: `Thing ${id}`, listing: null, qty: 1n, amount, location: null },
      { id: `shop/order/${id}/2`, sku: null, name: `Other ${id}`, listing: null, qty: 1n, amount: 0n, location: null },
    ],
    shipping: 0n,
    tax: 0n,
    taxBy: "channel",
    discount: 0n,
    fees: [],
  },
  row(`sale-${id}`, date, "sale", amount, { payout, about: `order/shop/order/${id}` }),
];
const fee = (id: string, date: string, amount: bigint, payout: string | null): readonly Fact[] => [
  {
    kind: "charge",
    id: `shop/charge/${id}`,
    channel: "shop",
    date,
    category: "fee",
    type: "fee",
    amount,
    order: null,
    memo: "A month",
  },
  row(`fee-${id}`, date, "fee", amount, { payout, about: `charge/shop/charge/${id}` }),
];

/**
 * Two payouts of 800 that are proved, one that is 50 short for a fee that stands in no payout, one that the bank sent back, one without
 * rows; a hold in the first that is freed in the second.
 */
const facts: readonly Fact[] = [
  paid("one", "2026-03-02", 800_00n),
  paid("two", "2026-03-03", 800_00n),
  paid("short", "2026-03-10", 450_00n),
  paid("back", "2026-03-17", 100_00n),
  paid("back/returned", "2026-03-19", -100_00n),
  paid("bare", "2026-04-01", 70_00n),
  ...sale("1", "2026-03-01", 1_000_00n, "shop/payout/one"),
  ...fee("1", "2026-03-01", -150_00n, "shop/payout/one"),
  row("hold", "2026-03-01", "hold", -50_00n, { payout: "shop/payout/one" }),
  row("release", "2026-03-02", "release", 20_00n, { payout: "shop/payout/two" }),
  ...sale("2", "2026-03-02", 780_00n, "shop/payout/two"),
  ...sale("3", "2026-03-08", 500_00n, "shop/payout/short"),
  ...fee("2", "2026-03-09", -50_00n, null),
  ...sale("4", "2026-03-16", 100_00n, "shop/payout/back"),
  row("returned", "2026-03-19", "payout_returned", 100_00n, { about: "payout/shop/payout/back/returned" }),
];

let seller: Scope;
let other: Scope;
beforeAll(async () => {
  await testDatabase();
  for (const name of ["Alder Street", "Birch Lane"]) {
    const scope = await aSeller(name);
    await inBusiness(scope, async (tx) => {
      await lockBooks(tx, scope);
      await addChannel(tx, scope, { id: "shop", kind: "ebay", name: `Shop of ${name}`, state: "file" });
    });
    if (name === "Alder Street") seller = scope;
    else other = scope;
  }
  await record(
    seller,
    facts.map((fact) => ({ fact, version: null })),
    { source: "test", userId: seller.userId },
  );
});
afterAll(closeDatabase);

const bankOf = async (scope: Scope) => (await moneyAccounts(scope))[0]?.code ?? "";
const proofOf = (name: string) => payoutProof(seller, `shop/payout/${name}`);

describe("the list", () => {
  it("says of each what it paid, what its rows say, and what is left over", async () => {
    const { rows } = await payoutsPage(seller, year);
    expect(
      rows.map(({ number, amount, rows: sum, difference, cameBackOn }) => [
        number,
        amount,
        sum,
        difference,
        cameBackOn,
      ]),
    ).toEqual([
      ["bare", 70_00n, null, null, null],
      ["back/returned", -100_00n, -100_00n, 0n, null],
      ["back", 100_00n, 100_00n, 0n, "2026-03-19"],
      ["short", 450_00n, 500_00n, -50_00n, null],
      ["two", 800_00n, 800_00n, 0n, null],
      ["one", 800_00n, 800_00n, 0n, null],
    ]);
    expect(rows[0]?.channelName).toBe("Shop of Alder Street");
    expect(await payoutTotals(seller, year)).toEqual({
      count: 6,
      amount: 2_120_00n,
      rows: 2_100_00n,
      difference: -50_00n,
      others: [],
      proved: 4,
      open: 1,
      unlisted: 1,
      onTheWay: 4,
      onTheWayMinor: 2_120_00n,
    });
  });

  it("filters by proof, deposit, days, channel and words, and its totals with it", async () => {
    const numbers = async (filter: Parameters<typeof payoutsPage>[1]) =>
      (await payoutsPage(seller, filter)).rows.map(({ number }) => number);
    expect(await numbers({ ...year, proof: "open" })).toEqual(["short"]);
    expect(await numbers({ ...year, proof: "unlisted" })).toEqual(["bare"]);
    expect(await numbers({ ...year, deposit: "missing" })).toEqual(["bare", "short", "two", "one"]);
    expect(await numbers({ ...year, deposit: "found" })).toEqual([]);
    expect(await numbers({ ...year, words: "450.00" })).toEqual(["short"]);
    expect(await numbers({ ...year, words: "BACK" })).toEqual(["back/returned", "back"]);
    expect(await numbers({ ...year, channel: "elsewhere" })).toEqual([]);
    expect(await numbers({ from: "2026-03-03", to: "2026-03-10" })).toEqual(["short", "two"]);
    expect((await payoutTotals(seller, { ...year, proof: "proved" })).count).toBe(4);
  });

  it("turns pages both ways, sorted by day or by amount, and no payout stands on two", async () => {
    for (const sort of ["on", "amount"] as const) {
      const whole = (await payoutsPage(seller, year, { sort })).rows.map(({ id }) => id);
      const first = await payoutsPage(seller, year, { sort, limit: 4 });
      const second = await payoutsPage(seller, year, { sort, limit: 4, after: first.after });
      expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(whole);
      expect([first.before, second.after]).toEqual([null, null]);
      const again = await payoutsPage(seller, year, { sort, limit: 4, before: second.before });
      expect(again.rows).toEqual(first.rows);
    }
  });
});

describe("the proof", () => {
  it("groups a payout's rows by type; what is held explains itself", async () => {
    const { proof, explains, earlier, later } = await proofOf("one");
    expect(proof).toMatchObject({ paid: 800_00n, rows: 800_00n, difference: 0n, unexplained: [] });
    expect(proof.types.map(({ type, amount }) => [type, amount])).toEqual([
      ["sale", 1_000_00n],
      ["fee", -150_00n],
      ["hold", -50_00n],
    ]);
    expect(explains).toEqual([]);
    expect([earlier, later]).toEqual([null, "shop/payout/two"]);
  });

  it("shows the row that would make a difference whole", async () => {
    const { proof, explains } = await proofOf("short");
    expect(proof.difference).toBe(-50_00n);
    expect(explains.map(({ id, isHere }) => [id, isHere])).toEqual([["shop/row/fee-2", false]]);
  });

  it("proves one that came back by the row that brought it back", async () => {
    expect((await proofOf("back/returned")).proof).toMatchObject({ paid: -100_00n, rows: -100_00n, difference: 0n });
  });

  it("leads each row to its order, one type alone where asked, with its sums", async () => {
    const lines = await paidLines(seller, { payout: "shop/payout/one" });
    expect(lines).toMatchObject({ count: 3, amount: 800_00n, after: null, before: null });
    expect(lines.rows.find(({ type }) => type === "sale")).toMatchObject({
      order: "shop/order/1",
      number: "No 1",
      name: "Thing 1",
      more: 1,
    });
    expect(lines.rows.find(({ type }) => type === "hold")).toMatchObject({ order: null, about: null });
    expect(await paidLines(seller, { payout: "shop/payout/one", type: "fee" })).toMatchObject({
      count: 1,
      amount: -150_00n,
    });
    const first = await paidLines(seller, { payout: "shop/payout/one" }, { limit: 2 });
    const second = await paidLines(seller, { payout: "shop/payout/one" }, { limit: 2, after: first.after });
    expect([...first.rows, ...second.rows]).toEqual(lines.rows);
  });

  it("leaves between books and channel what its payouts leave open", async () => {
    const [balance] = await channelBalances(seller);
    // Holds of 50 less 20 freed are the channel's still, for the books as for the channel; the short payout's 50 differ, the bare one's 70 too.
    expect(balance).toMatchObject({ held: 30_00n, otherCount: 0, unmatched: 8 });
    expect((balance?.books ?? 0n) - (balance?.says ?? 0n)).toBe(50_00n - 70_00n);
  });
});

describe("deposits", () => {
  it("are a person's choice where two fit, one to one, and can be taken apart", async () => {
    const account = await bankOf(seller);
    const line = (on: string) => addByHand(seller, { account, on, amount: 800_00n, payee: "SHOP PAYOUT", memo: "" });
    const early = await line("2026-03-04");
    const late = await line("2026-03-05");
    await addByHand(seller, { account, on: "2026-03-18", amount: 450_00n, payee: "TOO LATE", memo: "" });
    expect(await depositsFound(seller)).toEqual({ sure: 0, toChoose: 2 });
    expect(await depositChoices(seller, "shop/payout/short")).toEqual([]);
    expect((await depositChoices(seller, "shop/payout/one")).map(({ id, fitsOthers }) => [id, fitsOthers])).toEqual([
      [early, true],
      [late, true],
    ]);

    await pairDeposit(seller, { payout: "shop/payout/one", deposit: late });
    expect((await proofOf("one")).payout.deposit).toMatchObject({ id: late, on: "2026-03-05" });
    await expect(pairDeposit(seller, { payout: "shop/payout/one", deposit: early })).rejects.toMatchObject({
      code: "stale",
    });
    await expect(pairDeposit(seller, { payout: "shop/payout/two", deposit: late })).rejects.toMatchObject({
      code: "stale",
    });
    expect(await depositsFound(seller)).toEqual({ sure: 1, toChoose: 0 });
    expect(await joinDeposits(seller)).toBe(1);
    expect((await payoutTotals(seller, { ...year, deposit: "found" })).amount).toBe(1_600_00n);

    await unpairDeposit(seller, { payout: "shop/payout/one" });
    expect((await proofOf("one")).payout.deposit).toBeNull();
    await expect(unpairDeposit(seller, { payout: "shop/payout/one" })).rejects.toMatchObject({
      code: "nothing_to_undo",
    });
    expect((await depositChoices(seller, "shop/payout/one")).map(({ id }) => id)).toEqual([late]);
    expect((await verifyBooks(seller)).findings).toBe(0);
  });

  it("are not paired by who only reads", async () => {
    const viewer = { ...seller, role: "viewer" as const };
    await expect(pairDeposit(viewer, { payout: "shop/payout/one", deposit: "x" })).rejects.toMatchObject({
      code: "not_allowed",
    });
    await expect(unpairDeposit(viewer, { payout: "shop/payout/two" })).rejects.toMatchObject({ code: "not_allowed" });
  });
});

describe("another business", () => {
  it("sees and touches nothing of it", async () => {
    expect((await payoutsPage(other, year)).rows).toEqual([]);
    expect((await payoutTotals(other, year)).count).toBe(0);
    expect((await paidLines(other, { payout: "shop/payout/one" })).count).toBe(0);
    expect(await depositChoices(other, "shop/payout/one")).toEqual([]);
    await expect(payoutProof(other, "shop/payout/one")).rejects.toMatchObject({ code: "not_found" });
    await expect(unpairDeposit(other, { payout: "shop/payout/two" })).rejects.toMatchObject({
      code: "nothing_to_undo",
    });
    await expect(pairDeposit(other, { payout: "shop/payout/one", deposit: "x" })).rejects.toMatchObject({
      code: "stale",
    });
    expect(await channelBalances(other)).toMatchObject([{ books: 0n, says: null, held: 0n, unmatched: 0 }]);
    expect((await verifyBooks(other)).findings).toBe(0);
  });
});
