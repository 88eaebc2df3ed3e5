import { describe, expect, test } from "vitest";
import { findDeposits, proof } from "../../lib/core/payouts";

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
});
