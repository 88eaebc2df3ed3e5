import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { recipeChoices } from "@/lib/desk/recipe-reads";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Page } from "../../../../ui/page-frame";
import { Note } from "../../../../ui/section";
import { Tabs } from "../../../../ui/tabs";
import { RecipeForm } from "../recipe-form";

export const metadata: Metadata = { title: "New recipe" };

export default async function NewRecipe({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const recipes = `/${scope.slug}/inventory/recipes`;
  if (!can(scope, "write")) redirect(recipes);
  const way = (await searchParams).way === "unmake" ? "unmake" : "make";
  const { accounts } = await recipeChoices(scope);
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Recipes", href: recipes }, { label: "New recipe" }]}
      title="New recipe"
      note="Nothing moves by a recipe. It is there to make from, any number of times."
    >
      <Tabs
        label="Make or take apart"
        tabs={[
          { label: "To make", href: `${recipes}/new`, current: way === "make" },
          { label: "To take apart", href: `${recipes}/new?way=unmake`, current: way === "unmake" },
        ]}
      />
      <Note>
        {way === "make"
          ? "Say what one batch takes and how much comes out of it. The first product that comes out is what the recipe is of; what comes out beside it needs a share of the cost, 0 too."
          : "Say what is taken apart and what comes out of it, each with its share of the cost."}{" "}
        Waste is what is used up beyond what goes in: a percentage of it, or so much for a batch.
      </Note>
      <div className="h-4" />
      <RecipeForm key={way} scope={scope} way={way} accounts={accounts} backHref={recipes} />
    </Page>
  );
}
