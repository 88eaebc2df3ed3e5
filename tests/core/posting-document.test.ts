/** docs/posting.md is true: every row of it is run. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ChargeCategory, Fact } from "../../lib/core/facts";
import { parseMinor } from "../../lib/core/money";
import { chargeAccount, postingsOf } from "../../lib/core/posting";

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
function factOf(said: string): Fact {
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
  if (kind === "return") {
    const back = { id: "r", line: "l", qty: 1n, restock: false, writeOff: false, location: null, placed: false };
    return { kind, id: "x", date, order: "o", lines: [{ ...back, amount: minor(first) }] };
  }
  if (kind !== "order") throw new Error(`no kind ${kind}`);
  const named = (name: string) => {
    const at = rest.indexOf(name);
    return at < 0 ? 0n : minor(rest[at + 1] ?? "");
  };
  const at = rest.indexOf("tax");
  return {
    kind,
    ...common,
    when: { on: date, at: null },
    number: "1",
    lines: [line],
    shipping: named("shipping"),
    tax: named("tax"),
    taxBy: rest[at + 2] === "seller" ? "seller" : "channel",
    discount: named("discount"),
    fees: rest.flatMap((word, place) =>
      word.startsWith("fee:") ? [{ kind: word.slice(4), amount: minor(rest[place + 1] ?? "") }] : [],
    ),
  };
}

function balancesOf(fact: Fact): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  const postings = postingsOf(fact, {
    channelAccount: () => "1150",
    channelOf: () => "shop",
    currency: "USD",
    on: () => "2026-01-05",
  });
  for (const { debit, credit, amount } of postings) {
    sums[debit] = (sums[debit] ?? 0n) + amount;
    sums[credit] = (sums[credit] ?? 0n) - amount;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n));
}

describe("docs/posting.md", () => {
  test.each(rows)("$what", ({ fact, posts }) => {
    const said = posts === "" ? [] : posts.split(", ").map((one) => one.split(" "));
    const wanted = Object.fromEntries(said.map(([code = "", amount = ""]) => [code, minor(amount.replace("+", ""))]));
    expect(balancesOf(factOf(fact))).toEqual(wanted);
  });

  test("has a row for every category of a charge, and each goes where the row says", () => {
    for (const category of categories) expect(text, category).toContain(`\`charge ${category} `);
    expect(categories.map((category) => chargeAccount(category, 1n))).not.toContain("");
    expect(rows.length).toBeGreaterThan(30);
  });
});
