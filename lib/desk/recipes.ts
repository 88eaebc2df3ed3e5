/**
 * Recipes: what a batch of a product is made of, or what it is taken apart into. A version is never changed: an edit makes the next one, so
 * that what was made by a recipe still says by which (docs/decisions/0005-movements.md). Nothing moves by a recipe.
 */
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { recipeLines, recipes, recipeVersions } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { formatMinor, formatScaled, MAX_MINOR, parseMinor } from "../core/money";
import { formatQuantity } from "../core/quantity";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { linesSaid } from "../people/audit-facts";
import { changeBooks, type Seen } from "../preview";
import { recordIn } from "../record";
import { newId } from "../system/ids";
import { extraAccountsIn, noteOf, type Part, type Parts, partsTyped, type TypedPart } from "./recipe-lines";
import { inField } from "./transfer-row";

/** make: the first product that comes out is what the recipe is of; unmake: the first that goes in. */
export type RecipeWay = "make" | "unmake";
export type Per = "batch" | "unit";

export type RecipeInput = Readonly<{
  /** The recipe that is changed, and the version that its form showed; null: a new one. */
  id: string | null;
  version: number | null;
  way: RecipeWay;
  /** Empty: that of its product. */
  name: string;
  ins: readonly TypedPart[];
  outs: readonly TypedPart[];
  labour: string;
  labourPer: string;
  overhead: string;
  overheadPer: string;
  account: string;
  note: string;
}>;

/** `isSame`: nothing but the name differs from the latest version, so there is no new one. */
export type SavedRecipe = Readonly<{ id: string; name: string; version: number; isSame: boolean }>;

type Version = Readonly<{
  labour: bigint;
  labourPer: Per;
  overhead: bigint;
  overheadPer: Per;
  account: string;
  note: string;
}>;

const longestName = 200;

/**
 * Writes a recipe, or the next version of one. Refuses what does not fit at its field, `stale` where somebody else made a version meanwhile,
 * and `moves_costs` where a product that it makes anew takes over sold lines whose costs were seen otherwise.
 */
export function saveRecipe(scope: Scope, input: RecipeInput, seen: Seen = null): Promise<SavedRecipe> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const before = input.id === null ? null : await recipeIn(tx, scope, input.id);
    if (before !== null && before.version !== input.version)
      throw new Refusal("stale", "Somebody has changed this recipe meanwhile. Load the page again to see it.");
    const parts = await partsTyped(tx, scope, input);
    const said = await versionOf(tx, scope, input);
    const main = (input.way === "make" ? parts.outs : parts.ins)[0];
    if (main === undefined) throw new Refusal("field_missing", "What is it a recipe of?", { field: "out.0.item" });
    if (before !== null && (before.item_id !== main.item || before.way !== input.way))
      throw new Refusal("does_not_fit", "A recipe stays with its product. Write a new recipe for another one.", {
        field: input.way === "make" ? "out.0.item" : "in.0.item",
      });
    const name =
      nameOf(input.name) || (input.way === "make" ? main.name : `Take apart ${main.name}`.slice(0, longestName));
    const isSame = before !== null && (await isLatest(tx, scope, before, parts, said));
    if (before !== null && isSame && before.name === name)
      return { id: before.id, name, version: before.version, isSame: true };
    const id = before?.id ?? newId();
    const version = before === null ? 1 : isSame ? before.version : before.version + 1;
    const was =
      before === null
        ? undefined
        : { name: before.name, version: before.version, way: before.way, ...(await formerSaid(tx, scope, before)) };
    await recordAudit(tx, scope, {
      what: before === null ? "recipe.add" : "recipe.change",
      about: `recipe/${id}`,
      before: was,
      after: { name, version, way: input.way, ...versionSaid(scope, said, parts) },
    });
    if (parts.made.length > 0)
      await recordIn(
        tx,
        scope,
        books,
        parts.made.map((fact) => ({ fact, version: newId() })),
        { source: null, userId: scope.userId, revives: true },
      );
    if (before === null)
      await bulkInsert(tx, recipes, [
        {
          businessId: scope.businessId,
          id,
          way: input.way,
          itemId: main.item,
          name,
          version,
          retiredAt: null,
          createdAt: new Date().toISOString(),
          createdBy: scope.userId,
        },
      ]);
    else
      await tx.execute(
        sql`update app.recipes set name = ${name}, version = ${version} where business_id = ${scope.businessId} and id = ${id}`,
      );
    if (!isSame) await writeVersion(tx, scope, { id, version }, parts, said);
    return { id, name, version, isSame };
  });
}

async function writeVersion(
  tx: Tx,
  scope: Scope,
  of: Readonly<{ id: string; version: number }>,
  parts: Parts,
  said: Version,
): Promise<void> {
  const businessId = scope.businessId;
  await bulkInsert(tx, recipeVersions, [
    {
      businessId,
      recipeId: of.id,
      version: of.version,
      labourMinor: said.labour,
      labourPer: said.labourPer,
      overheadMinor: said.overhead,
      overheadPer: said.overheadPer,
      accountCode: said.account,
      note: said.note,
      createdAt: new Date().toISOString(),
      createdBy: scope.userId,
    },
  ]);
  await bulkInsert(
    tx,
    recipeLines,
    [...parts.ins, ...parts.outs].map((part, place) => ({
      businessId,
      recipeId: of.id,
      version: of.version,
      place,
      side: part.side,
      itemId: part.item,
      qty: part.qty,
      wasteQty: part.wasteQty,
      wasteRate: Number(part.wasteRate),
      share: part.share,
    })),
  );
}

/** Retires a recipe, or takes it back into use. What was made by it stays; it is offered no more. */
export function retireRecipe(
  scope: Scope,
  input: Readonly<{ id: string; isRetired: boolean }>,
): Promise<Readonly<{ id: string; name: string }>> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const recipe = await recipeIn(tx, scope, input.id);
    if (recipe.retired === input.isRetired)
      throw new Refusal(
        "stale",
        input.isRetired ? "This recipe is retired already." : "This recipe is in use already.",
      );
    await recordAudit(tx, scope, {
      what: input.isRetired ? "recipe.retire" : "recipe.use-again",
      about: `recipe/${recipe.id}`,
      before: { name: recipe.name, version: recipe.version },
    });
    await tx.execute(
      sql`update app.recipes set retired_at = ${input.isRetired ? sql`now()` : null} where business_id = ${scope.businessId} and id = ${recipe.id}`,
    );
    return { id: recipe.id, name: recipe.name };
  });
}

type Row = Readonly<{ id: string; way: RecipeWay; item_id: string; name: string; version: number; retired: boolean }>;

/** The recipe, locked. */
async function recipeIn(tx: Tx, scope: Scope, id: string): Promise<Row> {
  const [row] = await rowsOf<Row>(
    tx,
    sql`select id, way, item_id, name, version, retired_at is not null as retired from app.recipes
        where business_id = ${scope.businessId} and id = ${id} for update`,
  );
  if (row === undefined) throw new Refusal("not_found", "There is no such recipe.");
  return row;
}

async function versionOf(tx: Tx, scope: Scope, input: RecipeInput): Promise<Version> {
  const labour = amountOf(scope, input.labour, "labour");
  const overhead = amountOf(scope, input.overhead, "overhead");
  const choices = await extraAccountsIn(tx, scope);
  if (!choices.some(({ code }) => code === input.account))
    throw new Refusal("unknown_id", "Choose the account that it is taken from.", { field: "account" });
  return {
    labour,
    labourPer: perOf(input.labourPer, "labourPer"),
    overhead,
    overheadPer: perOf(input.overheadPer, "overheadPer"),
    account: input.account,
    note: noteOf(input.note),
  };
}

function perOf(text: string, field: string): Per {
  if (text === "batch" || text === "unit") return text;
  throw new Refusal("bad_field", "Choose whether it is for a batch or for each one.", { field });
}

/** An amount that may be left out. A sum of many of them is kept too. */
export function amountOf(scope: Scope, text: string, field: string): bigint {
  if (text.trim() === "") return 0n;
  const amount = inField(field, () => parseMinor(text, scope.currency));
  if (amount < 0n) throw new Refusal("out_of_range", "This is not below 0.", { field });
  if (amount > MAX_MINOR / 1_000n) throw new Refusal("out_of_range", "This is more than can be kept.", { field });
  return amount;
}

function nameOf(text: string): string {
  const name = text.normalize("NFC").replace(/\s+/gu, " ").trim();
  if ([...name].length > longestName)
    throw new Refusal("text_too_long", `At most ${longestName} characters fit here.`, { field: "name" });
  return name;
}

/** Does the latest version say the same? */
/** A version in the words of the audit trail; what is lost of a part and its share of the cost stand beside it. */
function versionSaid(scope: Scope, said: Version, parts: Pick<Parts, "ins" | "outs">) {
  const lines = (side: readonly Part[]) =>
    linesSaid(
      side.map(({ name, decimals, qty, wasteQty, wasteRate, share }) => ({
        name,
        decimals,
        qty,
        more: [
          wasteQty === 0n ? "" : `lost ${formatQuantity(wasteQty, decimals)}`,
          wasteRate === 0n ? "" : `lost ${formatScaled(wasteRate, 2)} %`,
          share === 0n ? "" : `share ${share}`,
        ],
      })),
    );
  const money = (minor: bigint) => formatMinor(minor, scope.currency);
  return {
    ins: lines(parts.ins),
    outs: lines(parts.outs),
    labour: `${money(said.labour)} a ${said.labourPer}`,
    overhead: `${money(said.overhead)} a ${said.overheadPer}`,
    account: said.account,
    note: said.note,
  };
}

async function formerSaid(tx: Tx, scope: Scope, recipe: Row) {
  const b = scope.businessId;
  const [now] = await rowsOf<
    Record<"labour" | "overhead" | "account" | "note", string> & { labour_per: Per; overhead_per: Per }
  >(
    tx,
    sql`select labour_minor::text as labour, labour_per, overhead_minor::text as overhead, overhead_per, account_code as account, note
        from app.recipe_versions where business_id = ${b} and recipe_id = ${recipe.id} and version = ${recipe.version}`,
  );
  const lines = await rowsOf<
    Record<"item" | "name" | "qty" | "waste_qty" | "waste_rate" | "share", string> & {
      side: Part["side"];
      decimals: number;
    }
  >(
    tx,
    sql`select l.side, l.item_id as item, i.name, i.decimals, l.qty::text, l.waste_qty::text, l.waste_rate::text, l.share::text from app.recipe_lines l
        join app.items i on i.business_id = ${b} and i.id = l.item_id
        where l.business_id = ${b} and l.recipe_id = ${recipe.id} and l.version = ${recipe.version} order by l.place`,
  );
  if (now === undefined) return {};
  const parts = lines.map(
    ({ qty, waste_qty, waste_rate, share, ...line }): Part => ({
      ...line,
      qty: BigInt(qty),
      wasteQty: BigInt(waste_qty),
      wasteRate: BigInt(waste_rate),
      share: BigInt(share),
    }),
  );
  const said: Version = {
    labour: BigInt(now.labour),
    labourPer: now.labour_per,
    overhead: BigInt(now.overhead),
    overheadPer: now.overhead_per,
    account: now.account,
    note: now.note,
  };
  const isIn = (part: Part) => part.side === "in";
  return versionSaid(scope, said, { ins: parts.filter(isIn), outs: parts.filter((part) => !isIn(part)) });
}

async function isLatest(tx: Tx, scope: Scope, recipe: Row, parts: Parts, said: Version): Promise<boolean> {
  const [now] = await rowsOf<Record<string, string>>(
    tx,
    sql`select labour_minor::text as labour, labour_per, overhead_minor::text as overhead, overhead_per, account_code as account, note
        from app.recipe_versions where business_id = ${scope.businessId} and recipe_id = ${recipe.id} and version = ${recipe.version}`,
  );
  const lines = await rowsOf<Record<string, string>>(
    tx,
    sql`select side, item_id, qty::text, waste_qty::text, waste_rate::text, share::text from app.recipe_lines
        where business_id = ${scope.businessId} and recipe_id = ${recipe.id} and version = ${recipe.version} order by place`,
  );
  const text = (part: Part) =>
    [part.side, part.item, part.qty, part.wasteQty, part.wasteRate, part.share].map(String).join(" ");
  const was = lines.map((row) =>
    [row.side, row.item_id, row.qty, row.waste_qty, row.waste_rate, row.share].map(String).join(" "),
  );
  const same = (a: readonly string[], b: readonly string[]) =>
    a.length === b.length && a.every((one, at) => one === b[at]);
  return (
    same(was, [...parts.ins, ...parts.outs].map(text)) &&
    same(
      [now?.labour, now?.labour_per, now?.overhead, now?.overhead_per, now?.account, now?.note].map(String),
      [said.labour, said.labourPer, said.overhead, said.overheadPer, said.account, said.note].map(String),
    )
  );
}
