/**
 * Saying what transactions are. One way in for the list, the sheet, many at once, rules and imports: what leaves (a purchase, a twin, a
 * payout) is let go, what comes is taken, and the journal gets the difference, in one transaction.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { transactions as transactionsTable } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { type Books, lockBooks } from "../books/ledger";
import { parseLocalDate } from "../core/dates";
import { Refusal, unreachable } from "../core/errors";
import type { PurchaseFact } from "../core/facts";
import { formatMinor } from "../core/money";
import { isNear } from "../core/payouts";
import { accounts } from "../core/posting";
import { checkParts, type Part, purchasesOf } from "../core/transactions";
import { depositsToJoin, linkPayouts, waitingPayout } from "../money/deposits";
import { addRuleIn, type NewRule, openLike, type RuleState, removeRuleIn, rulesIn, sortByRules } from "../money/rules";
import { handKey } from "../money/statements";
import {
  postTransactions,
  removeTransactions,
  type Sorting,
  sortTransactions,
  type Transaction,
  transactionsOf,
  twinOf,
  unsorted,
} from "../money/transactions";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { recordIn } from "../record";
import { newId } from "../system/ids";
import { undoIn } from "../undo";

/** What a person says that a transaction is. */
export type As = Readonly<
  | { kind: "open" }
  | { kind: "category"; code: string }
  | { kind: "inventory" }
  | { kind: "personal" }
  | { kind: "hidden" }
  | { kind: "transfer"; account: string; twin?: string | null }
  | { kind: "payout"; payout: string }
  | { kind: "split"; parts: readonly Part[] }
>;

/** A transaction as a form knew it; `version` null: whatever it is now. */
export type Seen = Readonly<{ id: string; version: number | null }>;

const most = 5_000;

/** Says what transactions are. Refuses `stale` where one was changed meanwhile, `in_use` where details would be lost. Gives how many changed. */
export async function sortAs(scope: Scope, seen: readonly Seen[], as: As): Promise<number> {
  require(scope, "write");
  if (seen.length === 0) throw new Refusal("field_missing", "Choose at least one transaction.", { field: "t" });
  if (seen.length > most) throw new Refusal("out_of_range", `At most ${most} transactions at once.`);
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const rows = await current(tx, scope, seen);
    const changes: Change[] = [];
    for (const row of rows) changes.push({ row, to: await sortingOf(tx, scope, row, as) });
    await sortIn(tx, scope, books, changes);
    await recordAudit(tx, scope, {
      what: "transaction.sort",
      about: rows.length === 1 ? (rows[0]?.id ?? "") : `${rows.length} transactions`,
      before:
        rows.length === 1
          ? { state: rows[0]?.state, category: rows[0]?.category }
          : { lines: rows.map(({ id, state, category }) => ({ id, state, category })) },
      after: as,
    });
    return changes.length;
  });
}

/** The rows as they are now; refuses what is gone or was changed since it was seen. */
async function current(tx: Tx, scope: Scope, seen: readonly Seen[]): Promise<readonly Transaction[]> {
  const rows = await transactionsOf(
    tx,
    scope,
    seen.map((one) => one.id),
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  for (const { id, version } of seen) {
    const row = known.get(id);
    if (row === undefined || row.isUndone)
      throw new Refusal("not_found", "There is no such transaction any more. Load the page again.");
    if (version !== null && row.version !== version)
      throw new Refusal("stale", "Nothing was changed: another person changed this transaction. Load the page again.");
  }
  return rows;
}

/** What a transaction becomes; refuses what it cannot be. */
async function sortingOf(tx: Tx, scope: Scope, row: Transaction, as: As): Promise<Sorting> {
  switch (as.kind) {
    case "open":
      return unsorted;
    case "category":
      if (as.code === accounts.inventory) return sortingOf(tx, scope, row, { kind: "inventory" });
      await checkCategory(tx, scope, as.code);
      return { ...unsorted, state: "categorised", category: as.code };
    case "inventory":
      if (row.amount >= 0n)
        throw new Refusal(
          "does_not_fit",
          "Money that came in cannot be a purchase. For a refund of a supplier, record the return at the purchase.",
          { field: "as" },
        );
      return { ...unsorted, state: "inventory" };
    case "personal":
    case "hidden":
      return { ...unsorted, state: as.kind };
    case "transfer": {
      await checkOwnAccount(tx, scope, row, as.account);
      const twin = as.twin ?? (await twinOf(tx, scope, row, as.account));
      if (twin !== null) await checkTwin(tx, scope, row, as.account, twin);
      return { ...unsorted, state: "transfer", category: as.account, matched: twin };
    }
    case "payout": {
      if (row.state === "payout" && row.matched === as.payout)
        return { ...unsorted, state: "payout", matched: as.payout };
      const payout = await waitingPayout(tx, scope, as.payout);
      if (payout === null) throw new Refusal("stale", "This payout has its deposit already. Load the page again.");
      const fits = payout.currency === null ? payout.amount === row.amount : isNear(row.amount, payout.amount);
      if (!fits)
        throw new Refusal(
          "does_not_fit",
          `The payout is ${payout.currency === null ? "" : "about "}${formatMinor(payout.amount, scope.currency)}; this is ${formatMinor(row.amount, scope.currency)}.`,
        );
      return { ...unsorted, state: "payout", matched: payout.id };
    }
    case "split":
      checkParts(row.amount, as.parts);
      for (const part of as.parts)
        if (part.category !== accounts.inventory) await checkCategory(tx, scope, part.category);
      return { ...unsorted, state: "split", parts: as.parts };
    default:
      return unreachable(as);
  }
}

async function checkCategory(tx: Tx, scope: Scope, code: string): Promise<void> {
  const [row] = await rowsOf<{ holds: string | null; archived: boolean }>(
    tx,
    sql`select holds, is_archived as archived from app.accounts where business_id = ${scope.businessId} and code = ${code}`,
  );
  if (row === undefined || row.archived)
    throw new Refusal("unknown_id", "Choose a category from the list.", { field: "as" });
  if (row.holds === "bank" || row.holds === "card" || row.holds === "cash")
    throw new Refusal("does_not_fit", "This is an account of yours: say that it is a transfer.", { field: "as" });
}

async function checkOwnAccount(tx: Tx, scope: Scope, row: Transaction, account: string): Promise<void> {
  if (account === row.account)
    throw new Refusal("does_not_fit", "A transfer goes to another account.", { field: "as" });
  const [other] = await rowsOf<{ holds: string | null }>(
    tx,
    sql`select holds from app.accounts where business_id = ${scope.businessId} and code = ${account} and not is_archived`,
  );
  if (other === undefined || !["bank", "card", "cash"].includes(other.holds ?? ""))
    throw new Refusal("unknown_id", "Choose one of your accounts.", { field: "as" });
}

async function checkTwin(tx: Tx, scope: Scope, row: Transaction, account: string, twin: string): Promise<void> {
  const [other] = await transactionsOf(tx, scope, [twin]);
  const fits = other !== undefined && !other.isUndone && other.account === account && other.amount === -row.amount;
  if (!fits) throw new Refusal("does_not_fit", "These two lines are not one transfer.", { field: "twin" });
  const isFree =
    other.state === "open" || (other.state === "transfer" && (other.matched === null || other.matched === row.id));
  if (!isFree)
    throw new Refusal("in_use", "The other line is something else already. Set it back first.", { field: "twin" });
}

/** A transaction and what it is to become. */
export type Change = Readonly<{ row: Transaction; to: Sorting }>;

/**
 * Carries changes out, with all that hangs on them: twins and payouts are let go or joined, purchases recorded or undone, the difference
 * posted. The caller holds the books' lock.
 */
export async function sortIn(tx: Tx, scope: Scope, books: Books, changes: readonly Change[]): Promise<void> {
  const real = changes.filter(({ row, to }) => isDifferent(row, to));
  if (real.length === 0) return;
  const all = new Map(real.map((change) => [change.row.id, change]));
  await withTwins(tx, scope, all);
  const done = [...all.values()];

  const before = await purchasesNow(
    tx,
    scope,
    done.map(({ row }) => row.id),
  );
  const after = done.flatMap(({ row, to }) =>
    purchasesOf(row.id, { ...to, amount: row.amount }).map((wanted) => {
      // A purchase that was joined with its bank line keeps its own id.
      const same = before.find((one) => one.transaction === row.id && one.amount === wanted.amount);
      return { id: to.state === "inventory" && same !== undefined ? same.id : wanted.id, amount: wanted.amount, row };
    }),
  );
  const staying = new Map(before.map((one) => [one.id, one.amount]));
  const leaving = before.filter((one) => !after.some((now) => now.id === one.id && now.amount === one.amount));
  await checkNoDetails(
    tx,
    scope,
    leaving.map((one) => one.id),
  );
  await linkPayouts(tx, scope, [
    ...done.flatMap(({ row }) =>
      row.state === "payout" && row.matched !== null ? [{ payout: row.matched, deposit: null }] : [],
    ),
  ]);
  await linkPayouts(
    tx,
    scope,
    done.flatMap(({ row, to }) =>
      to.state === "payout" && to.matched !== null ? [{ payout: to.matched, deposit: row.id }] : [],
    ),
  );
  await sortTransactions(
    tx,
    scope,
    books,
    done.map(({ row, to }) => ({ id: row.id, to })),
  );
  const origin = { source: null, userId: scope.userId, revives: true };
  const gone = leaving.filter((one) => !after.some((now) => now.id === one.id));
  await undoIn(
    tx,
    scope,
    books,
    gone.map((one) => `purchase/${one.id}`),
    origin,
  );
  const come = after.filter((one) => staying.get(one.id) !== one.amount);
  await recordIn(
    tx,
    scope,
    books,
    come.map(({ id, amount, row }) => ({ fact: purchaseOf(id, amount, row), version: newId() })),
    origin,
  );
  await linkPurchases(
    tx,
    scope,
    come.map((one) => ({ purchase: one.id, transaction: one.row.id })),
  );
}

function isDifferent(row: Transaction, to: Sorting): boolean {
  const text = (sorting: Sorting) =>
    JSON.stringify([
      sorting.state,
      sorting.category,
      sorting.matched,
      sorting.rule,
      sorting.parts.map((part) => [part.category, String(part.amount), part.memo]),
    ]);
  return text(row) !== text(to);
}

/** Twins follow: the line that a transfer leaves is open again, the one that it joins points back. */
async function withTwins(tx: Tx, scope: Scope, changes: Map<string, Change>): Promise<void> {
  const named = [...changes.values()].flatMap(({ row, to }) => [
    ...(row.state === "transfer" && row.matched !== null ? [row.matched] : []),
    ...(to.state === "transfer" && to.matched !== null ? [to.matched] : []),
  ]);
  const twins = new Map((await transactionsOf(tx, scope, named)).map((twin) => [twin.id, twin]));
  for (const { row, to } of [...changes.values()]) {
    const left =
      row.state === "transfer" && row.matched !== null && row.matched !== to.matched
        ? twins.get(row.matched)
        : undefined;
    if (left !== undefined && !changes.has(left.id)) changes.set(left.id, { row: left, to: unsorted });
    const joined = to.state === "transfer" && to.matched !== null ? twins.get(to.matched) : undefined;
    if (joined === undefined) continue;
    changes.set(joined.id, {
      row: joined,
      to: { ...unsorted, state: "transfer", category: row.account, matched: row.id },
    });
  }
}

function purchaseOf(id: string, amount: bigint, row: Transaction): PurchaseFact {
  return {
    kind: "purchase",
    id,
    date: row.on,
    amount,
    lines: [],
    extras: [],
    account: row.account,
    supplier: row.payee === "" ? null : row.payee,
  };
}

/** A purchase with details, or whose tax is set off, is not taken away under them. */
async function checkNoDetails(tx: Tx, scope: Scope, ids: readonly string[]): Promise<void> {
  const [row] = await rowsOf<{ id: string; supplier: string; detailed: string }>(
    tx,
    sql`select id, supplier, detailed_minor::text as detailed from app.purchases where business_id = ${scope.businessId}
          and id = any(${list("text", ids)}) and not is_undone and (detailed_minor > 0 or igst_minor + cgst_minor + sgst_minor > 0)
          order by detailed_minor desc limit 1`,
  );
  if (row === undefined) return;
  const name = `The purchase${row.supplier === "" ? "" : ` from ${row.supplier}`}`;
  if (row.detailed === "0")
    throw new Refusal("in_use", `${name} has a tax that is set off. Take its tax out first, then say what it is.`, {
      purchase: row.id,
    });
  throw new Refusal(
    "in_use",
    `${name} has details for ${formatMinor(BigInt(row.detailed), scope.currency)}. Take the details back first, then say what it is.`,
    { purchase: row.id },
  );
}

/** The purchases in the books that these lines are. */
function purchasesNow(
  tx: Tx,
  scope: Scope,
  ids: readonly string[],
): Promise<readonly Readonly<{ id: string; transaction: string; amount: bigint }>[]> {
  return rowsOf<{ id: string; transaction: string; amount: string }>(
    tx,
    sql`select id, transaction_id as transaction, (amount_minor + igst_minor + cgst_minor + sgst_minor)::text as amount from app.purchases where business_id = ${scope.businessId}
          and transaction_id = any(${list("text", ids)}) and not is_undone order by id`,
  ).then((rows) => rows.map((row) => ({ ...row, amount: BigInt(row.amount) })));
}

/** Writes down which bank line a purchase is. */
export async function linkPurchases(
  tx: Tx,
  scope: Scope,
  links: readonly Readonly<{ purchase: string; transaction: string }>[],
): Promise<void> {
  if (links.length === 0) return;
  await tx.execute(sql`
    update app.purchases p set transaction_id = u.transaction from unnest(${list(
      "text",
      links.map((one) => one.purchase),
    )}, ${list(
      "text",
      links.map((one) => one.transaction),
    )}) as u(id, transaction) where p.business_id = ${scope.businessId} and p.id = u.id`);
}

/**
 * What can be said without asking: the rules' word for open lines, then deposits that can be one payout only, then the other halves of
 * transfers that wait. Gives how many lines it sorted.
 */
export async function sortByThemselves(tx: Tx, scope: Scope, books: Books, ids: readonly string[]): Promise<number> {
  const rules = await rulesIn(tx, scope);
  let sorted = 0;
  const take = async (changes: readonly Change[]) => {
    await sortIn(tx, scope, books, changes);
    sorted += changes.length;
  };
  const open = (await transactionsOf(tx, scope, ids)).filter((row) => row.state === "open" && !row.isUndone);
  const byId = new Map(open.map((row) => [row.id, row]));
  await take(
    sortByRules(open, rules).flatMap(({ id, to }) => {
      const row = byId.get(id);
      return row === undefined ? [] : [{ row, to }];
    }),
  );
  sorted += await joinDepositsIn(tx, scope, books);
  const waiting = await rowsOf<{ id: string; twin: string }>(
    tx,
    sql`select t.id, w.id as twin from app.transactions t
        join app.transactions w on w.business_id = ${scope.businessId} and w.amount_minor = -t.amount_minor and w.state = 'transfer' and w.matched_id is null
          and w.category_code = t.account_code and not w.is_undone and w.on_date between t.on_date - 7 and t.on_date + 7 and w.id <> t.id
        where t.business_id = ${scope.businessId} and t.id = any(${list("text", ids)}) and t.state = 'open' and not t.is_undone`,
  );
  const count = (pick: (row: (typeof waiting)[number]) => string) => {
    const counts = new Map<string, number>();
    for (const row of waiting) counts.set(pick(row), (counts.get(pick(row)) ?? 0) + 1);
    return counts;
  };
  const [byLine, byTwin] = [count((row) => row.id), count((row) => row.twin)];
  const pairs = waiting.filter((row) => byLine.get(row.id) === 1 && byTwin.get(row.twin) === 1);
  const halves = await transactionsOf(
    tx,
    scope,
    pairs.flatMap((pair) => [pair.id, pair.twin]),
  );
  const half = new Map(halves.map((row) => [row.id, row]));
  await take(
    pairs.flatMap(({ id, twin }) => {
      const [row, other] = [half.get(id), half.get(twin)];
      if (row === undefined || other === undefined) return [];
      return [{ row, to: { ...unsorted, state: "transfer" as const, category: other.account, matched: twin } }];
    }),
  );
  return sorted;
}

/** Joins payouts with the deposits that they became, where nothing else fits. Gives how many. */
export async function joinDepositsIn(tx: Tx, scope: Scope, books: Books): Promise<number> {
  const found = (await depositsToJoin(tx, scope, books.currency)).flatMap(({ payout, deposit }) =>
    deposit === null ? [] : [{ payout, deposit }],
  );
  const rows = await transactionsOf(
    tx,
    scope,
    found.map((one) => one.deposit),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  if (found.length > 0)
    await recordAudit(tx, scope, {
      what: "payout.join",
      about: found.length === 1 ? (found[0]?.payout ?? "") : `${found.length} payouts`,
      after: { deposits: found },
    });
  await sortIn(
    tx,
    scope,
    books,
    found.flatMap(({ payout, deposit }) => {
      const row = byId.get(deposit);
      return row === undefined ? [] : [{ row, to: { ...unsorted, state: "payout" as const, matched: payout } }];
    }),
  );
  return found.length;
}

/** The same as a service, on a person's word. */
export async function joinDeposits(scope: Scope): Promise<number> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => joinDepositsIn(tx, scope, await lockBooks(tx, scope)));
}

/** How many open transactions a rule of these words would take now. */
export async function countLike(
  scope: Scope,
  wanted: Pick<NewRule, "words" | "direction" | "account">,
): Promise<number> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => (await openLike(tx, scope, wanted)).length);
}

/** Makes a rule of "all like this" and applies it to what is open now. Gives its id and how many it took. */
export async function makeRule(scope: Scope, wanted: NewRule): Promise<Readonly<{ id: string; sorted: number }>> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    if (wanted.state === "categorised") await checkCategory(tx, scope, wanted.category ?? "");
    const rule =
      wanted.category === accounts.inventory ? { ...wanted, state: "inventory" as RuleState, category: null } : wanted;
    const id = await addRuleIn(tx, scope, rule);
    const ids = await openLike(tx, scope, rule);
    const rows = await transactionsOf(tx, scope, ids);
    const rules = (await rulesIn(tx, scope)).filter((one) => one.id === id);
    const byId = new Map(rows.map((row) => [row.id, row]));
    const changes = sortByRules(rows, rules).flatMap(({ id: transaction, to }) => {
      const row = byId.get(transaction);
      return row === undefined ? [] : [{ row, to }];
    });
    if (changes.length > 0)
      await recordAudit(tx, scope, {
        what: "rule.apply",
        about: id,
        before: { lines: changes.map(({ row }) => ({ id: row.id, state: row.state, category: row.category })) },
        after: { state: rule.state, category: rule.category },
      });
    await sortIn(tx, scope, books, changes);
    return { id, sorted: changes.length };
  });
}

/** Takes a rule back with all that it has filed, which is open again. Refuses `in_use` where details would be lost. Gives how many. */
export async function takeRuleBack(scope: Scope, id: string): Promise<number> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const filed = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.transactions where business_id = ${scope.businessId} and rule_id = ${id} and not is_undone`,
    );
    const rows = await transactionsOf(
      tx,
      scope,
      filed.map((row) => row.id),
    );
    await sortIn(
      tx,
      scope,
      books,
      rows.map((row) => ({ row, to: unsorted })),
    );
    await removeRuleIn(tx, scope, id);
    return rows.length;
  });
}

export type ByHand = Readonly<{
  account: string;
  on: string;
  /** Signed: positive came in. Not 0. */
  amount: bigint;
  payee: string;
  memo: string;
}>;

function checkedByHand(wanted: ByHand): ByHand {
  const payee = wanted.payee.normalize("NFC").replace(/\s+/gu, " ").trim();
  if (payee === "") throw new Refusal("field_missing", "Say who was paid, or who paid.", { field: "payee" });
  if ([...payee].length > 200) throw new Refusal("text_too_long", "At most 200 letters.", { field: "payee" });
  if ([...wanted.memo].length > 1_000) throw new Refusal("text_too_long", "At most 1,000 letters.", { field: "memo" });
  if (wanted.amount === 0n) throw new Refusal("bad_number", "The amount is not 0.", { field: "amount" });
  return { ...wanted, payee, memo: wanted.memo.trim(), on: parseLocalDate(wanted.on) };
}

/** Records a line by hand, for what no statement tells. Gives its id. */
export async function addByHand(scope: Scope, wanted: ByHand, id: string = newId()): Promise<string> {
  require(scope, "write");
  const { account, on, amount, payee, memo } = checkedByHand(wanted);
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    await checkHolds(tx, scope, account);
    await bulkInsert(tx, transactionsTable, [
      {
        businessId: scope.businessId,
        id,
        accountCode: account,
        onDate: on,
        amountMinor: amount,
        payee,
        memo,
        dedupeKey: handKey(id),
        occurrence: 1,
        importId: null,
        place: 0,
        state: "open",
        categoryCode: null,
        matchedId: null,
        ruleId: null,
        version: 1,
        recordedAt: new Date().toISOString(),
        isUndone: false,
      },
    ]);
    await postTransactions(tx, scope, books, await transactionsOf(tx, scope, [id]), new Set([id]));
    await sortByThemselves(tx, scope, books, [id]);
    await recordAudit(tx, scope, { what: "transaction.add", about: id, after: { ...wanted, amount } });
    return id;
  });
}

async function checkHolds(tx: Tx, scope: Scope, account: string): Promise<void> {
  const rows = await rowsOf<{ code: string }>(
    tx,
    sql`select code from app.accounts where business_id = ${scope.businessId} and code = ${account} and holds in ('bank', 'card', 'cash') and not is_archived`,
  );
  if (rows.length === 0) throw new Refusal("unknown_id", "Choose one of your accounts.", { field: "account" });
}

/** Changes a line that was recorded by hand. What came from a file stays as the bank has it. */
export async function editByHand(scope: Scope, seen: Seen, wanted: ByHand): Promise<void> {
  require(scope, "write");
  const { account, on, amount, payee, memo } = checkedByHand(wanted);
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const [row] = await current(tx, scope, [seen]);
    if (row === undefined || row.importId !== null)
      throw new Refusal("in_use", "This line came from a file; it stays as the bank has it. Say what it is instead.");
    await checkHolds(tx, scope, account);
    const isMoved = row.account !== account || row.amount !== amount || row.on !== on;
    // What it was said to be may not fit any more: it is open first, and said again after.
    if (isMoved) await sortIn(tx, scope, books, [{ row, to: unsorted }]);
    await tx.execute(sql`
      update app.transactions set account_code = ${account}, on_date = ${on}::date, amount_minor = ${amount}, payee = ${payee}, memo = ${memo},
        version = version + 1 where business_id = ${scope.businessId} and id = ${row.id}`);
    await postTransactions(tx, scope, books, await transactionsOf(tx, scope, [row.id]), new Set());
    const canStay =
      row.state === "categorised" ||
      row.state === "personal" ||
      row.state === "hidden" ||
      (row.state === "inventory" && amount < 0n);
    if (isMoved && canStay) {
      const [now] = await transactionsOf(tx, scope, [row.id]);
      if (now !== undefined)
        await sortIn(tx, scope, books, [{ row: now, to: { ...unsorted, state: row.state, category: row.category } }]);
    }
    await recordAudit(tx, scope, {
      what: "transaction.edit",
      about: row.id,
      before: { account: row.account, on: row.on, amount: row.amount, payee: row.payee, memo: row.memo },
      after: { ...wanted, amount },
    });
  });
}

/** Takes a line that was recorded by hand out of the books. */
export async function removeByHand(scope: Scope, seen: Seen): Promise<void> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const [row] = await current(tx, scope, [seen]);
    if (row === undefined || row.importId !== null)
      throw new Refusal("in_use", "This line came from a file: take the whole file back, or hide the line.");
    await takeOut(tx, scope, books, [row]);
    await recordAudit(tx, scope, {
      what: "transaction.remove",
      about: row.id,
      before: { account: row.account, on: row.on, amount: row.amount, payee: row.payee },
    });
  });
}

/** Takes lines out of the books with what hangs on them. The caller holds the books' lock. */
export async function takeOut(tx: Tx, scope: Scope, books: Books, rows: readonly Transaction[]): Promise<void> {
  await sortIn(
    tx,
    scope,
    books,
    rows.map((row) => ({ row, to: unsorted })),
  );
  await removeTransactions(
    tx,
    scope,
    books,
    rows.map((row) => row.id),
  );
}
