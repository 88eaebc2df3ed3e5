import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { hasGst } from "@/lib/desk/gst-settings";
import { standingOf } from "@/lib/desk/issued-reads";
import { can, type Scope } from "@/lib/people/access";
import { looseReturn } from "@/lib/stock/item-ledger";
import { scopeOf } from "../../../../../../scope";
import { Button } from "../../../../../../ui/button";
import { dayText } from "../../../../../../ui/days";
import { DateField, Fields, FormActions, TextAreaField, TextField } from "../../../../../../ui/field";
import { Form } from "../../../../../../ui/form";
import { TextLink } from "../../../../../../ui/link";
import { Page } from "../../../../../../ui/page-frame";
import { Note, Section } from "../../../../../../ui/section";
import { looseNote } from "../../../../../documents/actions";
import { documentHref } from "../../../../../documents/state";
import { SupplyFields } from "../../../../../documents/supply-fields";
import { idOf, todayOf } from "../../../../balances/state";
import { DocumentLines } from "../../../../document-lines";
import { orderOf } from "../../../state";

export const metadata: Metadata = { title: "Return" };

/** A return whose sale is not in the books: what came back, and its credit note. */
export default async function LooseReturnPage({
  params,
}: {
  params: Promise<Readonly<{ business: string; return: string[] }>>;
}) {
  const scope = await scopeOf(params);
  const found = await looseReturn(scope, idOf((await params).return));
  if (found === null) notFound();
  const base = `/${scope.slug}`;
  const fact = `return/${found.id}`;
  const issued = (await standingOf(scope, [fact])).get(fact);
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "Movements", href: `${base}/inventory/movements` },
        { label: found.number },
      ]}
      title={`Return ${found.number}`}
      note={[dayText(found.on), found.note, "its sale is not in the books"].filter((one) => one !== "").join(" · ")}
    >
      <Section title="What came back" first>
        <DocumentLines base={base} currency={scope.currency} of={found} />
      </Section>
      <Section title="Credit note">
        {issued === undefined ? (
          <>
            <Note>
              A credit note tells the buyer what is given back. Nothing here knows its sale, so you say whom it is for
              {hasGst(scope)
                ? " and where the goods had gone; its tax is at the rates of the products on that day."
                : "."}
            </Note>
            {can(scope, "write") ? <NoteForm scope={scope} id={found.id} on={found.on} /> : null}
          </>
        ) : (
          <p>
            <TextLink href={documentHref(base, issued.id)}>Credit note {issued.number}</TextLink>
          </p>
        )}
      </Section>
    </Page>
  );
}

function NoteForm({ scope, id, on }: { scope: Scope; id: string; on: string }) {
  const today = todayOf(scope);
  return (
    <div className="max-w-[640px] mt-2">
      <Form action={looseNote} hidden={{ return: id }}>
        <Fields columns={2}>
          <TextField label="Made out to" name="name" maxLength={120} optional />
          <TextField label="Their tax registration" name="taxNumber" maxLength={40} optional />
          <TextAreaField label="Their address" name="address" rows={3} optional />
          <DateField label="Dated" name="on" today={today} value={today < on ? on : today} order={orderOf(scope)} />
          {hasGst(scope) ? <SupplyFields /> : null}
          <TextField
            label="Number of their invoice"
            name="ofNumber"
            maxLength={40}
            hint="With its day and what it came to, where you know it."
            optional
          />
          <DateField label="Day of their invoice" name="ofOn" today={today} value="" order={orderOf(scope)} optional />
          <TextField label="Their invoice came to" name="ofValue" inputMode="decimal" optional />
        </Fields>
        <FormActions>
          <Button busy="Issuing">Issue the credit note</Button>
        </FormActions>
      </Form>
    </div>
  );
}
