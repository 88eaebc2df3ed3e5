import { describe, expect, it } from "vitest";
import {
  countsOf,
  expectProven,
  factsOf,
  hasFixtures,
  kindOf,
  readFixture,
  readText,
  rowsIn,
  total,
  typesOf,
} from "./books";

const header =
  "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,Amount,Fee,Net,Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency";
const read = (...rows: readonly string[]) => readText([header, ...rows].join("\n"));
const paid = (reading: ReturnType<typeof read>) => total(reading.payouts.map(({ amount }) => amount));

describe("a Shopify payment transactions export", () => {
  const charge =
    "2026-02-01 23:30:02 -0500,charge,#2001,visa,online,paid,2026-02-05,90001,2026-02-05,46.52,1.65,44.87,,card,46.52,USD,USD";

  it("gives the order's money, the fee beside it and the payout, each explained by its rows", () => {
    const reading = read(charge);
    const facts = factsOf(reading, "USD", "America/New_York");
    expectProven(facts, 0n);
    expect(kindOf(facts, "order")).toMatchObject([
      { id: "shopify/order/2001", when: { on: "2026-02-01" }, lines: [{ qty: 1n, amount: 4652n }], fees: [] },
    ]);
    expect(kindOf(facts, "charge")).toMatchObject([
      { category: "processing", amount: -165n, order: "shopify/order/2001" },
    ]);
    expect(kindOf(facts, "payout")).toMatchObject([{ id: "shopify/payout/90001", date: "2026-02-05", amount: 4487n }]);
    expect(new Set(rowsIn(facts).flatMap(({ payout }) => payout ?? []))).toEqual(new Set(["shopify/payout/90001"]));
    expect(reading).toMatchObject({ channel: "shopify", orders: 1, rows: 1, read: 1, agrees: true, problems: [] });
  });

  it("stands below the orders export, which knows the lines, and above nothing", () => {
    const [orders] = readText(
      "Name,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Lineitem quantity,Lineitem name,Lineitem price,Created at\n#2001,,USD,46.52,0,0,46.52,1,Mug,46.52,2026-02-01",
    ).documents;
    const money = read(charge).documents.find(({ externalId }) => externalId === orders?.externalId);
    expect(money?.version.localeCompare("1")).toBeLessThan(0);
    expect((orders?.version ?? "") > (money?.version ?? "~")).toBe(true);
  });

  it("is told apart from its waiting self by a version, with the same id", () => {
    const waiting = charge.replace(",paid,2026-02-05,90001,", ",pending,2026-02-05,,");
    const [before, after] = [read(waiting), read(charge)].map((reading) =>
      reading.documents.find(({ externalId }) => externalId.startsWith("row/")),
    );
    expect(before?.externalId).toBe(after?.externalId);
    expect((after?.version ?? "") > (before?.version ?? "~")).toBe(true);
    expect(read(waiting).payouts).toEqual([]);
  });

  it("keeps two rows that say the same, and names them the same way every time", () => {
    const ids = (reading: ReturnType<typeof read>) => reading.documents.map(({ externalId }) => externalId);
    const twins = read(charge, charge);
    expect(new Set(ids(twins).filter((id) => id.startsWith("row/"))).size).toBe(2);
    expect(ids(twins)).toEqual(ids(read(charge, charge)));
    expect(typesOf(twins)).toEqual({ charge: 8974n });
  });

  it("leaves a type that it has never seen visible, and says of a row that does not add", () => {
    const reading = read(
      "2026-02-06 09:00:00 -0500,anomaly_credit,,,,paid,2026-02-06,90002,2026-02-06,3.00,0.00,2.50,,,,USD,USD",
    );
    expect(reading).toMatchObject({
      agrees: false,
      unknownTypes: ["anomaly_credit"],
      problems: [{ row: 2, code: "does_not_reconcile" }],
    });
    expect(kindOf(factsOf(reading), "charge")).toMatchObject([{ category: "other", type: "anomaly_credit" }]);
  });

  it("takes decimal commas", () => {
    const reading = readText(`${header.replaceAll(",", ";")}\n${charge.replaceAll(",", ";").replaceAll(".", ",")}`);
    expect(typesOf(reading)).toEqual({ charge: 4487n });
  });
});

describe("a Shopify payouts export", () => {
  const list = (...rows: readonly string[]) =>
    readText(
      [
        "Payout Date,Status,Charges,Refunds,Adjustments,Marketplace Sales Tax,Advances,Reserved Funds,Fees,Retried Amount,Total,Currency,Bank Reference",
        ...rows,
      ].join("\n"),
    );

  it("gives each payout that was sent, checks its parts, and waits for the others", () => {
    const reading = list(
      "2026-09-03,paid,450.00,-20.00,0.00,0.00,0.00,0.00,-13.35,0.00,416.65,USD,REF1",
      "2026-09-04,scheduled,10.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,10.00,USD,",
    );
    expect(reading).toMatchObject({ agrees: true, rows: 2, read: 2, net: [{ currency: "USD", amount: -41665n }] });
    expectProven(factsOf(reading), -41665n);
    expect(list("2026-09-03,paid,450.00,0,0,0,0,0,0,0,416.65,USD,").agrees).toBe(false);
  });

  it("says of two payouts of one day that they are two", () => {
    const reading = list(
      "2026-09-03,paid,5.00,0,0,0,0,0,0,0,5.00,USD,",
      "2026-09-03,paid,7.00,0,0,0,0,0,0,0,7.00,USD,",
    );
    expect(kindOf(factsOf(reading), "payout").map(({ id }) => id)).toEqual([
      "shopify/payout/2026-09-03",
      "shopify/payout/2026-09-03/2",
    ]);
  });

  it("meets the transactions: by date the stated payout is kept, by id the other file's is silent", () => {
    const [stated] = list("2026-02-05,paid,46.52,0,0,0,0,0,-1.65,0,44.87,USD,").documents;
    const [row] = [
      "2026-02-01 23:30:02 -0500,charge,#2001,visa,online,paid,2026-02-05,90001,2026-02-05,46.52,1.65,44.87,,card,46.52,USD,USD",
    ];
    const byId = read(row ?? "").documents.find(({ externalId }) => externalId === stated?.externalId);
    const byDate = read((row ?? "").replace("90001", "")).documents.find(
      ({ externalId }) => externalId === stated?.externalId,
    );
    expect((byId?.version ?? "") > (stated?.version ?? "~")).toBe(true);
    expect((byDate?.version ?? "~") < (stated?.version ?? "")).toBe(true);
  });
});

describe.skipIf(!hasFixtures)("Shopify Payments exports (fixtures)", () => {
  it("the made one: a gift card's part is not on the card, a chargeback won, a reserve, a payout taken from the bank", () => {
    const reading = readFixture("shopify/payment_transactions_export_made.csv");
    expect(reading.payouts.map(({ id, amount, rows }) => [id, amount, rows])).toEqual([
      ["90001", 9312n, 9312n],
      ["90002", -10954n, -10954n],
    ]);
    const facts = factsOf(reading);
    expectProven(facts, 8554n);
    expect(
      total(rowsIn(facts).flatMap((row) => (row.payout === null && row.type !== "payout" ? [row.amount] : []))),
    ).toBe(8554n);
    expect(reading).toMatchObject({ rows: 8, read: 8, agrees: true, problems: [] });
  });

  it("the real one of 16 columns: 14 payouts by date", () => {
    const reading = readFixture("shopify/payment_transactions_export_2025-06a.csv");
    expect(reading).toMatchObject({ rows: 677, read: 677, agrees: true, problems: [], unknownTypes: [] });
    expect(countsOf(reading)).toEqual({ charge: 668, refund: 9 });
    expect(typesOf(reading)).toEqual({ charge: 8423135n, refund: -64797n });
    expect(reading.net).toEqual([{ currency: "USD", amount: 8358338n }]);
    expect(Object.fromEntries(reading.payouts.map(({ id, amount }) => [id, amount]))).toEqual({
      "2025-06-03": 62281n,
      "2025-06-04": 184496n,
      "2025-06-05": 151339n,
      "2025-06-06": 243119n,
      "2025-06-08": 20883n,
      "2025-06-09": 316650n,
      "2025-06-10": 1220192n,
      "2025-06-11": 165972n,
      "2025-06-12": 211355n,
      "2025-06-13": 193283n,
      "2025-06-14": 367494n,
      "2025-06-15": 394036n,
      "2025-06-16": 636972n,
      "2025-06-17": 4190266n,
    });
    expectProven(factsOf(reading), 0n);
  });

  it("the real one with the rarer types: one order over four rows, tax that the channel withholds", () => {
    const reading = readFixture("shopify/payment_transactions_export_2025-11_shop_cash_excerpt.csv");
    expect(reading).toMatchObject({ rows: 18, read: 18, agrees: true, unknownTypes: [] });
    expect(typesOf(reading)).toEqual({
      refund: -4221n,
      shop_cash_credit: 3182n,
      "marketplace sales tax": -1877n,
      shop_cash_campaign_billing_debit: -5400n,
      charge: 189277n,
    });
    expect(paid(reading)).toBe(180961n);
    const facts = factsOf(reading);
    expectProven(facts, 0n);
    expect(kindOf(facts, "order").find(({ number }) => number === "40526")?.lines[0]?.amount).toBe(4118n + 1568n);
  });

  it("French ones with few columns", () => {
    const all = readFixture("shopify/payouts_fr/transactions.csv");
    expect(all.payouts.map(({ id, amount }) => [id, amount])).toEqual([
      ["P001", 18606n],
      ["P002", 8775n],
    ]);
    expect(all.net).toEqual([{ currency: "USD", amount: 27381n }]);
    expectProven(factsOf(all), 0n);
    const details = ["P001", "P002"].map((id) => readFixture(`shopify/payouts_fr/detail_versements__detail_${id}.csv`));
    expect(details.map(paid)).toEqual([18606n, 8775n]);
    const list = readFixture("shopify/payouts_fr/versements.csv");
    expect(list.payouts.map(({ amount }) => amount)).toEqual([18606n, 8775n]);
    expect(list.agrees).toBe(true);
  });
});
