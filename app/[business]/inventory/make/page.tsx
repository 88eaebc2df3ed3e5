import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { formatQuantity } from "@/lib/core/quantity";
import { type ProductionStart, productionStart, type StartLine } from "@/lib/desk/production-start";
import { recipeChoices } from "@/lib/desk/recipe-reads";
import type { RecipeWay } from "@/lib/desk/recipes";
import { can, type Scope } from "@/lib/people/access";
import { locationChoices, ownLocation } from "@/lib/stock/location-reads";
import { newId } from "@/lib/system/ids";
import { type BusinessParams, scopeOf } from "../../../scope";
import type { SearchParams } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { DateField, Fields, FormActions, MoneyField, SelectField, TextField } from "../../../ui/field";
import { quantityText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Note, Section, Warn } from "../../../ui/section";
import { Tabs } from "../../../ui/tabs";
import { Tape } from "../../../ui/tape";
import { orNotFound } from "../../reports/not-there";
import { todayOf } from "../balances/state";
import { type PartRow, PartsFields } from "../recipes/parts.client";
import { amountText, hundredthsText, makeHref, productionHref, recipeHref } from "../recipes/state";
import { dayOrder } from "../sold/state";
import { save } from "./actions";

export const metadata: Metadata = { title: "Make" };

/** Where work is usually taken from. */
const usualAccount = "6200";

type Offered = Awaited<ReturnType<typeof recipeChoices>>;
type Places = readonly Readonly<{ id: string; name: string }>[];

/** Make, or unmake: by a recipe for so many, like one that was made before, or freely. */
export default async function Make({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  if (!can(scope, "write")) notFound();
  const asked = await searchParams;
  const word = (name: string) => {
    const value = asked[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const [locations, own, offered] = await Promise.all([
    locationChoices(scope),
    ownLocation(scope),
    recipeChoices(scope),
  ]);
  const usual = locations.find(({ id }) => id === own)?.id ?? locations[0]?.id ?? "";
  const place = locations.find(({ id }) => id === word("at"))?.id ?? usual;
  const start = await productionStart(scope, {
    recipe: word("recipe"),
    way: word("way") === "unmake" ? "unmake" : "make",
    many: word("many") ?? "",
    location: place,
    again: word("again"),
  }).catch(orNotFound);
  const base = `/${scope.slug}`;
  const { way, recipe } = start;
  const title = way === "make" ? "Make" : "Unmake";
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "Movements", href: `${base}/inventory/movements` },
        { label: recipe === null ? title : `${title} ${recipe.name}` },
      ]}
      title={recipe === null ? title : `${title}: ${recipe.name}`}
      note={
        way === "make"
          ? "What comes out costs what its inputs' lots cost, with the work and overhead."
          : "What is taken apart shares its cost out over what comes out of it."
      }
    >
      <Tabs
        label="Make or unmake"
        tabs={(["make", "unmake"] as const)
          .filter((one) => one === way || recipe?.way !== "unmake")
          .map((one) => ({
            label: one === "make" ? "Make" : "Unmake",
            href: makeHref(base, { recipe: recipe?.recipe, way: one }),
            current: one === way,
          }))}
      />
      <FillIn base={base} start={start} offered={offered} locations={locations} place={place} />
      <Known scope={scope} start={start} />
      {/* Each page that is made has a document of its own: the same form sent twice is one, the next one another. */}
      <Form
        action={save}
        key={[way, recipe?.recipe, recipe?.version, start.made, place, word("again")].join(" ")}
        hidden={{
          document: newId(),
          way,
          ...(recipe === null ? {} : { recipe: recipe.recipe, version: String(recipe.version) }),
        }}
      >
        <PartsFields
          business={scope.slug}
          ins={start.ins.map(rowOf)}
          outs={start.outs.map(rowOf)}
          place={{ locations, chosen: locations.find(({ id }) => id === start.location)?.id ?? place }}
        />
        <Section title="When, and at what cost beside">
          <div className="max-w-[640px]">
            <Fields columns={2}>
              <DateField label="On" name="on" today={todayOf(scope)} value={todayOf(scope)} order={dayOrder(scope)} />
              <MoneyField
                label="Work and overhead"
                name="overhead"
                currency={scope.currency}
                value={amountText(start.overheadMinor, scope.currency)}
                placeholder="0.00"
                optional
              />
              <SelectField
                label="Taken from"
                name="account"
                options={offered.accounts.map(({ code, name }) => ({ value: code, label: `${name} (${code})` }))}
                value={accountOf(offered, start.account)}
              />
              <TextField label="Note" name="note" value={start.note} maxLength={500} optional />
            </Fields>
          </div>
        </Section>
        <FormActions>
          <Button kind="primary" busy="Working it out">
            {title}
          </Button>
          <ButtonLink href={`${base}/inventory/movements`} kind="quiet">
            Cancel
          </ButtonLink>
        </FormActions>
        <div className="h-3" />
        <Note>What it costs and what it changes is shown first, then you go on.</Note>
      </Form>
      {word("again") === undefined ? null : (
        <Note>
          <ButtonLink kind="quiet" href={productionHref(base, word("again") ?? "")}>
            Back to the one it is made like
          </ButtonLink>
        </Note>
      )}
    </Page>
  );
}

const rowOf = ({ item, name, decimals, qty, share }: StartLine): PartRow => ({
  id: item,
  name,
  qty: formatQuantity(qty, decimals),
  waste: "",
  share: share === 0n ? "" : hundredthsText(share),
});

function accountOf({ accounts }: Offered, wanted: string | null): string | undefined {
  const known = (code: string | null) => accounts.find((one) => one.code === code)?.code;
  return known(wanted) ?? known(usualAccount) ?? accounts[0]?.code;
}

/** Which recipe, how many, and where: fills the lines in. It only leads to another address, so nothing is needed for it. */
function FillIn({
  base,
  start,
  offered,
  locations,
  place,
}: {
  base: string;
  start: ProductionStart;
  offered: Offered;
  locations: Places;
  place: string;
}) {
  const { recipe, made, way } = start;
  const recipes = offered.recipes.filter((one) => fits(one.way, way));
  if (recipes.length === 0 && recipe === null) return null;
  // A recipe that was retired since is still the one that something was made by.
  const own =
    recipe === null || recipes.some(({ id }) => id === recipe.recipe) ? [] : [{ id: recipe.recipe, name: recipe.name }];
  return (
    <form action={`${base}/inventory/make`} method="get" className="max-w-[640px] mb-4">
      {way === "unmake" ? <input type="hidden" name="way" value="unmake" /> : null}
      <Fields columns={3}>
        <SelectField
          key={`recipe ${recipe?.recipe}`}
          label="Recipe"
          name="recipe"
          options={[
            { value: "", label: "None: free lines" },
            ...[...own, ...recipes].map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={recipe?.recipe ?? ""}
        />
        <TextField
          key={`many ${made}`}
          label="How many"
          name="many"
          value={recipe === null || made === null ? "" : formatQuantity(made, recipe.decimals)}
          error={start.wrong ?? undefined}
          placeholder="a batch"
        />
        <SelectField
          key={`at ${place}`}
          label="At"
          name="at"
          options={locations.map(({ id, name }) => ({ value: id, label: name }))}
          value={place}
        />
      </Fields>
      <div className="mt-2">
        <Button>Fill in the lines</Button>
      </div>
    </form>
  );
}

/** To make, by what makes; to unmake, by what takes apart or backwards through what makes. */
const fits = (of: RecipeWay, way: RecipeWay): boolean => way === "unmake" || of === "make";

/** What is known before anything is recorded: how many what is there is enough for, and what it would cost. */
function Known({ scope, start: { recipe, made, estimate, enough } }: { scope: Scope; start: ProductionStart }) {
  if (recipe === null || estimate === null) return null;
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} zero="figure" />;
  const isTooMany = enough !== null && made !== null && made > enough;
  return (
    <>
      <Tape
        terms={[
          ...(enough === null
            ? []
            : [
                {
                  label: "What is there is enough for",
                  value: quantityText(enough, recipe.decimals),
                  text: true,
                  left: isTooMany,
                },
              ]),
          {
            label: "Would cost now",
            value: money(estimate.costMinor),
            sub: estimate.isComplete ? "an estimate" : "an estimate, not complete",
          },
        ]}
      />
      {isTooMany ? (
        <Warn>
          This is more than what is there is enough for. You can go on: what no lot covers gets its cost when a purchase
          does.
        </Warn>
      ) : null}
      <div className="h-3" />
      <Note>
        The lines are those of <a href={recipeHref(`/${scope.slug}`, recipe.recipe)}>{recipe.name}</a>, version{" "}
        {recipe.version}. Change them where it was done otherwise.
      </Note>
      <div className="h-4" />
    </>
  );
}
