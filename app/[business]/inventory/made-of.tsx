import { bundlesAbout } from "@/lib/desk/bundle-reads";
import { recipesOfItem } from "@/lib/desk/recipe-reads";
import { can, type Scope } from "@/lib/people/access";
import { TextLink } from "../../ui/link";
import { Note } from "../../ui/section";
import { ledgerHref } from "./balances/state";
import { bundleHref } from "./bundles/state";
import { recipeHref } from "./recipes/state";

/** Under an item: the recipes that are of it, what it is in, and that it is a bundle itself; nothing where it is none of that. */
export async function MadeOf({ scope, item }: { scope: Scope; item: string }) {
  const [recipes, bundles] = await Promise.all([recipesOfItem(scope, item), bundlesAbout(scope, item)]);
  if (recipes.length === 0 && bundles.length === 0) return null;
  const base = `/${scope.slug}`;
  const href = (id: string) => (can(scope, "write") ? bundleHref(base, id) : ledgerHref(base, id));
  const holders = bundles.filter((one) => !one.isItself);
  return (
    <Note>
      {bundles.some((one) => one.isItself) ? (
        <>
          It is a bundle: each sale takes <TextLink href={href(item)}>what is in it</TextLink>.{" "}
        </>
      ) : null}
      {recipes.map((one) => (
        <span key={one.id}>
          {one.way === "make" ? "Made" : "Taken apart"} by{" "}
          <TextLink href={recipeHref(base, one.id)}>{one.name}</TextLink>.{" "}
        </span>
      ))}
      {holders.length === 0 ? null : "In the bundles "}
      {holders.map((one, at) => (
        <span key={one.id}>
          {at === 0 ? "" : ", "}
          <TextLink href={href(one.id)}>{one.name}</TextLink>
        </span>
      ))}
      {holders.length === 0 ? null : "."}
    </Note>
  );
}
