/** What the form of a production begins with: the lines of a recipe for so many, forwards or backwards, or those of one made before. */
import { Refusal } from "../core/errors";
import { allocate } from "../core/money";
import { parseQuantity } from "../core/quantity";
import { comesOutFor, extraFor, type Times, usedFor } from "../core/recipes";
import { require, type Scope } from "../people/access";
import { productionView } from "./production-reads";
import { type Estimate, recipeCost } from "./recipe-costs";
import { type RecipeVersion, recipeVersion } from "./recipe-reads";
import type { RecipeWay } from "./recipes";

/** In smallest units; `share` in hundredths, 0 where it need not be said. */
export type StartLine = Readonly<{ item: string; name: string; decimals: number; qty: bigint; share: bigint }>;

export type ProductionStart = Readonly<{
  way: RecipeWay;
  recipe: RecipeVersion | null;
  /** So many of the recipe's item; null without one. */
  made: bigint | null;
  /** What is wrong with how many was typed; the lines are then those of a batch. */
  wrong: string | null;
  ins: readonly StartLine[];
  outs: readonly StartLine[];
  overheadMinor: bigint;
  account: string | null;
  location: string | null;
  note: string;
  /** What it would cost now, and how many what is on hand is enough for; null for free lines. */
  estimate: Estimate | null;
  enough: bigint | null;
}>;

export type StartInput = Readonly<{
  recipe?: string | undefined;
  way: RecipeWay;
  /** How many, as typed; empty is a batch. */
  many: string;
  location: string | null;
  /** A production that is made again. */
  again?: string | undefined;
}>;

/** Refuses `not_found` for a recipe or production that is not there. */
export async function productionStart(scope: Scope, input: StartInput): Promise<ProductionStart> {
  require(scope, "write");
  if (input.again !== undefined) return startAgain(scope, input.again);
  const empty = { ins: [], outs: [], overheadMinor: 0n, account: null, note: "", estimate: null, enough: null };
  if (input.recipe === undefined)
    return { ...empty, way: input.way, recipe: null, made: null, wrong: null, location: input.location };
  const recipe = await recipeVersion(scope, input.recipe);
  const { made, wrong } = manyOf(recipe, input.many);
  const way = recipe.way === "unmake" ? "unmake" : input.way;
  const times = { made, batch: recipe.batch };
  const { estimate, enough } = await recipeCost(scope, recipe, { made, location: input.location });
  const lines = way === recipe.way ? forwards(recipe, times) : backwards(recipe, times, estimate);
  return {
    way,
    recipe,
    made,
    wrong,
    ...lines,
    // Work that went into it does not come out again.
    overheadMinor: way === recipe.way ? extraFor([recipe.labour, recipe.overhead], times, recipe.unit) : 0n,
    account: recipe.account.code,
    location: input.location,
    note: "",
    estimate: way === recipe.way ? estimate : null,
    enough: way === recipe.way ? enough : null,
  };
}

type Lines = Readonly<{ ins: readonly StartLine[]; outs: readonly StartLine[] }>;

function forwards(recipe: RecipeVersion, times: Times): Lines {
  const start = (line: RecipeVersion["lines"][number], qty: bigint, share: bigint): StartLine[] =>
    qty === 0n ? [] : [{ item: line.item, name: line.name, decimals: line.decimals, qty, share }];
  const outs = recipe.lines.filter((line) => line.side === "out");
  return {
    ins: recipe.lines.flatMap((line) => (line.side === "in" ? start(line, usedFor(line, times), 0n) : [])),
    outs: outs.flatMap((line) =>
      start(
        line,
        line.item === recipe.item ? times.made : comesOutFor(line.qty, times),
        outs.length === 1 ? 0n : line.share,
      ),
    ),
  };
}

/**
 * What was made is taken apart into what went into it, without what was wasted, rounded down to whole units. The shares are what each of
 * them would cost now, in hundredths of a percent, or the same for each where none has a cost.
 */
function backwards(recipe: RecipeVersion, times: Times, estimate: Estimate): Lines {
  const main = recipe.lines.find((line) => line.item === recipe.item);
  const parts = recipe.lines.filter((line) => line.side === "in");
  const costs = parts.map((line) => estimate.parts.find((part) => part.item === line.item)?.costMinor ?? 0n);
  const shares = costs.some((cost) => cost > 0n) ? allocate(10_000n, costs) : parts.map(() => 100n);
  return {
    ins:
      main === undefined
        ? []
        : [{ item: main.item, name: main.name, decimals: main.decimals, qty: times.made, share: 0n }],
    outs: parts.flatMap((line, at) => {
      const qty = comesOutFor(line.qty, times);
      const share = parts.length === 1 ? 0n : (shares[at] ?? 0n);
      return qty === 0n ? [] : [{ item: line.item, name: line.name, decimals: line.decimals, qty, share }];
    }),
  };
}

function manyOf(recipe: RecipeVersion, text: string): Readonly<{ made: bigint; wrong: string | null }> {
  if (text.trim() === "") return { made: recipe.batch, wrong: null };
  try {
    return { made: parseQuantity(text, recipe.decimals), wrong: null };
  } catch (error) {
    if (error instanceof Refusal) return { made: recipe.batch, wrong: error.message };
    throw error;
  }
}

async function startAgain(scope: Scope, id: string): Promise<ProductionStart> {
  const { way, inputs, outputs, recipe, overheadMinor, account, location, note } = await productionView(scope, id);
  const of = recipe === null ? null : await recipeVersion(scope, recipe.id, recipe.version);
  const main = [...inputs, ...outputs].find((line) => line.item === of?.item);
  return {
    way,
    recipe: of,
    made: main?.qty ?? null,
    wrong: null,
    ins: inputs.map((line) => ({ ...line, share: 0n })),
    outs: outputs.map((line) => ({ ...line, share: outputs.length === 1 ? 0n : line.share })),
    overheadMinor,
    account: account.code,
    location: location.id,
    note,
    estimate: null,
    enough: null,
  };
}
