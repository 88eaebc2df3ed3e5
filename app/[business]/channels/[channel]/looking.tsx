/** A channel that is connected for looking only: what it would bring into the books, and the button that does. */
import { Button } from "@/app/ui/button";
import { Day } from "@/app/ui/date";
import { countText } from "@/app/ui/figures";
import { Form } from "@/app/ui/form";
import { Money } from "@/app/ui/money";
import { Note, Section } from "@/app/ui/section";
import { Table } from "@/app/ui/table";
import { can, type Scope } from "@/lib/people/access";
import type { ChannelRow, Trial } from "@/lib/sales/channels";
import { book } from "../actions";

type Account = Trial["accounts"][number];

export function Looking({ scope, channel }: { scope: Scope; channel: ChannelRow }) {
  const { trial } = channel;
  return (
    <div className="mt-8">
      <Section
        title="What it would bring"
        note="worked out as it would be booked, and taken back"
        more={
          can(scope, "connect") && channel.openRun === null && trial !== null ? (
            <Form action={book} hidden={{ channel: channel.id }}>
              <Button kind="primary" busy="Beginning">
                Take it into the books
              </Button>
            </Form>
          ) : undefined
        }
      >
        {trial === null ? (
          <p>It is being fetched and looked at; this page shows what it would post when that is done.</p>
        ) : (
          <>
            <p className="mb-3">
              {countText(trial.orders)} orders with {countText(trial.lines)} lines
              {trial.from === null || trial.through === null ? null : (
                <>
                  {" "}
                  from <Day on={trial.from} /> to <Day on={trial.through} />
                </>
              )}
              , {countText(trial.matched)} of them matched to your products; {countText(trial.payouts)} payouts.
              {trial.aside > 0 ? ` ${countText(trial.aside)} documents would be set aside.` : ""}
            </p>
            {trial.looked < trial.documents ? (
              <Note small>
                {countText(trial.looked)} of {countText(trial.documents)} documents were looked at: the newest orders.
              </Note>
            ) : null}
            {trial.accounts.length === 0 ? null : (
              <Table<Account>
                caption="What it would post, by account"
                rows={trial.accounts}
                keyOf={(row) => row.code}
                columns={[
                  {
                    key: "code",
                    head: "Account",
                    rowHead: true,
                    phone: "what",
                    cell: (row) => `${row.code} ${row.name}`,
                  },
                  {
                    key: "amount",
                    head: "Debit less credit",
                    align: "right",
                    phone: "amount",
                    cell: (row) => (
                      <Money of={{ amountMinor: BigInt(row.amount), currency: scope.currency }} zero="figure" />
                    ),
                  },
                ]}
              />
            )}
          </>
        )}
      </Section>
    </div>
  );
}
