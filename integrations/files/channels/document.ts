/**
 * What all readers of channel files share: how a row becomes a stored document with an id of its own, and how the facts of a
 * channel's balance are made from it.
 *
 * Rows without an id are known by what they say and, where several say the same, by their count so far in the file. So the same file
 * twice, or two files that overlap, give the same ids, and twins within one file are all kept.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { ChannelError, Refusal } from "../../../lib/core/errors";
import {
  type BalanceRowFact,
  type ChargeCategory,
  type ChargeFact,
  type Fact,
  factKey,
  type When,
} from "../../../lib/core/facts";
import { decimalsOf, parseMinor } from "../../../lib/core/money";
import type { Account, RawDocument } from "../../connector";
import type { ChannelReading, Problem, TypeSum } from "../reading";
import type { Line } from "./table";

const Body = z.object({
  /** The reader that made it, which alone understands it. */
  layout: z.string(),
  /** What the rows are within their file: an order, a payout, a row of the balance. */
  part: z.string(),
  /** Of the amounts that move the channel's balance. */
  currency: z.string(),
  decimalMark: z.enum([".", ","]),
  dateStyle: z.enum(["mdy", "dmy"]),
  rows: z.array(z.object({ row: z.number(), cells: z.record(z.string(), z.string()) })),
  /** What other rows of the file said that these cannot be understood without. */
  known: z.record(z.string(), z.string()),
});
export type FileBody = Readonly<z.infer<typeof Body>>;

/** Pure: the facts of one document's body. `id` is the document's external id. */
export type Interpret = (body: FileBody, id: string, account: Account) => readonly Fact[];

/** The body of a stored document. Throws ChannelError unreadable. */
export function bodyOf(document: RawDocument): FileBody {
  const parsed = Body.safeParse(document.body);
  if (!parsed.success)
    throw new ChannelError("unreadable", `The stored file row ${document.externalId} is not as a reader made it.`);
  return parsed.data;
}

type Parts = Pick<FileBody, "layout" | "part" | "currency"> & Partial<FileBody>;
export function fileDocument(externalId: string, version: string, lines: readonly Line[], parts: Parts): RawDocument {
  const rows = lines.map(({ row, cells }) => ({ row, cells: { ...cells } }));
  const body: FileBody = { decimalMark: ".", dateStyle: "mdy", known: {}, ...parts, rows };
  return { feed: "file", externalId, version, body };
}

/** Ids for rows that have none: the hash of what the row says, and its place among those that say the same. */
export function contentIds(): (...said: readonly (string | bigint | null)[]) => string {
  const counts = new Map<string, number>();
  return (...said) => {
    const text = said.map((part) => (part === null ? "" : String(part))).join("\u001f");
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 20);
    const count = (counts.get(hash) ?? 0) + 1;
    counts.set(hash, count);
    return `${hash}/${count}`;
  };
}

/** An amount of a cell; null where the cell says nothing. Throws Refusal bad_number and its like. */
export function amountOf(text: string, currency: string, decimalMark: "." | "," = "."): bigint | null {
  return text === "" ? null : parseMinor(text, currency, { decimalMark, allowTrailingZeros: true });
}

/** Runs a reading of one row; a Refusal becomes a problem of that row and null is given, anything else is a bug and passes on. */
export function attempt<Result>(row: number, problems: Problem[], read: () => Result): Result | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problems.push({
      row,
      column: error.detail.column ?? null,
      code: error.code,
      message: `Row ${row}: ${error.message}`,
    });
    return null;
  }
}

/** An id of this account's: `etsy/order/3320347241`. */
export function idIn(account: Account, ...parts: readonly string[]): string {
  return [account.channel, ...parts].join("/");
}

type RowOf = Readonly<{ account: Account; id: string; when: When; type: string; amount: bigint; memo: string }>;

/** The channel's own row: evidence for a payout, posting nothing. Nothing at all where it moves nothing. */
export function balanceRow(row: RowOf, about: Fact | string | null, payout: string | null): readonly BalanceRowFact[] {
  if (row.amount === 0n) return [];
  const { account, when, type, amount, memo } = row;
  const key = about === null || typeof about === "string" ? about : factKey(about);
  return [
    {
      kind: "balance_row",
      id: idIn(account, "row", row.id),
      channel: account.channel,
      when,
      type,
      amount,
      payout,
      about: key,
      memo,
    },
  ];
}

export function charge(row: RowOf, category: ChargeCategory, order: string | null): ChargeFact {
  const { account, when, type, amount, memo } = row;
  return {
    kind: "charge",
    id: idIn(account, "charge", row.id),
    channel: account.channel,
    date: when.on,
    category,
    type,
    amount,
    order,
    memo,
  };
}

/** A charge with the balance row that it is money of; nothing where the amount is 0. */
export function chargeWithRow(
  row: RowOf,
  category: ChargeCategory,
  order: string | null,
  payout: string | null,
): readonly Fact[] {
  if (row.amount === 0n) return [];
  const fact = charge(row, category, order);
  return [fact, ...balanceRow(row, fact, payout)];
}

/** Sums by the file's own row types and by currency, in the order of their first row. */
export function sums(
  rows: readonly Readonly<{ type: string; currency: string; amount: bigint }>[],
): Pick<ChannelReading, "types" | "net"> {
  const types = new Map<string, { type: string; currency: string; count: number; amount: bigint }>();
  const net = new Map<string, bigint>();
  for (const { type, currency, amount } of rows) {
    const key = `${type}\u001f${currency}`;
    const sum = types.get(key) ?? { type, currency, count: 0, amount: 0n };
    types.set(key, sum);
    sum.count += 1;
    sum.amount += amount;
    net.set(currency, (net.get(currency) ?? 0n) + amount);
  }
  const list: readonly TypeSum[] = [...types.values()];
  return { types: list, net: [...net].map(([currency, amount]) => ({ currency, amount })) };
}

/** What is to be said of each currency that is not the books': its rows are booked at the rate of their day, or not at all. */
export function currencyProblems(currencies: Iterable<string>, own: string): readonly Problem[] {
  return [...new Set(currencies)]
    .filter((currency) => currency !== own)
    .map((currency) => currencyProblem(currency, own));
}

function currencyProblem(currency: string, own: string): Problem {
  const common = { row: null, column: "currency" };
  if (isCurrency(currency))
    return {
      ...common,
      code: "rate_missing",
      message: `The rows in ${currency} are booked in ${own} at the rate of their day; without one they wait for it.`,
    };
  return {
    ...common,
    code: "unknown_currency",
    message: `The rows in ${currency || "no currency"} cannot be booked: that is no currency that we know.`,
  };
}

function isCurrency(code: string): boolean {
  try {
    decimalsOf(code);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** First and last day of a reading. */
export function span(days: readonly string[]): Pick<ChannelReading, "from" | "through"> {
  const sorted = [...days].sort();
  return { from: sorted[0] ?? null, through: sorted.at(-1) ?? null };
}

/** Orders and units that the documents' facts tell, in the currencies that they are in. */
export function countSold(
  documents: readonly RawDocument[],
  interpret: Interpret,
  timeZone: string,
): Pick<ChannelReading, "orders" | "units"> {
  let units = 0;
  const orders = new Set<string>();
  for (const document of documents) {
    const body = bodyOf(document);
    for (const fact of interpret(body, document.externalId, { channel: "file", currency: body.currency, timeZone })) {
      if (fact.kind !== "order") continue;
      orders.add(fact.number);
      for (const line of fact.lines) units += Number(line.qty);
    }
  }
  return { orders: orders.size, units };
}

/** What a fact moves the channel's balance by (accounting.md): the buyer's payment less fees and what the channel remits, and so on. */
function effectOf(fact: Fact, remitted: ReadonlySet<string>): bigint {
  const total = (amounts: readonly Readonly<{ amount: bigint }>[]) =>
    amounts.reduce((sum, { amount }) => sum + amount, 0n);
  switch (fact.kind) {
    case "order":
      return (
        total(fact.lines) + fact.shipping - fact.discount - total(fact.fees) + (fact.taxBy === "seller" ? fact.tax : 0n)
      );
    case "return": {
      const { tax = 0n, shipping = 0n } = fact.order === null ? {} : fact;
      // Tax that the channel remits, the channel gives back.
      return -total(fact.lines) - shipping - (fact.order !== null && remitted.has(fact.order) ? 0n : tax);
    }
    case "charge":
      return fact.amount;
    case "payout":
      return -fact.amount;
    default:
      return 0n;
  }
}

/** For files that list orders and no balance: what their facts move it by, in each currency. */
export function effects(
  documents: readonly RawDocument[],
  interpret: Interpret,
  timeZone: string,
): ChannelReading["net"] {
  const net = new Map<string, bigint>();
  for (const document of documents) {
    const body = bodyOf(document);
    const facts = interpret(body, document.externalId, { channel: "file", currency: body.currency, timeZone });
    const remitted = new Set(
      facts.flatMap((fact) => (fact.kind === "order" && fact.taxBy === "channel" ? [fact.id] : [])),
    );
    net.set(
      body.currency,
      facts.reduce((sum, fact) => sum + effectOf(fact, remitted), net.get(body.currency) ?? 0n),
    );
  }
  return [...net].map(([currency, amount]) => ({ currency, amount }));
}
