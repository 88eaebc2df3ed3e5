/** The same trade by eBay's own report and by its API: what both know by one id is one thing. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { read } from "../../../integrations/ebay/read";
import { type Fact, factKey } from "../../../lib/core/facts";
import { factsOf, readText } from "../files/books";
import { account } from "./support";

const columns =
  "Transaction creation date,Type,Order number,Net amount,Payout currency,Payout ID,Item ID,Transaction ID,Item title,Custom label,Quantity,Item subtotal,Shipping and handling,Seller collected tax,eBay collected tax,Final Value Fee - fixed,Final Value Fee - variable,Gross transaction amount,Transaction currency,Reference ID,Description";
const number = "12-00001-00001";
const rows = [
  `6 Jan 2026,Payout,--,-45.02,USD,7000000001,--,--,--,--,--,--,--,--,--,--,--,-45.02,USD,--,--`,
  `1 Jan 2026,Order,${number},45.02,USD,7000000001,--,--,--,--,3,48.00,5.00,--,4.24,-0.40,-7.58,53.00,USD,--,--`,
  `1 Jan 2026,Order,${number},--,USD,7000000001,110000000001,10000000000101,"Leather strap, brown",STRAP-BR,2,38.00,--,--,--,--,--,--,USD,--,--`,
  `1 Jan 2026,Order,${number},--,USD,7000000001,110000000002,10000000000102,Lens cap 52mm,--,1,10.00,--,--,--,--,--,--,USD,--,--`,
];

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../integrations/ebay/fixtures/${name}.json`, import.meta.url), "utf8"));
const byApi: readonly Fact[] = [
  ...read({ feed: "orders", externalId: number, version: "1", body: fixture("order") }, account),
  ...read({ feed: "payouts", externalId: "7000000001", version: "1", body: fixture("payout") }, account),
  ...read(
    { feed: "balance", externalId: "sale", version: "1", body: { transaction: fixture("sale"), order: null } },
    account,
  ),
];
const reading = readText(`Transaction report\n\nSeller,a.shop\n\n${[columns, ...rows].join("\n")}`);
const byFile = factsOf(reading);

describe("an order that came by file and by API", () => {
  it("is one order with the same lines, one row and one payout", () => {
    const known = new Set(byApi.map(factKey));
    expect(byFile.length).toBeGreaterThan(0);
    // All that the report says is known by the same names; the API has the fees beside it, one by one.
    expect(byFile.map(factKey).filter((key) => !known.has(key))).toEqual([]);
    const linesOf = (facts: readonly Fact[]) =>
      facts.flatMap((fact) => (fact.kind === "order" ? fact.lines.map((line) => line.id) : []));
    expect(linesOf(byApi)).toEqual(linesOf(byFile));
    const payoutOf = (facts: readonly Fact[]) => facts.find((fact) => fact.kind === "payout");
    expect(payoutOf(byApi)).toMatchObject({ amount: 4502n });
    expect(payoutOf(byFile)).toMatchObject({ amount: 4502n });
  });

  it("is what the API says, whichever came first: its versions follow those of files", () => {
    const versions = reading.documents.map((document) => document.version);
    expect(versions.length).toBeGreaterThan(0);
    // The API's begin with a time.
    for (const version of versions) expect(version < "2000-01-01T00:00:00.000Z").toBe(true);
  });
});
