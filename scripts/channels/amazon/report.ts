/** A settlement as Amazon's flat file V2 has it: tab-separated, its total on a row of its own, an amount on each of the others. */
import { decimal } from "./decimal";
import { centsOf, type Part, type Posted, type Settlement } from "./shop";

const columns = [
  "settlement-id",
  "settlement-start-date",
  "settlement-end-date",
  "deposit-date",
  "total-amount",
  "currency",
  "transaction-type",
  "order-id",
  "merchant-order-id",
  "adjustment-id",
  "shipment-id",
  "marketplace-name",
  "amount-type",
  "amount-description",
  "amount",
  "fulfillment-id",
  "posted-date",
  "posted-date-time",
  "order-item-code",
  "merchant-order-item-id",
  "merchant-adjustment-item-id",
  "sku",
  "quantity-purchased",
  "promotion-id",
] as const;
type Cells = Partial<Record<(typeof columns)[number], string>>;

const types: Readonly<Record<Part["group"], string>> = {
  price: "ItemPrice",
  shipping: "ItemPrice",
  tax: "ItemPrice",
  promotion: "Promotion",
  withheld: "ItemWithheldTax",
  fee: "ItemFees",
  other: "other-transaction",
};

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** `carried`: what the seller owed from the settlement before, in cents, 0 or less. */
export function settlementText(
  settlement: Settlement,
  posted: readonly Posted[],
  { currency, carried }: Readonly<{ currency: string; carried: number }>,
): string {
  const summary: Cells = {
    "settlement-id": settlement.id,
    "settlement-start-date": time(settlement.startMs),
    "settlement-end-date": time(settlement.endMs),
    "deposit-date": time(settlement.endMs + 2 * 86_400_000),
    "total-amount": decimal(posted.reduce((sum, one) => sum + centsOf(one), carried)),
    currency,
  };
  const rows = posted.flatMap((one) =>
    one.items.flatMap(({ item, qty, parts }) =>
      parts.map(
        ({ group, name, cents }): Cells => ({
          "settlement-id": settlement.id,
          currency,
          "transaction-type":
            item === null
              ? one.type === "ServiceFee"
                ? "ServiceFee"
                : "other-transaction"
              : one.type === "Shipment"
                ? "Order"
                : one.type,
          ...(one.order === null ? {} : { "order-id": one.order, "marketplace-name": "Amazon.com" }),
          ...(one.type === "Refund" ? { "adjustment-id": one.id } : {}),
          "amount-type":
            item === null && group === "fee" ? "other-transaction" : item === null ? one.description : types[group],
          "amount-description": name,
          amount: decimal(cents),
          "posted-date": time(Math.floor(one.postedMs / 86_400_000) * 86_400_000),
          "posted-date-time": time(one.postedMs),
          ...(item === null ? {} : { "order-item-code": item.id, sku: item.product.sku, "fulfillment-id": "AFN" }),
          ...(one.type === "Shipment" ? { "quantity-purchased": String(qty) } : {}),
        }),
      ),
    ),
  );
  const owed: Cells = {
    "settlement-id": settlement.id,
    currency,
    "transaction-type": "Payable to Amazon",
    "amount-type": "other-transaction",
    "amount-description": "Payable to Amazon",
    amount: decimal(carried),
    "posted-date": time(settlement.startMs),
    "posted-date-time": time(settlement.startMs),
  };
  return [summary, ...(carried === 0 ? [] : [owed]), ...rows]
    .map((cells) => columns.map((name) => cells[name] ?? "").join("\t"))
    .reduce((text, line) => `${text}${line}\n`, `${columns.join("\t")}\n`);
}
