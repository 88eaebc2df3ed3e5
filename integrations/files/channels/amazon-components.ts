/** The amounts of a settlement, the same for both layouts, and what each is. See amazon-settlement.ts. */
import type { ChargeCategory, When } from "../../../lib/core/facts";
import { amountOf } from "./document";
import { cell, type Line } from "./table";
import { readWhen } from "./when";

type Group = "price" | "promotion" | "fee" | "withheld" | "other";
export type Component = Readonly<{
  line: Line;
  place: number;
  transaction: string;
  order: string;
  item: string;
  group: Group;
  type: string;
  label: string;
  amount: bigint;
}>;

/** The column that says what kind of amount a V1 column holds, and the group it is of. */
const wide: Readonly<Record<string, readonly [type: string, group: Group]>> = {
  "price-amount": ["price-type", "price"],
  "item-related-fee-amount": ["item-related-fee-type", "fee"],
  "shipment-fee-amount": ["shipment-fee-type", "fee"],
  "order-fee-amount": ["order-fee-type", "fee"],
  "misc-fee-amount": ["misc-fee-type", "fee"],
  "other-fee-amount": ["other-fee-reason-description", "fee"],
  "promotion-amount": ["promotion-type", "promotion"],
  "direct-payment-amount": ["direct-payment-type", "other"],
};

export function componentsOf(line: Line, currency: string, decimalMark: "." | ","): readonly Component[] {
  const transaction = cell(line, "transaction-type");
  const item = cell(line, "order-item-code") || cell(line, "sku");
  const own = { line, transaction, order: cell(line, "order-id"), item };
  const amount = amountOf(cell(line, "amount"), currency, decimalMark);
  if (amount !== null) {
    const [type, description] = [cell(line, "amount-type"), cell(line, "amount-description")];
    const label = [transaction, type, description].join("/");
    return amount === 0n && description !== "Principal"
      ? []
      : [{ ...own, place: 0, group: longGroup(type, description), type: description || type, label, amount }];
  }
  const names = Object.keys(line.cells).filter((name) => name.endsWith("-amount") && name !== "total-amount");
  const reason = cell(line, "item-related-fee-type");
  return names.flatMap((name, place) => {
    const value = amountOf(cell(line, name), currency, decimalMark);
    const [typeColumn, group] = wide[name] ?? ["", "other" as const];
    const type = cell(line, typeColumn) || (name === "other-amount" ? transaction : name);
    if (value === null || (value === 0n && type !== "Principal")) return [];
    // Tax on a fee stands in the fee's own row, under a word that does not say of what.
    const full = name === "other-fee-amount" && reason !== "" ? `${reason} (${type})` : type;
    return [
      {
        ...own,
        place,
        group: isWithheld(full) ? ("withheld" as const) : group,
        type: full,
        label: transaction,
        amount: value,
      },
    ];
  });
}

function longGroup(type: string, description: string): Group {
  if (isWithheld(description) || /withheld/i.test(type)) return "withheld";
  if (/^itemprice$/i.test(type)) return "price";
  if (/^itemfees$/i.test(type)) return "fee";
  return /^promotion$/i.test(type) ? "promotion" : "other";
}

/** Tax that Amazon collected from the buyer and keeps to remit it: MarketplaceFacilitatorTax-Shipping, …VAT-Principal. */
function isWithheld(type: string): boolean {
  return /marketplacefacilitator|lowvaluegoods/i.test(type.replace(/[\s_-]/g, ""));
}

export function whenOf(line: Line, timeZone: string): When {
  const text =
    cell(line, "posted-date-time") ||
    cell(line, "posted-date") ||
    cell(line, "deposit-date") ||
    cell(line, "settlement-end-date");
  return readWhen(text, timeZone);
}

export function isRefund(transaction: string): boolean {
  return /refund|chargeback|a-to-z|retrocharge/i.test(transaction) && !/reimburs|fee/i.test(transaction);
}

type Units = { amount: bigint; qty: bigint; sku: string };
export type Sold = Units & { returned: bigint };

/** An order's items by item code: what was paid for them and how many. V1 counts them on rows without an amount, V2 on each row. */
export function itemsOf(components: readonly Component[], lines: readonly Line[]): ReadonlyMap<string, Units> {
  const items = new Map<string, Units>();
  const counted = new Map<string, { priced: bigint; bare: bigint }>();
  const priced = new Set(components.map(({ line }) => line));
  for (const line of lines) {
    const item = cell(line, "order-item-code") || cell(line, "sku");
    const text = cell(line, "quantity-purchased").replace(/[.,]0+$/, "");
    const quantity = /^\d{1,9}$/.test(text) ? BigInt(text) : 0n;
    const isPrincipal = components.some(
      (component) => component.line === line && component.group === "price" && component.type === "Principal",
    );
    const count = counted.get(item) ?? { priced: 0n, bare: 0n };
    counted.set(item, count);
    if (isPrincipal) count.priced += quantity;
    else if (!priced.has(line)) count.bare += quantity;
  }
  for (const { item, group, type, amount, line } of components) {
    if (group !== "price" || type !== "Principal") continue;
    const known = items.get(item) ?? { amount: 0n, qty: 0n, sku: cell(line, "sku") };
    const count = counted.get(item) ?? { priced: 0n, bare: 0n };
    items.set(item, { ...known, amount: known.amount + amount, qty: count.priced || count.bare || 1n });
  }
  return items;
}

/** What an amount that is no sale is. The settlement's words and those of Amazon's finances are close enough for one list. */
export function categoryOf({
  transaction,
  type,
  label,
  group,
}: Pick<Component, "transaction" | "type" | "label" | "group">): ChargeCategory | "held" {
  const words = `${transaction} ${type} ${label}`.toLowerCase();
  if (/payable to amazon|reserve amount|reserve balance|account level reserve/.test(words)) return "held";
  if (/successful charge|micro deposit|transfer of funds|disbursement/.test(words)) return "other";
  if (/advertis|sponsored/.test(words)) return "advertising";
  if (
    /reimburs|reversal|warehouse_|warehouse (lost|damage)|compensated|clawback|missing_from|free_replacement|safe-t/.test(
      words,
    )
  )
    return "reimbursement";
  if (/shipping ?label|postage|shippingservices/.test(words)) return "label";
  if (/\bloan|lending/.test(words)) return "loan";
  if (group === "withheld") return "tax_remitted";
  if (group === "fee" || /fee|commission|subscription|storage|inbound|removal|disposal|fulfil/.test(words))
    return "fee";
  if (isRefund(transaction)) return "refund";
  return /liquidation/.test(words) ? "sale" : "other";
}
