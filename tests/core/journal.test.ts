import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entry, missing, type Posting } from "../../lib/core/journal";

const document = { kind: "order", id: "o1" };

const anyPosting: fc.Arbitrary<Posting> = fc
  .record({
    purpose: fc.constantFrom("order", "fees"),
    effectiveOn: fc.constantFrom("2025-02-27", "2025-02-28", "2025-03-01"),
    memo: fc.constantFrom("", "Order 1"),
    pair: fc.constantFrom(["1150", "4000"], ["4000", "1150"], ["5000", "1200"], ["1150", "6000"]),
    amount: fc.bigInt({ min: 0n, max: 500n }),
    channel: fc.constantFrom(null, "", "etsy"),
    item: fc.constantFrom(null, "w1"),
  })
  .map(({ pair: [debit = "", credit = ""], ...rest }) => ({ ...rest, debit, credit, location: null, line: null }));
const anyPostings = fc.array(anyPosting, { maxLength: 12 });
const anyClose = fc.constantFrom(null, "2025-01-31", "2025-02-28", "2025-12-31");

/** Entries as the ledger reads them back. */
function asPosted(entries: readonly Entry[]): Posting[] {
  return entries.flatMap(({ purpose, effectiveOn, postings }) =>
    postings.map((posting) => ({ ...posting, purpose, effectiveOn, memo: "" })),
  );
}

/** What accounts and dimensions come to on each effective day. */
function sums(postings: readonly Posting[]): Map<string, bigint> {
  const found = new Map<string, bigint>();
  const add = (account: string, { purpose, effectiveOn, channel, item, location, line }: Posting, amount: bigint) => {
    const key = JSON.stringify([purpose, effectiveOn, account, channel, item, location, line]);
    const sum = (found.get(key) ?? 0n) + amount;
    if (sum === 0n) found.delete(key);
    else found.set(key, sum);
  };
  for (const posting of postings) {
    add(posting.debit, posting, posting.amount);
    add(posting.credit, posting, -posting.amount);
  }
  return found;
}

function posting(change: Partial<Posting> = {}): Posting {
  const pair = { debit: "5000", credit: "1200", amount: 300n };
  const dimensions = { channel: null, item: "w1", location: "main", line: "o1-1" };
  return { purpose: "cost", effectiveOn: "2025-03-06", memo: "Cost of goods sold", ...pair, ...dimensions, ...change };
}

describe("what is missing", () => {
  test("brings what is posted to what is wanted, whatever was posted before", () => {
    fc.assert(
      fc.property(anyPostings, anyPostings, anyClose, (wanted, posted, closed) => {
        const entries = missing(document, wanted, posted, closed);
        expect(sums([...posted, ...asPosted(entries)])).toEqual(sums(wanted));
      }),
    );
  });

  test("is nothing where what is wanted is posted, and nothing more once it was added", () => {
    fc.assert(
      fc.property(anyPostings, anyPostings, anyClose, (wanted, posted, closed) => {
        expect(missing(document, wanted, wanted, closed)).toEqual([]);
        const added = asPosted(missing(document, wanted, posted, closed));
        expect(missing(document, wanted, [...posted, ...added], closed)).toEqual([]);
      }),
    );
  });

  test("a document that wants nothing is offset whole", () => {
    fc.assert(
      fc.property(anyPostings, (posted) => {
        expect(sums([...posted, ...asPosted(missing(document, [], posted, null))]).size).toBe(0);
      }),
    );
  });

  test("comes in entries of positive amounts, one for each purpose and day, in open periods only", () => {
    fc.assert(
      fc.property(anyPostings, anyPostings, anyClose, (wanted, posted, closed) => {
        const entries = missing(document, wanted, posted, closed);
        const keys = entries.map(({ purpose, effectiveOn }) => `${purpose} ${effectiveOn}`);
        expect(new Set(keys).size).toBe(keys.length);
        for (const entry of entries) {
          expect(entry.postings.length).toBeGreaterThan(0);
          expect(entry.postings.every(({ amount, debit, credit }) => amount > 0n && debit !== credit)).toBe(true);
          expect(entry.memo).not.toBe("");
          expect(closed === null || entry.postedOn > closed).toBe(true);
          expect(closed === null || entry.effectiveOn > closed ? entry.postedOn === entry.effectiveOn : true).toBe(
            true,
          );
          expect(entry.isCorrection).toBe(posted.some(({ purpose }) => purpose === entry.purpose));
        }
      }),
    );
  });

  test("a cost that falls is one entry the other way round", () => {
    const [entry, ...others] = missing({ kind: "cost", id: "o1-1" }, [posting({ amount: 250n })], [posting()], null);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ postedOn: "2025-03-06", isCorrection: true, memo: "Cost of goods sold" });
    expect(entry?.postings).toEqual([
      { debit: "1200", credit: "5000", amount: 50n, channel: null, item: "w1", location: "main", line: "o1-1" },
    ]);
  });

  test("a document moved to another day leaves the one and enters the other", () => {
    const entries = missing(document, [posting({ effectiveOn: "2025-03-09" })], [posting()], null);
    expect(entries.map(({ effectiveOn, postings }) => [effectiveOn, postings[0]?.debit, postings[0]?.amount])).toEqual([
      ["2025-03-09", "5000", 300n],
      ["2025-03-06", "1200", 300n],
    ]);
  });

  test("what belongs to a closed day is posted on the first open one, and says which document and why", () => {
    const [entry] = missing({ kind: "cost", id: "o1-1" }, [posting()], [], "2025-03-31", "late purchase p9");
    expect(entry).toMatchObject({ effectiveOn: "2025-03-06", postedOn: "2025-04-01", isCorrection: false });
    expect(entry?.memo).toBe("Cost of goods sold. For cost o1-1 of 2025-03-06: late purchase p9");
  });

  test("a pair and its reverse are the same pair; a dimension that differs is not", () => {
    const turned = posting({ debit: "1200", credit: "5000" });
    expect(missing(document, [posting(), turned], [], null)).toEqual([]);
    expect(missing(document, [posting({ channel: "" })], [posting({ channel: null })], null)[0]?.postings).toHaveLength(
      2,
    );
  });
});
