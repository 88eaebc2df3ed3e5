/**
 * Pure: the refunds of an order. Goods that come back are a return, with what the buyer got for each line, and the tax and shipping that
 * were given back with them, as far as the money covers all that Shopify lists; whatever else was given back (a tip, a gift card, more or less than the goods were worth) is a charge of its own. A refund without money takes goods out
 * of an order that was not paid for, or only puts them back on the shelf.
 */
import { type Fact, partsBack, type ReturnFact } from "../../lib/core/facts";
import { allocate } from "../../lib/core/money";
import { isDone, type Making, tenderOf } from "./payments";
import { amountIn, type Order, type Refund, sum, tailOf, whenOf, wrong } from "./shapes";

/** What a line of an order is. */
export type Kind = "goods" | "tip" | "gift card";

type Known = Readonly<{
  /** By the line's id. */
  kinds: ReadonlyMap<string, Kind>;
  isRemitted: boolean;
  /** Whether some of the tax is the channel's and some the seller's: then nobody says whose tax a refund gives back. */
  isMixed: boolean;
  /** What was not paid before the refunds. */
  owed: bigint;
}>;

/** The facts, and by how much refunds without money lessened what is owed. */
export function refundFacts(
  order: Order,
  making: Making,
  known: Known,
): Readonly<{ facts: readonly Fact[]; owedLess: bigint }> {
  const facts: Fact[] = [];
  let owedLess = 0n;
  // The same order of goods as in the order's own fact, which numbers its lines by it.
  const keys = new Map(
    order.lineItems.filter(({ id }) => known.kinds.get(id) === "goods").map(({ id }, index) => [id, index + 1]),
  );
  for (const refund of order.refunds) {
    const made = oneRefund(order, refund, making, known, keys, known.owed - owedLess);
    owedLess += made.owedLess;
    facts.push(...made.facts);
  }
  return { facts, owedLess };
}

function oneRefund(
  order: Order,
  refund: Refund,
  making: Making,
  known: Known,
  keys: ReadonlyMap<string, number>,
  owed: bigint,
): Readonly<{ facts: readonly Fact[]; owedLess: bigint }> {
  const amount = amountIn(making.account);
  const key = tailOf(refund.id);
  const id = `${making.account.channel}/refund/${key}`;
  const day = whenOf(refund.processedAt, making.account).on;
  const date = day < making.when.on ? making.when.on : day;
  const entries = refund.refundLineItems.map((each, index) => {
    const [worth, tax] = [amount(each.subtotalSet), amount(each.totalTaxSet)];
    if (worth < 0n || tax < 0n) throw wrong(`refund ${key} has a negative amount`);
    // Prices that hold the tax already say all; a tax that the channel remits is given back by the channel.
    const value = worth + (order.taxesIncluded ? 0n : tax) - (known.isRemitted ? tax : 0n);
    const place = each.id === null ? String(index + 1) : tailOf(each.id);
    return { each, value: value < 0n ? 0n : value, tax, place, kind: known.kinds.get(each.lineItem.id) };
  });
  if (entries.some(({ kind }) => kind === undefined)) throw wrong(`refund ${key} names a line that is not its order's`);

  const moved = refund.transactions.nodes.filter((each) => each.kind === "REFUND" && isDone(each));
  const money = sum(moved.map((each) => amount(each.amountSet)));
  const taxBack = known.isRemitted
    ? sum(entries.map(({ tax }) => tax)) +
      sum(refund.refundShippingLines.nodes.map((each) => amount(each.taxAmountSet)))
    : 0n;
  const given = taxBack < money ? money - taxBack : moved.length === 0 ? 0n : money;
  const worth = sum(entries.map(({ value }) => value));
  const covered = moved.length > 0 ? given : owed > 0n ? owed : 0n;
  const shared = worth <= covered ? worth : covered;
  const values =
    worth === 0n
      ? entries.map(() => 0n)
      : allocate(
          shared,
          entries.map(({ value }) => value),
        );

  // Where less was given than the goods and their tax are worth, nobody says which of it is tax.
  const isDivided = shared === worth && !known.isMixed;
  const lines = entries.flatMap(({ each, place, kind, tax, value }, index) => {
    const own = isDivided && !known.isRemitted && tax <= value ? tax : 0n;
    const of = keys.get(each.lineItem.id);
    if (kind !== "goods" || of === undefined || each.quantity === 0) return [];
    const isBack =
      each.restockType === "RETURN" || each.restockType === "CANCEL" || each.restockType === "LEGACY_RESTOCK";
    return [
      {
        id: `${id}/line/${place}`,
        line: `${making.order}/line/${of}`,
        qty: BigInt(each.quantity),
        amount: (values[index] ?? 0n) - own,
        tax: isDivided && known.isRemitted ? tax : own,
        restock: isBack && each.restocked,
        writeOff: false,
        location: null,
        // A line that should have gone back and did not, or a word that is not known here: a person says where the goods are.
        placed: isBack ? each.restocked : each.restockType === "NO_RESTOCK",
      },
    ];
  });
  const of = (kind: Kind) => sum(entries.map((entry, index) => (entry.kind === kind ? (values[index] ?? 0n) : 0n)));
  const ofLines = sum(lines.map((line) => line.tax));
  const goods = sum(lines.map((line) => line.amount)) + (known.isRemitted ? 0n : ofLines);
  const left = (moved.length > 0 ? given : shared) - goods - of("tip") - of("gift card");
  const carriage = refund.refundShippingLines.nodes.map((each) => {
    const [said, tax] = [
      each.subtotalAmountSet === undefined ? 0n : amount(each.subtotalAmountSet),
      amount(each.taxAmountSet),
    ];
    return { net: order.taxesIncluded ? said - tax : said, tax };
  });
  const [brought, ofBrought] = [sum(carriage.map(({ net }) => net)), sum(carriage.map(({ tax }) => tax))];
  const paid = brought + (known.isRemitted ? 0n : ofBrought);
  const isCarried = isDivided && brought > 0n && ofBrought >= 0n && paid <= left;
  const rest = isCarried ? left - paid : left;
  const back: ReturnFact = {
    kind: "return",
    id,
    date,
    order: making.order,
    ...partsBack({ tax: ofLines + (isCarried ? ofBrought : 0n), shipping: isCarried ? brought : 0n }),
    lines: lines.map(({ tax: _tax, ...line }) => line),
  };

  // What was not given back through the balance was given back by whoever took the money.
  const isHeld = moved.some((each) => tenderOf(each) === "held");
  let kept = isHeld ? 0n : money - given;
  const away = moved.flatMap((each) => {
    const tender = tenderOf(each);
    if (tender === "held") return [];
    const size = amount(each.amountSet);
    const less = tender === "elsewhere" ? (kept < size ? kept : size) : 0n;
    kept -= less;
    return making.charge(`transaction/${tailOf(each.id)}`, tender, each.gateway ?? "unknown", size - less, date);
  });
  const facts: readonly Fact[] = [
    ...(lines.length === 0 && back.shipping === undefined ? [] : [back]),
    ...making.charge(`refund/${key}/adjustment`, "refund", "Refund beside goods", -rest, date),
    ...making.charge(`refund/${key}/tip`, "tip", "Tip given back", -of("tip"), date),
    ...making.charge(`refund/${key}/gift-card`, "gift_card", "Gift card taken back", -of("gift card"), date),
    ...away,
  ];
  return { facts, owedLess: moved.length > 0 ? 0n : shared };
}
