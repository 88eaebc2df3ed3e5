/**
 * Documents in another currency in the books (docs/decisions/0013-currencies.md): each posting has both amounts, at a rate of 1 the books
 * are those of one currency (M13), and what is paid out in proved payouts leaves nothing in the channel's account, in either.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inBooks, rateDecimals } from "../../lib/core/exchange";
import type { ChargeCategory, ChargeFact, Fact, OrderFact, PayoutFact, Rate, ReturnFact } from "../../lib/core/facts";
import { dayOf, factKey } from "../../lib/core/facts";
import { type Entry, missing, type Posting } from "../../lib/core/journal";
import { exchangeLeft, type InBoth, rowsInBooks } from "../../lib/core/payouts";
import { exchangePostings, postingsOf } from "../../lib/core/posting";
import { transactionPostings } from "../../lib/core/transactions";

const one = 10n ** BigInt(rateDecimals);
const held = "1150";
const context = {
  channelAccount: () => held,
  channelOf: () => "shop",
  taxByOf: () => "seller" as const,
  currency: "USD",
  on: dayOf,
};
const euro = (rate: bigint): Rate => ({ currency: "EUR", rate, on: "2026-03-02", source: "by hand" });
const short = (postings: readonly Posting[]) =>
  postings.map(({ purpose, debit, credit, amount, foreign }) => [
    purpose,
    debit,
    credit,
    amount,
    foreign === undefined ? null : `${foreign.currency} ${foreign.amount}`,
  ]);

const line = (id: string, amount: bigint) => ({
  id,
  sku: null,
  name: "Mug",
  listing: null,
  qty: 1n,
  amount,
  location: null,
});
const order = (over: Partial<OrderFact> = {}): OrderFact => ({
  kind: "order",
  id: "o",
  channel: "shop",
  when: { on: "2026-03-02", at: null },
  number: "1",
  lines: [line("l", 50_00n)],
  shipping: 5_00n,
  tax: 4_40n,
  taxBy: "seller",
  discount: 0n,
  fees: [],
  ...over,
});
const charge = (category: ChargeCategory, amount: bigint): ChargeFact => ({
  kind: "charge",
  id: "c",
  channel: "shop",
  date: "2026-03-02",
  category,
  type: "word",
  amount,
  order: null,
  memo: "",
});

describe("a document in another currency", () => {
  it("posts both amounts, pair by pair", () => {
    expect(short(postingsOf(inBooks(order(), euro(1_0834n * 10n ** 6n), "USD"), context))).toEqual([
      ["order", held, "4000", 54_17n, "EUR 5000"],
      ["order", held, "4010", 5_42n, "EUR 500"],
      ["order", held, "2200", 4_77n, "EUR 440"],
    ]);
  });

  it("keeps the cost of goods that came back in the books' currency alone", () => {
    const back: ReturnFact = {
      kind: "return",
      id: "r",
      date: "2026-03-02",
      order: null,
      channel: "shop",
      lines: [{ id: "b", item: "mug", qty: 1n, amount: 10_00n, cost: 3_00n, location: null }],
    };
    expect(short(postingsOf(inBooks(back, euro(2n * one), "USD"), context))).toEqual([
      ["refund", "4090", held, 20_00n, "EUR 1000"],
      ["cost", "1200", "5000", 3_00n, null],
    ]);
  });

  it("loses nothing where it comes to nothing in the books: the least amount carries it there and back", () => {
    const tiny = inBooks(charge("other", 2n), euro(one / 10n), "USD");
    expect(tiny.amount).toBe(0n);
    expect(short(postingsOf(tiny, context))).toEqual([
      ["charge", held, "9990", 1n, "EUR 2"],
      ["charge", "9990", held, 1n, null],
    ]);
  });

  it("leaves no cents where it comes to nothing as it was said", () => {
    const free = order({ lines: [line("a", 1n), line("b", 1n)], shipping: 0n, tax: 0n, discount: 2n });
    expect(short(postingsOf(inBooks(free, euro(one / 2n), "USD"), context))).toEqual([
      ["order", held, "4000", 2n, "EUR 2"],
      ["order", "4080", held, 1n, "EUR 2"],
      ["exchange", "6900", held, 1n, null],
    ]);
  });

  it("is compared in both: another currency or amount alone is a difference, and is brought about", () => {
    const document = { kind: "charge", id: "c" };
    const wants = (amount: bigint, rate: bigint, currency = "EUR") =>
      postingsOf(inBooks(charge("fee", amount), { ...euro(rate), currency }, "USD"), context);
    const settle = (wanted: readonly Posting[], posted: readonly Posting[]) =>
      missing(document, wanted, posted, null).flatMap((entry) => entry.postings);
    expect(settle(wants(-10n, one), wants(-10n, one))).toEqual([]);
    for (const [wanted, posted] of [
      [wants(-10n, one), wants(-5n, 2n * one)],
      [wants(-10n, one), wants(-10n, one, "GBP")],
      [wants(-10n, one), postingsOf(charge("fee", -10n), context)],
      [postingsOf(charge("fee", -10n), context), wants(-10n, one)],
      [wants(-10n, one), []],
      [[], wants(-7n, one / 3n)],
    ] as const) {
      const added = settle(wanted, posted);
      expect(added.length).toBeGreaterThan(0);
      expect(added.every((posting) => posting.amount > 0n && (posting.foreign?.amount ?? 1n) > 0n)).toBe(true);
      const now = [
        ...posted,
        ...added.map((posting) => ({ ...posting, purpose: "charge", effectiveOn: "2026-03-02", memo: "" })),
      ];
      expect(settle(wanted, now)).toEqual([]);
    }
  });
});

describe("the deposit of a payout in another currency", () => {
  it("goes through 6900: what was on its way in its currency, what the bank credited in the books'", () => {
    const line = {
      account: "1000",
      on: "2026-03-05",
      amount: 62_00n,
      payee: "P",
      state: "payout",
      category: null,
    } as const;
    const paid = { amount: 64_35n, said: 59_40n, currency: "EUR" };
    const both = transactionPostings({ ...line, matched: "p", parts: [], paid, isUndone: false });
    expect(short(both)).toEqual([
      ["bank", "6900", "1180", 64_35n, "EUR 5940"],
      ["bank", "1000", "6900", 62_00n, null],
    ]);
    const back = { ...paid, amount: -64_35n, said: -59_40n };
    expect(
      short(transactionPostings({ ...line, amount: -62_00n, matched: "p", parts: [], paid: back, isUndone: false })),
    ).toEqual([
      ["bank", "1180", "6900", 64_35n, "EUR 5940"],
      ["bank", "6900", "1000", 62_00n, null],
    ]);
  });
});

type Said = OrderFact | ReturnFact | ChargeFact;
const amounts = fc.bigInt(0n, 20_000n);
const day = fc.integer({ min: 1, max: 28 }).map((n) => `2026-03-${String(n).padStart(2, "0")}`);
const anOrder: fc.Arbitrary<OrderFact> = fc
  .record({
    on: day,
    lines: fc.array(fc.bigInt(-50n, 20_000n), { minLength: 1, maxLength: 4 }),
    shipping: amounts,
    tax: amounts,
    taxBy: fc.constantFrom("seller" as const, "channel" as const),
    discount: amounts,
    fees: fc.array(fc.bigInt(-300n, 3_000n), { maxLength: 3 }),
  })
  .map(({ on, lines, fees, ...rest }) =>
    order({
      ...rest,
      when: { on, at: null },
      lines: lines.map((amount, i) => line(`l${i}`, amount)),
      fees: fees.map((amount, i) => ({ kind: i === 1 ? "payment" : "selling", amount })),
    }),
  );
const aReturn: fc.Arbitrary<ReturnFact> = fc
  .record({ date: day, of: fc.array(amounts, { minLength: 1, maxLength: 3 }) })
  .map(({ date, of }) => ({
    kind: "return",
    id: "r",
    date,
    order: "o",
    lines: of.map((amount, i) => ({
      id: `r${i}`,
      line: "l",
      qty: 1n,
      amount,
      restock: false,
      writeOff: false,
      location: null,
      placed: true,
    })),
  }));
const aCharge: fc.Arbitrary<ChargeFact> = fc
  .record({
    date: day,
    category: fc.constantFrom<ChargeCategory>("fee", "refund", "tip", "loan", "other", "elsewhere"),
    amount: fc.bigInt(-5_000n, 5_000n).filter((amount) => amount !== 0n),
  })
  .map(({ date, category, amount }) => ({ ...charge(category, amount), date }));
const aDocument: fc.Arbitrary<Said> = fc.oneof(anOrder, aReturn, aCharge);
const rates = fc.bigInt(one / 200n, 3n * one);

describe("a rate of 1", () => {
  it("gives the books of one currency (M13), with every correction on the way", () => {
    // A document's versions, some of them said in another currency: the same entries as if all had been said in the books'.
    const history = fc.array(fc.tuple(aDocument, fc.boolean()), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(history, (versions) => {
        const document = { kind: "document", id: "x" };
        const walk = (isAbroad: boolean) => {
          let posted: Posting[] = [];
          const entries: Entry[] = [];
          for (const [fact, isUndone] of versions) {
            const now = isAbroad ? inBooks(fact, euro(one), "USD") : fact;
            const added = missing(document, isUndone ? [] : postingsOf(now, context), posted, "2026-03-09");
            entries.push(...added);
            posted = [
              ...posted,
              ...added.flatMap(({ purpose, effectiveOn, memo, postings }) =>
                postings.map((posting) => ({ ...posting, purpose, effectiveOn, memo })),
              ),
            ];
          }
          return entries;
        };
        const abroad = walk(true);
        for (const { postings } of abroad)
          for (const { amount, foreign } of postings) expect(foreign).toEqual({ currency: "EUR", amount });
        const plain = abroad.map((entry) => ({
          ...entry,
          postings: entry.postings.map(({ foreign: _foreign, ...posting }) => posting),
        }));
        expect(plain).toEqual(walk(false));
      }),
      { numRuns: 400 },
    );
  });

  it("leaves nothing over of a payout", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(-5_000n, 20_000n), { minLength: 1, maxLength: 9 }), (rows) => {
        const sum = rows.reduce((all, amount) => all + amount, 0n);
        const row = (amount: bigint): InBoth => ({ amount, said: amount, currency: "EUR" });
        expect(exchangeLeft(row(sum), rows.map(row))).toBe(0n);
        expect(exchangeLeft(row(sum + 1n), rows.map(row))).toBeNull();
        expect(exchangeLeft(row(sum), [...rows.map(row), { amount: 0n, said: 0n, currency: null }])).toBeNull();
      }),
    );
  });
});

type PlannedRow = InBoth & Readonly<{ id: string; about: string }>;

describe("what is paid out in proved payouts", () => {
  it("leaves nothing in the channel's account, in either currency, whatever the rates", () => {
    const history = fc.record({
      documents: fc.array(
        fc.record({ fact: aDocument, rate: rates, cuts: fc.array(fc.bigInt(-3_000n, 3_000n), { maxLength: 2 }) }),
        { minLength: 1, maxLength: 8 },
      ),
      ofRows: fc.array(rates, { minLength: 3, maxLength: 3 }),
      payouts: fc.array(rates, { minLength: 1, maxLength: 3 }),
      places: fc.array(fc.nat(), { minLength: 24, maxLength: 24 }),
    });
    let exchanged = 0;
    fc.assert(
      fc.property(history, ({ documents, ofRows, payouts, places }) => {
        const all: Posting[] = [];
        const rows: PlannedRow[] = [];
        documents.forEach(({ fact, rate, cuts }, i) => {
          const abroad: Fact = inBooks({ ...fact, id: `${fact.id}${i}` }, euro(rate), "USD");
          const posted = postingsOf(abroad, context);
          all.push(...posted);
          const net = balanceOf(posted);
          // Its rows, cut anywhere, each converted at a rate of its own.
          const parts = [...cuts, net.said - cuts.reduce((sum, cut) => sum + cut, 0n)].filter((part) => part !== 0n);
          const own = parts.map((said, n) => {
            const at = ofRows[n % ofRows.length] ?? one;
            return { ...row(said, at), id: `${i}-${n}`, about: factKey(abroad) };
          });
          rows.push(...rowsInBooks({ ...net, currency: "EUR" }, own));
        });
        payouts.forEach((rate, n) => {
          const own = rows.filter((_, i) => (places[i % places.length] ?? 0) % payouts.length === n);
          const said = own.reduce((sum, one) => sum + one.said, 0n);
          const payout: PayoutFact = { kind: "payout", id: `p${n}`, channel: "shop", date: "2026-03-30", amount: said };
          const abroad = inBooks(payout, euro(rate), "USD");
          const left = exchangeLeft({ amount: abroad.amount, said, currency: "EUR" }, own);
          if (own.length > 0) expect(left).not.toBeNull();
          if ((left ?? 0n) !== 0n) exchanged += 1;
          all.push(...postingsOf(abroad, context), ...exchangePostings(abroad, left ?? 0n, context));
        });
        expect(balanceOf(all)).toEqual({ amount: 0n, said: 0n });
      }),
      { numRuns: 500 },
    );
    expect(exchanged).toBeGreaterThan(300);
  });
});

function row(said: bigint, rate: bigint): InBoth {
  const fact = inBooks(charge("fee", said), euro(rate), "USD");
  return { amount: fact.amount, said, currency: "EUR" };
}

/** What postings bring to the channel's account, by a sum of its own. */
function balanceOf(postings: readonly Posting[]): Readonly<{ amount: bigint; said: bigint }> {
  let [amount, said] = [0n, 0n];
  for (const posting of postings) {
    const sign = posting.debit === held ? 1n : posting.credit === held ? -1n : 0n;
    amount += sign * posting.amount;
    said += sign * (posting.foreign?.amount ?? 0n);
  }
  return { amount, said };
}
