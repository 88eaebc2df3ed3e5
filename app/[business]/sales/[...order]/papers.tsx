import { hasGst } from "@/lib/desk/gst-settings";
import type { IssuedRow } from "@/lib/desk/issued-reads";
import { can, type Scope } from "@/lib/people/access";
import type { OrderView } from "@/lib/sales/order-reads";
import { Button } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { dayText } from "../../../ui/days";
import { DateField, Fields, FormActions, TextAreaField, TextField } from "../../../ui/field";
import { moneyText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { Fig } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Note, Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { Table } from "../../../ui/table";
import { creditNote, issueOne } from "../../documents/actions";
import { documentHref } from "../../documents/state";
import { SupplyFields } from "../../documents/supply-fields";
import { todayOf } from "../state";

const kindNames = { invoice: "Invoice", credit_note: "Credit note", debit_note: "Debit note" } as const;

/** What was issued for an order and its returns, and what may be. */
export function Papers({ scope, order, issued }: { scope: Scope; order: OrderView; issued: readonly IssuedRow[] }) {
  const base = `/${scope.slug}`;
  const standing = new Map(issued.filter((row) => row.why === null).map((row) => [row.fact, row]));
  const invoice = standing.get(`order/${order.id}`);
  const total = order.gross + order.shipping - order.discount + order.tax;
  const mayWrite = can(scope, "write");
  const open = order.returns.filter((back) => !standing.has(`return/${back.id}`));
  return (
    <Section title="Invoice and notes">
      {issued.length === 0 ? null : (
        <Table<IssuedRow>
          caption="Issued for this order"
          rows={issued}
          keyOf={(row) => row.id}
          columns={[
            { key: "on", head: "Date", quiet: true, phone: "where", cell: (row) => <Day on={row.on} /> },
            {
              key: "number",
              head: "Number",
              rowHead: true,
              phone: "what",
              cell: (row) => (
                <Fig href={documentHref(base, row.id)} narrow>
                  {row.number}
                </Fig>
              ),
            },
            { key: "kind", head: "Kind", cell: (row) => kindNames[row.kind] },
            {
              key: "state",
              head: "State",
              phone: "second",
              cell: (row) => (row.why === null ? null : <State kind="wrong">Cancelled</State>),
            },
            {
              key: "total",
              head: "Total",
              align: "right",
              phone: "amount",
              cell: (row) => <Money of={{ amountMinor: row.totalMinor, currency: scope.currency }} />,
            },
          ]}
        />
      )}
      {invoice !== undefined && invoice.totalMinor !== total ? (
        <Note>
          The order was changed since {invoice.number} was issued: it now comes to{" "}
          {moneyText({ amountMinor: total, currency: scope.currency })}. Cancel the invoice to issue another.
        </Note>
      ) : null}
      {mayWrite && invoice === undefined ? <IssueForm scope={scope} order={order} /> : null}
      {mayWrite && invoice !== undefined
        ? open.map((back) => (
            <Form key={back.id} action={creditNote} hidden={{ return: back.id }} className="mt-2">
              <Button busy="Issuing">Issue the credit note of {dayText(back.on)}</Button>
            </Form>
          ))
        : null}
    </Section>
  );
}

function IssueForm({ scope, order }: { scope: Scope; order: OrderView }) {
  const today = todayOf(scope);
  return (
    <details className="mt-2">
      <summary>Issue an invoice</summary>
      <div className="max-w-[640px] mt-2">
        <Form action={issueOne} hidden={{ order: order.id }}>
          <Fields columns={2}>
            <TextField label="Made out to" name="name" maxLength={120} optional />
            <TextField label="Their tax registration" name="taxNumber" maxLength={40} optional />
            <TextAreaField label="Their address" name="address" rows={3} optional />
            <DateField
              label="Dated"
              name="on"
              today={today}
              value={today < order.on ? order.on : today}
              order={scope.country === "US" ? "month first" : "day first"}
            />
            {hasGst(scope) ? <SupplyFields to={order.shipTo} /> : null}
          </Fields>
          <FormActions>
            <Button busy="Issuing">Issue invoice</Button>
          </FormActions>
        </Form>
      </div>
    </details>
  );
}
