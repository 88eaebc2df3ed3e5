import type { Metadata } from "next";
import { type Bundle, bundleRows, bundleTotals } from "@/lib/desk/bundle-reads";
import { can } from "@/lib/people/access";
import { readCursor } from "@/lib/sales/keyset";
import { type BusinessParams, scopeOf } from "../../../scope";
import { hrefOf, readAddress, type SearchParams } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Empty } from "../../../ui/empty";
import { countText, quantityText } from "../../../ui/figures";
import { FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Fig, TextLink } from "../../../ui/link";
import { Money, Quantity } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Pager } from "../../../ui/pager";
import { Note } from "../../../ui/section";
import { type Column, Table } from "../../../ui/table";
import { keysetLinks } from "../../keyset-links";
import { ledgerHref } from "../balances/state";
import { bundleHref, partsText } from "./state";

export const metadata: Metadata = { title: "Bundles" };

/** Inventory → Bundles: what is only sold, what is in it, how many could be sold now and what one would cost. */
export default async function Bundles({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const address = readAddress(await searchParams, { filters: [] });
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/bundles`;
  const [page, totals] = await Promise.all([
    bundleRows(scope, address.q, { after: readCursor(address.after), before: readCursor(address.before) }),
    bundleTotals(scope, address.q),
  ]);
  const mayWrite = can(scope, "write");
  const cost = (row: Bundle) => <Money of={{ amountMinor: row.costMinor, currency: scope.currency }} />;
  const total = (row: Bundle) => row.places.reduce((sum, place) => sum + place.qty, 0n);
  const name = (row: Bundle) => (
    <Fig href={mayWrite ? bundleHref(base, row.item) : ledgerHref(base, row.item)}>{row.name}</Fig>
  );
  const columns: readonly Column<Bundle>[] = [
    { key: "name", head: "Bundle", rowHead: true, wraps: true, phone: "what", cell: name },
    { key: "sku", head: "SKU", quiet: true, low: true, cell: (row) => <span className="n">{row.sku}</span> },
    { key: "parts", head: "What is in one", wraps: true, phone: "where", cell: (row) => partsText(row.parts) },
    {
      key: "could",
      head: "Could be sold now",
      align: "right",
      phone: "second",
      cell: (row) => (
        <>
          <Quantity of={total(row)} />
          {row.places.length > 1 ? (
            <span className="s q">
              {" "}
              {row.places.map((place) => `${place.name} ${quantityText(place.qty)}`).join(", ")}
            </span>
          ) : null}
        </>
      ),
    },
    {
      key: "cost",
      head: "One would cost",
      align: "right",
      phone: "amount",
      cell: (row) =>
        row.isComplete ? cost(row) : row.costMinor === 0n ? "no cost yet" : <>{cost(row)}, not complete</>,
    },
  ];
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Movements", href: `${base}/inventory/movements` }, { label: "Bundles" }]}
      title="Bundles"
      note="Products that are only sold: each sale takes what is in them from the shelf."
      actions={
        <>
          <ButtonLink href={`${base}/inventory/recipes`}>Recipes</ButtonLink>
          <ButtonLink href={hrefOf(`${path}/export`, address)} download>
            Export
          </ButtonLink>
          {mayWrite ? (
            <ButtonLink kind="primary" href={`${path}/new`}>
              New bundle
            </ButtonLink>
          ) : null}
        </>
      }
    >
      <Table<Bundle>
        caption="Bundles"
        columns={columns}
        rows={page.rows}
        keyOf={(row) => row.item}
        hrefOf={(row) => (mayWrite ? bundleHref(base, row.item) : null)}
        bar={
          <>
            <div className="mb-2">
              <ListSearch action={path} value={address.q} placeholder="Bundle, SKU" />
            </div>
            <FilterBar
              filters={[]}
              end={`${countText(totals.bundles)} ${totals.bundles === 1 ? "bundle" : "bundles"}, by name`}
            />
          </>
        }
        empty={
          totals.isEmpty ? (
            <Empty
              title="No bundle yet"
              actions={
                mayWrite ? <ButtonLink href={`${path}/new`}>Say what is in the first one</ButtonLink> : undefined
              }
            >
              A bundle is sold as one and stocked as its parts: a starter kit, a pack of three. Where a listing is a
              pack, Choose item makes it by itself.
            </Empty>
          ) : (
            <Empty
              title="No bundle fits these words"
              actions={
                <ButtonLink kind="quiet" href={path}>
                  Show all
                </ButtonLink>
              }
            />
          )
        }
      />
      {page.rows.length > 0 ? (
        <Pager
          says={`${countText(page.rows.length)} of ${countText(totals.bundles)}`}
          {...keysetLinks(path, address, page)}
        />
      ) : null}
      <Note>
        What one would cost is an estimate from the oldest lots that are left. A kit that is packed beforehand and
        stands on the shelf is made by a <TextLink href={`${base}/inventory/recipes`}>recipe</TextLink>.
      </Note>
    </Page>
  );
}
