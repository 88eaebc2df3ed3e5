/** The demo's bank account and card: what its trade paid and was paid, sorted but for the last days, which wait for a person. */
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { imports, transactions } from "../../db/schema";
import type { Tx } from "../../db/scope";
import type { Books } from "../books/ledger";
import { addDays } from "../core/dates";
import type { LocalDate } from "../core/facts";
import type { TransactionState } from "../core/transactions";
import { linkPurchases } from "../desk/transactions";
import { linkPayouts } from "../money/deposits";
import type { Stored } from "../money/imports";
import { addMoneyAccountIn } from "../money/money-accounts";
import { addRuleIn } from "../money/rules";
import { dedupeKey } from "../money/statements";
import { postTransactions, transactionsOf } from "../money/transactions";
import type { Scope } from "../people/access";
import { newId } from "../system/ids";
import { Random } from "./random";
import type { Trade } from "./trade";

type Line = Readonly<{
  account: string;
  on: LocalDate;
  amount: bigint;
  payee: string;
  memo?: string;
  state: TransactionState;
  category?: string;
  /** The payout or the purchase that it is. */
  payout?: string;
  purchase?: string;
  /** Pairs the two lines of a transfer. */
  pair?: string;
}>;

const checking = "1000";
const fileName = "harbor-bank-checking.ofx";

/** Writes about two hundred lines into an empty demo, in the caller's transaction, which holds the books' lock. */
export async function loadBank(tx: Tx, scope: Scope, books: Books, trade: Trade, today: LocalDate): Promise<void> {
  const card = await addMoneyAccountIn(tx, scope, { name: "Business card", holds: "card", number: "4417" });
  await tx.execute(
    sql`update app.accounts set bank_number = '8021' where business_id = ${scope.businessId} and code = ${checking}`,
  );
  await addRuleIn(tx, scope, {
    words: "usps",
    direction: "out",
    account: null,
    state: "categorised",
    category: "6030",
  });
  await addRuleIn(tx, scope, {
    words: "uline",
    direction: "out",
    account: null,
    state: "categorised",
    category: "6040",
  });
  const lines = linesUntil(trade, today, card).sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
  const importId = newId();
  await tx.insert(imports).values({
    businessId: scope.businessId,
    id: importId,
    kind: "bank",
    layout: "ofx",
    fileName,
    sha256: "",
    bytes: Buffer.alloc(0),
    state: "accepted",
    channelId: null,
    accountCode: checking,
    choices: { layout: null, accounts: [{ code: checking }, { code: card }], channel: null, takesDoubtful: false },
    result: resultOf(lines),
    userId: scope.userId,
    createdAt: new Date().toISOString(),
    acceptedAt: new Date().toISOString(),
  });
  await write(tx, scope, books, lines, importId);
}

/** What an import of these lines said. */
function resultOf(lines: readonly Line[]): Stored {
  const sums = ["credit", "debit"].map((type) => {
    const of = lines.filter((line) => line.amount < 0n === (type === "debit"));
    return { type, currency: "USD", count: of.length, amount: Number(of.reduce((sum, line) => sum + line.amount, 0n)) };
  });
  return {
    file: fileName,
    kind: "ofx",
    channel: null,
    account: "8021, 4417",
    encoding: "utf-8",
    rows: lines.length,
    read: lines.length,
    new: lines.length,
    already: 0,
    doubtful: 0,
    from: lines[0]?.on ?? null,
    through: lines.at(-1)?.on ?? null,
    types: sums,
    net: [{ currency: "USD", amount: sums.reduce((sum, type) => sum + type.amount, 0) }],
    stated: { opening: null, closing: null, total: null },
    agrees: null,
    payouts: [],
    orders: 0,
    units: 0,
    unknown_types: [],
    problems: [],
    first: [],
    closingOn: null,
  };
}

function linesUntil(trade: Trade, today: LocalDate, card: string): Line[] {
  const random = new Random(7n);
  const start = addDays(today, -364);
  const lines: Line[] = [
    {
      account: checking,
      on: start,
      amount: 1_240_000n,
      payee: "Opening balance",
      state: "categorised",
      category: "3090",
    },
  ];
  for (const { fact } of trade.facts) {
    if (fact.kind === "purchase")
      lines.push({
        account: checking,
        on: fact.date,
        amount: -fact.amount,
        payee: fact.supplier ?? "Purchase",
        state: "inventory",
        purchase: fact.id,
      });
  }
  lines.push(...deposits(trade, today));
  const cost = (day: number, account: string, payee: string, category: string, from: number, to: number) => {
    const on = addDays(start, day);
    if (on <= today)
      lines.push({ account, on, amount: -BigInt(random.between(from, to)), payee, state: "categorised", category });
  };
  for (let month = 0; month < 12; month += 1) {
    const first = 3 + month * 30;
    cost(first, checking, "Harlan Storage, unit 14", "6150", 18_500, 18_500);
    cost(first + 4, card, "Uline", "6040", 4_200, 9_900);
    cost(first + 9, card, "Notion Labs", "6140", 1_200, 1_200);
    for (const week of [1, 8, 16, 23])
      cost(first + week, card, `USPS PO ${3_610 + ((month * 7 + week) % 12)}`, "6030", 820, 4_800);
    cost(first + 19, checking, "Harbor Mutual, shop insurance", "6120", 3_900, 3_900);
    const on = addDays(start, first + 21);
    if (on <= today)
      lines.push({
        account: checking,
        on,
        amount: -60_000n,
        payee: "Transfer to savings",
        memo: "owner",
        state: "personal",
      });
    const paid = addDays(start, first + 26);
    if (paid > today) continue;
    const due = lines
      .filter(
        (line) => line.account === card && line.state !== "transfer" && line.on <= paid && line.on > addDays(paid, -30),
      )
      .reduce((sum, line) => sum - line.amount, 0n);
    if (due <= 0n) continue;
    const pair = `card-${month}`;
    lines.push({
      account: checking,
      on: paid,
      amount: -due,
      payee: "Card payment 4417",
      state: "transfer",
      category: card,
      pair,
    });
    lines.push({
      account: card,
      on: paid,
      amount: due,
      payee: "Payment received, thank you",
      state: "transfer",
      category: checking,
      pair,
    });
  }
  const open: readonly (readonly [number, string, bigint, string])[] = [
    [1, "SQ *BRIMFIELD ANTIQUES", -8_640n, checking],
    [2, "Amazon Mktp US", -3_119n, card],
    [3, "Estate sale, Cooper Hill", -15_500n, checking],
    [4, "Home Depot 2114", -2_742n, card],
    [5, "Venmo from J. Alvarez", 4_500n, checking],
    [6, "Sunoco 0441", -3_880n, card],
    [8, "Staples 0127", -1_999n, card],
  ];
  for (const [ago, payee, amount, account] of open)
    lines.push({ account, on: addDays(today, -ago), amount, payee, state: "open" });
  return lines;
}

/** Each payout arrives two days later; the last two have not arrived yet. */
function deposits(trade: Trade, today: LocalDate): readonly Line[] {
  const payouts = trade.facts
    .flatMap(({ fact }) => (fact.kind === "payout" ? [fact] : []))
    .sort((a, b) => (a.date < b.date ? -1 : 1));
  return payouts.slice(0, -2).flatMap((payout): Line[] => {
    const on = addDays(payout.date, 2);
    const payee = payout.channel.startsWith("ebay") ? "EBAY COMMERCE INC" : "ETSY INC DIRECT DEPOSIT";
    return on > today
      ? []
      : [{ account: checking, on, amount: payout.amount, payee, state: "payout", payout: payout.id }];
  });
}

async function write(tx: Tx, scope: Scope, books: Books, lines: readonly Line[], importId: string): Promise<void> {
  const counts = new Map<string, number>();
  const rows = lines.map((line, place) => {
    const { on: date, amount, payee } = line;
    const key = dedupeKey({ date, amount, payee, memo: line.memo ?? "", fitid: `demo-${place}` });
    const occurrence = (counts.get(key) ?? 0) + 1;
    counts.set(key, occurrence);
    return { line, id: newId(), key, occurrence, place };
  });
  const twin = (line: Line) => rows.find((row) => row.line.pair === line.pair && row.line !== line)?.id ?? null;
  await bulkInsert(
    tx,
    transactions,
    rows.map(({ line, id, key, occurrence, place }) => ({
      businessId: scope.businessId,
      id,
      accountCode: line.account,
      onDate: line.on,
      amountMinor: line.amount,
      payee: line.payee,
      memo: line.memo ?? "",
      dedupeKey: key,
      occurrence,
      importId,
      place,
      state: line.state,
      categoryCode: line.category ?? null,
      matchedId: line.pair === undefined ? (line.payout ?? null) : twin(line),
      ruleId: null,
      version: 1,
      recordedAt: new Date().toISOString(),
      isUndone: false,
    })),
  );
  await tx.execute(sql`
    update app.transactions t set rule_id = r.id from app.rules r where t.business_id = ${scope.businessId} and r.business_id = ${scope.businessId}
      and t.state = 'categorised' and lower(t.payee) like '%' || r.words || '%'`);
  await linkPurchases(
    tx,
    scope,
    rows.flatMap(({ line, id }) => (line.purchase === undefined ? [] : [{ purchase: line.purchase, transaction: id }])),
  );
  await linkPayouts(
    tx,
    scope,
    rows.flatMap(({ line, id }) => (line.payout === undefined ? [] : [{ payout: line.payout, deposit: id }])),
  );
  const ids = rows.map((row) => row.id);
  await postTransactions(tx, scope, books, await transactionsOf(tx, scope, ids), new Set(ids));
}
