/**
 * The accounts that every business starts with (accounting.md). Codes are the contract between facts and reports: the rules name
 * them, a user may rename or add accounts but not take these away. Accounts of banks, cards and channels are added as they come.
 */

export type AccountType = "asset" | "liability" | "equity" | "income" | "contra_income" | "cost_of_sales" | "expense";

export type StartingAccount = Readonly<{
  code: string;
  name: string;
  type: AccountType;
  /** The line of the US Schedule C that it belongs to, where it has one. */
  scheduleC: string | null;
}>;

type Row = readonly [code: string, name: string, type: AccountType, scheduleC: string | null];

const before: readonly Row[] = [
  ["1000", "Checking", "asset", null],
  ["1180", "Payouts in transit", "asset", null],
  ["1190", "Payments taken elsewhere", "asset", null],
  ["1200", "Inventory", "asset", "35, 41"],
];

const salesTax: readonly Row[] = [
  ["2200", "Sales tax payable", "liability", null],
  ["2210", "Marketplace tax", "liability", null],
];

/**
 * India's goods and services tax: what is owed on sales (output) and what may be set against it (input). The first two keep the codes
 * of sales tax, so that the rule for an order is one: the seller's tax to 2200, the tax that the channel keeps to 2210. 1224 is what
 * operators collect of the net value (section 52 of the CGST Act): the seller's own money until it is taken into the electronic cash ledger
 * (section 52(7)), so an asset, and no income tax or cost.
 */
const gst: readonly Row[] = [
  ["2200", "GST payable, to be divided", "liability", null],
  ["2210", "GST kept by marketplaces", "liability", null],
  ["2221", "Output CGST", "liability", null],
  ["2222", "Output SGST", "liability", null],
  ["2223", "Output IGST", "liability", null],
  ["1221", "Input CGST", "asset", null],
  ["1222", "Input SGST", "asset", null],
  ["1223", "Input IGST", "asset", null],
  ["1224", "TCS collected by marketplaces", "asset", null],
];

const after: readonly Row[] = [
  ["2300", "Gift cards and store credit", "liability", null],
  ["2400", "Loans and advances from channels", "liability", null],
  ["3000", "Owner's contributions", "equity", null],
  ["3010", "Owner's draws", "equity", null],
  ["3090", "Opening balances", "equity", null],
  ["4000", "Sales", "income", "1"],
  ["4010", "Shipping income", "income", "1"],
  ["4080", "Discounts given", "contra_income", "2"],
  ["4090", "Refunds and returns", "contra_income", "2"],
  ["4100", "Other income", "income", "6"],
  ["5000", "Cost of goods sold", "cost_of_sales", "Part III"],
  ["5100", "Inventory shrinkage", "cost_of_sales", "Part III"],
  ["5110", "Purchase variance", "cost_of_sales", "Part III"],
  ["6000", "Channel fees", "expense", "10"],
  ["6010", "Payment processing fees", "expense", "10"],
  ["6020", "Advertising", "expense", "8"],
  ["6030", "Shipping and postage", "expense", "27b"],
  ["6040", "Packaging", "expense", "22"],
  ["6100", "Car and truck", "expense", "9"],
  ["6110", "Contract labor", "expense", "11"],
  ["6120", "Insurance", "expense", "15"],
  ["6130", "Legal and professional services", "expense", "17"],
  ["6140", "Office expense", "expense", "18"],
  ["6150", "Rent", "expense", "20"],
  ["6160", "Supplies", "expense", "22"],
  ["6170", "Travel", "expense", "24a"],
  ["6180", "Meals", "expense", "24b"],
  ["6190", "Utilities", "expense", "25"],
  ["6200", "Wages", "expense", "26"],
  ["6210", "Home office", "expense", "30"],
  ["6900", "Exchange gains and losses", "expense", "27b"],
  ["9990", "Uncategorised income", "income", null],
  ["9991", "Uncategorised expense", "expense", null],
];

/**
 * The accounts of a new business, by code. An Indian business (`IN`) has GST accounts in the place of sales tax; only a US business
 * has Schedule C lines.
 * @param country ISO 3166-1 alpha-2
 */
export function startingChart(country: string): readonly StartingAccount[] {
  const taxes = country === "IN" ? gst : salesTax;
  return [...before, ...taxes, ...after]
    .map(([code, name, type, scheduleC]) => ({ code, name, type, scheduleC: country === "US" ? scheduleC : null }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}
