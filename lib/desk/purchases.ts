/**
 * Purchases from forms: one recorded by hand, and the details of one: what was in it. Details are the purchase recorded again with its
 * lines; a line keeps its id for as long as it lives, because pins and returns name the lot by it.
 */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { settle } from "../books/costing";
import { lockBooks } from "../books/ledger";
import { localDateOf, parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import type { Fact, InwardLine, PurchaseFact, PurchaseLine, SpreadBy } from "../core/facts";
import { formatMinor } from "../core/money";
import { goodsOf, inputSum, lineCost } from "../core/purchases";
import { parseQuantity } from "../core/quantity";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { toldOf } from "../people/audit-facts";
import { namesOf } from "../people/users";
import { type Changes, changeBooks, rehearse, type Seen } from "../preview";
import { recordIn, type VersionedFact } from "../record";
import { newId } from "../system/ids";
import { undoIn } from "../undo";
import { at, inField, productsOf, type TypedLine, text } from "./purchase-products";

export type TypedExtra = Readonly<{ row: number; label: string; amount: bigint }>;

export type DetailsInput = Readonly<{
  purchase: string;
  /** The version that the form has shown. */
  version: number;
  lines: readonly TypedLine[];
  extras: readonly TypedExtra[];
  /** What of *What this changes* the person has seen (`fingerprint`); empty: nothing. */
  accepted: string;
}>;

/** What came of a save: what is left, and the details as they were before, for the way back. */
export type SavedDetails = Readonly<{
  purchase: string;
  version: number;
  leftMinor: bigint;
  lines: number;
  before: FormerDetails;
}>;
export type FormerDetails = Readonly<{
  lines: readonly Readonly<{
    id: string;
    item: string;
    qty: string;
    amount: string;
    location: string;
    /** What the line weighs, where it was said; in the purchase's own unit. */
    weight: string | null;
  }>[];
  extras: readonly Readonly<{ label: string; amount: string; by: SpreadBy }>[];
}>;

/** A purchase as its rows say, without its details, and the details as they are. */
export type Header = Readonly<{
  fact: Omit<PurchaseFact, "lines" | "extras">;
  version: number;
  former: FormerDetails;
}>;

const mostLines = 1_000;

/**
 * Saves the details, whole or in part. Refuses `stale` when another save came between, `over_allocated`, what a row lacks, and
 * `moves_costs` where posted costs move in a way that `accepted` does not stand for.
 */
export async function saveDetails(scope: Scope, input: DetailsInput): Promise<SavedDetails> {
  require(scope, "write");
  return changeBooks(scope, input.accepted, async (tx, books) => {
    const header = await headerOf(tx, scope, input.purchase);
    return rewrite(tx, scope, books, header, await plan(tx, scope, header, input));
  });
}

/** What saving these details would change: the same plan, recorded and rolled back. */
export function previewDetails(scope: Scope, input: DetailsInput): Promise<Changes> {
  require(scope, "write");
  return rehearse(scope, async (tx, books) => {
    const header = await headerOf(tx, scope, input.purchase);
    const { facts } = await plan(tx, scope, header, input);
    await recordIn(tx, scope, books, facts, { source: null, userId: scope.userId, revives: true });
  });
}

/** Puts the details back as they were before a save. Refuses `moves_costs` where that is to be seen first. */
export function takeBackDetails(
  scope: Scope,
  input: Readonly<{ purchase: string; version: number; before: FormerDetails }>,
  seen: Seen = null,
): Promise<SavedDetails> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const header = await headerOf(tx, scope, input.purchase);
    await refuseStale(tx, scope, header, input);
    const purchase: PurchaseFact = { ...header.fact, ...detailsOf(input.before) };
    return rewrite(tx, scope, books, header, { purchase, facts: [{ fact: purchase, version: newId() }] });
  });
}

type Planned = Readonly<{ purchase: PurchaseFact; facts: readonly VersionedFact[] }>;

async function rewrite(
  tx: Tx,
  scope: Scope,
  books: Awaited<ReturnType<typeof lockBooks>>,
  header: Header,
  { purchase, facts }: Planned,
): Promise<SavedDetails> {
  const detailed = [...purchase.lines, ...(purchase.lines.length === 0 ? [] : purchase.extras)];
  const leftMinor = goodsOf(purchase) - detailed.reduce((sum, part) => sum + part.amount, 0n);
  const former: PurchaseFact = { ...header.fact, ...detailsOf(header.former) };
  const [before] = await toldOf(tx, scope, books.currency, [former]);
  const made = facts.map((one) => one.fact);
  const [after] = await toldOf(tx, scope, books.currency, [purchase], made);
  await recordAudit(tx, scope, {
    what: "purchase.detail",
    about: `purchase/${purchase.id}`,
    before: { lines: before?.lines, extras: before?.extras },
    after: { lines: after?.lines, extras: after?.extras, left: formatMinor(leftMinor, books.currency) },
  });
  await recordIn(tx, scope, books, facts, { source: null, userId: scope.userId, revives: true });
  const [row] = await rowsOf<{ version: number }>(
    tx,
    sql`select version from app.purchases where business_id = ${scope.businessId} and id = ${purchase.id}`,
  );
  return {
    purchase: purchase.id,
    version: row?.version ?? header.version,
    leftMinor,
    lines: purchase.lines.length,
    before: header.former,
  };
}

/** Refuses `not_found` for what is not there or was taken back. */
export async function headerOf(tx: Tx, scope: Scope, id: string): Promise<Header> {
  const business = scope.businessId;
  const [row] = await rowsOf<Record<string, string> & { version: number }>(
    tx,
    sql`select id, on_date::text, amount_minor::text, igst_minor::text, cgst_minor::text, sgst_minor::text, account_code, supplier, version from app.purchases
        where business_id = ${business} and id = ${id} and not is_undone`,
  );
  if (row === undefined) throw new Refusal("not_found", "There is no such purchase, or it was taken back.");
  const lines = await rowsOf<FormerDetails["lines"][number]>(
    tx,
    sql`select id, item_id as item, qty::text, amount_minor::text as amount, location_id as location, weight::text from app.purchase_lines
        where business_id = ${business} and purchase_id = ${id} order by place, id`,
  );
  const extras = await rowsOf<FormerDetails["extras"][number]>(
    tx,
    sql`select label, amount_minor::text as amount, spread_by as by from app.purchase_extras where business_id = ${business} and purchase_id = ${id} order by place`,
  );
  const input = {
    igst: BigInt(row.igst_minor ?? "0"),
    cgst: BigInt(row.cgst_minor ?? "0"),
    sgst: BigInt(row.sgst_minor ?? "0"),
  };
  return {
    fact: {
      kind: "purchase",
      id,
      date: row.on_date ?? "",
      amount: BigInt(row.amount_minor ?? "0") + inputSum(input),
      account: row.account_code ?? "",
      supplier: row.supplier === "" ? null : (row.supplier ?? null),
      ...(inputSum(input) === 0n ? {} : { input }),
    },
    version: row.version,
    former: { lines, extras },
  };
}

/** Details as they were kept, as the fact says them. */
export function detailsOf({ lines, extras }: FormerDetails): Pick<PurchaseFact, "lines" | "extras"> {
  return {
    lines: lines.map(({ weight, ...line }) => ({
      ...line,
      qty: BigInt(line.qty),
      amount: BigInt(line.amount),
      ...(weight === null ? {} : { weight: BigInt(weight) }),
    })),
    extras: extras.map(({ label, amount, by }) => ({ label, amount: BigInt(amount), ...basisOf(by) })),
  };
}

/** A fact says by what an extra is spread only where it is not by value. */
function basisOf(by: SpreadBy): Readonly<{ by?: SpreadBy }> {
  return by === "value" ? {} : { by };
}

/** Refuses a form that has not seen the last save: says who saved, and when. */
export async function refuseStale(
  tx: Tx,
  scope: Scope,
  header: Header,
  seen: Readonly<{ version: number; purchase: string }>,
): Promise<void> {
  if (seen.version === header.version) return;
  const [last] = await rowsOf<{ at: string; user_id: string | null }>(
    tx,
    sql`select t.at::text, t.user_id from app.audit_trail t
        where t.business_id = ${scope.businessId} and t.about = ${`purchase/${seen.purchase}`} and t.what in ('purchase.detail', 'gst.purchase') order by t.id desc limit 1`,
  );
  const by = last?.user_id ?? null;
  const who = (by === null ? undefined : (await namesOf(tx, [by])).get(by)) ?? "another person";
  const when = last === undefined ? "" : ` at ${clock(last.at, scope.timeZone)}`;
  throw new Refusal(
    "stale",
    `Nothing was saved: ${who} changed this purchase${when}. Your rows are still here. See both, then save again.`,
    { who, at: last?.at ?? "", version: String(header.version) },
  );
}

function clock(moment: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(
    new Date(moment),
  );
}

/** The facts of a save: new and changed items first, then the purchase with its lines. */
async function plan(tx: Tx, scope: Scope, header: Header, input: DetailsInput): Promise<Planned> {
  await refuseStale(tx, scope, header, input);
  if (input.lines.length > mostLines)
    throw new Refusal("too_many_rows", `A purchase has at most ${mostLines} rows.`, at(mostLines, "product"));
  const products = await productsOf(tx, scope, input.lines);
  const known = new Set(header.former.lines.map((line) => line.id));
  const used = new Set<string>();
  // The form does not ask for weights or for what an extra is spread by: what was said of them before stays said.
  const weights = new Map(header.former.lines.map((line) => [line.id, line.weight]));
  const bases = new Map(header.former.extras.map((extra) => [extra.label, extra.by]));
  const lines: PurchaseLine[] = input.lines.map((line) => {
    const product = products.of(line);
    const qty = inField(at(line.row, "qty"), () => parseQuantity(line.qty, product.decimals));
    const amount = amountOf(scope, line, qty, product.decimals);
    const isSame = line.line !== null && known.has(line.line) && !used.has(line.line);
    const id = isSame && line.line !== null ? line.line : `${header.fact.id}/line/${newId()}`;
    used.add(id);
    const weight = weights.get(id) ?? null;
    const said = { id, item: product.id, qty, amount, location: line.location };
    return weight === null ? said : { ...said, weight: BigInt(weight) };
  });
  for (const extra of input.extras) {
    if (extra.amount < 0n)
      throw new Refusal("out_of_range", "An extra cost is not below 0.", { field: `extras.${extra.row}.amount` });
  }
  const extras = input.extras
    .filter((extra) => extra.amount !== 0n)
    .map((extra) => {
      const label = text(extra.label, { field: `extras.${extra.row}.label` }) || "Extra cost";
      return { label, amount: extra.amount, ...basisOf(bases.get(label) ?? "value") };
    });
  refuseTooMuch(scope, goodsOf(header.fact), input, lines, extras);
  const purchase: PurchaseFact = { ...header.fact, lines, extras };
  const facts: readonly Fact[] = [...products.facts(), purchase];
  return { purchase, facts: facts.map((fact) => ({ fact, version: newId() })) };
}

/** The row that goes over what was paid is the one that is told: "This purchase has 118.00 left. 142.00 does not fit." */
function refuseTooMuch(
  scope: Scope,
  paid: bigint,
  input: DetailsInput,
  lines: readonly InwardLine[],
  extras: PurchaseFact["extras"],
): void {
  let left = paid;
  const say = (amount: bigint, field: string): never => {
    const money = (minor: bigint) => formatMinor(minor, scope.currency);
    throw new Refusal("over_allocated", `This purchase has ${money(left)} left. ${money(amount)} does not fit.`, {
      field,
      left: String(left),
    });
  };
  lines.forEach((line, index) => {
    if (line.amount > left) say(line.amount, `lines.${input.lines[index]?.row ?? index}.all`);
    left -= line.amount;
  });
  extras.forEach((extra) => {
    const row = input.extras.find((one) => one.amount === extra.amount)?.row ?? 0;
    if (extra.amount > left) say(extra.amount, `extras.${row}.amount`);
    left -= extra.amount;
  });
}

/** What the row cost in all: as typed, or each times quantity. Both typed must agree. */
function amountOf(scope: Scope, line: TypedLine, qty: bigint, decimals: number): bigint {
  const money = (minor: bigint) => formatMinor(minor, scope.currency);
  const computed = line.each === null ? null : lineCost(line.each, qty, decimals);
  const amount = line.all ?? computed;
  if (amount === null) {
    throw new Refusal(
      "field_missing",
      "What did it cost, each or in all? Split the rest fills it.",
      at(line.row, "all"),
    );
  }
  if (amount < 0n)
    throw new Refusal("out_of_range", "A cost is not below 0.", at(line.row, line.all === null ? "each" : "all"));
  if (line.all !== null && computed !== null && computed !== line.all) {
    throw new Refusal(
      "does_not_fit",
      `${line.qty.trim()} at ${money(line.each ?? 0n)} come to ${money(computed)}, and ${money(line.all)} is typed. Empty one of the two.`,
      at(line.row, "all"),
    );
  }
  return amount;
}

export type PurchaseByHand = Readonly<{ on: string; supplier: string; amount: bigint; account: string }>;

/** Records a purchase that no bank line tells of. Gives its id; its details come next. */
export function recordPurchase(scope: Scope, input: PurchaseByHand): Promise<string> {
  require(scope, "write");
  const on = inField({ field: "on" }, () => parseLocalDate(input.on));
  if (on > localDateOf(BigInt(Date.now()) * 1000n, scope.timeZone))
    throw new Refusal("future_date", "A purchase is not dated after today.", { field: "on" });
  if (input.amount <= 0n) throw new Refusal("out_of_range", "What was paid is more than 0.", { field: "amount" });
  const supplier = text(input.supplier, { field: "supplier" });
  const id = newId();
  const fact: PurchaseFact = {
    kind: "purchase",
    id,
    date: on,
    amount: input.amount,
    lines: [],
    extras: [],
    account: input.account,
    supplier: supplier === "" ? null : supplier,
  };
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const [account] = await rowsOf<{ code: string }>(
      tx,
      sql`select code from app.accounts where business_id = ${scope.businessId} and code = ${input.account} and not is_archived
            and (holds in ('bank', 'card', 'cash') or code = '3000')`,
    );
    if (account === undefined) throw new Refusal("unknown_id", "Choose the account that paid.", { field: "account" });
    await recordAudit(tx, scope, {
      what: "purchase.record",
      about: `purchase/${id}`,
      after: { on, supplier, amount: input.amount, account: input.account },
    });
    await recordIn(tx, scope, books, [{ fact, version: newId() }], {
      source: null,
      userId: scope.userId,
      revives: true,
    });
    return id;
  });
}

/**
 * Takes a purchase that was recorded by hand back, with its details; refused while something else depends on it, and `moves_costs` where
 * what it moves is to be seen first.
 */
export function takeBackPurchase(
  scope: Scope,
  input: Readonly<{ purchase: string }>,
  seen: Seen = null,
): Promise<void> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const { fact, former } = await headerOf(tx, scope, input.purchase);
    const [bank] = await rowsOf<{ id: string }>(
      tx,
      sql`select transaction_id as id from app.purchases where business_id = ${scope.businessId} and id = ${fact.id} and transaction_id is not null`,
    );
    if (bank !== undefined)
      throw new Refusal("in_use", "This purchase is a bank line. Choose another category for it under Transactions.");
    await recordAudit(tx, scope, {
      what: "purchase.take_back",
      about: `purchase/${fact.id}`,
      before: (await toldOf(tx, scope, books.currency, [{ ...fact, ...detailsOf(former) }]))[0],
    });
    await undoIn(tx, scope, books, [`purchase/${fact.id}`], { source: null, userId: scope.userId });
    await settle(tx, scope, books);
  });
}
