import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { recipeChoices, recipeView } from "@/lib/desk/recipe-reads";
import { can } from "@/lib/people/access";
import { scopeOf } from "../../../../../scope";
import { Page } from "../../../../../ui/page-frame";
import { orNotFound } from "../../../../reports/not-there";
import { RecipeForm } from "../../recipe-form";
import { recipeHref } from "../../state";

export const metadata: Metadata = { title: "Change recipe" };

export default async function EditRecipe({
  params,
}: {
  params: Promise<Readonly<{ business: string; recipe: string }>>;
}) {
  const scope = await scopeOf(params);
  const base = `/${scope.slug}`;
  const id = decodeURIComponent((await params).recipe);
  if (!can(scope, "write")) redirect(recipeHref(base, id));
  const [{ recipe }, { accounts }] = await Promise.all([recipeView(scope, id).catch(orNotFound), recipeChoices(scope)]);
  // An account that was hidden since stands there until another is chosen.
  const shown = accounts.some(({ code }) => code === recipe.account.code) ? accounts : [recipe.account, ...accounts];
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "Recipes", href: `${base}/inventory/recipes` },
        { label: recipe.name, href: recipeHref(base, id) },
        { label: "Change" },
      ]}
      title={`Change ${recipe.name}`}
      note={`This is version ${recipe.version}. What you change makes the next one; what was made stays with its own.`}
    >
      <RecipeForm scope={scope} way={recipe.way} accounts={shown} former={recipe} backHref={recipeHref(base, id)} />
    </Page>
  );
}
