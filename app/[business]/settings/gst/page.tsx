import type { Metadata } from "next";
import { inForce, natures, offeredRates, rateText, units } from "@/lib/core/gst";
import { formatMinor } from "@/lib/core/money";
import { natureWords } from "@/lib/desk/gst-issuing";
import { itemsWithTaxes, type TaxedItem } from "@/lib/desk/gst-items";
import { type GstSettings, gstSettingsOf, operatorsOf } from "@/lib/desk/gst-settings";
import { can, type Scope } from "@/lib/people/access";
import { todayOf } from "@/lib/system/clock";
import { type BusinessParams, scopeOf } from "../../../scope";
import { hrefOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import { Button } from "../../../ui/button";
import { DateField } from "../../../ui/date-field.client";
import { Empty } from "../../../ui/empty";
import { Fields, FormActions, SelectField, TextField } from "../../../ui/field";
import { countText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { Fig, TextLink } from "../../../ui/link";
import { Note, Section } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { RegisterPager } from "../../inventory/in-stock/list-parts";
import { orNotFound } from "../../reports/not-there";
import { SettingsArea } from "../area";
import { saveChannel, saveItem, saveSettings } from "./actions";

export const metadata: Metadata = { title: "GST" };

const yesNo = [
  { value: "yes", label: "Yes" },
  { value: "no", label: "No" },
];

/** What a business in India says for its tax: prices, turnover, operators, and the code and rate of each product. */
export default async function GstPage({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const settings = await gstSettingsOf(scope).catch(orNotFound);
  const address = readAddress(await searchParams, { filters: ["edit"] });
  return (
    <SettingsArea scope={scope} at="gst">
      <Business scope={scope} settings={settings} />
      <Products scope={scope} address={address} />
      <Operators scope={scope} />
    </SettingsArea>
  );
}

function Business({ scope, settings }: { scope: Scope; settings: GstSettings }) {
  const locked = can(scope, "settings") ? undefined : "Only an owner changes the settings";
  return (
    <Section title="Your tax" first>
      <Note>
        {settings.gstin === "" ? "You have no GSTIN here yet: invoices have no GST. " : `GSTIN ${settings.gstin}. `}
        <TextLink href={`/${scope.slug}/settings/documents`}>It stands with the head of your documents</TextLink>.
      </Note>
      <div className="max-w-[640px] mt-2">
        <Form action={saveSettings}>
          <Fields columns={2}>
            <SelectField
              label="Prices hold the tax"
              name="isWithin"
              value={settings.isWithin ? "yes" : "no"}
              disabled={locked}
              hint={locked ?? "Where an order charges no tax on top."}
              options={yesNo}
            />
            <TextField
              label="Turnover of the tax year before"
              name="turnover"
              value={settings.turnoverMinor === 0n ? "" : formatMinor(settings.turnoverMinor, scope.currency)}
              inputMode="decimal"
              disabled={locked}
              optional
            />
          </Fields>
          {locked === undefined ? (
            <FormActions>
              <Button kind="primary" busy="Saving">
                Save
              </Button>
            </FormActions>
          ) : null}
        </Form>
      </div>
    </Section>
  );
}

async function Products({ scope, address }: { scope: Scope; address: ListAddress }) {
  const here = `/${scope.slug}/settings/gst`;
  const page = await itemsWithTaxes(scope, address.q, { after: address.after, before: address.before });
  const edit = address.filters.edit?.[0];
  const mayWrite = can(scope, "write");
  const editHref = (row: TaxedItem) => (mayWrite ? hrefOf(here, address, { filters: { edit: row.id } }) : null);
  return (
    <Section
      title="Products"
      note={page.open === 0 ? "each with its code" : `${countText(page.open)} without an HSN code`}
    >
      <Table<TaxedItem>
        caption="Products with their codes and rates"
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={editHref}
        stateOf={(row) => ({ chosen: row.id === edit })}
        under={(row) => (row.id === edit && mayWrite ? <ItemForm scope={scope} row={row} /> : null)}
        columns={[
          {
            key: "name",
            head: "Product",
            rowHead: true,
            phone: "what",
            cell: (row) => {
              const href = editHref(row);
              return href === null ? row.name : <Fig href={href}>{row.name}</Fig>;
            },
          },
          { key: "sku", head: "SKU", quiet: true, phone: "where", cell: (row) => row.sku ?? "" },
          { key: "hsn", head: "HSN or SAC", phone: "second", cell: (row) => row.tax?.hsn ?? "" },
          { key: "unit", head: "Unit", cell: (row) => row.tax?.uqc ?? "" },
          {
            key: "rate",
            head: "Rate",
            align: "right",
            phone: "amount",
            cell: (row) => {
              if (row.tax === null) return "not given";
              return row.tax.nature === "taxable" ? `${rateText(row.tax.rate)} %` : natureWords[row.tax.nature];
            },
          },
        ]}
        empty={<Empty title="No products yet">They come with the first purchase.</Empty>}
      />
      <RegisterPager path={here} address={address} page={page} />
    </Section>
  );
}

function ItemForm({ scope, row }: { scope: Scope; row: TaxedItem }) {
  const today = todayOf(scope.timeZone);
  const offered = inForce(offeredRates, today)?.value ?? [];
  return (
    <div className="max-w-[640px]">
      <Form action={saveItem} hidden={{ item: row.id }}>
        <Fields columns={2}>
          <TextField label="HSN or SAC code" name="hsn" value={row.tax?.hsn} inputMode="numeric" maxLength={8} />
          <SelectField
            label="Unit"
            name="uqc"
            value={row.tax?.uqc ?? "NOS"}
            options={units.map(({ code, name }) => ({ value: code, label: `${code} ${name}` }))}
          />
          <SelectField
            label="How it is taxed"
            name="nature"
            value={row.tax?.nature ?? "taxable"}
            options={natures.map((nature) => ({ value: nature, label: natureWords[nature] }))}
          />
          <TextField
            label="Rate"
            name="rate"
            value={row.tax === null ? "" : rateText(row.tax.rate)}
            inputMode="decimal"
            hint={`In percent: ${offered.map(rateText).join(", ")}.`}
            optional
          />
          <DateField label="From" name="from" today={today} value={today} order="day first" />
        </Fields>
        <FormActions>
          <Button kind="primary" busy="Saving">
            Save
          </Button>
        </FormActions>
      </Form>
    </div>
  );
}

async function Operators({ scope }: { scope: Scope }) {
  const rows = await operatorsOf(scope);
  if (rows.length === 0 || !can(scope, "settings")) return null;
  return (
    <Section title="Operators" note="who collects TCS on what is sold through a channel">
      {rows.map(({ channel, name, gstin, pays }) => (
        <details key={channel} className="mt-2">
          <summary>{gstin === "" ? `${name}: none` : `${name}: ${gstin}`}</summary>
          <div className="max-w-[640px] mt-2">
            <Form action={saveChannel} hidden={{ channel }}>
              <Fields columns={2}>
                <TextField label="GSTIN of the operator" name="taxNumber" value={gstin} maxLength={40} optional />
                <SelectField
                  label="It pays the tax itself"
                  name="pays"
                  value={pays ? "yes" : "no"}
                  hint="Section 9(5). Usually no."
                  options={yesNo}
                />
              </Fields>
              <FormActions>
                <Button busy="Saving">Save</Button>
              </FormActions>
            </Form>
          </div>
        </details>
      ))}
    </Section>
  );
}
