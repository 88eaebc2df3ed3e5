/** The facts of a settlement's documents. See amazon-settlement.ts for what a settlement is. */
import { type Fact, type OrderFact, partsBack, type When } from "../../../lib/core/facts";
import type { Account } from "../../connector";
import { type Component, categoryOf, componentsOf, itemsOf, whenOf } from "./amazon-components";
import { amountOf, balanceRow, charge, chargeWithRow, type FileBody, type Interpret, idIn } from "./document";
import { cell } from "./table";
import { readWhen } from "./when";

/** `known.sale` of a document whose order was told apart from its settlement, by the API: a settlement is then only proof of its money. */
export const saleElsewhere = "elsewhere";

/** Pure: facts of one document of a settlement. */
export const interpretAmazonSettlement: Interpret = (body, id, account) => {
  const settlement = body.known.settlement ?? "";
  const payout = body.known.payout === undefined ? null : idIn(account, "payout", body.known.payout);
  if (body.part === "payout") return payoutFacts(body, account, settlement);
  const components = body.rows.flatMap((line) => componentsOf(line, body.currency, body.decimalMark));
  const row = (component: Component, index: number) => {
    const memo = [component.type === component.transaction ? "" : component.type, cell(component.line, "sku")]
      .filter((text) => text !== "")
      .join(" · ");
    return {
      account,
      id: `${id}/${index + 1}`,
      when: whenOf(component.line, account.timeZone),
      type: component.transaction,
      amount: component.amount,
      memo,
    };
  };
  if (body.part === "order") return orderFacts(body, components, account, row, payout);
  if (body.part === "refund") return refundFacts(body, id, components, account, row, payout);
  return components.flatMap((component, index): readonly Fact[] => {
    if (String(component.place) !== body.known.place) return [];
    const category = categoryOf(component);
    // By its own word (“Current Reserve Amount”): the long layout's “other-transaction” says nothing.
    if (category === "held") return balanceRow({ ...row(component, index), type: component.type }, null, payout);
    return chargeWithRow(
      row(component, index),
      category,
      orderOf(account, component.order, settlement, body.known.order),
      payout,
    );
  });
};

/** The order's fact where this settlement has it, else the order by its number alone. */
function orderOf(account: Account, order: string, settlement: string, known: string | undefined): string | null {
  if (order === "") return null;
  return known === undefined ? idIn(account, "order", order) : idIn(account, "order", order, settlement);
}

function payoutFacts(body: FileBody, account: Account, settlement: string): readonly Fact[] {
  return body.rows.flatMap((line): readonly Fact[] => {
    const total = amountOf(cell(line, "total-amount"), body.currency, body.decimalMark) ?? 0n;
    const when = readWhen(cell(line, "deposit-date"), account.timeZone);
    const fact: Fact = {
      kind: "payout",
      id: idIn(account, "payout", settlement),
      channel: account.channel,
      date: when.on,
      amount: total,
    };
    return [
      fact,
      ...balanceRow(
        { account, id: `payout/${settlement}`, when, type: "Payout", amount: -total, memo: `Settlement ${settlement}` },
        fact,
        null,
      ),
    ];
  });
}

const isTax = ({ group, type }: Component) => group === "price" && /tax|vat|gst/i.test(type);
const isCarriage = ({ group, type }: Component) =>
  group === "price" && /shipping|gift|cod|export/i.test(type) && !/tax/i.test(type);

type RowOf = (component: Component, index: number) => Parameters<typeof chargeWithRow>[0];
const sumOf = (components: readonly Component[]) => components.reduce((sum, { amount }) => sum + amount, 0n);

function orderFacts(
  body: FileBody,
  components: readonly Component[],
  account: Account,
  row: RowOf,
  payout: string | null,
): readonly Fact[] {
  const number = components[0]?.order ?? "";
  const settlement = body.known.settlement ?? "";
  const items = [...itemsOf(components, body.rows)];
  const id = idIn(account, "order", number, settlement);
  const numbered = components.map((component, index) => ({ component, index }));
  const apart = (each: typeof numbered, order: string | null) =>
    each.flatMap(({ component, index }) => {
      const category = categoryOf(component);
      return category === "held"
        ? balanceRow(row(component, index), null, payout)
        : chargeWithRow(row(component, index), category, order, payout);
    });
  // Fees alone, of an order that another settlement has: no sale of its own.
  if (items.length === 0) return apart(numbered, orderOf(account, number, settlement, undefined));
  if (body.known.sale === saleElsewhere) {
    // The order's own document tells the sale, once: here are its money's rows, and its fees as charges beside it.
    const order = idIn(account, "order", number);
    const isBuyers = ({ component }: (typeof numbered)[number]) =>
      ["price", "promotion", "withheld"].includes(component.group);
    return [
      ...numbered
        .filter(isBuyers)
        .flatMap(({ component, index }) => balanceRow(row(component, index), `order/${order}`, payout)),
      ...apart(
        numbered.filter((each) => !isBuyers(each)),
        order,
      ),
    ];
  }
  const price = components.filter(({ group }) => group === "price");
  const tax = sumOf(price.filter(isTax));
  const isRemitted = tax !== 0n && sumOf(components.filter(({ group }) => group === "withheld")) === -tax;
  const promotion = sumOf(components.filter(({ group }) => group === "promotion"));
  const feeSums = new Map<string, bigint>();
  for (const { group, type, amount } of components)
    if (group === "fee") feeSums.set(type, (feeSums.get(type) ?? 0n) + amount);
  const isWithin = (component: Component): boolean => {
    switch (component.group) {
      case "price":
        return component.type === "Principal" || isTax(component) || isCarriage(component);
      case "fee":
        return (feeSums.get(component.type) ?? 0n) < 0n;
      case "promotion":
        return promotion <= 0n;
      case "withheld":
        return isRemitted;
      default:
        return false;
    }
  };
  const principal = components.filter(({ type, group }) => group === "price" && type === "Principal");
  const [first] = principal
    .map(({ line }) => whenOf(line, account.timeZone))
    .sort((a, b) => (momentOf(a) < momentOf(b) ? -1 : 1));
  /** Sent from Amazon's own warehouse: it leaves the channel's shelf, where the channel has one. */
  const shelfOf = (item: string): string | null => {
    const isByAmazon = components.some((one) => one.item === item && cell(one.line, "fulfillment-id") === "AFN");
    return isByAmazon ? (account.shelves?.sellable ?? null) : null;
  };
  const order: OrderFact = {
    kind: "order",
    id,
    channel: account.channel,
    when: first ?? { on: "", at: null },
    number,
    lines: items.map(([item, { sku, qty, amount }]) => ({
      id: idIn(account, "order", number, settlement, "line", item),
      sku: sku || null,
      name: sku || `Amazon item ${item}`,
      listing: null,
      qty,
      amount,
      location: shelfOf(item),
    })),
    shipping: sumOf(components.filter(isCarriage)),
    tax,
    taxBy: isRemitted || tax === 0n ? "channel" : "seller",
    discount: promotion <= 0n ? -promotion : 0n,
    fees: [...feeSums].filter(([, amount]) => amount < 0n).map(([kind, amount]) => ({ kind, amount: -amount })),
  };
  const within = numbered.filter(({ component }) => isWithin(component));
  return [
    order,
    ...within.flatMap(({ component, index }) => balanceRow(row(component, index), order, payout)),
    ...apart(
      numbered.filter(({ component }) => !isWithin(component)),
      id,
    ),
  ];
}

function momentOf({ on, at }: When): string {
  return `${on}/${at === null ? "" : String(at).padStart(20, "0")}`;
}

type Apart = Readonly<{ tax: bigint; sellersTax: bigint; shipping: bigint; goods: readonly Component[] }>;

/**
 * Tax and shipping of what a buyer got back, and what is left of it for the goods (promotions among them). Tax that is withheld again as it
 * is given back is Amazon's. Where a part goes the other way nothing is told apart.
 */
function apartOf(told: readonly Component[]): Apart {
  const [tax, shipping] = [-sumOf(told.filter(isTax)), -sumOf(told.filter(isCarriage))];
  const withheld = sumOf(told.filter(({ group }) => group === "withheld"));
  if (tax < 0n || shipping < 0n || (withheld !== 0n && withheld !== tax))
    return { tax: 0n, sellersTax: 0n, shipping: 0n, goods: told };
  return {
    tax,
    sellersTax: withheld === 0n ? tax : 0n,
    shipping,
    goods: told.filter((component) => !isTax(component) && !isCarriage(component) && component.group !== "withheld"),
  };
}

/** What the buyer got back is one return or charge; the fees given back or taken beside it are their own. */
function refundFacts(
  body: FileBody,
  id: string,
  components: readonly Component[],
  account: Account,
  row: RowOf,
  payout: string | null,
): readonly Fact[] {
  const numbered = components.map((component, index) => ({ component, index }));
  const isBuyers = ({ group }: Component) => group === "price" || group === "promotion" || group === "withheld";
  const bought = numbered.filter(({ component }) => isBuyers(component));
  const [first] = components;
  if (first === undefined) return [];
  const order = orderOf(account, first.order, body.known.settlement ?? "", body.known.order);
  const fees = numbered
    .filter(({ component }) => !isBuyers(component))
    .flatMap(({ component, index }) => {
      const category = categoryOf(component);
      return chargeWithRow(row(component, index), category === "held" ? "other" : category, order, payout);
    });
  const amount = sumOf(bought.map(({ component }) => component));
  if (bought.length === 0 || amount === 0n) {
    return [
      ...bought.flatMap(({ component, index }) => chargeWithRow(row(component, index), "refund", order, payout)),
      ...fees,
    ];
  }
  const whole = { ...row(first, 0), id, amount };
  const units: Record<string, string> = body.known.back === undefined ? {} : JSON.parse(body.known.back);
  const told = bought.map(({ component }) => component);
  const apart = apartOf(told);
  const lines = Object.entries(units).map(([item, qty], index) => ({
    id: idIn(account, "return", id, "line", String(index + 1)),
    line: `${order}/line/${item}`,
    qty: BigInt(qty),
    amount: -sumOf(apart.goods.filter((component) => component.item === item)),
    restock: false,
    writeOff: false,
    location: null,
    placed: false,
  }));
  const isReturn =
    order !== null &&
    lines.length > 0 &&
    lines.every((line) => line.amount > 0n) &&
    lines.reduce((sum, line) => sum + line.amount, apart.shipping + apart.sellersTax) === -amount;
  const fact: Fact = isReturn
    ? { kind: "return", id: idIn(account, "return", id), date: whole.when.on, order, ...partsBack(apart), lines }
    : charge(whole, "refund", order);
  return [fact, ...bought.flatMap(({ component, index }) => balanceRow(row(component, index), fact, payout)), ...fees];
}
