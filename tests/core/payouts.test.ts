import { describe, expect, test } from "vitest";
import { findDeposits, leftSince, payoutRhythm, proof } from "../../lib/core/payouts";

describe("the rows of a payout", () => {
  const row = (type: string, amount: bigint, about: string | null = "order/1") => ({ id: type, type, amount, about });

  test("are summed by the channel's word, the largest first whatever its sign, equals by name", () => {
    const rows = [row("b", 5n), row("sale", 70n), row("a", -5n), row("fee", -90n), row("b", 0n), row("sale", 9n, null)];
    const found = proof({ amount: -10n }, rows);
    expect(found.types).toEqual([
      { type: "fee", count: 1, amount: -90n },
      { type: "sale", count: 2, amount: 79n },
      { type: "a", count: 1, amount: -5n },
      { type: "b", count: 2, amount: 5n },
    ]);
    expect([found.paid, found.rows, found.difference]).toEqual([-10n, -11n, 1n]);
    expect(found.unexplained).toEqual([rows[5]]);
  });

  test("may be none: then all of it differs", () => {
    expect(proof({ amount: 10n }, [])).toEqual({ paid: 10n, rows: 0n, difference: 10n, types: [], unexplained: [] });
  });
});

describe("the deposit that a payout became", () => {
  const moved = (id: string, on: string, amount = 100n, currency = "USD") => ({ id, on, amount, currency });

  test("several payouts each find their own, by amount and by currency", () => {
    const payouts = [
      moved("p1", "2025-03-01"),
      moved("p2", "2025-03-01", 200n),
      moved("p3", "2025-03-01", 100n, "EUR"),
    ];
    const deposits = [
      moved("d3", "2025-03-02", 100n, "EUR"),
      moved("d2", "2025-03-03", 200n),
      moved("d1", "2025-03-02"),
    ];
    expect(findDeposits(payouts, deposits)).toEqual([
      { payout: "p1", deposit: "d1", candidates: ["d1"] },
      { payout: "p2", deposit: "d2", candidates: ["d2"] },
      { payout: "p3", deposit: "d3", candidates: ["d3"] },
    ]);
    expect(findDeposits(payouts.slice(0, 1), [])).toEqual([{ payout: "p1", deposit: null, candidates: [] }]);
  });

  test("of one amount, weeks apart, each finds its own; what another fits too is not taken", () => {
    const payouts = [moved("p1", "2025-03-01"), moved("p2", "2025-03-20"), moved("p3", "2025-03-21")];
    const deposits = [moved("d1", "2025-03-03"), moved("d2", "2025-03-20"), moved("d3", "2025-03-28")];
    expect(findDeposits(payouts, deposits)).toEqual([
      { payout: "p1", deposit: "d1", candidates: ["d1"] },
      { payout: "p2", deposit: "d2", candidates: ["d2"] },
      { payout: "p3", deposit: "d3", candidates: ["d3"] },
    ]);
    expect(findDeposits(payouts, [...deposits, moved("d4", "2025-03-22")]).map(({ deposit }) => deposit)).toEqual([
      "d1",
      null,
      null,
    ]);
  });

  test("in another currency is offered those within 5 % of what it comes to, and never taken alone", () => {
    const abroad = { ...moved("p1", "2025-03-01", 80_00n, "EUR"), inBooks: 100_00n };
    const deposits = [
      moved("d1", "2025-03-02", 95_00n),
      moved("d2", "2025-03-08", 105_00n),
      ...[
        moved("low", "2025-03-02", 94_99n),
        moved("high", "2025-03-02", 105_01n),
        moved("back", "2025-03-02", -100_00n),
      ],
      ...[moved("late", "2025-03-09", 100_00n), moved("before", "2025-02-28", 100_00n)],
    ];
    expect(findDeposits([abroad], deposits)).toEqual([{ payout: "p1", deposit: null, candidates: ["d1", "d2"] }]);
    expect(findDeposits([abroad], deposits.slice(0, 1))).toEqual([{ payout: "p1", deposit: null, candidates: ["d1"] }]);
    // One that fits to the cent waits, too, where this might be the same.
    const exact = moved("p2", "2025-03-01", 95_00n);
    expect(findDeposits([abroad, exact], deposits.slice(0, 1)).map(({ deposit }) => deposit)).toEqual([null, null]);
    expect(findDeposits([exact], deposits).map(({ deposit }) => deposit)).toEqual(["d1"]);
    const returned = { ...abroad, amount: -80_00n, inBooks: -100_00n };
    expect(findDeposits([returned], deposits)).toEqual([{ payout: "p1", deposit: null, candidates: ["back"] }]);
  });
});

describe("how long a channel's money may wait", () => {
  const weekly = ["2026-03-27", "2026-03-06", "2026-03-13", "2026-03-20"];
  test("is as long as its payouts usually are apart, and at least what the channel says", () => {
    expect(payoutRhythm(weekly, 1)).toBe(7n);
    expect(payoutRhythm(weekly, 14)).toBe(14n);
    // Two on one day are one; a holiday of three weeks is not the usual.
    expect(payoutRhythm([...weekly, "2026-03-27", "2026-02-13"], 1)).toBe(7n);
    expect(payoutRhythm(["2026-03-01", "2026-04-01"], 7)).toBe(31n);
    expect(payoutRhythm(["2026-03-01"], 7)).toBe(7n);
    expect(payoutRhythm([], 7)).toBe(7n);
  });
  test("is no time at all where it pays when it is asked to", () => {
    expect(payoutRhythm(weekly, null)).toBeNull();
  });
  test("leaves of an old balance what did not go the other way since", () => {
    expect([leftSince(500n, 500n), leftSince(500n, 800n), leftSince(500n, 200n)]).toEqual([500n, 500n, 200n]);
    expect([leftSince(500n, 0n), leftSince(500n, -20n), leftSince(0n, 20n)]).toEqual([0n, 0n, 0n]);
    expect([leftSince(-500n, -200n), leftSince(-500n, -900n)]).toEqual([-200n, -500n]);
  });
});
