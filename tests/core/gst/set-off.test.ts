import fc from "fast-check";
import { expect, test } from "vitest";
import { setOff, setOffPostings } from "../../../lib/core/gst/set-off";

const parts = (igst: bigint, cgst: bigint, sgst: bigint) => ({ igst, cgst, sgst });
const said = (owed: ReturnType<typeof parts>, credit: ReturnType<typeof parts>) =>
  setOff(owed, credit).map(({ credit: from, owed: to, amount }) => `${from} ${to} ${amount}`);

test("credit of IGST goes first, and all of it, before any other is used", () => {
  // The circular 98/17/2019 of the Board has this case: 1,000, 300, 300 owed, credit of 1,300, 200, 200.
  expect(said(parts(1_000n, 300n, 300n), parts(1_300n, 200n, 200n))).toEqual([
    "igst igst 1000",
    "igst cgst 200",
    "igst sgst 100",
    "cgst cgst 100",
    "sgst sgst 200",
  ]);
});

test("what is left of CGST and then of SGST pays IGST, and never each other", () => {
  expect(said(parts(100n, 10n, 10n), parts(0n, 50n, 500n))).toEqual([
    "cgst cgst 10",
    "cgst igst 40",
    "sgst sgst 10",
    "sgst igst 60",
  ]);
  expect(said(parts(0n, 100n, 0n), parts(0n, 0n, 100n))).toEqual([]);
});

test("nothing is used twice or beyond what is owed, and as little cash is asked for as the law lets", () => {
  const amount = fc.bigInt({ min: 0n, max: 40n });
  const some = fc.record({ igst: amount, cgst: amount, sgst: amount });
  fc.assert(
    fc.property(some, some, (owed, credit) => {
      const used = setOff(owed, credit);
      const sum = (of: "credit" | "owed", part: string) =>
        used.reduce((so, one) => (one[of] === part ? so + one.amount : so), 0n);
      for (const part of ["igst", "cgst", "sgst"] as const) {
        expect(sum("credit", part) <= credit[part]).toBe(true);
        expect(sum("owed", part) <= owed[part]).toBe(true);
      }
      expect(used.every(({ amount: one }) => one > 0n)).toBe(true);
      expect(used.some(({ credit: from, owed: to }) => from !== to && from !== "igst" && to !== "igst")).toBe(false);
      // Other credit is used only where none of IGST could be.
      const others = used.some((one) => one.credit !== "igst");
      const all = owed.igst + owed.cgst + owed.sgst;
      const paid = used.reduce((so, one) => so + one.amount, 0n);
      if (others) expect(sum("credit", "igst")).toBe(credit.igst < all ? credit.igst : all);
      // The least cash, by trying every way to divide what is left of IGST between the two halves.
      let best = 0n;
      const toIgst = credit.igst < owed.igst ? credit.igst : owed.igst;
      const rest = credit.igst - toIgst;
      const least = (a: bigint, b: bigint) => (a < b ? a : b);
      const spare = least(rest, owed.cgst + owed.sgst);
      for (let x = 0n; x <= spare; x += 1n) {
        if (x > owed.cgst || spare - x > owed.sgst) continue;
        const [c, s] = [owed.cgst - x, owed.sgst - (spare - x)];
        const [ownC, ownS] = [least(c, credit.cgst), least(s, credit.sgst)];
        const cross = least(owed.igst - toIgst, credit.cgst - ownC + (credit.sgst - ownS));
        const total = toIgst + spare + ownC + ownS + cross;
        if (total > best) best = total;
      }
      expect(paid).toBe(best);
    }),
  );
});

test.each(["igst", "cgst", "sgst"] as const)("what is below 0 of %s on either side is refused", (part) => {
  const none = parts(0n, 0n, 0n);
  expect(() => setOff({ ...none, [part]: -1n }, none)).toThrow("not below 0");
  expect(() => setOff(none, { ...none, [part]: -1n })).toThrow("not below 0");
  expect(setOff(none, none)).toEqual([]);
});

test("a set-off takes from what is owed and from the credit, a posting for each pair of taxes", () => {
  const used = setOff(parts(100n, 10n, 10n), parts(0n, 50n, 15n));
  const rest = { effectiveOn: "2026-04-30", memo: "GST of 2026-04 set off", channel: null, item: null };
  const posting = (debit: string, credit: string, amount: bigint) => ({
    purpose: "gst",
    ...rest,
    debit,
    credit,
    amount,
    location: null,
    line: null,
  });
  expect(setOffPostings("2026-04", "2026-04-30", used)).toEqual([
    posting("2221", "1221", 10n),
    posting("2223", "1221", 40n),
    posting("2222", "1222", 10n),
    posting("2223", "1222", 5n),
  ]);
});
