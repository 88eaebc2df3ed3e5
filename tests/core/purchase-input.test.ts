import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { PurchaseFact } from "../../lib/core/facts";
import { share, smaller } from "../../lib/core/money";
import { costPostings, postingsOf } from "../../lib/core/posting";
import { goodsOf, inputSum, noInput, returnedInput } from "../../lib/core/purchases";
import { reviveFact } from "../../lib/core/revive";

const bought: PurchaseFact = {
  kind: "purchase",
  id: "p",
  date: "2026-04-02",
  amount: 11_800n,
  lines: [],
  extras: [],
  account: "1000",
  supplier: null,
  input: { igst: 0n, cgst: 900n, sgst: 900n },
};
const context = {
  currency: "INR",
  channelAccount: () => "",
  channelOf: () => "",
  taxByOf: () => "seller" as const,
  on: () => "2026-04-02",
};
const pairs = (postings: ReturnType<typeof costPostings>) =>
  postings.map(({ debit, credit, amount }) => [debit, credit, amount]);

test("a purchase puts the tax that is set off aside, and the rest is Inventory", () => {
  expect(goodsOf(bought)).toBe(10_000n);
  expect(pairs(postingsOf(bought, context))).toEqual([
    ["1200", "1000", 10_000n],
    ["1221", "1000", 900n],
    ["1222", "1000", 900n],
  ]);
  const { input: _, ...plain } = bought;
  expect(pairs(postingsOf(plain, context))).toEqual([["1200", "1000", 11_800n]]);
});

test("it is stored and read again as it was said", () => {
  const stored = JSON.parse(
    JSON.stringify(bought, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  ) as unknown;
  expect(reviveFact(stored)).toEqual(bought);
});

describe("a purchase return", () => {
  const back = {
    kind: "purchase_return",
    line: "r",
    effectiveOn: "2026-04-10",
    item: "mug",
    location: "main",
  } as const;

  it("gives the tax back and pays for the lots with the rest", () => {
    const input = { igst: 180n, cgst: 0n, sgst: 0n };
    expect(pairs(costPostings({ ...back, back: 1_180n, account: "1000", input, cost: 900n }))).toEqual([
      ["1000", "1223", 180n],
      ["1000", "1200", 900n],
      ["1000", "5110", 100n],
    ]);
    expect(pairs(costPostings({ ...back, back: 1_180n, account: "1000", cost: 900n }))).toEqual([
      ["1000", "1200", 900n],
      ["1000", "5110", 280n],
    ]);
  });

  it("has its part of each tax, rounded once, and never more than all of it", () => {
    const tax = fc.bigInt({ min: 0n, max: 10n ** 9n });
    fc.assert(
      fc.property(
        tax,
        tax,
        tax,
        fc.bigInt({ min: 0n, max: 10n ** 10n }),
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 10n }), { maxLength: 6 }),
        (igst, cgst, sgst, goods, backs) => {
          const input = { igst, cgst, sgst };
          const paid = goods + inputSum(input);
          const lines = returnedInput({ paid, input }, backs);
          const all = backs.reduce((sum, one) => sum + one, 0n);
          expect(lines).toHaveLength(backs.length);
          for (const part of ["igst", "cgst", "sgst"] as const) {
            expect(lines.every((line) => line[part] >= 0n)).toBe(true);
            const sum = lines.reduce((so, line) => so + line[part], 0n);
            expect(sum).toBe(paid === 0n || all === 0n ? 0n : share(input[part], smaller(all, paid), paid));
          }
        },
      ),
    );
    expect(returnedInput({ paid: 0n, input: noInput }, [5n])).toEqual([noInput]);
  });
});
