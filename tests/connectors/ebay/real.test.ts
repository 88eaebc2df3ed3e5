/**
 * A real seller's report, told again as the API would tell it: each row a transaction, each order an order. It must come to the same
 * payouts, to the cent. The report is not part of the project (FIXTURES_DIR).
 */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { read } from "../../../integrations/ebay/read";
import { type Fact, factKey } from "../../../lib/core/facts";
import { effectOf, sum } from "../conformance";
import { hasFixtures, readFixture } from "../files/books";
import { account } from "./support";

const report = "ebay/transaction_report_2022-01_2022-09.csv";
if (!hasFixtures) console.warn("skipped: no eBay report (set FIXTURES_DIR)");

const Rows = z.object({ rows: z.array(z.object({ cells: z.record(z.string(), z.string()) })) });
type Cells = Readonly<Record<string, string>>;
const types: Readonly<Record<string, string>> = {
  "Shipping label": "SHIPPING_LABEL",
  "Other fee": "NON_SALE_CHARGE",
  Transfer: "TRANSFER",
};
const feeColumns: Readonly<Record<string, string>> = {
  "final value fee - fixed": "FINAL_VALUE_FEE_FIXED_PER_ORDER",
  "final value fee - variable": "FINAL_VALUE_FEE",
  "international fee": "INTERNATIONAL_FEE",
};

const said = (cells: Cells, name: string): string | undefined => {
  const text = cells[name];
  return text === undefined || text === "" || text === "--" ? undefined : text;
};
const usd = (text: string | undefined) => ({ value: (text ?? "0").replace(/[-,]/g, ""), currency: "USD" });
const dateOf = (cells: Cells): string =>
  `${new Date(`${cells["transaction date"]} UTC`).toISOString().slice(0, 10)}T18:00:00.000Z`;

function factsOf(cells: Cells, index: number): readonly Fact[] {
  const at = dateOf(cells);
  const type = cells.type ?? "";
  const net = cells["net amount"] ?? "";
  const amount = usd(net);
  const orderId = said(cells, "order number");
  const payoutId = said(cells, "payout id");
  const document = { externalId: String(index), version: "1" };
  if (type === "Payout")
    return read(
      { ...document, feed: "payouts", body: { payoutId, payoutDate: at, payoutStatus: "SUCCEEDED", amount } },
      account,
    );
  const common = {
    transactionDate: at,
    transactionType: type === "Order" ? "SALE" : types[type],
    amount,
    bookingEntry: net.startsWith("-") ? "DEBIT" : "CREDIT",
    ...(orderId === undefined ? {} : { orderId }),
    ...(payoutId === undefined ? {} : { payoutId }),
  };
  if (type !== "Order") {
    const more = type === "Other fee" ? { feeType: "AD_FEE" } : {};
    const transaction = { ...common, transactionId: `${type}-${index}`, transactionMemo: cells.description, ...more };
    return read({ ...document, feed: "balance", body: { transaction, order: null } }, account);
  }
  const fees = Object.entries(feeColumns).flatMap(([column, feeType]) =>
    said(cells, column) === undefined ? [] : [{ feeType, amount: usd(cells[column]) }],
  );
  const lineItemId = cells["transaction id"];
  const transaction = { ...common, transactionId: orderId, orderLineItems: [{ lineItemId, marketplaceFees: fees }] };
  const tax = said(cells, "ebay collected tax");
  const [subtotal, delivery] = [cells["item subtotal"], cells["shipping and handling"]];
  const total = [subtotal, said(cells, "shipping and handling"), tax].reduce(
    (all, part) => all + Math.round(Number(part ?? 0) * 100),
    0,
  );
  const order = {
    orderId,
    creationDate: at,
    orderPaymentStatus: "PAID",
    pricingSummary: {
      priceSubtotal: usd(subtotal),
      deliveryCost: usd(delivery === "--" ? undefined : delivery),
      tax: usd(tax),
      total: usd((total / 100).toFixed(2)),
    },
    lineItems: [
      {
        lineItemId,
        quantity: Number(cells.quantity),
        title: cells["item title"],
        lineItemCost: usd(subtotal),
        taxes: [{ amount: usd(tax) }],
        ebayCollectAndRemitTaxes: [{ amount: usd(tax) }],
      },
    ],
  };
  return [
    ...read({ ...document, feed: "orders", body: order }, account),
    ...read({ ...document, feed: "balance", body: { transaction, order: null } }, account),
  ];
}

describe.skipIf(!hasFixtures)("a real seller's nine months, as the API would tell them", () => {
  it("come to 44 payouts that are each the sum of their rows", () => {
    const rows = readFixture(report).documents.flatMap(({ body }) => Rows.parse(body).rows);
    expect(rows).toHaveLength(202);
    const facts = rows.flatMap(({ cells }, index) => factsOf(cells, index));
    const payouts = facts.flatMap((fact) => (fact.kind === "payout" ? [fact] : []));
    const listed = facts.flatMap((fact) => (fact.kind === "balance_row" ? [fact] : []));
    expect(payouts).toHaveLength(44);
    expect(sum(payouts.map((payout) => payout.amount))).toBe(149_995n);
    for (const payout of payouts)
      expect(sum(listed.filter((row) => row.payout === payout.id).map((row) => row.amount)), payout.id).toBe(
        payout.amount,
      );
    // 55 orders: 1,789.43 of goods, 365.70 of postage, 140.62 that eBay remits.
    const orders = facts.flatMap((fact) => (fact.kind === "order" ? [fact] : []));
    expect(orders).toHaveLength(55);
    expect(sum(orders.flatMap((order) => order.lines.map((line) => line.amount)))).toBe(178_943n);
    expect(sum(orders.map((order) => order.shipping))).toBe(36_570n);
    expect(sum(orders.map((order) => order.tax))).toBe(14_062n);
    // Each fact does to the balance what its rows say.
    for (const fact of facts) {
      const about = listed.filter((row) => row.about === factKey(fact));
      expect(sum(about.map((row) => row.amount)), factKey(fact)).toBe(effectOf(fact, 0, facts));
    }
  });
});
