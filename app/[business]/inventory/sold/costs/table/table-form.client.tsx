"use client";

import { type ReactNode, useActionState, useEffect, useRef } from "react";
import { Button } from "../../../../../ui/button";
import { Fields, FileField, SelectField, TextAreaField } from "../../../../../ui/field";
import { untouched as nothing, type Undo } from "../../../../../ui/form-state";
import { TextLink } from "../../../../../ui/link";
import { Alert, Note } from "../../../../../ui/section";
import { toast } from "../../../../../ui/toast.client";
import { costTable, type TableState } from "./actions";
import { TableSeen } from "./seen";

const untouched: TableState = { text: "", account: "3000", error: null, view: null, ready: 0, done: null };

/** Paste or upload, look, save: the second button stands there only for what was looked at. */
export function TableForm({
  accounts,
  listHref,
}: {
  accounts: readonly Readonly<{ value: string; label: string }>[];
  listHref: string;
}): ReactNode {
  const [state, send, isPending] = useActionState(costTable, untouched);
  const said = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (state.done) toast({ message: state.done.message, undo: <TakeBack undo={state.done.undo} /> });
    if (state.error !== null) said.current?.focus();
  }, [state]);

  return (
    <form action={send} aria-busy={isPending}>
      {state.error === null ? null : (
        <div ref={said} tabIndex={-1}>
          <Alert>{state.error}</Alert>
        </div>
      )}
      {state.done === null ? null : <Note>{state.done.message}</Note>}
      <Fields>
        <TextAreaField
          key={state.text}
          label="Rows: order number or SKU, what it cost, when it was bought"
          name="table"
          rows={8}
          value={state.text}
          placeholder={"Order\tCost\tDate\n3320347241\t18.50\t3 Oct 2026"}
          hint="Pasted from a spreadsheet, or CSV. With an order number the cost is for its line in all; with a SKU alone it is for one piece and counts for each of its sales without a cost. Without a day, the day of the sale counts."
        />
      </Fields>
      <div className="mt-4" />
      <Fields columns={2}>
        <FileField label="Or a file" name="file" accept=".csv,.tsv,.txt,text/csv" optional />
        <SelectField label="Paid from" name="account" value={state.account} options={accounts} />
      </Fields>
      <div className="mt-4 flex gap-2 items-center">
        {state.ready > 0 ? (
          <Button kind="primary" busy="Saving" name="save" value="1">
            Save {state.ready} {state.ready === 1 ? "cost" : "costs"}
          </Button>
        ) : null}
        <Button kind={state.ready > 0 ? "plain" : "primary"} busy="Reading">
          Show what this changes
        </Button>
        <TextLink href={listHref}>Back to Sold</TextLink>
      </div>
      {state.view === null ? null : <TableSeen of={state.view} />}
    </form>
  );
}

function TakeBack({ undo }: { undo: Undo }) {
  const [answer, send] = useActionState(undo.action, nothing);
  return (
    <form action={send}>
      {Object.entries(undo.values).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit">{answer.done?.message ?? answer.error?.message ?? undo.label}</button>
    </form>
  );
}
