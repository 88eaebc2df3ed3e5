import { describe, expect, it } from "vitest";
import { expectProven, factsOf, hasFixtures, kindOf, options, readFixture, readText, total, typesOf } from "./books";

describe("Stripe's balance", () => {
  const dashboard =
    "id,Type,Source,Amount,Fee,Destination Platform Fee,Net,Currency,Created (UTC),Available On (UTC),Description,Customer Facing Amount,Customer Facing Currency,Transfer,Transfer Date (UTC),Transfer Group";
  const read = (...rows: readonly string[]) => readText([dashboard, ...rows].join("\n"));

  it("as the dashboard exports it: a charge with its fee, in a payout that is the sum of its rows", () => {
    const reading = read(
      "txn_1,charge,ch_1,20.00,0.88,,19.12,usd,2026-03-01 23:30,2026-03-03 00:00,Mug,20.00,usd,po_9,2026-03-04 00:00,",
      "txn_2,payout,po_9,-19.12,0.00,,-19.12,usd,2026-03-03 05:00,2026-03-04 00:00,STRIPE PAYOUT,,,po_9,2026-03-04 00:00,",
    );
    expect(reading).toMatchObject({ channel: "stripe", agrees: true, problems: [], orders: 1, unknownTypes: [] });
    expect(reading.payouts).toEqual([{ id: "po_9", date: "2026-03-03", currency: "USD", amount: 1912n, rows: 1912n }]);
    const facts = factsOf(reading, "USD", "America/New_York");
    expectProven(facts, 0n);
    expect(kindOf(facts, "order")).toMatchObject([{ id: "stripe/order/ch_1", when: { on: "2026-03-01" } }]);
    expect(kindOf(facts, "charge")).toMatchObject([{ category: "processing", amount: -88n }]);
  });

  it("takes a charge for a shop's order, and the refund of it, for money of a sale that the shop tells", () => {
    const reading = read(
      "txn_1,charge,ch_1,20.00,0.88,,19.12,usd,2026-03-01 23:30,2026-03-03 00:00,Candles & Co - Order 5120,20.00,usd,,,",
      "txn_2,refund,re_1,-5.00,0.00,,-5.00,usd,2026-03-02 23:30,2026-03-03 00:00,REFUND FOR CHARGE (Candles & Co - Order 5120),,,,,",
    );
    const facts = factsOf(reading);
    expectProven(facts, 1412n);
    expect(kindOf(facts, "order")).toEqual([]);
    expect(kindOf(facts, "charge").map(({ id, category, amount }) => [id, category, amount])).toEqual([
      ["stripe/charge/ch_1", "elsewhere", 2000n],
      ["stripe/charge/ch_1/fee", "processing", -88n],
      ["stripe/charge/txn_2", "elsewhere", -500n],
    ]);
    expect(reading.orders).toBe(1);
    const noted = readText(
      `${dashboard},order_id (metadata)\ntxn_1,charge,ch_1,20.00,0.88,,19.12,usd,2026-03-01 23:30,,,,,,,,77`,
    );
    expect(kindOf(factsOf(noted), "charge")[0]).toMatchObject({ category: "elsewhere" });
  });

  it("says of a payout that is not the sum of its rows, and of a net that is not", () => {
    const reading = read(
      "txn_1,charge,ch_1,20.00,0.88,,19.00,usd,2026-03-01 23:30,,,,,po_9,,",
      "txn_2,payout,po_9,-20.12,0.00,,-20.12,usd,2026-03-03 05:00,,,,,po_9,,",
    );
    expect(reading.agrees).toBe(false);
    expect(reading.problems.map(({ row, code }) => [row, code])).toEqual([
      [2, "does_not_reconcile"],
      [3, "does_not_reconcile"],
    ]);
  });

  it("keeps what it has never seen as other, and a payout that came back as one of its own", () => {
    const reading = read(
      "txn_1,climate_order_purchase,cl_1,-1.00,0.00,,-1.00,usd,2026-03-01 23:30,,,,,,,",
      "txn_2,payout,po_9,-5.00,0.00,,-5.00,usd,2026-03-03 05:00,,,,,po_9,,",
      "txn_3,payout_failure,po_9,5.00,0.00,,5.00,usd,2026-03-05 05:00,,,,,po_9,,",
    );
    expect(reading.unknownTypes).toEqual(["climate_order_purchase"]);
    expectProven(factsOf(reading), -100n);
    expect(kindOf(factsOf(reading), "payout").map(({ id, amount }) => [id, amount])).toEqual([
      ["stripe/payout/po_9", 500n],
      ["stripe/payout/po_9/returned", -500n],
    ]);
  });

  it("reads currencies without decimals", () => {
    const reading = readText(
      `${dashboard}\ntxn_1,charge,ch_1,2000,72,,1928,jpy,2026-03-01 23:30,,,,,,,`,
      options("JPY"),
    );
    expect(reading.net).toEqual([{ currency: "JPY", amount: 1928n }]);
  });
});

describe("Stripe's itemised payouts", () => {
  it("are payouts on the day on which each was made", () => {
    const reading = readText(
      [
        "payout_id,effective_at,currency,gross,fee,net,reporting_category,balance_transaction_id,description,payout_expected_arrival_date,payout_status",
        "po_1,2026-09-05 00:00:00,usd,-96.22,0.00,-96.22,payout,txn_3,STRIPE PAYOUT,2026-09-07 00:00:00,paid",
        "po_1,2026-09-08 00:00:00,usd,96.22,0.00,96.22,payout_reversal,txn_4,STRIPE PAYOUT FAILED,,failed",
      ].join("\n"),
      options("USD", "America/New_York"),
    );
    expect(reading).toMatchObject({ kind: "stripe-balance", rows: 2, read: 2, problems: [], from: "2026-09-05" });
    expect(reading.payouts).toMatchObject([{ id: "po_1", date: "2026-09-05", amount: 9622n }, { id: "po_1/returned" }]);
    expectProven(factsOf(reading), 0n);
  });
});

describe("Stripe's payments", () => {
  const header =
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Converted Amount Refunded,Converted Currency,Description,Fee,Status";
  const paid = "ch_1,2026-03-01 10:00:00,20.00,5.00,usd,true,20.00,5.00,usd,Mug,0.88,Paid";

  it("gives charges, fees and refunds, and nothing for what failed", () => {
    const reading = readText(`${header}\n${paid}\nch_2,2026-03-01 11:00:00,9.00,0.00,usd,false,,,,Print,0.00,Failed`);
    expectProven(factsOf(reading), 1412n);
    expect(reading).toMatchObject({ rows: 2, read: 2, orders: 1, net: [{ currency: "USD", amount: 1412n }] });
  });

  it("meets the balance by the charge's own id, which stands above it", () => {
    const payments = readText(`${header}\n${paid}`).documents;
    const balance = readText(
      "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,source_id,description\ntxn_1,2026-03-01 10:00:00,usd,20.00,0.88,19.12,charge,ch_1,Mug",
    ).documents;
    expect(balance.map(({ externalId }) => externalId).sort()).toEqual(
      payments.map(({ externalId }) => externalId).sort(),
    );
    for (const { externalId, version } of payments)
      expect((balance.find((one) => one.externalId === externalId)?.version ?? "") > version).toBe(true);
  });
});

describe.skipIf(!hasFixtures)("Stripe exports (fixtures)", () => {
  it("an itemised payout reconciliation with dispute, reversal, reserve and fee", () => {
    const reading = readFixture("stripe/itemized_payout_reconciliation_made.csv", options("EUR"));
    expect(reading).toMatchObject({ kind: "stripe-balance", rows: 8, read: 8, agrees: true, problems: [] });
    expect(reading.payouts).toMatchObject([{ id: "po_1", amount: 85511n, rows: 85511n }]);
    expect(reading.net).toEqual([{ currency: "EUR", amount: -3000n }]);
    expect(typesOf(reading)).toEqual({
      charge: 95011n,
      refund: -2000n,
      dispute: -7000n,
      fee: -500n,
      payout: -85511n,
      dispute_reversal: 7000n,
      risk_reserved_funds: -10000n,
    });
    expectProven(factsOf(reading, "EUR"), -3000n);
  });

  it("real payments in three currencies, settled in a fourth, semicolons", () => {
    const reading = readFixture("stripe/payments_semicolon_multicurrency.csv", options("THB"));
    expect(reading).toMatchObject({ kind: "stripe-payments", rows: 622, read: 622, orders: 622, problems: [] });
    expect(reading.net).toEqual([{ currency: "THB", amount: 28433230n - 1972570n }]);
    const charges = kindOf(factsOf(reading, "THB"), "charge");
    const sum = (category: string) => total(charges.flatMap((one) => (one.category === category ? [one.amount] : [])));
    expect([sum("sale"), sum("processing")]).toEqual([28433230n, -1972570n]);
    expectProven(factsOf(reading, "THB"), 26460660n);
  });

  it("real unified payments with eighty columns", () => {
    const reading = readFixture("stripe/unified_payments.csv", options("THB"));
    expect(reading).toMatchObject({ rows: 1, read: 1, orders: 1, net: [{ currency: "THB", amount: 49940n }] });
    expect(kindOf(factsOf(reading, "THB"), "order")).toMatchObject([
      { id: "stripe/order/ch_6AWaruB2wyUqPzrF8YTW9Rqx", lines: [{ amount: 53480n, name: "Subscription update" }] },
    ]);
  });
});
