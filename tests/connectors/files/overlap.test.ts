/**
 * Files that overlap add only what is new: the rows of two overlapping parts of a file are named as in the whole, each once, with their
 * twins; and the whole file told twice says the same.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { decode } from "../../../integrations/files/text";
import { factKey } from "../../../lib/core/facts";
import { factsOf, hasFixtures, options, readText } from "./books";

const folder = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures");
const files = [
  ["shopify/payment_transactions_export_2025-06a.csv", "USD"],
  ["shopify/payment_transactions_export_2025-11_shop_cash_excerpt.csv", "USD"],
  ["stripe/payments_semicolon_multicurrency.csv", "THB"],
  ["stripe/itemized_payout_reconciliation_made.csv", "EUR"],
  ["paypal/activity_merchant_41col.csv", "USD"],
  ["square/item_sales_may.csv", "USD"],
  ["square/transactions_55col_made.csv", "USD"],
  ["resale/mercari_sales_made.csv", "USD"],
] as const;

describe.skipIf(!hasFixtures)("overlapping parts of a file (fixtures)", () => {
  it.each(files)("%s", (name, currency) => {
    const { text } = decode(readFileSync(resolve(folder, name)), "upload");
    const [header = "", ...rows] = text.trimEnd().split("\n");
    const third = Math.ceil(rows.length / 3);
    const part = (some: readonly string[]) => readText([header, ...some].join("\n"), options(currency));
    const whole = part(rows);
    const parts = [part(rows.slice(0, 2 * third)), part(rows.slice(third))];
    const ids = (reading: typeof whole) => reading.documents.map(({ externalId }) => externalId);
    expect([...new Set(parts.flatMap(ids))].sort()).toEqual([...new Set(ids(whole))].sort());
    expect(new Set(ids(whole)).size).toBe(whole.documents.length);
    const keys = (reading: typeof whole) => factsOf(reading, currency).map(factKey).sort();
    expect(keys(part(rows))).toEqual(keys(whole));
    expect(new Set(keys(whole)).size).toBe(keys(whole).length);
  });
});
