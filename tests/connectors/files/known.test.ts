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

  it("say what they are where no reader knows them", () => {
    expect(() => readText("Handle,Title,Variant SKU\n")).toThrow(
      refusal("unsupported", "Shopify's export of products"),
    );
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
