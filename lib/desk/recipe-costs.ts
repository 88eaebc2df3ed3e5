/**
 * What a recipe would cost now: an estimate, from the lots that are there at this moment. It is the fold that costs what is really made
 * (lib/core/costing), given today's open lots and imagined productions: first of what is short and has a recipe of its own, level by
 * level, then of the recipe. Nothing is written. What no lot covers and no recipe makes has no cost, and that is said.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { lockBooks } from "../books/ledger";
import { costOf, type Make, type OpenLot, type Pool, productionAt } from "../core/costing";
import type { LocalDate } from "../core/facts";
import { smaller } from "../core/money";
import { comesOutFor, enoughFor, extraFor, type Times, usedFor, wasteFor } from "../core/recipes";
import { require, type Scope } from "../people/access";
import { choicesIn, onHandAt } from "../stock/location-reads";
import { type RecipeVersion, versionIn } from "./recipe-reads";

/** An input of an estimate, in smallest units. `making`: what of it would have to be made first, by its own recipe. */
export type EstimatedPart = Readonly<{
  item: string;
  name: string;
  decimals: number;
  qty: bigint;
  waste: bigint;
  costMinor: bigint;
  /** What neither a lot nor a recipe covers: it has no cost. */
  short: bigint;
  making: Estimate | null;
}>;

/** What so much of a recipe's item would cost. `isComplete` false: something in it, at any depth, has no cost. */
export type Estimate = Readonly<{
  recipe: string;
  name: string;
  version: number;
  /** Smallest units of the recipe's item. */
  made: bigint;
  decimals: number;
  costMinor: bigint;
  extraMinor: bigint;
  isComplete: boolean;
  parts: readonly EstimatedPart[];
}>;

/** `enough`: how many smallest units of the item what is on hand at the location is enough for; null: it uses nothing. */
export type RecipeCost = Readonly<{ estimate: Estimate; enough: bigint | null }>;

const mostLevels = 12;
/** After everything that is recorded: what is estimated happens last of all. */
const afterAll: LocalDate = "9999-12-30";

/** What a batch (or `made` of it) would cost now. `location`: where it would be made; null: the first. */
export function recipeCost(
  scope: Scope,
  version: RecipeVersion,
  over: Readonly<{ made?: bigint; location?: string | null }> = {},
): Promise<RecipeCost> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const { pool } = await lockBooks(tx, scope, false);
    const location = over.location ?? (await choicesIn(tx, scope))[0]?.id ?? "";
    const recipes = await recipesBelow(tx, scope, version);
    const lots = await openLotsNow(tx, scope, pool, location, [
      ...new Set([version, ...recipes.values()].flatMap((one) => one.lines.map((line) => line.item))),
    ]);
    const inputs = version.lines.filter((line) => line.side === "in");
    const there = await onHandAt(
      tx,
      scope,
      location,
      inputs.map((line) => line.item),
    );
    return {
      estimate: estimateOf(version, over.made ?? version.batch, recipes, lots, pool, location),
      enough: enoughFor(
        inputs.map((input) => ({ input, onHand: there.get(input.item) ?? 0n })),
        version.batch,
      ),
    };
  });
}

/** The recipes in use by which what goes in is itself made, down to what is only bought; of several of one item the oldest. */
async function recipesBelow(tx: Tx, scope: Scope, top: RecipeVersion): Promise<ReadonlyMap<string, RecipeVersion>> {
  const found = new Map<string, RecipeVersion>();
  const asked = new Set<string>();
  let level = itemsIn(top);
  for (let depth = 0; depth < mostLevels && level.length > 0; depth += 1) {
    for (const item of level) asked.add(item);
    const rows = await rowsOf<{ item_id: string; id: string }>(
      tx,
      sql`select distinct on (item_id) item_id, id from app.recipes
          where business_id = ${scope.businessId} and way = 'make' and retired_at is null and item_id = any(${list("text", level)})
          order by item_id, created_at, id`,
    );
    const next = new Set<string>();
    for (const { item_id, id } of rows) {
      const version = await versionIn(tx, scope, id);
      if (version === null) continue;
      found.set(item_id, version);
      for (const item of itemsIn(version)) if (!asked.has(item)) next.add(item);
    }
    level = [...next];
  }
  return found;
}

const itemsIn = (version: RecipeVersion): string[] =>
  version.lines.flatMap((line) => (line.side === "in" ? [line.item] : []));

/** The lots of these items that have something left, as the fold begins with them; across the business, wherever they are. */
export async function openLotsNow(
  tx: Tx,
  scope: Scope,
  pool: Pool,
  location: string,
  items: readonly string[],
): Promise<readonly OpenLot[]> {
  const rows = await rowsOf<
    Record<string, string> & {
      source: OpenLot["source"];
      phase: 0 | 1 | 2 | 3;
      rank: 0 | 1 | 2;
      number: number;
      at: string | null;
    }
  >(
    tx,
    sql`select id, item_id, source, line_id, number, location_id, on_date::text, phase, (extract(epoch from "at") * 1000000)::bigint::text as at,
          place_id, rank, acquired_on::text, made_on::text, qty::text, cost_minor::text, reserved_qty::text, left_qty::text
        from app.lots where business_id = ${scope.businessId} and left_qty > 0 and item_id = any(${list("text", items)})
          ${pool === "location" ? sql`and location_id = ${location}` : sql``}`,
  );
  return rows.map((row) => {
    const of = (name: string) => BigInt(row[name] ?? "0");
    return {
      id: row.id ?? "",
      item: row.item_id ?? "",
      source: row.source,
      place: {
        on: row.on_date ?? "",
        phase: row.phase,
        at: row.at === null ? null : BigInt(row.at),
        id: row.place_id ?? "",
        rank: row.rank,
        line: row.phase === 1 ? (row.line_id ?? "") : "",
        number: row.number,
      },
      acquiredOn: row.acquired_on ?? "",
      madeOn: row.made_on ?? "",
      location: row.location_id ?? "",
      qty: of("qty"),
      cost: of("cost_minor"),
      reserved: of("reserved_qty"),
      reservedTaken: of("reserved_qty"),
      taken: of("qty") - of("reserved_qty") - of("left_qty"),
    };
  });
}

type Planned = Readonly<{
  id: string;
  version: RecipeVersion;
  times: Times;
  inputs: readonly Readonly<{ line: string; item: string; qty: bigint; waste: bigint; making: Planned | null }>[];
}>;

/** Plans what would be made first, then costs all of it in one fold. */
function estimateOf(
  top: RecipeVersion,
  made: bigint,
  recipes: ReadonlyMap<string, RecipeVersion>,
  lots: readonly OpenLot[],
  pool: Pool,
  location: string,
): Estimate {
  const left = new Map<string, bigint>();
  for (const lot of lots) left.set(lot.item, (left.get(lot.item) ?? 0n) + lot.qty - lot.reserved - lot.taken);
  const steps: Make[] = [];
  const plan = (version: RecipeVersion, times: Times, above: readonly string[]): Planned => {
    const ins = version.lines.filter((line) => line.side === "in");
    const inputs = ins.map((line) => {
      const qty = usedFor(line, times);
      const there = smaller(left.get(line.item) ?? 0n, qty);
      left.set(line.item, (left.get(line.item) ?? 0n) - there);
      const own = recipes.get(line.item);
      const isLoop = above.includes(line.item) || above.length > mostLevels;
      const making =
        qty === there || own === undefined || isLoop
          ? null
          : plan(own, { made: qty - there, batch: own.batch }, [...above, line.item]);
      return { item: line.item, qty, waste: wasteFor(line, times), making };
    });
    // Numbered as they are planned, what is made for others first: ids of one length stand in that order.
    const id = `estimate-${String(steps.length).padStart(6, "0")}`;
    const named = inputs.map((input, at) => ({ ...input, line: `${id}/in/${at}` }));
    const outs = version.lines.filter((line) => line.side === "out");
    const main = version.way === "make" ? version.item : null;
    const outputs = outs.map((line, at) => ({
      id: `${id}/out/${at}`,
      item: line.item,
      qty: line.item === main ? times.made : comesOutFor(line.qty, times),
      share: line.share,
    }));
    const whole = outputs.filter((output) => output.qty > 0n);
    // So little is taken apart that nothing whole comes out: its cost is that of the first thing all the same.
    const coming = whole.length > 0 ? whole : outputs.slice(0, 1).map((output) => ({ ...output, qty: 1n }));
    steps.push({
      kind: "make",
      id,
      place: productionAt(afterAll, id),
      location,
      inputs: named.flatMap(({ line, item, qty }) => (qty > 0n ? [{ id: line, item, qty }] : [])),
      // What is planned always makes something that bears the cost.
      outputs: coming.some((output) => output.share > 0n) ? coming : coming.map((output) => ({ ...output, share: 1n })),
      overhead: extraFor([version.labour, version.overhead], times, version.unit),
    });
    return { id, version, times, inputs: named };
  };
  const planned = plan(top, { made, batch: top.batch }, [top.item]);
  const result = costOf({ pool, graceDays: 0, steps, openLots: lots, earlierSales: [] });
  const outs = new Map(result.outs.map((out) => [out.id, out]));
  const makes = new Map(result.makes.map((make) => [make.id, make]));
  const items = new Map(
    [top, ...recipes.values()].flatMap((one) => one.lines.map((line) => [line.item, line] as const)),
  );
  const told = ({ id, version, times, inputs }: Planned): Estimate => {
    const parts = inputs.map(({ line, item, qty, waste, making }): EstimatedPart => {
      const known = items.get(item);
      const out = outs.get(line);
      return {
        item,
        name: known?.name ?? "",
        decimals: known?.decimals ?? 0,
        qty,
        waste,
        costMinor: out?.cost ?? 0n,
        short: out?.shortage ?? 0n,
        making: making === null ? null : told(making),
      };
    });
    return {
      recipe: version.recipe,
      name: version.name,
      version: version.version,
      made: times.made,
      decimals: version.decimals,
      costMinor: makes.get(id)?.cost ?? 0n,
      extraMinor: extraFor([version.labour, version.overhead], times, version.unit),
      isComplete: parts.every((part) => part.short === 0n && (part.making?.isComplete ?? true)),
      parts,
    };
  };
  return told(planned);
}
