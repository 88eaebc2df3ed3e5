import type { Metadata } from "next";
import { closingOf } from "@/lib/books/periods";
import { type ClosingItem, closingList, previewClose } from "@/lib/closing";
import { addDays, nextDay, startOfMonth, taxYearOf } from "@/lib/core/dates";
import { Refusal } from "@/lib/core/errors";
import { type Period, yearPeriod } from "@/lib/core/reports/periods";
import { can, type Scope } from "@/lib/people/access";
import type { Changes } from "@/lib/preview";
import { todayOf } from "@/lib/system/clock";
import { type BusinessParams, scopeOf } from "../../../scope";
import type { SearchParams } from "../../../ui/address";
import { Button } from "../../../ui/button";
import { DateField } from "../../../ui/date-field.client";
import { dayText } from "../../../ui/days";
import { AskDialog } from "../../../ui/dialog.client";
import { Fields, FormActions, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Alert, Note, Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { WhatThisChanges } from "../../inventory/sold/what-changes";
import { dayOf, periodText } from "../../reports/period";
import { orderOf } from "../../reports/period-chip";
import { SettingsArea } from "../area";
import { close, closeForGood, openBooks } from "./actions";
import { Seals } from "./history";
import { ClosingList } from "./list";

export const metadata: Metadata = { title: "Closing the books" };

/** How far the books are closed; closing them further, with what is still open until then; a tax year for good; opening them again. */
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
  const { closedThrough, finalThrough } = closing;
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
  const mayClose = can(scope, "close");
  const canClose = through < today && (closedThrough === null || through > closedThrough);
  const items = mayClose && canClose ? await closingList(scope, through) : [];
  const moved = mayClose && canClose ? await changesOf(scope, through) : { changes: null, refused: null };
  const year = scope.role === "owner" ? yearToClose(scope, closing.firstOn, finalThrough, today) : null;
  const yearItems = year === null ? [] : await closingList(scope, year.to);
  return (
    <SettingsArea scope={scope} at="closing">
      <Section title="Closed books" first>
        <p className="mb-2">
          {closedThrough === null ? (
            <State kind="waiting">Nothing is closed yet: every day is open</State>
          ) : (
            <State kind="done">
              Closed through {dayText(closedThrough)}
              {finalThrough === null ? "" : `, for good through ${dayText(finalThrough)}`}
            </State>
          )}
        </p>
        <Note>
          On a closed day nothing is posted any more, so reports that you have handed in stay as they were, to the cent:
          each close is sealed, and the proof of the books compares the seals. What comes late keeps its own day, counts
          on the first open one
          {closedThrough === null ? "" : `, ${dayText(nextDay(closedThrough))},`} and says why.
        </Note>
      </Section>
      {mayClose ? (
        <Section title="Close through a day" note="first see what is still open until then">
          {problem === null ? null : <Alert>{problem}</Alert>}
          <form
            action={`/${scope.slug}/settings/closing`}
            method="get"
            className="mb-4 flex max-w-[420px] items-end gap-3"
          >
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
          {canClose ? (
            <div className="max-w-[640px]">
              <ClosingList items={items} scope={scope} through={through} />
              {moved.refused === null ? null : <Alert>{moved.refused}</Alert>}
              {moved.changes === null ? null : <WhatThisChanges scope={scope} changes={moved.changes} />}
              <CloseForm items={items} through={through} />
            </div>
          ) : (
            <Note>
              {through >= today
                ? "Only days that are over can be closed. Choose yesterday or earlier."
                : `The books are closed through ${dayText(closedThrough ?? through)} already.`}
            </Note>
          )}
        </Section>
      ) : null}
      {year === null ? null : (
        <Section title={`Close the tax year ${periodText(year)} for good`} note="when it is filed; owners only">
          <div className="max-w-[640px]">
            <YearForm year={year} items={yearItems} scope={scope} />
          </div>
        </Section>
      )}
      {closedThrough !== null && scope.role === "owner" && closedThrough !== finalThrough ? (
        <Section title="Open closed days again" note="owners only; kept in the audit trail">
          <div className="max-w-[640px]">
            <Form action={openBooks}>
              <Fields columns={2}>
                <DateField
                  label="Closed only through"
                  name="through"
                  today={today}
                  order={orderOf(scope)}
                  optional={finalThrough === null}
                  hint={
                    finalThrough === null
                      ? "Left empty, all days are open again."
                      : `Until ${dayText(finalThrough)} they stay closed for good.`
                  }
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
      {closing.history.length === 0 ? null : <Seals history={closing.history} timeZone={scope.timeZone} />}
    </SettingsArea>
  );
}

/** What the close would post of what waits to be worked out, or why it cannot be done yet. */
async function changesOf(
  scope: Scope,
  through: string,
): Promise<Readonly<{ changes: Changes | null; refused: string | null }>> {
  try {
    return { changes: await previewClose(scope, through), refused: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { changes: null, refused: error.message };
  }
}

/** The first tax year that has entries, is over, and is not closed for good. */
function yearToClose(scope: Scope, firstOn: string | null, finalThrough: string | null, today: string): Period | null {
  const start = scope.taxYearStartMonth;
  const first = finalThrough === null ? firstOn : nextDay(finalThrough);
  if (first === null) return null;
  const year = yearPeriod(taxYearOf(first, start), start);
  return year.to < today ? year : null;
}

/** Closes at once where nothing stands against it; asks once more, or for a reason, where something does. */
function CloseForm({ items, through }: { items: readonly ClosingItem[]; through: string }) {
  if (items.some(({ weight }) => weight === "stops")) return null;
  const words = `Close through ${dayText(through)}`;
  if (items.some(({ weight }) => weight === "asks"))
    return (
      <div className="mt-4">
        <Form action={close} hidden={{ through }}>
          <Fields>
            <TextField
              label="Why close all the same"
              name="why"
              maxLength={300}
              hint={`Kept with the closing. What is done later counts on ${dayText(nextDay(through))}.`}
            />
          </Fields>
          <FormActions>
            <Button kind="primary" busy="Closing">
              {words} all the same
            </Button>
          </FormActions>
        </Form>
      </div>
    );
  return (
    <div className="mt-4">
      <AskDialog
        opens={words}
        kind="primary"
        title={`Close the books through ${dayText(through)}?`}
        note={`Costs that wait are worked out first. What is done later counts on ${dayText(nextDay(through))}. An owner can open the days again; that stands in the audit trail.`}
        keep="Keep them open"
      >
        <Form action={close} hidden={{ through }}>
          <Button kind="filled" busy="Closing">
            Close them
          </Button>
        </Form>
      </AskDialog>
    </div>
  );
}

function YearForm({ year, items, scope }: { year: Period; items: readonly ClosingItem[]; scope: Scope }) {
  const against = items.filter(({ weight }) => weight !== "told");
  const name = `${year.year}`;
  return (
    <>
      <Note>
        All days until {dayText(year.to)} stay closed for ever. Nobody opens them again: not you, not another owner, not
        we; the database refuses it too. What is found later counts in an open year, and the report of this one shows
        beside what was filed what is known since.
      </Note>
      {against.length === 0 ? null : (
        <div className="mt-4">
          <ClosingList items={against} scope={scope} through={year.to} />
        </div>
      )}
      {against.some(({ weight }) => weight === "stops") ? null : (
        <div className="mt-4">
          <Form action={closeForGood} hidden={{ year: name }}>
            <Fields columns={2}>
              <TextField label={`To be sure, type the year: ${name}`} name="sure" maxLength={4} autoComplete="off" />
              {against.length === 0 ? null : <TextField label="Why close all the same" name="why" maxLength={300} />}
            </Fields>
            <FormActions>
              <Button kind="destructive" busy="Closing">
                Close {periodText(year)} for good
              </Button>
            </FormActions>
          </Form>
        </div>
      )}
    </>
  );
}
