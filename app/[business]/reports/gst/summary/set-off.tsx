import type { SetOff } from "@/lib/core/gst";
import { type MonthSetOff, offerKey } from "@/lib/desk/gst-set-off";
import { can, type Scope } from "@/lib/people/access";
import { Button } from "../../../../ui/button";
import { Form } from "../../../../ui/form";
import { Money } from "../../../../ui/money";
import { Note, Section } from "../../../../ui/section";
import { Table } from "../../../../ui/table";
import { setOff, takeBack } from "./actions";

const names = { igst: "IGST", cgst: "CGST", sgst: "SGST" } as const;

/** Setting the month's input tax against its output tax: what would be, or was, and the way there and back. */
export function SetOffs({ scope, of }: { scope: Scope; of: MonthSetOff }) {
  const isMade = of.made.length > 0;
  const rows = isMade ? of.made : of.offered;
  const mayAct = can(scope, "write") && of.why === null && rows.length > 0;
  return (
    <Section
      title="Set off"
      note={isMade ? "posted on the last day of the month" : "what section 49 orders, of what stands on the accounts"}
    >
      {rows.length === 0 ? (
        <Note>There is nothing to set off: no input tax, or no output tax, stands on the accounts.</Note>
      ) : (
        <Table<SetOff>
          caption={isMade ? "What was set off" : "What would be set off"}
          rows={rows}
          keyOf={(row) => `${row.credit} ${row.owed}`}
          columns={[
            { key: "credit", head: "Credit of", rowHead: true, phone: "what", cell: (row) => names[row.credit] },
            { key: "owed", head: "Against", phone: "second", cell: (row) => names[row.owed] },
            {
              key: "amount",
              head: "Amount",
              align: "right",
              phone: "amount",
              cell: (row) => <Money of={{ amountMinor: row.amount, currency: scope.currency }} />,
            },
          ]}
        />
      )}
      {of.why === null || rows.length === 0 ? null : <Note>{of.why}</Note>}
      {!mayAct ? null : isMade ? (
        <Form action={takeBack} hidden={{ month: of.month }} className="mt-2">
          <Button busy="Taking back">Take it back</Button>
        </Form>
      ) : (
        <Form action={setOff} hidden={{ month: of.month, offer: offerKey(of.offered) }} className="mt-2">
          <Button busy="Setting off">Set it off</Button>
        </Form>
      )}
    </Section>
  );
}
