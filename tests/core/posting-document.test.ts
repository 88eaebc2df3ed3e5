/** docs/posting.md is true: every row of it is run. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { inBooks, rateDecimals, type SaidFact } from "../../lib/core/exchange";
import { type ChargeCategory, partsBack } from "../../lib/core/facts";
import type { Posting } from "../../lib/core/journal";
import { parseMinor } from "../../lib/core/money";
import { exchangeLeft } from "../../lib/core/payouts";
import { chargeAccount, exchangePostings, postingsOf } from "../../lib/core/posting";
import { transactionPostings } from "../../lib/core/transactions";

const text = readFileSync(new URL("../../docs/posting.md", import.meta.url), "utf8");
const rows = [...text.matchAll(/^\| ([^|]+?) +\| `([^`]+)` +\| (?:`([^`]+)`)? *\|$/gm)].map(
  ([, what, fact, posts]) => ({
    what: what ?? "",
    fact: fact ?? "",
    posts: posts ?? "",
  }),
);

const minor = (said: string) => parseMinor(said, "USD");
const categories = [
  ...["fee", "processing", "advertising", "label", "refund", "sale", "tax_collected", "tax_remitted"],
  ...["reimbursement", "loan", "tip", "gift_card", "elsewhere", "bank", "exchange", "other"],
] as ChargeCategory[];

/** The fact that a row says in words: its kind, then names with what they are. */
function factOf(said: string): SaidFact {
  const [kind = "", first = "", ...rest] = said.split(" ");
  const common = { id: "x", channel: "shop" };
  const date = "2026-01-05";
  if (kind === "payout") return { kind, ...common, date, amount: minor(first) };
  if (kind === "charge") {
    const category = categories.find((one) => one === first);
    const [amount = "", placed, account] = rest;
    if (category === undefined) throw new Error(`no category ${first}`);
    return {
      kind,
      ...common,
      date,
      category,
      type: "word",
      amount: minor(amount),
      order: null,
      memo: "",
      ...(placed === "placed" && account !== undefined ? { account } : {}),
    };
  }
  const line = { id: "l", sku: null, name: "Mug", listing: null, qty: 1n, amount: minor(first), location: null };
  const named = (name: string) => {
    const at = rest.indexOf(name);
    return at < 0 ? 0n : minor(rest[at + 1] ?? "");
  };
  const taxAt = rest.indexOf("tax");
  const taxBy = rest[taxAt + 2] === "seller" ? "seller" : "channel";
  if (kind === "return") {
    const back = { id: "r", line: "l", qty: 1n, restock: false, writeOff: false, location: null, placed: false };
    const parts = partsBack({ tax: named("tax"), shipping: named("shipping") });
    return { kind, id: "x", date, order: `of ${taxBy}`, ...parts, lines: [{ ...back, amount: minor(first) }] };
  }
  if (kind !== "order") throw new Error(`no kind ${kind}`);
  return {
    kind,
    ...common,
    when: { on: date, at: null },
    number: "1",
    lines: [line],
    shipping: named("shipping"),
    tax: named("tax"),
    taxBy,
    discount: named("discount"),
    fees: rest.flatMap((word, place) =>
      word.startsWith("fee:") ? [{ kind: word.slice(4), amount: minor(rest[place + 1] ?? "") }] : [],
    ),
  };
}

const context = {
  channelAccount: () => "1150",
  channelOf: () => "shop",
  taxByOf: (order: string) => (order === "of seller" ? "seller" : "channel"),
  currency: "USD",
  on: () => "2026-01-05",
} as const;

/** What a row says as postings: of a fact, of one in another currency at its rate, of a payout with what its rows come to, of a deposit. */
function postingsOfRow(said: string): readonly Posting[] {
  const deposit = /^deposit (\S+) (\S+) (\S+) sent (\S+)$/.exec(said);
  if (deposit !== null) {
    const [, amount = "", currency = "", paid = "", sent = ""] = deposit;
    const line = { account: "1000", on: "2026-01-05", payee: "", state: "payout", category: null } as const;
    const abroad = { amount: minor(sent), said: minor(paid), currency };
    return transactionPostings({
      ...line,
      amount: minor(amount),
      matched: "x",
      parts: [],
      paid: abroad,
      isUndone: false,
    });
  }
  const [, currency, rate = "", of = ""] = /^(?:([A-Z]{3}) (\S+) )?(.*)$/.exec(said) ?? [];
  if (currency === undefined) return postingsOf(factOf(of), context);
  const [whole = "", fraction = ""] = rate.split(".");
  const at = { currency, rate: BigInt(whole + fraction.padEnd(rateDecimals, "0")), on: "2026-01-05", source: "ECB" };
  const fact = inBooks(factOf(of), at, "USD");
  const rows = / rows (\S+)$/.exec(of)?.[1];
  if (fact.kind !== "payout" || rows === undefined) return postingsOf(fact, context);
  const paid = { amount: fact.amount, said: fact.foreign?.amounts[0] ?? 0n, currency };
  const left = exchangeLeft(paid, [{ ...paid, amount: minor(rows) }]);
  return [...postingsOf(fact, context), ...exchangePostings(fact, left ?? 0n, context)];
}

/** What is left on each account, `1150`, and in each other currency, `1150 EUR`. */
function balancesOf(postings: readonly Posting[]): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  const add = (name: string, amount: bigint) => {
    sums[name] = (sums[name] ?? 0n) + amount;
  };
  for (const { debit, credit, amount, foreign } of postings) {
    add(debit, amount);
    add(credit, -amount);
    if (foreign === undefined) continue;
    add(`${debit} ${foreign.currency}`, foreign.amount);
    add(`${credit} ${foreign.currency}`, -foreign.amount);
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n));
}

describe("docs/posting.md", () => {
  test.each(rows)("$what", ({ fact, posts }) => {
    const said = posts === "" ? [] : posts.split(", ").map((one) => one.split(" "));
    const wanted = said.flatMap(([code = "", amount = "", currency, other = ""]) => [
      [code, minor(amount.replace("+", ""))] as const,
      ...(currency === undefined ? [] : [[`${code} ${currency}`, minor(other.replace("+", ""))] as const]),
    ]);
    expect(balancesOf(postingsOfRow(fact))).toEqual(Object.fromEntries(wanted.filter(([, amount]) => amount !== 0n)));
  });

  test("has a row for every category of a charge, and each goes where the row says", () => {
    for (const category of categories) expect(text, category).toContain(`\`charge ${category} `);
    expect(categories.map((category) => chargeAccount(category, 1n))).not.toContain("");
    expect(rows.length).toBeGreaterThan(44);
  });
});
