/** Where recipes and productions stand, what the address of their list says, and how a recipe's lines stand in a form. */
import { formatMinor } from "@/lib/core/money";
import { formatQuantity } from "@/lib/core/quantity";
import type { RecipeFilter, RecipeLine, RecipeVersion } from "@/lib/desk/recipe-reads";
import type { RecipeWay } from "@/lib/desk/recipes";
import { readCursor } from "@/lib/sales/keyset";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import type { PartRow } from "./parts.client";

export const wayNames: Readonly<Record<RecipeWay, string>> = { make: "Makes it", unmake: "Takes it apart" };

export function recipeHref(base: string, recipe: string, version?: number): string {
  const at = `${base}/inventory/recipes/${encodeURIComponent(recipe)}`;
  return version === undefined ? at : `${at}?version=${version}`;
}

/** The form of a production, filled from a recipe or from one that was made before where that is meant. */
export function makeHref(
  base: string,
  { recipe, way = "make", again }: { recipe?: string | undefined; way?: RecipeWay; again?: string | undefined } = {},
): string {
  const words = new URLSearchParams({
    ...(recipe === undefined ? {} : { recipe }),
    ...(way === "unmake" ? { way } : {}),
    ...(again === undefined ? {} : { again }),
  });
  return `${base}/inventory/make${words.size === 0 ? "" : `?${words}`}`;
}

/** The page of a production; its id may hold slashes. */
export function productionHref(base: string, id: string): string {
  return `${base}/inventory/movements/documents/assembly/${id.split("/").map(encodeURIComponent).join("/")}`;
}

export function recipesState(params: SearchParams): Readonly<{
  address: ListAddress;
  filter: RecipeFilter;
  page: Readonly<{ after: ReturnType<typeof readCursor>; before: ReturnType<typeof readCursor> }>;
}> {
  const address = readAddress(params, { filters: ["way", "state"] });
  const way = filterOf(address, "way");
  return {
    address,
    filter: {
      words: address.q,
      way: way === "make" || way === "unmake" ? way : undefined,
      isRetired: filterOf(address, "state") === "retired",
    },
    page: { after: readCursor(address.after), before: readCursor(address.before) },
  };
}

/** A number of hundredths without zeros at its end: 12.5, 60. */
export const hundredthsText = (of: bigint): string =>
  formatQuantity(of, 2)
    .replaceAll(",", "")
    .replace(/\.?0+$/, "");

/** What a line wastes, as it is typed: `5%`, a quantity, or nothing. */
export function wasteText(line: Pick<RecipeLine, "wasteQty" | "wasteRate" | "decimals">): string {
  if (line.wasteRate > 0n) return `${hundredthsText(line.wasteRate)}%`;
  return line.wasteQty > 0n ? formatQuantity(line.wasteQty, line.decimals) : "";
}

/** A recipe's lines as rows of its form. What comes out alone needs no share. */
export function rowsOfRecipe(recipe: RecipeVersion): Readonly<{ ins: readonly PartRow[]; outs: readonly PartRow[] }> {
  const row = (line: RecipeLine): PartRow => ({
    id: line.item,
    name: line.name,
    qty: formatQuantity(line.qty, line.decimals),
    waste: wasteText(line),
    share: "",
  });
  const outs = recipe.lines.filter((line) => line.side === "out");
  return {
    ins: recipe.lines.filter((line) => line.side === "in").map(row),
    outs: outs.map((line) => ({ ...row(line), share: outs.length === 1 ? "" : hundredthsText(line.share) })),
  };
}

/** An amount as a field shows it; nothing for nothing. */
export const amountText = (amount: bigint, currency: string): string =>
  amount === 0n ? "" : formatMinor(amount, currency);
