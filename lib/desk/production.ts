/**
 * Make and Unmake: products go in, others come out, at one place on one day, by a recipe or freely. It is told as one assembly fact: what
 * comes out costs what its inputs' lots cost and the work and overhead (costing.md rule 9). More than is on hand is told and asked, never
 * forbidden: what no lot covers makes the cost incomplete until a purchase covers it.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { productions } from "../../db/schema";
import { rowsOf, type Tx } from "../../db/scope";
import { hashOf } from "../books/batch";
import type { Books } from "../books/ledger";
import { taxYearOf } from "../core/dates";
import { Refusal } from "../core/errors";
import type { AssemblyFact } from "../core/facts";
import { formatMinor, share } from "../core/money";
import { formatQuantity } from "../core/quantity";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { formerOf, toldOf } from "../people/audit-facts";
import { changeBooks, type Seen } from "../preview";
import { recordIn } from "../record";
import { choicesIn, onHandAt } from "../stock/location-reads";
import { takeNumber } from "../stock/series";
import { newId } from "../system/ids";
import { undoIn } from "../undo";
import {
  type AccountChoice,
  extraAccountsIn,
  noteOf,
  type Part,
  type Parts,
  partsTyped,
  type TypedPart,
} from "./recipe-lines";
import { amountOf, type RecipeWay } from "./recipes";
import { pastDay } from "./transfer-row";

export type ProductionInput = Readonly<{
  /** Given by the form when it was made, so that one that is sent twice is one document. */
  id: string;
  way: RecipeWay;
  /** What its rows were filled from; they may have been changed. */
  recipe: Readonly<{ id: string; version: number }> | null;
  location: string;
  on: string;
  /** Work and overhead, and the account that it is taken from. */
  overhead: string;
  account: string;
  note: string;
  ins: readonly TypedPart[];
  outs: readonly TypedPart[];
}>;

/**
 * What was recorded: `says` tells it in sentences. Cost in minor units, overhead included; `short` counts the inputs that no lot covers
 * wholly; `isNew`: it was not here already.
 */
export type RecordedProduction = Readonly<{
  id: string;
  number: string;
  says: string;
  costMinor: bigint;
  short: number;
  isNew: boolean;
}>;

/** So many products are named in a sentence; of more, how many there are. */
const mostNamed = 4;
const origin = (scope: Scope) => ({ source: null, userId: scope.userId, revives: true });

/**
 * Records the production, with the next number of its tax year. Refuses what does not fit at its field, `stale` where this form was saved
 * already with something else (or saved and taken back), and `moves_costs` until what it costs and changes was seen (null: nobody to ask).
 */
export async function recordProduction(
  scope: Scope,
  input: ProductionInput,
  seen: Seen = null,
): Promise<RecordedProduction> {
  require(scope, "write");
  if (!/^[0-9a-f-]{36}$/.test(input.id))
    throw new Refusal("bad_field", "This form cannot be read. Load the page again.");
  const on = pastDay(scope, input.on, "on");
  const note = noteOf(input.note);
  const overhead = amountOf(scope, input.overhead, "overhead");
  return changeBooks(
    scope,
    seen,
    async (tx, books) => {
      const location = (await choicesIn(tx, scope)).find(({ id }) => id === input.location);
      if (location === undefined)
        throw new Refusal("unknown_id", "Choose one of your locations.", { field: "location" });
      const account = (await extraAccountsIn(tx, scope)).find(({ code }) => code === input.account);
      if (account === undefined)
        throw new Refusal("unknown_id", "Choose the account that it is taken from.", { field: "account" });
      await checkRecipe(tx, scope, input);
      const parts = await partsTyped(tx, scope, input);
      const said = { ...input, on, note, overhead };
      const known = await knownNumber(tx, scope, said, parts);
      const number = known ?? (await takeNumber(tx, scope, "production", taxYearOf(on, scope.taxYearStartMonth)));
      const fact = factOf(said, parts, number);
      if (known === null) await write(tx, scope, books, said, parts, fact);
      return {
        ...(await told(tx, scope, { fact, parts, location, account, way: input.way })),
        number,
        isNew: known === null,
      };
    },
    // A form that is sent twice at once changes nothing the second time: there is nothing to ask.
    ({ says, isNew }) => (isNew ? says : ""),
  );
}

type Said = Omit<ProductionInput, "overhead"> & Readonly<{ overhead: bigint }>;

async function write(tx: Tx, scope: Scope, books: Books, said: Said, parts: Parts, fact: AssemblyFact): Promise<void> {
  const [made] = await toldOf(tx, scope, books.currency, [fact], parts.made);
  await recordAudit(tx, scope, {
    what: "production.record",
    about: `assembly/${fact.id}`,
    after: {
      number: fact.number,
      on: said.on,
      way: said.way,
      location: said.location,
      ...made,
      ...(said.recipe === null ? {} : { recipe: said.recipe.id, version: said.recipe.version }),
    },
  });
  await recordIn(
    tx,
    scope,
    books,
    [...parts.made, fact].map((one) => ({ fact: one, version: newId() })),
    origin(scope),
  );
  await bulkInsert(tx, productions, [
    {
      businessId: scope.businessId,
      documentId: fact.id,
      way: said.way,
      recipeId: said.recipe?.id ?? null,
      version: said.recipe?.version ?? null,
      createdAt: new Date().toISOString(),
      createdBy: scope.userId,
    },
  ]);
}

/**
 * Takes a production back, as if it had never been recorded; its number stays with it, so that none is missing. Refuses `nothing_to_undo`,
 * `in_use` while a sale's cost was chosen from what it made, and `moves_costs` until what it changes was seen.
 */
export function takeBackProduction(scope: Scope, input: Readonly<{ id: string }>, seen: Seen = null): Promise<void> {
  require(scope, "write");
  const key = `assembly/${input.id}`;
  return changeBooks(
    scope,
    seen,
    async (tx, books) => {
      const [fact] = await rowsOf<{ number: string | null; undone: boolean }>(
        tx,
        sql`select body ->> 'number' as number, undone_at is not null as undone
            from app.facts where business_id = ${scope.businessId} and id = ${key}`,
      );
      if (fact === undefined || fact.undone)
        throw new Refusal("nothing_to_undo", "This was taken back already, or never recorded.");
      await recordAudit(tx, scope, {
        what: "production.undo",
        about: key,
        before: { number: fact.number, ...(await formerOf(tx, scope, books.currency, [key])).get(key) },
      });
      await undoIn(tx, scope, books, [key], origin(scope));
      await recordIn(tx, scope, books, [], origin(scope));
    },
    () => "It is then as if this had never been recorded.",
  );
}

function factOf(said: Said, parts: Parts, number: string): AssemblyFact {
  return {
    kind: "assembly",
    id: said.id,
    date: said.on,
    location: said.location,
    inputs: parts.ins.map(({ item, qty }, at) => ({ id: `${said.id}/in/${at + 1}`, item, qty })),
    outputs: parts.outs.map((part, at) => ({
      id: `${said.id}/out/${at + 1}`,
      item: part.item,
      qty: part.qty,
      share: part.share,
    })),
    overhead: said.overhead,
    account: said.account,
    ...(said.note === "" ? {} : { note: said.note }),
    number,
  };
}

/** The number of a form that was saved already; null for a new one. The same form with something else in it is not a second document. */
async function knownNumber(tx: Tx, scope: Scope, said: Said, parts: Parts): Promise<string | null> {
  const [known] = await rowsOf<{ hash: string; number: string | null; undone: boolean }>(
    tx,
    sql`select hash, body ->> 'number' as number, undone_at is not null as undone from app.facts
        where business_id = ${scope.businessId} and id = ${`assembly/${said.id}`}`,
  );
  if (known === undefined) return null;
  const { number } = known;
  if (known.undone || number === null || known.hash !== hashOf(factOf(said, parts, number)))
    throw new Refusal("stale", "This form was saved already. Load the page again to record something else.");
  return number;
}

async function checkRecipe(tx: Tx, scope: Scope, { recipe, way }: ProductionInput): Promise<void> {
  if (recipe === null) return;
  const [row] = await rowsOf<{ way: string }>(
    tx,
    sql`select r.way from app.recipe_versions v join app.recipes r on r.business_id = ${scope.businessId} and r.id = v.recipe_id
        where v.business_id = ${scope.businessId} and v.recipe_id = ${recipe.id} and v.version = ${recipe.version}`,
  );
  if (row === undefined) throw new Refusal("unknown_id", "There is no such recipe. Load the page again.");
  // A recipe that makes something can be gone through backwards; one that takes apart cannot.
  if (row.way === "unmake" && way === "make")
    throw new Refusal("does_not_fit", "This recipe takes things apart. Use it to unmake.");
}

type ToTell = Readonly<{
  fact: AssemblyFact;
  parts: Parts;
  location: Readonly<{ id: string; name: string }>;
  account: AccountChoice;
  way: RecipeWay;
}>;

/** What it came to, in sentences: what is made of what, at what cost; what then stands below zero; what has no cost yet. */
async function told(
  tx: Tx,
  scope: Scope,
  { fact, parts, location, account, way }: ToTell,
): Promise<Readonly<{ id: string; says: string; costMinor: bigint; short: number }>> {
  const b = scope.businessId;
  const ids = (lines: readonly Readonly<{ id: string }>[]) =>
    list(
      "text",
      lines.map((line) => line.id),
    );
  const used = await rowsOf<{ item: string; value: string; short: string }>(
    tx,
    sql`select item_id as item, value_minor::text as value, short_qty::text as short from app.movements
        where business_id = ${b} and leg = 0 and id = any(${ids(fact.inputs)})`,
  );
  const lots = new Map(
    (
      await rowsOf<{ line: string; cost: string }>(
        tx,
        sql`select line_id as line, cost_minor::text as cost from app.lots where business_id = ${b} and line_id = any(${ids(fact.outputs)})`,
      )
    ).map((row) => [row.line, BigInt(row.cost)]),
  );
  const there = await onHandAt(
    tx,
    scope,
    location.id,
    parts.ins.map((part) => part.item),
  );
  const shortOf = new Map(used.map((row) => [row.item, BigInt(row.short)]));
  const inputCost = used.reduce((sum, row) => sum - BigInt(row.value), 0n);
  const money = (amount: bigint) => `${formatMinor(amount, scope.currency)} ${scope.currency}`;
  const costOfLine = (part: Part) => lots.get(fact.outputs[parts.outs.indexOf(part)]?.id ?? "") ?? 0n;
  const outs = parts.outs.map((part) => {
    const cost = costOfLine(part);
    const unit = 10n ** BigInt(part.decimals);
    const each = part.qty > unit ? `, ${formatMinor(share(cost, unit, part.qty), scope.currency)} each` : "";
    return `${formatQuantity(part.qty, part.decimals)} × ${part.name} at ${money(cost)}${each}`;
  });
  const ins = named(parts.ins.map(quantityOf));
  const verb = way === "make" ? "Made" : "Taken apart";
  const extra =
    fact.overhead === 0n
      ? ""
      : ` and ${money(fact.overhead)} of work and overhead from ${account.name} (${account.code})`;
  const below = parts.ins.filter((part) => (there.get(part.item) ?? 0n) < 0n);
  const short = parts.ins.filter((part) => (shortOf.get(part.item) ?? 0n) > 0n);
  const sentences = [`${verb} at ${location.name}: ${named(outs)}. It takes ${ins}, ${money(inputCost)}${extra}.`];
  if (below.length > 0)
    sentences.push(
      `More than is there: ${location.name} then has ${named(below.map((part) => `${formatQuantity(there.get(part.item) ?? 0n, part.decimals)} × ${part.name}`))}.`,
    );
  if (short.length > 0)
    sentences.push(
      `Cost not complete: no lot covers ${named(short.map((part) => quantityOf({ ...part, qty: shortOf.get(part.item) ?? 0n })))} yet. What comes out costs more once a purchase does.`,
    );
  return { id: fact.id, says: sentences.join(" "), costMinor: inputCost + fact.overhead, short: short.length };
}

const quantityOf = (part: Pick<Part, "qty" | "decimals" | "name">): string =>
  `${formatQuantity(part.qty, part.decimals)} × ${part.name}`;

function named(texts: readonly string[]): string {
  const shown = texts.slice(0, mostNamed).join(", ");
  return texts.length <= mostNamed ? shown : `${shown} and ${texts.length - mostNamed} products more`;
}
