/** Sums beyond 2^53 are printed to the last digit, and small ones as they always were. */
import { afterAll, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { exactJson } from "../../lib/replay/exact-json";
import { replay } from "../../lib/replay/run";

afterAll(closeDatabase);

test("what is no bigint is written as JSON always was", () => {
  const value = { a: [1, -2, null, true], "ü\n": '\u2028"\\', empty: {}, none: [], left: undefined };
  expect(exactJson(value)).toBe(JSON.stringify(value));
  expect(exactJson({ sum: 18_014_398_509_481_981n, less: [-(2n ** 64n)] })).toBe(
    '{"sum":18014398509481981,"less":[-18446744073709551616]}',
  );
});

test("the sum of amounts that are each within 2^53 has all its digits, and the trial balance adds to 0", async () => {
  const most = Number.MAX_SAFE_INTEGER;
  const facts = [
    { kind: "item", id: "w", name: "w", sku: "w" },
    ...["p1", "p2"].map((id) => ({
      kind: "purchase",
      id,
      date: "2025-03-01",
      amount: most,
      lines: [{ id: `${id}-1`, item: "w", qty: 1, amount: most }],
    })),
    // One cent more makes the sum odd: no number beyond 2^53 is. A lot that is left shows figures of both sizes.
    {
      kind: "opening",
      id: "g",
      date: "2025-03-02",
      lines: [
        { id: "g-1", item: "w", qty: 1, amount: 1 },
        { id: "g-2", item: "w", qty: 1, amount: 7 },
      ],
    },
    {
      kind: "order",
      id: "o",
      channel: "web",
      at: "2025-03-02",
      lines: [{ id: "o-1", sku: "w", name: "", qty: 3, amount: 3 }],
    },
  ];
  const lines = facts.map((value, i) => ({ line: i + 1, value }));
  const { result } = await replay(lines, { chunk: null, keeps: false, name: "exact" });
  const both = 2n * BigInt(most);
  expect(result.sales[0]).toMatchObject({ cost: both + 1n, uncosted: 0 });
  expect(result.trial_balance.map((row) => [row.code, row.amount])).toEqual([
    ["1000", -both],
    ["1150", 3],
    ["1200", 7],
    ["3090", -8],
    ["4000", -3],
    ["5000", both + 1n],
  ]);
  expect(result.trial_balance.reduce((sum, row) => sum + BigInt(row.amount), 0n)).toBe(0n);
  expect(exactJson(result.sales[0])).toContain('"cost":18014398509481983,"uncosted":0');
});
