/** The facts of a transaction report's documents. See ebay-transactions.ts for what its rows are. */
import { type Fact, type OrderFact, partsBack } from "../../../lib/core/facts";
import type { Account } from "../../connector";
import { amountOf, balanceRow, chargeWithRow, type FileBody, type Interpret, idIn } from "./document";
import { categoryOf, isFee, isOwnCurrency, partOf, partsOf, readEntry } from "./ebay-rows";
import { deliveredTo } from "./ship-to";
import { cell, type Line } from "./table";

/** Pure: facts of one document of a transaction report. */
export const interpretEbayTransactions: Interpret = (body, id, account) => {
  if (body.part === "order") return orderFacts(body, account);
  return body.rows.flatMap((line): readonly Fact[] => {
    const entry = readEntry(line, body.decimalMark);
    const when = { on: entry.on, at: null };
    const memo = [entry.description, cell(line, "reference id")].filter((text) => text !== "").join(" · ");
    const row = { account, id: id.replace(/^row\//, ""), when, type: entry.type, amount: entry.net ?? 0n, memo };
    const payout = entry.payout === null ? null : idIn(account, "payout", entry.payout);
    if (body.part === "payout") {
      const fact: Fact = {
        kind: "payout",
        id: idIn(account, id),
        channel: account.channel,
        date: entry.on,
        amount: -row.amount,
      };
      return [fact, ...balanceRow(row, fact, null)];
    }
    if (partOf(entry) === "hold") return balanceRow(row, null, payout);
    const order = entry.order === null ? null : idIn(account, "order", entry.order);
    if (entry.kind === "Refund" && order !== null) return refundFacts(body, line, row, order, payout);
    return chargeWithRow(row, categoryOf(entry), order, payout);
  });
};

function orderFacts(body: FileBody, account: Account): readonly Fact[] {
  const money = body.rows.filter((line) => cell(line, "net amount") !== "");
  const [first] = money;
  if (first === undefined) return [];
  const entry = readEntry(first, body.decimalMark);
  const number = entry.order ?? "";
  const id = idIn(account, "order", number);
  const parts = partsOf(body);
  const when = { on: entry.on, at: null };
  // A fee column that gives money back is no cost of the order: a line of its own.
  const credits = parts.fees.filter(({ amount }) => amount < 0n);
  const order: OrderFact = {
    kind: "order",
    id,
    channel: account.channel,
    when,
    number,
    lines: parts.lines.map((line, index) => ({ id: `${id}/line/${parts.keys[index] ?? index + 1}`, ...line })),
    shipping: parts.shipping,
    tax: parts.sellerTax === 0n ? parts.ebayTax : parts.sellerTax,
    taxBy: parts.sellerTax === 0n ? "channel" : "seller",
    discount: 0n,
    fees: parts.fees.filter(({ amount }) => amount > 0n),
    ...deliveredTo(cell(first, "ship to country"), cell(first, "ship to province/region/state")),
  };
  const extras = [
    ...credits.map(({ kind, amount }) => ({ key: kind, category: "fee" as const, type: kind, amount: -amount })),
    { key: "rest", category: "other" as const, type: "Order", amount: parts.rest },
  ];
  const beside = extras.reduce((sum, { amount }) => sum + amount, 0n);
  const payoutOf = (line: Line) =>
    cell(line, "payout id") === "" ? null : idIn(account, "payout", cell(line, "payout id"));
  const rows = money.flatMap((line, index) => {
    const net = amountOf(cell(line, "net amount"), body.currency, body.decimalMark) ?? 0n;
    const amount = index === 0 ? net - beside : net;
    return balanceRow(
      {
        account,
        id: `order/${number}/${index + 1}`,
        when,
        type: entry.type,
        amount,
        memo: parts.lines[index]?.name ?? "",
      },
      order,
      payoutOf(line),
    );
  });
  return [
    order,
    ...rows,
    ...extras.flatMap(({ key, category, type, amount }) =>
      chargeWithRow(
        { account, id: `order/${number}/${key}`, when, type, amount, memo: "" },
        category,
        id,
        payoutOf(first),
      ),
    ),
  ];
}

type Row = Parameters<typeof chargeWithRow>[0];

/** What the buyer got back, as a return where whole units of a known line came back (nobody knows where they went), and the fees beside it. */
function refundFacts(body: FileBody, line: Line, row: Row, order: string, payout: string | null): readonly Fact[] {
  const feeNames = isOwnCurrency(line, body.currency) ? Object.keys(line.cells).filter(isFee) : [];
  const fees = feeNames.map((name) => ({
    name,
    amount: amountOf(cell(line, name), body.currency, body.decimalMark) ?? 0n,
  }));
  const refund = row.amount - fees.reduce((sum, { amount }) => sum + amount, 0n);
  const credits = fees.flatMap(({ name, amount }) =>
    chargeWithRow({ ...row, id: `${row.id}/${name}`, type: name, amount }, "fee", order, payout),
  );
  const { line: key, quantity } = body.known;
  if (key === undefined || quantity === undefined || refund >= 0n)
    return [...chargeWithRow({ ...row, amount: refund }, "refund", order, payout), ...credits];
  // The report's own columns; of a sale in another currency they are in that one, and nothing is told apart.
  const said = (name: string) =>
    isOwnCurrency(line, body.currency) ? -(amountOf(cell(line, name), body.currency, body.decimalMark) ?? 0n) : 0n;
  const [carriage, sellersTax] = [said("shipping and handling"), said("seller collected tax")];
  const isDivided = carriage >= 0n && sellersTax >= 0n && carriage + sellersTax <= -refund;
  const parts = isDivided ? { tax: sellersTax, shipping: carriage } : { tax: 0n, shipping: 0n };
  const id = idIn(row.account, "return", row.id);
  const fact: Fact = {
    kind: "return",
    id,
    date: row.when.on,
    order,
    ...partsBack(parts),
    lines: [
      {
        id: `${id}/line/1`,
        line: `${order}/line/${key}`,
        qty: BigInt(quantity),
        amount: -refund - parts.tax - parts.shipping,
        restock: false,
        writeOff: false,
        location: null,
        placed: false,
      },
    ],
  };
  return [fact, ...balanceRow({ ...row, amount: refund }, fact, payout), ...credits];
}
