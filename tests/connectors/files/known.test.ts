import { describe, expect, it } from "vitest";
import { factsOf, hasFixtures, readFixture, readText, total, typesOf } from "./books";

const refusal = (code: string, says: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(says) });

describe("exports of channels that lack something", () => {
  it.each([
    ["Date,Type,Title,Info,Currency,Amount\n1,2,3,4,5,6", "fees & taxes"],
    ["Type,Order number,Payout ID\nOrder,1,2", "net amount"],
    ["settlement-id\tamount\n1\t2", "transaction-type"],
    ["Name,Lineitem name\n#1,Mug", "total"],
  ])("name the column that is missing: %s", (text, column) => {
    expect(() => readText(text)).toThrow(refusal("missing_column", column));
  });

  it("read an Etsy statement without its Net column by what Net is the sum of", () => {
    const reading = readText(
      'Date,Type,Title,Info,Currency,Amount,Fees & Taxes\n"May 2, 2025",Fee,Listing fee,,USD,--,-$0.20\n"May 2, 2025",Deposit,"$3.00 sent to your bank account",,USD,--,--',
    );
    expect(reading).toMatchObject({ agrees: null, problems: [] });
    expect(typesOf(reading)).toEqual({ Fee: -20n, Deposit: -300n });
    expect(total(factsOf(reading).flatMap((fact) => (fact.kind === "balance_row" ? [fact.amount] : [])))).toBe(-320n);
  });

  it.each([
    ["Handle,Title,Variant SKU\n", "Shopify's export of products"],
    [
      "Date,Amount,Currency,Status,Bank Account Ending Digits\n01/05/2026,68.87,USD,Paid,1234",
      "Etsy's list of deposits",
    ],
    [
      "Payment ID,Buyer Username,Buyer Name,Order ID,Gross Amount,Fees,Net Amount,Currency,Order Date\n1,b,B,3,9.00,1.00,8.00,USD,01/02/2026",
      "Etsy's list of payments",
    ],
    [
      "id,Type,Arrival Date (UTC),Status,Amount,Currency,Method,Created (UTC),Destination\npo_1,bank_account,2026-09-07 00:00,paid,96.22,usd,standard,2026-09-05 14:03,ba_1",
      "Stripe's list of payouts",
    ],
    [
      '"Date","Transaction Status","Transaction type","Order ID","Product Details","Total product charges","Total promotional rebates","Amazon fees","Other","Total (USD)"\n"Sep 4, 2026","Released","Order Payment","111-1","Mug","$20.00","$0.00","-$4.00","$0.00","$16.00"',
      "Amazon's list of transactions",
    ],
    [
      "Order creation date,Order number,Item ID,Gross amount,Expenses,Order earnings\n",
      "eBay's report of order earnings",
    ],
    [
      'Date,"Order #","N. Revenue (formatted)",Status,Customer,"Product(s)","Items sold","N. Revenue"\n2026-01-05,1,$4.00,completed,A,"2× Mug",2,4',
      "WooCommerce's table of orders",
    ],
  ])("say what they are where no reader knows them: %s", (text, what) => {
    expect(() => readText(text)).toThrow(refusal("unsupported", what));
  });
});

describe.skipIf(!hasFixtures)("exports without a reader (fixtures)", () => {
  it.each([
    "amazon/eu_fx_all-orders.txt",
    "amazon/eu_fx_reimbursements.txt",
    "amazon/eu_fx_returns.txt",
    "amazon/eu_fx_vat-transactions.txt",
    "shopify/products/apparel.csv",
  ])("%s is named and not read as something else", (name) => {
    expect(() => readFixture(name)).toThrow(expect.objectContaining({ code: "unsupported" }));
  });
});
