import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { type Reason, reasonsOf, saysReason } from "@/lib/core/reasons";
import { type LatestAdjustment, latestAdjustments } from "@/lib/desk/adjustment-reads";
import { reasonSettings } from "@/lib/desk/reason-accounts";
import { can, isLimited, type Scope } from "@/lib/people/access";
import { itemView, whereIs } from "@/lib/stock/item-reads";
import { locationChoices, ownLocation } from "@/lib/stock/location-reads";
import { newId } from "@/lib/system/ids";
import { type BusinessParams, stockScopeOf } from "../../../scope";
import type { SearchParams } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { DateField, Fields, FormActions, SelectField, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Fig } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Note, Section } from "../../../ui/section";
import { type Column, Table } from "../../../ui/table";
import { Tabs } from "../../../ui/tabs";
import { todayOf } from "../balances/state";
import { dayOrder } from "../sold/state";
import { save } from "./actions";
import { AdjustmentFields } from "./fields.client";
import { adjustmentHref, removeHref } from "./state";

export const metadata: Metadata = { title: "Remove stock" };

/** Remove stock, or add what was found: several products at one place, for one reason, as one document. */
export default async function RemoveStock({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  if (!can(scope, "move")) notFound();
  const asked = await searchParams;
  const way = asked.way === "in" ? "in" : "out";
  const base = `/${scope.slug}`;
  const [chosen, locations, own, reasons, latest] = await Promise.all([
    itemAsked(scope, asked.item),
    locationChoices(scope),
    ownLocation(scope),
    isLimited(scope) ? null : reasonSettings(scope),
    latestAdjustments(scope),
  ]);
  const accounts = new Map(reasons?.choices.map(({ code, name }) => [code, name]));
  // The accounts are for who sees the books.
  const reasonText = (reason: Reason): string => {
    const code = reasons?.accounts[reason];
    return code === undefined ? saysReason(reason) : `${saysReason(reason)} · ${accounts.get(code) ?? code}`;
  };
  const item = chosen === null ? {} : { item: chosen.id };
  const where = chosen?.places.find((place) => place.qty > 0n && locations.some(({ id }) => id === place.id));
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "In stock", href: `${base}/inventory/in-stock` },
        { label: way === "out" ? "Remove stock" : "Add stock found" },
      ]}
      title={way === "out" ? "Remove stock" : "Add stock found"}
      note={
        way === "out"
          ? "For what left without a sale. It costs what its lots cost."
          : "For what is there and was in no purchase. It comes in at what it is worth."
      }
    >
      <Tabs
        label="Out or in"
        tabs={[
          { label: "Remove stock", href: removeHref(base, item), current: way === "out" },
          { label: "Add stock found", href: removeHref(base, { ...item, way: "in" }), current: way === "in" },
        ]}
      />
      {/* Each page that is made has a document of its own: the same form sent twice is one, the next one another. */}
      <Form action={save} key={`${way} ${chosen?.id ?? ""}`} hidden={{ document: newId(), way }}>
        <AdjustmentFields
          business={scope.slug}
          locations={locations}
          location={where?.id ?? locations.find(({ id }) => id === own)?.id ?? locations[0]?.id ?? ""}
          way={way}
          currency={scope.currency}
          chosen={chosen}
        />
        <div className="h-4" />
        <div className="max-w-[640px]">
          <Fields columns={2}>
            <SelectField
              label="Why"
              name="reason"
              options={[
                { value: "", label: "Choose" },
                ...reasonsOf(way).map((reason) => ({ value: reason, label: reasonText(reason) })),
              ]}
              hint={reasons === null ? undefined : "With the account that bears it. Settings changes it."}
            />
            <DateField label="On" name="on" today={todayOf(scope)} value={todayOf(scope)} order={dayOrder(scope)} />
            <TextField label="Note" name="note" maxLength={500} optional all />
          </Fields>
          <FormActions>
            <Button kind="primary" busy="Working it out">
              {way === "out" ? "Remove" : "Add"}
            </Button>
            <ButtonLink href={`${base}/inventory/in-stock`} kind="quiet">
              Cancel
            </ButtonLink>
          </FormActions>
          <div className="h-3" />
          <Note>
            {reasons === null
              ? "What it comes to is shown first, then you go on."
              : `${way === "out" ? "What it costs" : "What it is worth"} and what it changes is shown first, then you go on.`}
          </Note>
        </div>
      </Form>
      <Latest scope={scope} rows={latest} />
    </Page>
  );
}

/** The item of the address, and where it is; none where there is no such item. */
async function itemAsked(scope: Scope, asked: SearchParams[string]) {
  if (typeof asked !== "string" || asked === "") return null;
  const found = await itemView(scope, asked).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") return null;
    throw error;
  });
  return found === null ? null : { id: found.id, name: found.name, places: await whereIs(scope, found.id) };
}

function Latest({ scope, rows }: { scope: Scope; rows: readonly LatestAdjustment[] }) {
  if (rows.length === 0) return null;
  const base = `/${scope.slug}`;
  const year = Number(todayOf(scope).slice(0, 4));
  return (
    <Section title="The latest" note="each opens its document, where it can be taken back">
      <Table<LatestAdjustment>
        caption="Stock removed and found"
        rows={rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => adjustmentHref(base, row.id)}
        columns={columnsOf(scope, year)}
      />
    </Section>
  );
}

/** What an adjustment was worth is not told to who is limited to some locations. */
function columnsOf(scope: Scope, year: number): readonly Column<LatestAdjustment>[] {
  const base = `/${scope.slug}`;
  const columns: readonly Column<LatestAdjustment>[] = [
    { key: "on", head: "Date", quiet: true, width: 90, cell: (row) => <Day on={row.on} year={year} /> },
    {
      key: "item",
      head: "Products",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (row) => (
        <Fig href={adjustmentHref(base, row.id)}>
          {row.items === 1 ? row.item : `${row.item} and ${row.items - 1} more`}
        </Fig>
      ),
    },
    {
      key: "reason",
      head: "Why",
      cell: (row) => (row.reason === null ? "Adjustment" : saysReason(row.reason)),
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          <Day on={row.on} year={year} /> · {row.reason === null ? "Adjustment" : saysReason(row.reason)}
        </>
      ),
    },
    {
      key: "value",
      head: "Value",
      align: "right",
      phone: "amount",
      cell: (row) => <Money of={{ amountMinor: row.valueMinor, currency: scope.currency }} />,
    },
  ];
  return isLimited(scope) ? columns.filter(({ key }) => key !== "value") : columns;
}
