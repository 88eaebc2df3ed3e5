/**
 * Remove stock and Add stock found: one document of several products at one place, on one day, for one reason. It is told as one
 * adjustment fact, which names its account itself; what it takes costs what its lots cost (costing.md rule 2), and what no lot covers
 * waits for one (rule 5). More than is on hand is told and asked, never forbidden: the books may be behind the shelf.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf, type Tx } from "../../db/scope";
import { hashOf } from "../books/batch";
import { settle } from "../books/costing";
import { parseLocalDate, taxYearOf } from "../core/dates";
import { Refusal } from "../core/errors";
import type { AdjustmentFact, LocalDate } from "../core/facts";
import { normalise } from "../core/matching";
import { formatMinor, MAX_MINOR, parseMinor } from "../core/money";
import { formatQuantity, parseQuantity } from "../core/quantity";
import { type Reason, reasonsOf, reasonWithin, type Way } from "../core/reasons";
import { isLimited, knownAt, mayAt, require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { formerOf, toldOf } from "../people/audit-facts";
import { changeBooks, type Seen } from "../preview";
import { recordIn } from "../record";
import { choicesIn, onHandAt } from "../stock/location-reads";
import { takeNumber } from "../stock/series";
import { todayOf } from "../system/clock";
import { undoIn } from "../undo";
import { reasonAccountsIn } from "./reason-accounts";

/**
 * A row as typed: `row` is its place in the form, for errors (`lines.3.qty`). `item` is the id that was chosen, or empty where a SKU or a
 * name was only typed (`text`). `worth`: of what comes in, in all; empty is nothing.
 */
export type TypedLine = Readonly<{ row: number; item: string; text: string; qty: string; worth: string }>;
export type AdjustmentInput = Readonly<{
  /** Given by the form when it was made, so that one that is sent twice is one document. */
  id: string;
  way: Way;
  location: string;
  on: string;
  /** A key of core/reasons.ts that goes this way. */
  reason: string;
  note: string;
  lines: readonly TypedLine[];
}>;

/**
 * What was recorded: `says` tells it in sentences. Cost in minor units; `short` counts the lines that no lot covers wholly; `isNew`: it was
 * not here already.
 */
export type RecordedAdjustment = Readonly<{
  id: string;
  /** `ADJ-2026-0001`; null only for one that was saved before there were numbers. */
  number: string | null;
  says: string;
  /** null for who is limited to some locations. */
  costMinor: bigint | null;
  short: number;
  isNew: boolean;
}>;

const mostLines = 200;
const longestNote = 500;
/** What a file of facts may say too: beyond it no program counts exactly. */
const mostQty = 9_007_199_254_740_991n;
/** So many products are named in a sentence; of more, how many there are. */
const mostNamed = 4;

type Line = Readonly<{ item: string; name: string; decimals: number; qty: bigint; amount: bigint }>;

/**
 * Records the document. Refuses what does not fit at its field, `stale` where this form was saved already with something else, and
 * `moves_costs` until what it costs and changes was seen (null: nobody to ask).
 */
export async function recordAdjustment(
  scope: Scope,
  input: AdjustmentInput,
  seen: Seen = null,
): Promise<RecordedAdjustment> {
  require(scope, "move");
  if (!/^[0-9a-f-]{36}$/.test(input.id))
    throw new Refusal("bad_field", "This form cannot be read. Load the page again.");
  const reason = reasonsOf(input.way).find((one) => one === input.reason);
  if (reason === undefined) throw new Refusal("field_missing", "Choose why.", { field: "reason" });
  const on = pastDay(scope, input.on);
  const note = noteOf(input.note);
  if (input.lines.length === 0)
    throw new Refusal("field_missing", "Of what? Give at least one product.", { field: "lines.0.item" });
  if (input.lines.length > mostLines)
    throw new Refusal("too_many_rows", `At most ${mostLines} products go into one document.`, {
      field: `lines.${mostLines}.item`,
    });
  return changeBooks(
    scope,
    seen,
    async (tx, books) => {
      const location = (await choicesIn(tx, scope)).find(({ id }) => id === input.location);
      if (location === undefined)
        throw new Refusal("unknown_id", "Choose one of your locations.", { field: "location" });
      const lines = await linesTyped(tx, scope, input);
      const account = (await reasonAccountsIn(tx, scope))[reason];
      const before = await savedBefore(tx, scope, input.id);
      const number = before === null ? await nextNumber(tx, scope, on) : before.number;
      const fact = factOf(input, { reason, on, note, account, lines, number });
      // A form that was saved and is sent again with something else (from an older page of the browser) is not a second document.
      if (before !== null && before.hash !== hashOf(fact))
        throw new Refusal("stale", "This form was saved already. Load the page again to record something else.");
      const [said] = await toldOf(tx, scope, books.currency, [fact]);
      await recordAudit(tx, scope, {
        what: "adjustment.record",
        about: `adjustment/${fact.id}`,
        after: { number, on, way: input.way, reason, location: location.name, account, lines: said?.lines, note },
      });
      const { already } = await recordIn(tx, scope, books, [{ fact, version: null }], {
        source: null,
        userId: scope.userId,
        revives: true,
      });
      const isNew = already === 0;
      return { ...(await told(tx, scope, { fact, lines, location, reason, way: input.way, account })), isNew };
    },
    // A form that is sent twice at once changes nothing the second time: there is nothing to ask.
    ({ says, isNew }) => (isNew ? says : ""),
  );
}

/**
 * Takes an adjustment back, as if it had never been recorded. Refuses `nothing_to_undo`, `in_use` for one that is a step of another
 * document (what was lost on its way), and `moves_costs` until what it changes was seen.
 */
export async function takeBackAdjustment(
  scope: Scope,
  input: Readonly<{ id: string }>,
  seen: Seen = null,
): Promise<void> {
  require(scope, "move");
  const key = `adjustment/${input.id}`;
  return changeBooks(
    scope,
    seen,
    async (tx, books) => {
      const [fact] = await rowsOf<{
        of: string | null;
        counted: boolean;
        undone: boolean;
        place: string | null;
      }>(
        tx,
        sql`select body ->> 'location' as place, body ->> 'consignment' as of, undone_at is not null as undone,
              exists (select 1 from app.count_documents c where c.business_id = ${scope.businessId} and c.document_id = ${input.id}) as counted
            from app.facts where business_id = ${scope.businessId} and id = ${key}`,
      );
      if (fact === undefined || fact.undone || !mayAt(scope, fact.place ?? ""))
        throw new Refusal("nothing_to_undo", "This was taken back already, or never recorded.");
      if (fact.of !== null)
        throw new Refusal("in_use", "This is a step of a transfer. Take it back on the transfer's page.");
      if (fact.counted)
        throw new Refusal("in_use", "This is what a count put right. Take the count's approval back on its page.");
      await recordAudit(tx, scope, {
        what: "adjustment.undo",
        about: key,
        before: (await formerOf(tx, scope, books.currency, [key])).get(key),
      });
      await undoIn(tx, scope, books, [key], { source: null, userId: scope.userId, revives: true });
      await settle(tx, scope, books);
    },
    () => "It is then as if this had never been recorded.",
  );
}

/** The document as a fact, with the number that it keeps, also when it is taken back. */
function factOf(
  input: AdjustmentInput,
  said: Readonly<{
    reason: Reason;
    on: LocalDate;
    note: string;
    account: string;
    lines: readonly Line[];
    number: string | null;
  }>,
): AdjustmentFact {
  const sign = input.way === "out" ? -1n : 1n;
  return {
    kind: "adjustment",
    id: input.id,
    date: said.on,
    location: input.location,
    reason: said.reason,
    account: said.account,
    ...(said.note === "" ? {} : { note: said.note }),
    ...(said.number === null ? {} : { number: said.number }),
    lines: said.lines.map(({ item, qty, amount }, at) => ({
      id: `${input.id}/${at + 1}`,
      item,
      qty: sign * qty,
      amount,
    })),
  };
}

const nextNumber = (tx: Tx, scope: Scope, on: LocalDate): Promise<string> =>
  takeNumber(tx, scope, "adjustment", taxYearOf(on, scope.taxYearStartMonth));

/** What this form was saved as, whether or not it was taken back since: its number is of that document and no other. */
async function savedBefore(
  tx: Tx,
  scope: Scope,
  id: string,
): Promise<Readonly<{ hash: string; number: string | null }> | null> {
  const [known] = await rowsOf<{ hash: string; number: string | null }>(
    tx,
    sql`select hash, body ->> 'number' as number from app.facts where business_id = ${scope.businessId} and id = ${`adjustment/${id}`}`,
  );
  return known ?? null;
}

/** The rows of a form, each product once, in its own smallest units. */
async function linesTyped(tx: Tx, scope: Scope, input: AdjustmentInput): Promise<readonly Line[]> {
  const named = await itemsNamed(tx, scope, input.lines);
  const items = new Map(
    (
      await rowsOf<{ id: string; name: string; decimals: number; is_bundle: boolean }>(
        tx,
        sql`select i.id, i.name, i.decimals, exists (select 1 from app.item_components c where c.business_id = ${scope.businessId} and c.item_id = i.id) as is_bundle
            from app.items i where i.business_id = ${scope.businessId} and not i.is_undone and ${knownAt(scope, "i.id")} and i.id = any(${list(
              "text",
              input.lines.map((line) => line.item || (named.get(normalise(line.text)) ?? "")),
            )})`,
      )
    ).map((row) => [row.id, row]),
  );
  const seen = new Map<string, number>();
  return input.lines.map(({ row, item: chosen, text, qty, worth }) => {
    const field = `lines.${row}.item`;
    const item = chosen || (named.get(normalise(text)) ?? "");
    const known = items.get(item);
    if (known === undefined) throw new Refusal("unknown_id", "Choose one of your products.", { field });
    if (known.is_bundle)
      throw new Refusal("does_not_fit", "This is a bundle: it is only sold. Name what it is made of.", { field });
    const earlier = seen.get(item);
    if (earlier !== undefined)
      throw new Refusal(
        "does_not_fit",
        `This product stands in row ${earlier + 1} already: put the quantities together there.`,
        { field },
      );
    seen.set(item, row);
    const read = inField(`lines.${row}.qty`, () => parseQuantity(qty, known.decimals));
    if (read > mostQty)
      throw new Refusal("out_of_range", "This is more than can be counted.", { field: `lines.${row}.qty` });
    const amount = input.way === "out" ? 0n : worthOf(scope, worth, `lines.${row}.worth`);
    return { item, name: known.name, decimals: known.decimals, qty: read, amount };
  });
}

/** Items by the SKU or the name that rows without a chosen one say (pasted, or sent without script), where exactly one answers to it. */
async function itemsNamed(tx: Tx, scope: Scope, lines: readonly TypedLine[]): Promise<ReadonlyMap<string, string>> {
  const texts = [...new Set(lines.filter((line) => line.item === "").map((line) => normalise(line.text)))];
  const keys = texts.filter((text) => text !== "");
  if (keys.length === 0) return new Map();
  const rows = await rowsOf<{ key: string; id: string }>(
    tx,
    sql`select key, min(id) as id from (
          select i.sku_key as key, i.id from app.items i
          where i.business_id = ${scope.businessId} and not i.is_undone and i.sku_key = any(${list("text", keys)})
          union
          select n.name_key, n.item_id from app.item_names n join app.items i on i.business_id = ${scope.businessId} and i.id = n.item_id
          where n.business_id = ${scope.businessId} and not i.is_undone and n.name_key = any(${list("text", keys)})) found
        group by key having count(*) = 1`,
  );
  return new Map(rows.map((row) => [row.key, row.id]));
}

function worthOf(scope: Scope, text: string, field: string): bigint {
  if (text.trim() === "") return 0n;
  const amount = inField(field, () => parseMinor(text, scope.currency));
  if (amount < 0n) throw new Refusal("out_of_range", "What it is worth is not below 0.", { field });
  // The document's sum is kept too.
  if (amount > MAX_MINOR / BigInt(mostLines))
    throw new Refusal("out_of_range", "This is more than can be kept.", { field });
  return amount;
}

type ToTell = Readonly<{
  fact: AdjustmentFact;
  lines: readonly Line[];
  location: Readonly<{ id: string; name: string }>;
  reason: Reason;
  way: Way;
  account: string;
}>;

/** What it came to, in sentences: how much of what, at what cost, to which account; what then stands below zero; what has no cost yet. */
async function told(
  tx: Tx,
  scope: Scope,
  { fact, lines, location, reason, way, account }: ToTell,
): Promise<Omit<RecordedAdjustment, "isNew">> {
  const business = scope.businessId;
  const moved = new Map(
    (
      await rowsOf<{ item: string; value: string; short: string }>(
        tx,
        sql`select item_id as item, value_minor::text as value, short_qty::text as short from app.movements
            where business_id = ${business} and leg = 0 and id = any(${list(
              "text",
              fact.lines.map((line) => line.id),
            )})`,
      )
    ).map((row) => [row.item, { value: BigInt(row.value), short: BigInt(row.short) }]),
  );
  const [bears] = await rowsOf<{ name: string }>(
    tx,
    sql`select name from app.accounts where business_id = ${business} and code = ${account}`,
  );
  const there = await onHandAt(
    tx,
    scope,
    location.id,
    lines.map((line) => line.item),
  );
  const value = [...moved.values()].reduce((sum, row) => sum + row.value, 0n);
  const costMinor = value < 0n ? -value : value;
  const money = `${formatMinor(costMinor, scope.currency)} ${scope.currency}`;
  const of = `${bears?.name ?? "account"} (${account})`;
  const what = named(lines.map((line) => `${formatQuantity(line.qty, line.decimals)} × ${line.name}`));
  const below = lines.filter((line) => (there.get(line.item) ?? 0n) < 0n);
  const short = lines.filter((line) => (moved.get(line.item)?.short ?? 0n) > 0n);
  // Who is limited to some locations is told quantities, not what they cost.
  const isTold = !isLimited(scope);
  const sentences = [
    !isTold
      ? `${what} ${way === "out" ? "out of" : "into"} ${location.name}, ${reasonWithin(reason)}.`
      : way === "out"
        ? `${what} out of ${location.name}, ${reasonWithin(reason)}: ${money} to ${of}.`
        : `${what} into ${location.name}, ${reasonWithin(reason)}, worth ${money}, against ${of}.`,
  ];
  if (way === "out" && below.length > 0)
    sentences.push(
      `More than is there: ${location.name} then has ${named(below.map((line) => `${formatQuantity(there.get(line.item) ?? 0n, line.decimals)} × ${line.name}`))}.`,
    );
  if (isTold && short.length > 0)
    sentences.push(
      `No cost yet for ${named(short.map((line) => `${formatQuantity(moved.get(line.item)?.short ?? 0n, line.decimals)} × ${line.name}`))}: it is posted when a purchase covers it.`,
    );
  const says = sentences.join(" ");
  return { id: fact.id, number: fact.number ?? null, says, costMinor: isTold ? costMinor : null, short: short.length };
}

function named(parts: readonly string[]): string {
  const shown = parts.slice(0, mostNamed).join(", ");
  return parts.length <= mostNamed ? shown : `${shown} and ${parts.length - mostNamed} products more`;
}

function noteOf(text: string): string {
  const note = text.normalize("NFC").trim();
  if (note.includes("\u0000")) throw new Refusal("bad_character", "This has a NUL character.", { field: "note" });
  if ([...note].length > longestNote)
    throw new Refusal("text_too_long", `At most ${longestNote} characters fit here.`, { field: "note" });
  return note;
}

function pastDay(scope: Scope, text: string): LocalDate {
  const day = inField("on", () => parseLocalDate(text));
  if (day > todayOf(scope.timeZone)) throw new Refusal("future_date", "This day is still to come.", { field: "on" });
  return day;
}

function inField<T>(field: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, field });
    throw error;
  }
}
