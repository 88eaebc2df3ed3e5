import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { type IssuedBody, type IssuedView, issuedNames, issuedView } from "@/lib/desk/issued-reads";
import { can, type Scope } from "@/lib/people/access";
import { scopeOf } from "../../../scope";
import { Button } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { dayText } from "../../../ui/days";
import { AskDialog } from "../../../ui/dialog.client";
import { FormActions, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { TextLink } from "../../../ui/link";
import { Money, Quantity } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Note, Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { Table } from "../../../ui/table";
import { Roll } from "../../../ui/tape";
import { todayOf } from "../../inventory/balances/state";
import { cancelOne, eraseOne } from "../actions";
import { PaperLinks, SendPaper } from "../paper-tools";
import { documentsHref, parentHref } from "../state";

export const metadata: Metadata = { title: "Document" };

type Line = IssuedBody["lines"][number] & Readonly<{ key: string }>;

/** An invoice or note as it was issued: what is on it, whether it stands, its paper, and the way to what it is of. */
export default async function IssuedDocument({
  params,
}: {
  params: Promise<Readonly<{ business: string; document: string }>>;
}) {
  const scope = await scopeOf(params);
  const found = await issuedView(scope, (await params).document).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const base = `/${scope.slug}`;
  const { body, party } = found;
  const name = `${issuedNames[found.kind]} ${found.number}`;
  const year = Number(todayOf(scope).slice(0, 4));
  const money = (amount: string) => (
    <Money of={{ amountMinor: BigInt(amount), currency: body.currency }} zero="figure" />
  );
  return (
    <Page
      path={[
        { label: "Sales", href: `${base}/sales` },
        { label: "Invoices and notes", href: documentsHref(base) },
        { label: found.number },
      ]}
      title={name}
      beside={found.why === null ? undefined : <State kind="wrong">Cancelled</State>}
      note={[dayText(found.on), party.name, party.taxNumber].filter((one) => one !== "").join(" · ")}
      actions={<PaperLinks scope={scope} of="issued" id={found.id} />}
    >
      <Section title="What is on it" first>
        <Table<Line>
          caption="Lines of this document"
          rows={body.lines.map((line, at) => ({ ...line, key: String(at) }))}
          keyOf={(line) => line.key}
          columns={[
            { key: "item", head: "Item", rowHead: true, wraps: true, phone: "what", cell: (line) => line.name },
            { key: "sku", head: "SKU", quiet: true, phone: "where", cell: (line) => line.sku },
            {
              key: "qty",
              head: "Quantity",
              align: "right",
              phone: "second",
              cell: (line) => <Quantity of={BigInt(line.qty)} decimals={line.decimals} />,
            },
            { key: "amount", head: "Amount", align: "right", phone: "amount", cell: (line) => money(line.amount) },
          ]}
        />
      </Section>
      <Section title="Sums">
        <Roll
          title="What it comes to"
          lines={body.sums.map(([label, amount], at) => ({
            label,
            value: money(amount),
            ...(at === body.sums.length - 1 ? { op: "=" as const, sum: true } : {}),
          }))}
        />
      </Section>
      <Note>
        {body.about
          .map(([label, value]) => `${label} ${/^\d{4}-\d{2}-\d{2}$/.test(value) ? dayText(value) : value}`)
          .join(" · ")}
        . Issued <Moment at={found.at} timeZone={scope.timeZone} year={year} />
        {found.who === null ? "" : ` by ${found.who}`}.{" "}
        <TextLink href={parentHref(base, found.parent)}>
          {found.parent.startsWith("order/")
            ? "Open its order"
            : found.parent.startsWith("return/")
              ? "Open its return"
              : "Open its purchase"}
        </TextLink>
      </Note>
      {found.cancelled === null ? null : (
        <Note>
          Cancelled <Moment at={found.cancelled.at} timeZone={scope.timeZone} year={year} />
          {found.cancelled.who === null ? "" : ` by ${found.cancelled.who}`}: {found.why}
        </Note>
      )}
      {body.notes.length === 0 ? null : (
        <Section title="Notes" note="as they stand on it">
          {body.notes.map((note) => (
            <Note key={note}>{note}</Note>
          ))}
        </Section>
      )}
      <SendPaper scope={scope} of="issued" id={found.id} />
      <Buyer scope={scope} found={found} today={todayOf(scope)} />
      {found.why === null && can(scope, "write") ? (
        <Section title="Not right?" note="it is not changed: it is cancelled, keeps its number, and another is issued">
          <details>
            <summary>Cancel it</summary>
            <div className="max-w-[640px] mt-2">
              <Form action={cancelOne} hidden={{ document: found.id }}>
                <TextField label="Why" name="why" maxLength={300} hint="It stands on the document." />
                <FormActions>
                  <Button kind="destructive" busy="Cancelling">
                    Cancel {found.number}
                  </Button>
                </FormActions>
              </Form>
            </div>
          </details>
        </Section>
      ) : null}
    </Page>
  );
}

/** Whose name stands on it, until when the law asks to keep that, and the way to erase it after. */
function Buyer({ scope, found, today }: { scope: Scope; found: IssuedView; today: string }) {
  const { party, erasedAt, kept } = found;
  const title = found.kind === "debit_note" ? "The supplier’s data" : "The buyer’s data";
  if (erasedAt !== null)
    return (
      <Section title={title}>
        <Note>
          The name and address on it were erased{" "}
          <Moment at={erasedAt} timeZone={scope.timeZone} year={Number(today.slice(0, 4))} />.
        </Note>
      </Section>
    );
  if (party.name === "" && party.address === "") return null;
  if (kept !== null && today <= kept.until)
    return (
      <Section title={title}>
        <Note>
          The name and address on it are kept through {dayText(kept.until)}, as the law asks ({kept.source}); after that
          they can be erased.
        </Note>
      </Section>
    );
  if (!can(scope, "connect")) return null;
  return (
    <Section title={title} note="no law asks to keep the name and address on it any more">
      <AskDialog
        opens="Erase the name and address"
        kind="destructive"
        title={`Erase the name and address on ${found.number}?`}
        note="They are gone for good, also from its PDF. The document, its number and its amounts stay."
        keep="Keep them"
      >
        <Form action={eraseOne} hidden={{ document: found.id }}>
          <Button kind="filled" busy="Erasing">
            Erase them
          </Button>
        </Form>
      </AskDialog>
    </Section>
  );
}
