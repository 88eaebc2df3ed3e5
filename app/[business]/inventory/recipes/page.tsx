import type { Metadata } from "next";
import { type RecipeRow, recipeRows, recipeTotals } from "@/lib/desk/recipe-reads";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../scope";
import { hrefOf, type SearchParams } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { countText } from "../../../ui/figures";
import { FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Fig } from "../../../ui/link";
import { Quantity } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Pager } from "../../../ui/pager";
import { type Column, Table } from "../../../ui/table";
import { keysetLinks } from "../../keyset-links";
import { ledgerHref, todayOf } from "../balances/state";
import { makeHref, recipeHref, recipesState, wayNames } from "./state";

export const metadata: Metadata = { title: "Recipes" };

/** Inventory → Recipes: what things are made of. */
export default async function Recipes({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { address, filter, page: asked } = recipesState(await searchParams);
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/recipes`;
  const [page, totals] = await Promise.all([recipeRows(scope, filter, asked), recipeTotals(scope, filter)]);
  const mayWrite = can(scope, "write");
  const year = Number(todayOf(scope).slice(0, 4));
  const href = (filters: Readonly<Record<string, string | null>>) => hrefOf(path, address, { filters });
  const kept = Object.fromEntries(
    Object.entries(address.filters).flatMap(([name, [value]]) => (value === undefined ? [] : [[name, value]])),
  );
  const columns: readonly Column<RecipeRow>[] = [
    {
      key: "name",
      head: "Recipe",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (row) => <Fig href={recipeHref(base, row.id)}>{row.name}</Fig>,
    },
    { key: "way", head: "What it does", cell: (row) => wayNames[row.way] },
    {
      key: "item",
      head: "Product",
      wraps: true,
      cell: (row) => <Fig href={ledgerHref(base, row.item)}>{row.itemName}</Fig>,
    },
    {
      key: "batch",
      head: "In a batch",
      align: "right",
      phone: "amount",
      cell: (row) => <Quantity of={row.batch} decimals={row.decimals} />,
    },
    { key: "ins", head: "Goes in", align: "right", low: true, cell: (row) => countText(row.ins) },
    { key: "outs", head: "Comes out", align: "right", low: true, cell: (row) => countText(row.outs) },
    { key: "version", head: "Version", align: "right", cell: (row) => countText(row.version) },
    {
      key: "last",
      head: "Last made",
      quiet: true,
      cell: (row) => (row.lastOn === null ? "never" : <Day on={row.lastOn} year={year} />),
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => `${wayNames[row.way]} · ${row.itemName} · version ${row.version}`,
    },
  ];
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Movements", href: `${base}/inventory/movements` }, { label: "Recipes" }]}
      title="Recipes"
      note="What a batch of a product is made of, or what it is taken apart into."
      actions={
        <>
          <ButtonLink href={`${base}/inventory/bundles`}>Bundles</ButtonLink>
          <ButtonLink href={hrefOf(`${path}/export`, address)} download>
            Export
          </ButtonLink>
          {mayWrite ? (
            <>
              <ButtonLink href={makeHref(base)}>Make</ButtonLink>
              <ButtonLink kind="primary" href={`${path}/new`}>
                New recipe
              </ButtonLink>
            </>
          ) : null}
        </>
      }
    >
      <Table<RecipeRow>
        caption="Recipes"
        columns={columns}
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => recipeHref(base, row.id)}
        bar={
          <>
            <div className="mb-2">
              <ListSearch action={path} value={address.q} kept={kept} placeholder="Recipe, product, SKU" />
            </div>
            <FilterBar
              filters={[
                {
                  name: "Does",
                  value: filter.way === undefined ? "all" : wayNames[filter.way].toLowerCase(),
                  on: filter.way !== undefined,
                  off: href({ way: null }),
                  choices: (["make", "unmake"] as const).map((way) => ({
                    label: wayNames[way],
                    href: href({ way }),
                    current: way === filter.way,
                  })),
                },
                {
                  name: "Retired",
                  value: filter.isRetired ? "only those" : "left out",
                  on: filter.isRetired === true,
                  href: href({ state: filter.isRetired ? null : "retired" }),
                  off: href({ state: null }),
                },
              ]}
              end={`${countText(totals.recipes)} ${totals.recipes === 1 ? "recipe" : "recipes"}, by name`}
            />
          </>
        }
        empty={
          totals.isEmpty ? (
            <Empty
              title="No recipe yet"
              actions={
                mayWrite ? (
                  <>
                    <ButtonLink href={`${path}/new`}>Write the first recipe</ButtonLink>
                    <ButtonLink kind="quiet" href={makeHref(base)}>
                      Make something without one
                    </ButtonLink>
                  </>
                ) : undefined
              }
            >
              A recipe says what a product is made of: a candle of wax and a wick, a gift box of what is packed in it.
              What you make by it costs what went in.
            </Empty>
          ) : (
            <Empty
              title="No recipe fits these filters"
              actions={
                <ButtonLink kind="quiet" href={path}>
                  Take all filters off
                </ButtonLink>
              }
            />
          )
        }
      />
      {page.rows.length > 0 ? (
        <Pager
          says={`${countText(page.rows.length)} of ${countText(totals.recipes)}`}
          {...keysetLinks(path, address, page)}
        />
      ) : null}
    </Page>
  );
}
