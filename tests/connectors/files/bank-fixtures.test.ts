/**
 * Real bank files against totals that were worked out apart from this product (the tables in the fixtures' README). The files lie outside
 * the project: FIXTURES_DIR, by default ../shared/fixtures; without them these tests are skipped and say so.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { BankReading, ReadOptions } from "../../../integrations/files/reading";
import { readFile } from "../../../integrations/files/recognise";
import { Refusal } from "../../../lib/core/errors";

const folder = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures");
const isAbsent = !existsSync(folder);
if (isAbsent) console.warn(`skipped: no fixtures at ${folder} (set FIXTURES_DIR)`);

const options = (fileName: string): ReadOptions => ({
  fileName,
  currency: "USD",
  country: "US",
  timeZone: "UTC",
  layout: null,
});
function read(path: string): BankReading {
  const reading = readFile(readFileSync(resolve(folder, path)), options(path));
  if (reading.type !== "bank") throw new Error(`${path} was read as a channel's file`);
  return reading;
}
function outcome(path: string): BankReading | Refusal {
  try {
    return read(path);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
const sum = (reading: BankReading) =>
  reading.accounts.reduce((total, account) => total + account.rows.reduce((part, row) => part + row.amount, 0n), 0n);
const codes = (reading: BankReading) => [...new Set(reading.problems.map((problem) => problem.code))].join(" ");

/** File, accounts with a number, currencies, transactions in the file, sum of those read, ledger balances; all in minor units. */
const statements: readonly (readonly [string, number, string, number, bigint, readonly (bigint | null)[]])[] = [
  ["jseutter_anzcc.ofx", 1, "AUD", 1, -550n, [-12345n]],
  ["jseutter_checking.ofx", 1, "USD", 3, -5950n, [10099n]],
  ["jseutter_multiple_accounts.ofx", 2, "USD", 0, 0n, [11100n, 22200n]],
  ["jseutter_ofx-v102-empty-tags.ofx", 1, "AUD", 1, 1234n, [null]],
  ["jseutter_suncorp.ofx", 1, "AUD", 1, -1685n, [123412n]],
  ["asgrim_ofx-multiple-accounts-xml.ofx", 3, "GBP", 3, 51472n, [4301n, 300025n, 1172856n]],
  ["asgrim_ofxdata-bb.ofx", 1, "BRL", 1, 23955n, [23935n]],
  ["asgrim_ofxdata-bpbfc.ofx", 1, "EUR", 6, -5349n, [1000000n]],
  ["asgrim_ofxdata-credit-card.ofx", 1, "GBP", 1, -10000n, [-50000n]],
  ["asgrim_ofxdata-emptyDateTime.ofx", 0, "AUD", 2, 48750n, [null]],
  ["asgrim_ofxdata-memoWithAmpersand.ofx", 1, "BRL", 16, 39382n, [-73405n]],
  ["asgrim_ofxdata-memoWithQuotes.ofx", 1, "BRL", 16, 39382n, [-73405n]],
  ["asgrim_ofxdata-selfclose.ofx", 1, "BRL", 5, 58500n, [null]],
  ["asgrim_ofxdata-xml.ofx", 1, "USD", 3, 25000n, [525000n]],
  ["csingley_br_nubank_cc.ofx", 1, "BRL", 6, -128091n, [-128091n]],
  ["csingley_stmtrs.ofx", 1, "USD", 2, -50000n, [20029n]],
  ["csingley_stmtrs_euro.ofx", 1, "USD", 2, -50000n, [20029n]],
  ["aclindsa_wellsfargo.qfx", 1, "USD", 1, -1234n, [12345n]],
  ["egh_apostrophe.ofx", 1, "USD", 1, -5873n, [10099n]],
  ["egh_checking-payee-match.ofx", 1, "USD", 1, -1n, [10099n]],
  ["egh_no-institution.ofx", 1, "USD", 3, -5950n, [10099n]],
  ["libofx_ofx_spec201_stmtrs_example.xml", 1, "USD", 2, -50000n, [20029n]],
  ["OCA_test_ofx_iban.ofx", 2, "USD", 4, -36000n, [215656n, -56200n]],
];

/** Read in part: rows, rows understood, the sum of those, the codes of what is wrong. */
const partly: readonly (readonly [string, number, number, bigint, string])[] = [
  ["jseutter_date_missing.ofx", 3, 0, 0n, "bad_date"],
  ["jseutter_decimal_error.ofx", 1, 0, 0n, "bad_date bad_number"],
  ["asgrim_ofxdata-banking-xml200.ofx", 1, 0, 0n, "bad_date bad_number"],
  ["aclindsa_moneymrkt1_v103.ofx", 3, 0, 0n, "too_many_decimals"],
  ["aclindsa_moneymrkt1_v203.ofx", 3, 0, 0n, "too_many_decimals"],
  ["redstreet_transactions.qfx", 2, 2, -105500n, "duplicate_id"],
  ["OCA_test_ofx_wrong.ofx", 4, 3, -27000n, "bad_date bad_number"],
  ["libofx_use-after-free.ofx", 1, 0, 0n, "bad_date bad_number"],
];

const refused: Readonly<Record<string, string>> = {
  "jseutter_account_listing_aggregation.ofx": "no_data_rows",
  "jseutter_bank_small.ofx": "no_data_rows",
  "jseutter_signon_fail.ofx": "no_data_rows",
  "jseutter_signon_success_no_message.ofx": "no_data_rows",
  "jseutter_fidelity-savings.ofx": "unsupported",
  "jseutter_fidelity.ofx": "unsupported",
  "jseutter_investment_medium.ofx": "unsupported",
  "jseutter_tiaacref.ofx": "unsupported",
  "jseutter_vanguard.ofx": "unsupported",
  "asgrim_ofxdata-investments-multiple-accounts-xml.ofx": "unsupported",
  "asgrim_ofxdata-investments-oneline-xml.ofx": "unsupported",
  "csingley_invstmtrs.ofx": "unsupported",
  "aclindsa_401k_v203.ofx": "unsupported",
  "aclindsa_ira_v202.ofx": "unsupported",
  "egh_income.ofx": "unsupported",
  "redstreet_etrade_09092023.QFX": "unsupported",
  "redstreet_OfxDownload-401k.qfx": "unsupported",
  "libofx_downcast.ofx": "bad_ofx",
  "libofx_null-ptr-deref-1.ofx": "bad_ofx",
  "libofx_heap-buffer-overflow-1.ofx": "no_data_rows",
  "libofx_failing-ofx-file1.xml": "wrong_file_type",
};

describe.skipIf(isAbsent)("real OFX and QFX files", () => {
  it.each(statements)("%s", (file, numbered, currency, count, total, balances) => {
    const reading = read(`bank/ofx/${file}`);
    expect([reading.kind, reading.rows, reading.read, sum(reading)]).toEqual(["ofx", count, count, total]);
    expect(reading.accounts.map((account) => account.stated.closing)).toEqual(balances);
    expect(reading.accounts.filter((account) => account.account !== null).length).toBe(numbered);
    expect(new Set(reading.accounts.map((account) => account.currency))).toEqual(new Set([currency]));
    expect(reading.problems).toEqual([]);
  });
  it.each(partly)("%s tells what is wrong with its rows", (file, count, understood, total, wrong) => {
    const reading = read(`bank/ofx/${file}`);
    expect([reading.rows, reading.read, sum(reading), codes(reading)]).toEqual([count, understood, total, wrong]);
    expect(reading.problems.every((problem) => problem.message.length > 10)).toBe(true);
  });
  it.each(Object.entries(refused))("%s is refused: %s", (file, code) => {
    const refusal = outcome(`bank/ofx/${file}`);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ code });
  });
  it("leaves no file of the folder out", () => {
    const named = [...statements.map(([file]) => file), ...partly.map(([file]) => file), ...Object.keys(refused)];
    expect(named.toSorted()).toEqual(readdirSync(resolve(folder, "bank/ofx")).toSorted());
  });
});

describe.skipIf(isAbsent)("real QIF files", () => {
  it.each([
    ["OCA_test_qif.qif", 5, -189609n],
    ["isaacharrisholt_test.qif", 6, -3550n],
    ["isaacharrisholt_test_oth_a.qif", 6, -3550n],
    ["isaacharrisholt_test_circular_reference.qif", 2, -1459n],
    ["isaacharrisholt_test_transaction_before_account_definition_1.qif", 2, -19796n],
    ["isaacharrisholt_test_transaction_before_account_definition_2.qif", 2, -19796n],
  ])("%s", (file, count, total) => {
    const reading = read(`bank/qif/${file}`);
    expect([reading.kind, reading.rows, reading.read, sum(reading)]).toEqual(["qif", count, count, total]);
    expect(["", "unsupported"]).toContain(codes(reading));
  });
  it.each([
    "isaacharrisholt_test_category_inherit.qif",
    "isaacharrisholt_test_clear_autoswitch.qif",
    "isaacharrisholt_test_option_autoswitch.qif",
  ])("%s holds no transactions", (file) => {
    expect(outcome(`bank/qif/${file}`)).toMatchObject({ code: "no_data_rows" });
  });
});

describe.skipIf(isAbsent)("one German statement in every encoding", () => {
  it.each([
    ["cp1252", "windows-1252", ""],
    ["latin1_crlf", "iso-8859-1", ""],
    ["utf8_bom", "utf-8", ""],
    ["utf16le_bom", "utf-16le", ""],
    ["utf16be_bom", "utf-16be", ""],
    ["utf16le_nobom", "utf-16le", ""],
    ["cr_only", "utf-8", ""],
    ["nul_padded", "utf-8", ""],
    ["sep_line", "utf-8", ""],
    ["double_encoded", "utf-8", "bad_encoding"],
    ["duplicate_block", "utf-8", "already_imported"],
  ])("bank_de_%s.csv", (name, encoding, problem) => {
    const reading = read(`encodings/bank_de_${name}.csv`);
    expect([reading.encoding, sum(reading), reading.agrees, codes(reading)]).toEqual([
      encoding,
      -77534n,
      true,
      problem,
    ]);
    expect(reading.accounts.map(({ currency, stated }) => [currency, stated.opening, stated.closing])).toEqual([
      ["EUR", 1000000n, 922466n],
    ]);
    expect([reading.read, reading.rows]).toEqual([5, name === "duplicate_block" ? 10 : 5]);
    const texts = reading.accounts[0]?.rows.map((row) => row.payee).join(" ");
    expect(texts).toContain("Großhandel Köln");
    expect(reading.accounts[0]?.rows.filter((row) => row.amount === -450n).length).toBe(2);
  });
});

/** File, rows, rows understood, sum of what was read. Sums were added up by hand or by column sums of the files themselves. */
const tables: readonly (readonly [string, number, number, bigint])[] = [
  ["LaunchPlatform_chase_credit_card.csv", 5, 5, 10712n],
  ["LaunchPlatform_csv.csv", 2, 2, -1801n],
  ["LaunchPlatform_wealthsimple.csv", 5, 5, 119790n],
  ["OCA_balance.csv", 2, 2, 150000n],
  ["OCA_multi_currency.csv", 2, 2, 149150n],
  ["OCA_original_currency.csv", 1, 1, 152500n],
  ["artlu99_amex_signed.csv", 7, 7, -31337n],
  ["artlu99_chase.csv", 8, 8, -9916n],
  ["bank2ynab_20171001-20171106.csv", 1, 1, -5999n],
  ["bank2ynab_2018-04-14_10-52-13_bunq-transactieoverzicht.csv", 3, 3, 72854n],
  ["bank2ynab_20180226_12345678.csv", 1, 1, -500n],
  ["bank2ynab_MonzoDataExport_February2018_2018-02-26_174335.csv", 1, 1, -1000n],
  ["bank2ynab_TransactionHistory_20180418043121.csv", 8, 8, -17328n],
  ["bank2ynab_Umsaetze_KtoNr538917600_EUR_02-03-2018_1503.CSV", 1, 1, -1722n],
  ["bank2ynab_export_BE11123456789012_20180304_1422.csv", 1, 1, -340n],
  ["bank2ynab_test_raiffeisen_01.csv", 73, 73, -458070n],
  ["bank2ynab_test_row_format_neg_inflow.csv", 73, 73, -458070n],
  ["bank2ynab_umsatz-1234________1234-20180227.CSV", 1, 1, -500n],
  ["cantino_austrian_example.csv", 13, 13, -14957n],
  ["cantino_chase.csv", 9, 9, 692211n],
  ["cantino_english_date_example.csv", 3, 3, -54851n],
  ["cantino_german_date_example.csv", 3, 3, -54851n],
  ["cantino_spanish_date_example.csv", 3, 3, -54851n],
  ["cantino_invalid_header_example.csv", 2, 2, 4190n],
  ["cantino_nationwide.csv", 4, 4, 36023n],
  ["cantino_some_other.csv", 9, 9, 695457n],
  ["cantino_test_money_column.csv", 2, 2, 4000n],
  ["cantino_two_money_columns.csv", 5, 5, -54851n],
  ["egh_venmo.csv", 4, 4, 7601n],
  ["redstreet_schwab_XXX234_Checking_Transactions_20220203.csv", 2, 2, -100n],
  ["simonmichael_sample.fr.cp1252.csv", 3, 3, 2000n],
  ["simonmichael_sample.fr.iso88591.csv", 3, 3, 2000n],
];

describe.skipIf(isAbsent)("real bank tables", () => {
  it.each(tables)("%s", (file, count, understood, total) => {
    const reading = read(`bank/csv/${file}`);
    expect([reading.kind, reading.rows, reading.read, sum(reading)]).toEqual(["bank-csv", count, understood, total]);
  });
  it("reads or refuses every file, each row either understood or told", () => {
    for (const file of readdirSync(resolve(folder, "bank/csv"))) {
      const result = outcome(`bank/csv/${file}`);
      if (result instanceof Refusal)
        expect([file, result.code]).toEqual(["OCA_empty_statement_en.csv", "no_data_rows"]);
      else {
        const told = new Set(result.problems.filter((problem) => problem.row !== null).map((problem) => problem.row));
        expect(result.rows - result.read, file).toBeLessThanOrEqual(told.size);
        expect(
          result.accounts.reduce((all, account) => all + account.rows.length, 0),
          file,
        ).toBe(result.read);
      }
    }
  });
  it.each([
    ["mt940/ASNB_0708271685_09022020_164516.940.txt", 8, 5694n, true],
    ["mt940/betterplace_sepa_mt9401.sta", 97, -926913590n, true],
    ["mt940/betterplace_with_binary_character.sta", 4, -17906675n, true],
    ["mt940/jejik_generic.sta", 2, -2000n, true],
    ["mt940/jejik_ing.sta", 7, -4559n, false],
    ["mt940/jejik_rabobank-iban.sta", 4, -7000n, true],
    ["mt940/jejik_sns.sta", 2, -2500n, true],
    ["mt940/jejik_triodos.sta", 2, -71570n, false],
    ["camt/camt053.v2.minimal.xml", 1, 885n, null],
    ["camt/camt053.v4.xml", 1, 885n, null],
  ] as const)("%s", (file, count, total, agrees) => {
    const reading = read(`bank/${file}`);
    expect([reading.rows, reading.read, sum(reading), reading.agrees]).toEqual([count, count, total, agrees]);
  });
  it.each(["mt940", "camt"])("reads %s or refuses it in words, and never crashes", (kind) => {
    for (const file of readdirSync(resolve(folder, "bank", kind))) {
      const result = outcome(`bank/${kind}/${file}`);
      if (result instanceof Refusal) continue;
      const told = new Set(result.problems.filter((problem) => problem.row !== null).map((problem) => problem.row));
      expect(result.rows - result.read, file).toBeLessThanOrEqual(told.size);
    }
  });
});
