import type { Metadata } from "next";
import { can, isLimited } from "@/lib/people/access";
import { type MinimumRow, minimumsAt } from "@/lib/stock/minimums";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { type BusinessParams, stockScopeOf } from "../../../../scope";
import { filterOf, hrefOf, readAddress, type SearchParams } from "../../../../ui/address";
import { Button, ButtonLink } from "../../../../ui/button";
import { FormActions, TextField } from "../../../../ui/field";
import { quantityText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { Fig } from "../../../../ui/link";
import { Quantity } from "../../../../ui/money";
import { Page } from "../../../../ui/page-frame";
import { Note } from "../../../../ui/section";
import { type Column, Table } from "../../../../ui/table";
import { locationChip } from "../frame";
import { RegisterBar, RegisterEmpty, RegisterPager } from "../list-parts";
import { itemHref } from "../state";
import { setMinimums } from "./actions";

export const metadata: Metadata = { title: "Minimums" };

type Numbered = MinimumRow & Readonly<{ row: number }>;

/** How much of each item a place shall have at least: one or many at once. */
export default async function Minimums({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const address = readAddress(await searchParams, { filters: ["location"] });
  const places = await locationsOf(scope);
  const asked = filterOf(address, "location");
  const place = places.find(({ id }) => id === asked) ?? places[0];
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/in-stock/minimums`;
  const location = place?.id ?? "";
  const page = await minimumsAt(
    scope,
    { location, q: address.q },
    { after: address.after, before: address.before, limit: 50 },
  );
  const locked = can(scope, "move") ? undefined : "You may look, not change";
  const text = (units: bigint | null, decimals: number) => (units === null ? "" : quantityText(units, decimals));
  const columns: readonly Column<Numbered>[] = [
    {
      key: "item",
      head: "Item",
      wraps: true,
      phone: "what",
      cell: (row) => <Fig href={itemHref(base, row.id, { location })}>{row.name}</Fig>,
    },
    { key: "sku", head: "SKU", quiet: true, low: true, cell: (row) => <span className="n">{row.sku}</span> },
    {
      key: "qty",
      head: `On hand at ${place?.name ?? "no place"}`,
      align: "right",
      phone: "amount",
      cell: (row) => <Quantity of={row.qty} decimals={row.decimals} zero="figure" />,
    },
    {
      key: "minimum",
      head: "At least",
      align: "right",
      width: 130,
      phone: "where",
      cell: (row) => (
        <>
          <input type="hidden" name={`item-${row.row}`} value={row.id} />
          <span className="only-s q s">At least</span>
          <TextField
            key={`minimum ${location} ${row.id} ${row.minimum}`}
            bare
            label={`At least, ${row.name}`}
            name={`minimum-${row.row}`}
            value={text(row.minimum, row.decimals)}
            disabled={locked}
          />
        </>
      ),
    },
    {
      key: "target",
      head: "Buy up to",
      align: "right",
      width: 130,
      phone: "full",
      cell: (row) => (
        <>
          <span className="only-s q s">Buy up to</span>
          <TextField
            key={`target ${location} ${row.id} ${row.target}`}
            bare
            label={`Buy up to, ${row.name}`}
            name={`target-${row.row}`}
            value={text(row.target, row.decimals)}
            disabled={locked}
          />
        </>
      ),
    },
  ];
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "In stock", href: `${base}/inventory/in-stock` },
        ...(isLimited(scope) ? [] : [{ label: "Buy again", href: `${base}/inventory/in-stock/buy` }]),
        { label: "Minimums" },
      ]}
      title="Minimums"
      beside={place?.name}
      actions={
        isLimited(scope) ? undefined : <ButtonLink href={`${base}/inventory/in-stock/buy`}>Buy again</ButtonLink>
      }
    >
      <Note>
        What a place has less of than <b>at least</b> is marked as low stock and stands under Buy again, with how many
        to buy up to the second figure. Empty: no minimum.
      </Note>
      <RegisterBar
        path={path}
        address={address}
        items={page.items}
        filters={[{ ...locationChip(path, address, places, location), on: false, off: undefined }]}
      />
      <Form action={setMinimums} hidden={{ location }}>
        <Table<Numbered>
          caption={`Minimums at ${place?.name ?? "no place"}`}
          columns={columns}
          rows={page.rows.map((row, at) => ({ ...row, row: at }))}
          keyOf={(row) => row.id}
          empty={
            <RegisterEmpty
              path={hrefOf(path, address, { q: "" })}
              isFiltered={address.q !== ""}
              says="There are no items yet. They come with the details of purchases."
            />
          }
        />
        {locked === undefined && page.rows.length > 0 ? (
          <FormActions>
            <Button kind="primary" busy="Saving">
              Save minimums
            </Button>
          </FormActions>
        ) : null}
      </Form>
      <RegisterPager path={path} address={address} page={page} />
    </Page>
  );
}
