/** What is added to the journal, to the letter. */
import { describe, expect, test } from "vitest";
import { InvariantBroken } from "../../lib/core/errors";
import { missing, type Posting } from "../../lib/core/journal";

const document = { kind: "order", id: "o1" };
const DAY = "2025-03-06";

function posting(change: Partial<Posting> = {}): Posting {
  const pair = { debit: "1150", credit: "4000", amount: 300n };
  const nothing = { channel: null, item: null, location: null, line: null };
  return { purpose: "order", effectiveOn: DAY, memo: "Order 1", ...pair, ...nothing, ...change };
}
const rowOf = ({ debit, credit, amount, channel, item, location, line }: Posting) => ({
  debit,
  credit,
  amount,
  channel,
  item,
  location,
  line,
});

describe("an entry", () => {
  test("says all of itself", () => {
    expect(missing(document, [posting()], [], null)).toEqual([
      {
        document,
        purpose: "order",
        effectiveOn: DAY,
        postedOn: DAY,
        memo: "Order 1",
        isCorrection: false,
        postings: [rowOf(posting())],
      },
    ]);
  });

  test("of a closed day says which document, of which day, and why; with its own words before that where it has some", () => {
    const memos = ["", "Order 1"].flatMap((memo) =>
      [missing(document, [posting({ memo })], [], DAY), missing(document, [posting({ memo })], [], DAY, "late")].map(
        ([entry]) => entry?.memo,
      ),
    );
    expect(memos).toEqual([
      `For order o1 of ${DAY}: recorded after its period was closed`,
      `For order o1 of ${DAY}: late`,
      `Order 1. For order o1 of ${DAY}: recorded after its period was closed`,
      `Order 1. For order o1 of ${DAY}: late`,
    ]);
    expect(missing(document, [posting()], [], DAY)[0]?.postedOn).toBe("2025-03-07");
    expect(missing(document, [posting()], [], "2025-03-05")[0]?.postedOn).toBe(DAY);
  });

  test("has the first words that any of its postings has, or says that it corrects", () => {
    const memoOf = (...memos: string[]) =>
      missing(
        document,
        memos.map((memo, i) => posting({ memo, line: `${i}` })),
        [],
        null,
      )[0]?.memo;
    expect([memoOf("", "b", "c"), memoOf("a", "b"), memoOf("", "")]).toEqual(["b", "a", "Correction of order o1"]);
  });

  test("is a correction where its own purpose was posted before, on whatever day", () => {
    const before = [posting({ effectiveOn: "2025-01-01" })];
    const entries = missing(document, [...before, posting(), posting({ purpose: "fees" })], before, null);
    expect(entries.map(({ purpose, isCorrection }) => [purpose, isCorrection])).toEqual([
      ["order", true],
      ["fees", false],
    ]);
  });
});

describe("postings are one", () => {
  const rows = (...wanted: Posting[]) => missing(document, wanted, [], null)[0]?.postings ?? [];

  test("where accounts and dimensions are the same, either way round", () => {
    const turned = { debit: "4000", credit: "1150", amount: 100n };
    expect(rows(posting(), posting({ amount: 5n }))).toEqual([rowOf(posting({ amount: 305n }))]);
    expect(rows(posting(turned), posting())).toEqual([rowOf(posting({ amount: 200n }))]);
    expect(rows(posting(turned))).toEqual([rowOf(posting(turned))]);
    expect(rows(posting(turned), posting({ amount: 60n }))).toEqual([rowOf(posting({ ...turned, amount: 40n }))]);
  });

  test.each<[string, Partial<Posting>, Partial<Posting>]>([
    ["channel", { channel: "x" }, { channel: "y" }],
    ["item", { item: "x" }, { item: "y" }],
    ["location", { location: "x" }, { location: "y" }],
    ["line", { line: "x" }, { line: "y" }],
    ["dimension", { channel: "x" }, { item: "x" }],
    ["dimension that is empty", { line: "" }, { line: null }],
    ["dimension that reads like nothing", { line: "null" }, { line: null }],
    ["pair of accounts that reads alike", { debit: "1", credit: "23" }, { debit: "12", credit: "3" }],
    ["pair of accounts that reads alike, turned", { debit: "31", credit: "2" }, { debit: "3", credit: "12" }],
    ["pair and dimension", { credit: "4000", channel: "x" }, { credit: "4000=x" }],
  ])("and two where they differ in %s", (_, one, other) => {
    const [a, b] = [posting(one), posting({ ...other, amount: 7n })];
    expect(rows(a, b)).toEqual([rowOf(a), rowOf(b)]);
    expect(rows(b, a)).toEqual([rowOf(b), rowOf(a)]);
  });
});

test("a posting moves a positive amount, or none, between two accounts: anything else is a bug", () => {
  expect(missing(document, [posting({ amount: 0n })], [], null)).toEqual([]);
  for (const wrong of [posting({ amount: -1n }), posting({ debit: "4000" })])
    expect(() => missing(document, [wrong], [], null)).toThrow(InvariantBroken);
});
