/**
 * Files through the whole way, against totals that were worked out apart from this product (the fixtures' README and manifest). The files
 * lie outside the project: FIXTURES_DIR, by default ../shared/fixtures; without them these tests are skipped and say so.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { importFile } from "../../lib/desk/imports";
import type { Scope } from "../../lib/people/access";
import { createBusiness } from "../../lib/people/businesses";
import { newId } from "../../lib/system/ids";
import { testDatabase } from "../support/database";

const folder = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures");
const isAbsent = !existsSync(folder);
if (isAbsent) console.warn(`skipped: no fixtures at ${folder} (set FIXTURES_DIR)`);

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

const business = (currency = "USD"): Promise<Scope> =>
  createBusiness({ id: newId() }, { name: "Files", country: "US", currency, timeZone: "UTC", taxYearStartMonth: 1 });
const take = (scope: Scope, path: string) =>
  importFile(scope, { name: basename(path), bytes: readFileSync(resolve(folder, path)) }, false);
async function proved(scope: Scope): Promise<void> {
  expect((await verifyBooks(scope)).checks.flatMap((check) => check.findings)).toEqual([]);
}

/** File, rows, what it moves the account by (minor units), orders, payouts with their sum, agrees. */
const channelFiles: readonly (readonly [string, string, number, number, number, number, boolean])[] = [
  ["etsy/etsy_statement_2025_10.csv", "USD", 105, 11_037, 2, 20_472, true],
  ["etsy/etsy_statement_2025_11.csv", "USD", 430, 61_209, 0, 0, true],
  ["etsy/etsy_statement_2025_12.csv", "USD", 1_070, -9_414, 5, 269_432, true],
  ["etsy/etsy_statement_2022-01_old_layout.csv", "USD", 29, 81, 2, 7_557, true],
  ["amazon/settlement_flat_v2_us_sample.txt", "USD", 24, 58_289, 1, 58_289, true],
  ["amazon/settlement_flat_v1_ca_2025-09-25.txt", "CAD", 730, 463_023, 1, 463_023, true],
  ["amazon/date_range_transactions_us_made.csv", "USD", 10, 0, 1, 65_024, true],
  ["shopify/payment_transactions_export_made.csv", "USD", 8, 6_912, 2, -1_642, true],
  ["shopify/payment_transactions_export_2025-06a.csv", "USD", 677, 8_358_338, 14, 8_358_338, true],
  ["shopify/payouts_fr/versements.csv", "EUR", 2, -27_381, 2, 27_381, true],
  ["stripe/itemized_payout_reconciliation_made.csv", "EUR", 8, -3_000, 1, 85_511, true],
  ["paypal/activity_merchant_41col.csv", "USD", 183, -4_484_561, 2, 8_626_500, true],
  ["square/transactions_55col_made.csv", "USD", 5, 6_627, 1, 6_627, true],
  ["square/item_sales_may.csv", "USD", 223, 187_328, 0, 0, true],
  ["woocommerce/orders_export.csv", "USD", 101, 0, 0, 0, true],
  ["resale/mercari_sales_made.csv", "USD", 3, 8_164, 0, 0, true],
  ["resale/depop_sales_made.csv", "USD", 2, 3_925, 0, 0, true],
];

describe.skipIf(isAbsent)("channel files, taken in", () => {
  it.each(channelFiles)("%s", async (path, currency, rows, net, payouts, paid, agrees) => {
    const scope = await business(currency);
    const first = await take(scope, path);
    expect([first.rows, first.read, first.new, first.already, first.agrees]).toEqual([rows, rows, rows, 0, agrees]);
    expect(first.net).toEqual([{ currency, amount: net }]);
    if (payouts > 0) {
      expect(first.payouts).toHaveLength(payouts);
      expect(first.payouts.reduce((sum, payout) => sum + payout.amount, 0)).toBe(paid);
    }
    const again = await take(scope, path);
    expect([again.new, again.already]).toEqual([0, rows]);
    await proved(scope);
  });

  it("Shopify's orders and payments of one shop: each sale once, in either order", async () => {
    const sales: bigint[] = [];
    for (const turn of [0, 1]) {
      const scope = await business();
      const files = ["shopify/orders_export_nasty_made.csv", "shopify/payment_transactions_export_made.csv"];
      for (const path of turn === 0 ? files : files.reverse()) await take(scope, path);
      await proved(scope);
      sales.push(await balanceOf(scope, "4000"));
    }
    expect(sales[0]).toBe(sales[1]);
  });

  it("three months of Etsy carry the balance that the statements say", async () => {
    const scope = await business();
    const moved: number[] = [];
    for (const month of ["2025_10", "2025_11", "2025_12"]) {
      const { net, new: isNew, rows } = await take(scope, `etsy/etsy_statement_${month}.csv`);
      expect(isNew).toBe(rows);
      moved.push((moved.at(-1) ?? 0) + (net[0]?.amount ?? 0));
    }
    expect(moved).toEqual([11_037, 72_246, 62_832]);
    await proved(scope);
  });

  it("eBay's report: 44 payouts, each the sum of its rows", async () => {
    const scope = await business();
    const result = await take(scope, "ebay/transaction_report_2022-01_2022-09.csv");
    expect([result.kind, result.payouts.length, result.agrees]).toEqual(["ebay-transactions", 44, true]);
    expect(result.payouts.filter((payout) => payout.difference !== 0)).toEqual([]);
    await proved(scope);
  });

  it("Shopify's orders, voided and refunded ones too", async () => {
    const scope = await business();
    const result = await take(scope, "shopify/orders_export_nasty_made.csv");
    expect([result.kind, result.rows, result.new, result.agrees]).toEqual(["shopify-orders", 9, 9, true]);
    await proved(scope);
  });
});

async function balanceOf(scope: Scope, code: string): Promise<bigint> {
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ amount: string }>(
      tx,
      sql`select coalesce(sum(debit_minor - credit_minor), 0)::text as amount from app.account_months where business_id = ${scope.businessId} and code = ${code}`,
    ),
  );
  return BigInt(row?.amount ?? 0);
}

/** File, kind, transactions, sum of all. */
const bankFiles: readonly (readonly [string, string, number, number])[] = [
  ["bank/ofx/jseutter_checking.ofx", "ofx", 3, -5_950],
  ["bank/ofx/asgrim_ofxdata-xml.ofx", "ofx", 3, 25_000],
  ["bank/ofx/aclindsa_wellsfargo.qfx", "ofx", 1, -1_234],
  ["bank/ofx/OCA_test_ofx_iban.ofx", "ofx", 4, -36_000],
  ["bank/qif/OCA_test_qif.qif", "qif", 5, -189_609],
  ["bank/csv/redstreet_Main_Checking_Account_Transactions.csv", "bank-csv", 10, 50_000],
];

describe.skipIf(isAbsent)("bank files, taken in", () => {
  it.each(bankFiles)("%s", async (path, kind, rows, sum) => {
    const scope = await business();
    const first = await take(scope, path);
    expect([first.kind, first.rows, first.new, first.already]).toEqual([kind, rows, rows, 0]);
    expect(first.net).toEqual([{ currency: "USD", amount: sum }]);
    expect(first.types.reduce((total, type) => total + type.amount, 0)).toBe(sum);
    expect(
      first.types.every(({ type, amount }) => (type === "credit" ? amount >= 0 : type === "debit" && amount < 0)),
    ).toBe(true);
    const again = await take(scope, path);
    expect([again.new, again.already]).toEqual([0, rows]);
    await proved(scope);
  });

  it("in another currency gives its figures and is not taken in", async () => {
    const scope = await business();
    const result = await take(scope, "bank/ofx/asgrim_ofxdata-bb.ofx");
    expect(result).toMatchObject({ accepted: false, net: [{ currency: "BRL", amount: 23_955 }] });
    expect((await take(scope, "bank/ofx/asgrim_ofxdata-bb.ofx")).new).toBe(1);
    const own = await business("BRL");
    expect((await take(own, "bank/ofx/asgrim_ofxdata-bb.ofx")).accepted).toBeUndefined();
    await proved(own);
  });
});

const run = promisify(execFile);

describe("npm run import", () => {
  it("prints a line for each file, goes on after a bad one, ends with 1 and leaves no business behind", async () => {
    const place = mkdtempSync(join(tmpdir(), "lotbook-import-"));
    try {
      const good = join(place, "good.csv");
      writeFileSync(good, "Date,Description,Amount\n2026-01-05,USPS,-12.40\n2026-01-06,Coffee,-4.50\n");
      const bad = join(place, "bad.csv");
      writeFileSync(bad, "%PDF-1.7 not a table");
      const before = await businessCount();
      const said = await run(process.execPath, ["--import", "tsx", "scripts/import.ts", good, bad, good], {
        env: process.env,
      }).then(
        () => null,
        (error: Readonly<{ code: number; stdout: string }>) => error,
      );
      expect(said?.code).toBe(1);
      const lines = (said?.stdout ?? "")
        .trim()
        .split("\n")
        .map((text) => JSON.parse(text) as Record<string, unknown>);
      expect(lines).toHaveLength(3);
      expect(lines[0]).toEqual({
        file: "good.csv",
        kind: "bank-csv",
        channel: null,
        account: null,
        encoding: "utf-8",
        rows: 2,
        read: 2,
        new: 2,
        already: 0,
        doubtful: 0,
        from: "2026-01-05",
        through: "2026-01-06",
        types: [{ type: "debit", currency: "USD", count: 2, amount: -1690 }],
        net: [{ currency: "USD", amount: -1690 }],
        stated: { opening: null, closing: null, total: null },
        agrees: null,
        payouts: [],
        orders: 0,
        units: 0,
        unknown_types: [],
        problems: [],
      });
      expect(lines[1]).toMatchObject({ file: "bad.csv", error: { code: "wrong_file_type" } });
      expect(lines[2]).toMatchObject({ new: 0, already: 2 });
      expect(await businessCount()).toBe(before);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });
});

async function businessCount(): Promise<number> {
  const [row] = await asSystem("a test counts what a command left behind", (tx) =>
    rowsOf<{ n: number }>(tx, sql`select count(*)::int as n from app.directory`),
  );
  return row?.n ?? 0;
}
