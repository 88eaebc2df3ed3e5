import type { Metadata } from "next";
import { type Closing as ClosingState, closingOf } from "@/lib/books/periods";
import { addDays, nextDay, startOfMonth } from "@/lib/core/dates";
import { Refusal } from "@/lib/core/errors";
import { needsOf } from "@/lib/needs";
import { can } from "@/lib/people/access";
import { todayOf } from "@/lib/system/clock";
import { type BusinessParams, scopeOf } from "../../../scope";
import type { SearchParams } from "../../../ui/address";
import { Button } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { DateField } from "../../../ui/date-field.client";
import { dayText } from "../../../ui/days";
import { AskDialog } from "../../../ui/dialog.client";
import { Fields, FormActions, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { NeedsYou } from "../../../ui/needs-you";
import { Alert, Note, Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { Table } from "../../../ui/table";
import { needsShown } from "../../needs-shown";
import { dayOf } from "../../reports/period";
import { orderOf } from "../../reports/period-chip";
import { SettingsArea } from "../area";
import { closeBooks, openBooks } from "./actions";

export const metadata: Metadata = { title: "Closing the books" };

type Change = ClosingState["history"][number];

/** How far the books are closed; closing them further, with what is still open until then; opening them again. */
export default async function Closing({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const today = todayOf(scope.timeZone);
  const closing = await closingOf(scope);
  const { closedThrough } = closing;
  const asked = (await searchParams).through;
  const usual = addDays(startOfMonth(today), -1);
  let through = closedThrough !== null && closedThrough >= usual ? addDays(today, -1) : usual;
  let problem: string | null = null;
  try {
    if (typeof asked === "string" && asked.trim() !== "") through = dayOf(asked, scope, today);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problem = error.message;
  }
  const needs = needsShown(await needsOf(scope, { until: through }), scope, through);
  const here = `/${scope.slug}/settings/closing`;
  const canClose = through < today && (closedThrough === null || through > closedThrough);
  return (
    <SettingsArea scope={scope} at="closing">
      <Section title="Closed books" first>
        <p className="mb-2">
          {closedThrough === null ? (
            <State kind="waiting">Nothing is closed yet: every day is open</State>
          ) : (
            <State kind="done">Closed through {dayText(closedThrough)}</State>
          )}
        </p>
        <Note>
          On a closed day nothing is posted any more, so reports that you have handed in stay as they were. What comes
          late keeps its own day, counts on the first open one
          {closedThrough === null ? "" : `, ${dayText(nextDay(closedThrough))},`} and says why.
        </Note>
      </Section>
      {can(scope, "close") ? (
        <Section title="Close through a day" note="first see what is still open until then">
          {problem === null ? null : <Alert>{problem}</Alert>}
          <form action={here} method="get" className="mb-4 flex max-w-[420px] items-end gap-3">
            <DateField
              label="Through"
              name="through"
              today={today}
              value={through}
              order={orderOf(scope)}
              closedThrough={closedThrough ?? undefined}
            />
            <Button>See what is open</Button>
          </form>
          {!canClose ? (
            <Note>
              {through >= today
                ? "Only days that are over can be closed. Choose yesterday or earlier."
                : `The books are closed through ${dayText(closedThrough ?? through)} already.`}
            </Note>
          ) : (
            <div className="max-w-[640px]">
              {needs.length === 0 ? (
                <p>
                  <State kind="done">Nothing is open until {dayText(through)}</State>
                </p>
              ) : (
                <>
                  <p className="q mb-2">
                    Open until {dayText(through)}. It can be closed all the same: what is done later counts on{" "}
                    {dayText(nextDay(through))}.
                  </p>
                  <NeedsYou needs={needs} />
                </>
              )}
              <div className="mt-4">
                <AskDialog
                  opens={`Close through ${dayText(through)}`}
                  kind="primary"
                  title={`Close the books through ${dayText(through)}?`}
                  note="Costs that wait are worked out first. An owner can open the days again; that stands in the audit trail."
                  keep="Keep them open"
                >
                  <Form action={closeBooks} hidden={{ through }}>
                    <Button kind="filled" busy="Closing">
                      Close them
                    </Button>
                  </Form>
                </AskDialog>
              </div>
            </div>
          )}
        </Section>
      ) : null}
      {closedThrough !== null && scope.role === "owner" ? (
        <Section title="Open closed days again" note="owners only; kept in the audit trail">
          <div className="max-w-[640px]">
            <Form action={openBooks}>
              <Fields columns={2}>
                <DateField
                  label="Closed only through"
                  name="through"
                  today={today}
                  order={orderOf(scope)}
                  optional
                  hint="Left empty, all days are open again."
                />
                <TextField label="Why" name="why" maxLength={300} />
              </Fields>
              <FormActions>
                <Button kind="destructive" busy="Opening">
                  Open again
                </Button>
              </FormActions>
            </Form>
          </div>
        </Section>
      ) : null}
      {closing.history.length === 0 ? null : (
        <Section title="Closed and opened" note="newest first">
          <Table<Change>
            caption="When the books were closed and opened"
            rows={closing.history}
            keyOf={(change) => change.at}
            columns={[
              {
                key: "at",
                head: "When",
                quiet: true,
                phone: "where",
                cell: (change) => <Moment at={change.at} timeZone={scope.timeZone} />,
              },
              {
                key: "what",
                head: "What",
                rowHead: true,
                phone: "what",
                cell: (change) =>
                  change.isOpening
                    ? change.through === null
                      ? "Opened, all days"
                      : `Opened, after ${dayText(change.through)}`
                    : `Closed through ${dayText(change.through ?? "")}`,
              },
              { key: "who", head: "Who", phone: "amount", cell: (change) => change.who ?? "Lotbook itself" },
              { key: "why", head: "Why", wraps: true, quiet: true, phone: "full", cell: (change) => change.why },
            ]}
          />
        </Section>
      )}
    </SettingsArea>
  );
}
