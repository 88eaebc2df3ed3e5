/** Recipes as pages ask for them: the list, one with its versions, and the choices of a form. */
import { sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import type { Extra } from "../core/recipes";
import { require, type Scope } from "../people/access";
import { namesOf } from "../people/users";
import { type Cursor, turned } from "../sales/keyset";
import { like } from "../sales/sold-reads";
import { type AccountChoice, extraAccountsIn, type Side } from "./recipe-lines";
import type { Per, RecipeWay } from "./recipes";

/** A line of a recipe, for a batch, in smallest units; `wasteRate` in hundredths of a percent, `share` in hundredths. */
export type RecipeLine = Readonly<{
  side: Side;
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  qty: bigint;
  wasteQty: bigint;
  wasteRate: bigint;
  share: bigint;
}>;

/** One version: what is used of it by everything that makes, costs or shows it. */
export type RecipeVersion = Readonly<{
  recipe: string;
  name: string;
  way: RecipeWay;
  item: string;
  version: number;
  /** Smallest units of its item in a batch, and how many of them are one whole unit. */
  batch: bigint;
  unit: bigint;
  decimals: number;
  lines: readonly RecipeLine[];
  labour: Extra;
  overhead: Extra;
  account: AccountChoice;
  note: string;
}>;

export type RecipeFilter = Readonly<{
  words?: string | undefined;
  way?: RecipeWay | undefined;
  /** Left out: those in use. */
  isRetired?: boolean | undefined;
}>;

export type RecipeRow = Readonly<{
  id: string;
  name: string;
  way: RecipeWay;
  item: string;
  itemName: string;
  decimals: number;
  batch: bigint;
  version: number;
  isRetired: boolean;
  /** How many products go in, and how many come out. */
  ins: number;
  outs: number;
  /** When it was last made by, of what stands. */
  lastOn: LocalDate | null;
}>;

const pageSize = 50;

function wanted(b: string, filter: RecipeFilter) {
  const parts = [
    sql`r.business_id = ${b}`,
    filter.isRetired ? sql`r.retired_at is not null` : sql`r.retired_at is null`,
  ];
  if (filter.way !== undefined) parts.push(sql`r.way = ${filter.way}`);
  if (filter.words !== undefined && filter.words !== "") {
    const words = like(filter.words);
    parts.push(sql`(r.name ilike ${words} or exists (select 1 from app.recipe_lines l join app.items i on i.business_id = ${b} and i.id = l.item_id
      where l.business_id = ${b} and l.recipe_id = r.id and l.version = r.version and (i.name ilike ${words} or i.sku ilike ${words})))`);
  }
  return sql.join(parts, sql` and `);
}

/** One page of recipes by their names. */
export function recipeRows(
  scope: Scope,
  filter: RecipeFilter = {},
  page: Readonly<{ after?: Cursor | null; before?: Cursor | null; limit?: number }> = {},
): Promise<Readonly<{ rows: readonly RecipeRow[]; after: Cursor | null; before: Cursor | null }>> {
  require(scope, "read");
  const b = scope.businessId;
  return reading(scope, async (tx) => {
    const found = await turned({ ...page, isDown: false }, pageSize, (way) =>
      rowsOf<
        { key: string; id: string } & Record<string, string> & {
            decimals: number;
            version: number;
            retired: boolean;
            ins: number;
            outs: number;
            last_on: string | null;
          }
      >(
        tx,
        sql`select r.name as key, r.id, r.way, r.item_id, i.name as item_name, i.decimals, r.version, r.retired_at is not null as retired,
              n.ins, n.outs, n.batch::text, (select max(d.on_date)::text from app.productions p
                join app.stock_documents d on d.business_id = ${b} and d.kind = 'assembly' and d.id = p.document_id and not d.is_undone
                where p.business_id = ${b} and p.recipe_id = r.id) as last_on
            from (select * from app.recipes r where ${wanted(b, filter)} ${way.from(sql`r.name`, sql`r.id`, "text")}
              order by r.name ${way.direction}, r.id ${way.direction} limit ${way.limit}) r
            join app.items i on i.business_id = ${b} and i.id = r.item_id
            cross join lateral (select count(*) filter (where l.side = 'in')::int as ins, count(*) filter (where l.side = 'out')::int as outs,
                max(l.qty) filter (where l.item_id = r.item_id) as batch
              from app.recipe_lines l where l.business_id = ${b} and l.recipe_id = r.id and l.version = r.version) n
            order by r.name ${way.direction}, r.id ${way.direction}`,
      ),
    );
    return {
      ...found,
      rows: found.rows.map((row) => ({
        id: row.id,
        name: row.key,
        way: wayOf(row.way),
        item: row.item_id ?? "",
        itemName: row.item_name ?? "",
        decimals: row.decimals,
        batch: BigInt(row.batch ?? "0"),
        version: row.version,
        isRetired: row.retired,
        ins: row.ins,
        outs: row.outs,
        lastOn: row.last_on,
      })),
    };
  });
}

const wayOf = (text: string | undefined): RecipeWay => (text === "unmake" ? "unmake" : "make");
const perOf = (text: string | undefined): Per => (text === "unit" ? "unit" : "batch");

/** How many fit the filter, and whether there is any recipe at all. */
export function recipeTotals(
  scope: Scope,
  filter: RecipeFilter = {},
): Promise<Readonly<{ recipes: number; isEmpty: boolean }>> {
  require(scope, "read");
  return reading(scope, async (tx) => {
    const [row] = await rowsOf<{ n: number; any: boolean }>(
      tx,
      sql`select (select count(*)::int from app.recipes r where ${wanted(scope.businessId, filter)}) as n,
            exists (select 1 from app.recipes where business_id = ${scope.businessId}) as any`,
    );
    return { recipes: row?.n ?? 0, isEmpty: row?.any !== true };
  });
}

/** A version with its lines; the latest unless one is named. Null where there is none. */
export async function versionIn(
  tx: Tx,
  scope: Scope,
  recipe: string,
  version: number | null = null,
): Promise<RecipeVersion | null> {
  const b = scope.businessId;
  const [row] = await rowsOf<Record<string, string> & { version: number; decimals: number }>(
    tx,
    sql`select r.id, r.name, r.way, r.item_id, v.version, i.decimals, v.labour_minor::text as labour, v.labour_per, v.overhead_minor::text as overhead,
          v.overhead_per, v.account_code, a.name as account, v.note
        from app.recipes r
        join app.recipe_versions v on v.business_id = ${b} and v.recipe_id = r.id and v.version = coalesce(${version}::int, r.version)
        join app.items i on i.business_id = ${b} and i.id = r.item_id
        join app.accounts a on a.business_id = ${b} and a.code = v.account_code
        where r.business_id = ${b} and r.id = ${recipe}`,
  );
  if (row === undefined) return null;
  const lines = await rowsOf<Record<string, string> & { sku: string | null; decimals: number }>(
    tx,
    sql`select l.side, l.item_id, i.name, i.sku, i.decimals, l.qty::text, l.waste_qty::text, l.waste_rate::text, l.share::text
        from app.recipe_lines l join app.items i on i.business_id = ${b} and i.id = l.item_id
        where l.business_id = ${b} and l.recipe_id = ${recipe} and l.version = ${row.version} order by l.place`,
  );
  const read = lines.map((line): RecipeLine => {
    const of = (name: string) => BigInt(line[name] ?? "0");
    return {
      side: line.side === "in" ? "in" : "out",
      item: line.item_id ?? "",
      name: line.name ?? "",
      sku: line.sku,
      decimals: line.decimals,
      qty: of("qty"),
      wasteQty: of("waste_qty"),
      wasteRate: of("waste_rate"),
      share: of("share"),
    };
  });
  const item = row.item_id ?? "";
  return {
    recipe,
    name: row.name ?? "",
    way: wayOf(row.way),
    item,
    version: row.version,
    batch: read.find((line) => line.item === item)?.qty ?? 1n,
    unit: 10n ** BigInt(row.decimals),
    decimals: row.decimals,
    lines: read,
    labour: { amount: BigInt(row.labour ?? "0"), per: perOf(row.labour_per) },
    overhead: { amount: BigInt(row.overhead ?? "0"), per: perOf(row.overhead_per) },
    account: { code: row.account_code ?? "", name: row.account ?? "" },
    note: row.note ?? "",
  };
}

/** The same for a page. Refuses `not_found`. */
export function recipeVersion(scope: Scope, recipe: string, version: number | null = null): Promise<RecipeVersion> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const found = await versionIn(tx, scope, recipe, version);
    if (found === null) throw new Refusal("not_found", "There is no such recipe.");
    return found;
  });
}

export type RecipeView = Readonly<{
  recipe: RecipeVersion;
  latest: number;
  isRetired: boolean;
  /** All of them, the latest first: who wrote each, when, and how many productions that stand were made by it. */
  versions: readonly Readonly<{ version: number; at: string; who: string | null; note: string; made: number }>[];
  /** The latest productions by it that stand. */
  productions: readonly Readonly<{ id: string; number: string | null; on: LocalDate; version: number; qty: bigint }>[];
}>;

const productionsShown = 10;

/** One recipe, as its latest or another version says it. Refuses `not_found`. */
export function recipeView(scope: Scope, id: string, version: number | null = null): Promise<RecipeView> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const recipe = await versionIn(tx, scope, id, version);
    if (recipe === null) throw new Refusal("not_found", "There is no such recipe.");
    const versions = await rowsOf<{
      version: number;
      at: string;
      user_id: string | null;
      note: string;
      made: number;
      retired: boolean;
    }>(
      tx,
      sql`select v.version, v.created_at::text as at, v.created_by as user_id, v.note, r.retired_at is not null as retired,
            (select count(*)::int from app.productions p join app.stock_documents d on d.business_id = ${b} and d.kind = 'assembly' and d.id = p.document_id and not d.is_undone
              where p.business_id = ${b} and p.recipe_id = ${id} and p.version = v.version) as made
          from app.recipe_versions v join app.recipes r on r.business_id = ${b} and r.id = v.recipe_id
          where v.business_id = ${b} and v.recipe_id = ${id} order by v.version desc`,
    );
    const productions = await rowsOf<{ id: string; number: string | null; on: string; version: number; qty: string }>(
      tx,
      sql`select d.id, d.number, d.on_date::text as on, p.version,
            coalesce((select sum(abs(s.qty)) from app.stock_lines s
              where s.business_id = ${b} and s.document_kind = 'assembly' and s.document_id = d.id and s.item_id = ${recipe.item}), 0)::text as qty
          from app.productions p
          join app.stock_documents d on d.business_id = ${b} and d.kind = 'assembly' and d.id = p.document_id and not d.is_undone
          where p.business_id = ${b} and p.recipe_id = ${id} order by d.on_date desc, d.id desc limit ${productionsShown}`,
    );
    const names = await namesOf(
      tx,
      versions.map((row) => row.user_id),
    );
    return {
      recipe,
      latest: versions[0]?.version ?? recipe.version,
      isRetired: versions[0]?.retired === true,
      versions: versions.map((row) => ({
        version: row.version,
        at: row.at,
        who: row.user_id === null ? null : (names.get(row.user_id) ?? null),
        note: row.note,
        made: row.made,
      })),
      productions: productions.map((row) => ({ ...row, qty: BigInt(row.qty) })),
    };
  });
}

/** What forms of recipes and productions offer: the accounts, and the recipes in use. */
export function recipeChoices(scope: Scope): Promise<
  Readonly<{
    accounts: readonly AccountChoice[];
    recipes: readonly Readonly<{ id: string; name: string; way: RecipeWay }>[];
  }>
> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => ({
    accounts: await extraAccountsIn(tx, scope),
    recipes: await rowsOf<{ id: string; name: string; way: RecipeWay }>(
      tx,
      sql`select id, name, way from app.recipes where business_id = ${scope.businessId} and retired_at is null order by name, id limit ${mostOffered}`,
    ),
  }));
}

const mostOffered = 200;

/** The recipes in use that make this item, and that take it apart. */
export function recipesOfItem(
  scope: Scope,
  item: string,
): Promise<readonly Readonly<{ id: string; name: string; way: RecipeWay }>[]> {
  require(scope, "read");
  return inBusiness(scope, (tx) =>
    rowsOf<{ id: string; name: string; way: RecipeWay }>(
      tx,
      sql`select id, name, way from app.recipes where business_id = ${scope.businessId} and item_id = ${item} and retired_at is null order by way, name, id limit 20`,
    ),
  );
}
