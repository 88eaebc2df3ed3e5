import type { Metadata } from "next";
import { longestNumber, type SeriesKind } from "@/lib/core/numbering";
import { letterheadOf } from "@/lib/desk/letterhead";
import { type SeriesView, seriesSettings } from "@/lib/desk/series-settings";
import { can, type Scope } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../scope";
import type { SearchParams } from "../../../ui/address";
import { Button } from "../../../ui/button";
import { Fields, FormActions, SelectField, TextAreaField, TextField } from "../../../ui/field";
import { countText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { Fig, TextLink } from "../../../ui/link";
import { Section } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { SettingsArea } from "../area";
import { saveHead, saveSeries } from "./actions";

export const metadata: Metadata = { title: "Documents" };

const kindNames: Readonly<Record<SeriesKind, string>> = {
  invoice: "Invoices",
  credit_note: "Credit notes",
  debit_note: "Debit notes",
  transfer: "Transfers",
  adjustment: "Removed and found stock",
  production: "Production",
  count: "Counts",
  purchase_order: "Orders to suppliers",
};

/** What stands on the head of papers, and what their numbers look like. */
export default async function DocumentSettings({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const [series, asked] = [await seriesSettings(scope), await searchParams];
  const edited = can(scope, "settings") ? series.find(({ kind }) => kind === asked.edit) : undefined;
  return (
    <SettingsArea scope={scope} at="documents">
      <Head scope={scope} />
      <Section title="Numbers" note="without gaps: each kind counts on by itself">
        <Numbers scope={scope} series={series} edited={edited} />
      </Section>
    </SettingsArea>
  );
}

async function Head({ scope }: { scope: Scope }) {
  const head = await letterheadOf(scope);
  const locked = can(scope, "settings") ? undefined : "Only an owner changes the settings";
  return (
    <Section title="Who you are on paper" first>
      <div className="max-w-[640px]">
        <Form action={saveHead}>
          <Fields columns={2}>
            <TextField
              label="Name"
              name="legalName"
              value={head.legalName}
              placeholder={scope.name}
              maxLength={120}
              disabled={locked}
              hint={locked ?? "Empty: the business's name."}
            />
            <TextField
              label={scope.country === "IN" ? "GSTIN" : "Tax registration"}
              name="taxNumber"
              value={head.taxNumber}
              maxLength={40}
              disabled={locked}
              optional
            />
            <TextAreaField label="Address" name="address" value={head.address} rows={3} disabled={locked} optional />
            <TextAreaField
              label="At the end of each document"
              name="foot"
              value={head.foot}
              rows={3}
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

function Numbers({
  scope,
  series,
  edited,
}: {
  scope: Scope;
  series: readonly SeriesView[];
  edited: SeriesView | undefined;
}) {
  const here = `/${scope.slug}/settings/documents`;
  const mayChange = can(scope, "settings");
  return (
    <Table<SeriesView>
      caption="Numbers of documents"
      rows={series}
      keyOf={({ kind }) => kind}
      stateOf={({ kind }) => ({ chosen: edited?.kind === kind })}
      columns={[
        { key: "kind", head: "Kind", rowHead: true, phone: "what", cell: ({ kind }) => kindNames[kind] },
        {
          key: "next",
          head: "Next",
          phone: "amount",
          cell: ({ nextNumber }) => <span className="n">{nextNumber}</span>,
        },
        {
          key: "given",
          head: "Given",
          align: "right",
          phone: "second",
          cell: ({ given }) => countText(given),
        },
        {
          key: "holds",
          head: "Form",
          headHidden: true,
          wraps: true,
          quiet: true,
          phone: "where",
          cell: ({ isOlder }) => (isOlder ? "goes on as it began; what was chosen holds from the next tax year" : ""),
        },
        ...(mayChange
          ? [
              {
                key: "change",
                head: "Change",
                headHidden: true,
                phone: "full" as const,
                cell: ({ kind }: SeriesView) => (
                  <Fig href={`${here}?edit=${kind}`} stay says={`the numbers of ${kindNames[kind]}`}>
                    Change
                  </Fig>
                ),
              },
            ]
          : []),
      ]}
      under={(row) => (edited?.kind === row.kind ? <Change here={here} of={row} /> : null)}
    />
  );
}

function Change({ here, of }: { here: string; of: SeriesView }) {
  return (
    <div className="p-4 max-w-[640px]">
      <Form action={saveSeries} hidden={{ kind: of.kind }}>
        <Fields columns={2}>
          <TextField
            label="Begins with"
            name="prefix"
            value={of.form.prefix}
            maxLength={longestNumber}
            hint="Letters and digits, with - or / between them."
          />
          <SelectField
            label="The tax year in it"
            name="hasYear"
            value={of.form.hasYear ? "yes" : "no"}
            options={[
              { value: "yes", label: "Yes: each year begins at 1" },
              { value: "no", label: "No: it counts on over the years" },
            ]}
          />
          <TextField label="Digits of the count" name="digits" value={String(of.form.digits)} inputMode="numeric" />
          <TextField
            label="Next number"
            name="next"
            value={String(of.next)}
            inputMode="numeric"
            hint={
              of.given > 0 ? "Numbers were given: it counts on." : "It is only moved up, and only before the first."
            }
          />
        </Fields>
        <FormActions end={<TextLink href={here}>Leave it</TextLink>}>
          <Button kind="primary" busy="Saving">
            Save
          </Button>
        </FormActions>
      </Form>
    </div>
  );
}
