/** Recipes as CSV: exactly what is filtered, by name, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plain } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import { type RecipeFilter, recipeRows } from "@/lib/desk/recipe-reads";
import type { Scope } from "@/lib/people/access";
import type { Cursor } from "@/lib/sales/keyset";
import { recipesState, wayNames } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const { filter } = recipesState(Object.fromEntries(new URL(request.url).searchParams));
    return csvAnswer(`${scope.slug}-recipes`, rowsOf(scope, filter));
  });
}

async function* rowsOf(scope: Scope, filter: RecipeFilter) {
  yield ["Recipe", "What it does", "Product", "In a batch", "Goes in", "Comes out", "Version", "Last made"];
  let after: Cursor | null = null;
  do {
    const read: Awaited<ReturnType<typeof recipeRows>> = await recipeRows(scope, filter, { after, limit: 500 });
    for (const row of read.rows)
      yield [
        row.name,
        wayNames[row.way],
        row.itemName,
        plain(row.batch, row.decimals),
        row.ins,
        row.outs,
        row.version,
        row.lastOn,
      ];
    after = read.after;
  } while (after !== null);
}
