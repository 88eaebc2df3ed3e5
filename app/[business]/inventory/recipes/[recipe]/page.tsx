import type { Metadata } from "next";
import { share } from "@/lib/core/money";
import { type RecipeCost, recipeCost } from "@/lib/desk/recipe-costs";
import { type RecipeLine, type RecipeView, recipeVersion, recipeView } from "@/lib/desk/recipe-reads";
import { can, type Scope } from "@/lib/people/access";
import { scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Button, ButtonLink } from "../../../../ui/button";
import { Day, Moment } from "../../../../ui/date";
import { FormActions } from "../../../../ui/field";
import { countText, moneyText, quantityText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { Fig, TextLink } from "../../../../ui/link";
import { Money, Quantity } from "../../../../ui/money";
import { Page } from "../../../../ui/page-frame";
import { Note, Section, Warn } from "../../../../ui/section";
import { State } from "../../../../ui/state";
import { Table } from "../../../../ui/table";
import { Tape } from "../../../../ui/tape";
import { orNotFound } from "../../../reports/not-there";
import { ledgerHref, todayOf } from "../../balances/state";
import { retire } from "../actions";
import { EstimatedParts } from "../estimate";
import { hundredthsText, makeHref, productionHref, recipeHref, wasteText, wayNames } from "../state";

export const metadata: Metadata = { title: "Recipe" };

/** Of the latest versions, what each would cost now. */
const costedVersions = 5;

/** A recipe: what a batch takes, what it would cost now, its versions, and what was made by it. */
export default async function Recipe({
  params,
  searchParams,
}: {
  params: Promise<Readonly<{ business: string; recipe: string }>>;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const asked = (await searchParams).version;
  const version = typeof asked === "string" && /^\d{1,6}$/.test(asked) ? Number(asked) : null;
  const view = await recipeView(scope, decodeURIComponent((await params).recipe), version).catch(orNotFound);
  const { recipe } = view;
  const cost = await recipeCost(scope, recipe);
  const base = `/${scope.slug}`;
  const mayWrite = can(scope, "write");
  const isLatest = recipe.version === view.latest;
  const text = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  const extras = (["labour", "overhead"] as const).flatMap((kind) =>
    recipe[kind].amount === 0n
      ? []
      : [
          `${kind === "labour" ? "Work" : "Overhead"} ${text(recipe[kind].amount)} for each ${recipe[kind].per === "batch" ? "batch" : "one"}`,
        ],
  );
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Recipes", href: `${base}/inventory/recipes` }, { label: recipe.name }]}
      title={recipe.name}
      beside={view.isRetired ? <State kind="waiting">Retired</State> : `version ${recipe.version}`}
      note={[
        wayNames[recipe.way],
        ...extras,
        ...(extras.length === 0 ? [] : [`from ${recipe.account.name} (${recipe.account.code})`]),
        recipe.note,
      ]
        .filter((one) => one !== "")
        .join(" · ")}
      actions={
        mayWrite && isLatest && !view.isRetired ? (
          <>
            {recipe.way === "make" ? (
              <ButtonLink href={makeHref(base, { recipe: recipe.recipe, way: "unmake" })}>Unmake</ButtonLink>
            ) : null}
            <ButtonLink href={`${recipeHref(base, recipe.recipe)}/edit`}>Change</ButtonLink>
            <ButtonLink kind="primary" href={makeHref(base, { recipe: recipe.recipe, way: recipe.way })}>
              {recipe.way === "make" ? "Make" : "Unmake"}
            </ButtonLink>
          </>
        ) : undefined
      }
    >
      {isLatest ? null : (
        <Warn>
          This is version {recipe.version} of {view.latest}.{" "}
          <TextLink href={recipeHref(base, recipe.recipe)}>See the latest</TextLink>
        </Warn>
      )}
      <Costs scope={scope} view={view} cost={cost} />
      <Section title="What goes in" note="a batch, at what it would cost now: an estimate from the lots that are there">
        <EstimatedParts scope={scope} of={cost.estimate} />
      </Section>
      <Outs scope={scope} lines={recipe.lines} />
      <Versions scope={scope} view={view} cost={cost} />
      <Made scope={scope} view={view} />
      {mayWrite ? (
        <Section title={view.isRetired ? "In use again?" : "Not used any more?"} note="what was made by it stays">
          <Form action={retire} hidden={{ recipe: recipe.recipe, retired: view.isRetired ? "no" : "yes" }}>
            <FormActions>
              <Button busy="Saving">{view.isRetired ? "Take it back into use" : "Retire"}</Button>
            </FormActions>
          </Form>
        </Section>
      ) : null}
    </Page>
  );
}

function Costs({ scope, view: { recipe }, cost }: { scope: Scope; view: RecipeView; cost: RecipeCost }) {
  const { estimate, enough } = cost;
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} zero="figure" />;
  const isMany = recipe.way === "make" && recipe.batch > recipe.unit;
  return (
    <>
      <Tape
        terms={[
          {
            label: recipe.way === "make" ? "A batch makes" : "A batch takes",
            value: <Quantity of={recipe.batch} decimals={recipe.decimals} />,
          },
          {
            label: "Would cost now",
            value: money(estimate.costMinor),
            sub: estimate.isComplete ? "an estimate" : "an estimate, not complete",
            left: !estimate.isComplete,
          },
          ...(isMany
            ? [
                {
                  label: "Each",
                  value: money(share(estimate.costMinor, recipe.unit, recipe.batch)),
                  sub: "an estimate",
                },
              ]
            : []),
          ...(enough === null
            ? []
            : [{ label: "What is on hand is enough for", value: quantityText(enough, recipe.decimals), text: true }]),
        ]}
      />
      {estimate.isComplete ? null : (
        <Note>Something that goes in has no lot and no recipe of its own: it has no cost yet, so this is too low.</Note>
      )}
    </>
  );
}

/** What comes out, where it is more than the one thing; and the waste of what goes in as it was written. */
function Outs({ scope, lines }: { scope: Scope; lines: readonly RecipeLine[] }) {
  const outs = lines.filter((line) => line.side === "out");
  const wasted = lines.filter((line) => line.side === "in" && wasteText(line) !== "");
  return (
    <>
      {wasted.length === 0 ? null : (
        <Note>Waste beyond what goes in: {wasted.map((line) => `${wasteText(line)} of ${line.name}`).join(", ")}.</Note>
      )}
      {outs.length === 1 ? null : (
        <Section title="What comes out">
          <Table<RecipeLine>
            caption="What comes out of a batch"
            rows={outs}
            keyOf={(line) => line.item}
            columns={[
              {
                key: "item",
                head: "Product",
                rowHead: true,
                wraps: true,
                phone: "what",
                cell: (line) => <Fig href={ledgerHref(`/${scope.slug}`, line.item)}>{line.name}</Fig>,
              },
              {
                key: "qty",
                head: "Quantity",
                align: "right",
                phone: "amount",
                cell: (line) => <Quantity of={line.qty} decimals={line.decimals} />,
              },
              {
                key: "share",
                head: "Share of the cost",
                align: "right",
                phone: "second",
                cell: (line) => hundredthsText(line.share),
              },
            ]}
          />
        </Section>
      )}
    </>
  );
}

async function Versions({ scope, view, cost }: { scope: Scope; view: RecipeView; cost: RecipeCost }) {
  const base = `/${scope.slug}`;
  const year = Number(todayOf(scope).slice(0, 4));
  const costs = new Map(
    await Promise.all(
      view.versions.slice(0, costedVersions).map(async ({ version }) => {
        if (version === view.recipe.version) return [version, cost.estimate] as const;
        const other = await recipeVersion(scope, view.recipe.recipe, version);
        return [version, (await recipeCost(scope, other)).estimate] as const;
      }),
    ),
  );
  return (
    <Section title="Versions" note="none is ever changed: an edit makes the next one">
      <Table
        caption="Versions of this recipe"
        rows={view.versions}
        keyOf={(row) => String(row.version)}
        columns={[
          {
            key: "version",
            head: "Version",
            rowHead: true,
            phone: "what",
            cell: (row) => <Fig href={recipeHref(base, view.recipe.recipe, row.version)}>Version {row.version}</Fig>,
          },
          {
            key: "at",
            head: "Written",
            phone: "where",
            cell: (row) => (
              <>
                <Moment at={row.at} timeZone={scope.timeZone} year={year} />
                {row.who === null ? "" : ` by ${row.who}`}
              </>
            ),
          },
          { key: "note", head: "Note", clips: true, quiet: true, low: true, width: 200, cell: (row) => row.note },
          { key: "made", head: "Times made", align: "right", phone: "second", cell: (row) => countText(row.made) },
          {
            key: "cost",
            head: "A batch now",
            align: "right",
            phone: "amount",
            cell: (row) => {
              const estimate = costs.get(row.version);
              if (estimate === undefined) return null;
              return (
                <>
                  <Money of={{ amountMinor: estimate.costMinor, currency: scope.currency }} />
                  {estimate.isComplete ? "" : ", not complete"}
                </>
              );
            },
          },
        ]}
      />
    </Section>
  );
}

function Made({ scope, view }: { scope: Scope; view: RecipeView }) {
  if (view.productions.length === 0) return null;
  const base = `/${scope.slug}`;
  const year = Number(todayOf(scope).slice(0, 4));
  return (
    <Section title={view.recipe.way === "make" ? "Made by it" : "Taken apart by it"} note="the latest">
      <Table<RecipeView["productions"][number]>
        caption="Productions by this recipe"
        rows={view.productions}
        keyOf={(row) => row.id}
        hrefOf={(row) => productionHref(base, row.id)}
        columns={[
          { key: "on", head: "Date", quiet: true, phone: "where", cell: (row) => <Day on={row.on} year={year} /> },
          {
            key: "number",
            head: "Document",
            rowHead: true,
            phone: "what",
            cell: (row) => <Fig href={productionHref(base, row.id)}>{row.number ?? row.id.slice(-24)}</Fig>,
          },
          { key: "version", head: "Version", align: "right", phone: "second", cell: (row) => countText(row.version) },
          {
            key: "qty",
            head: "Quantity",
            align: "right",
            phone: "amount",
            cell: (row) => <Quantity of={row.qty} decimals={view.recipe.decimals} />,
          },
        ]}
      />
    </Section>
  );
}
