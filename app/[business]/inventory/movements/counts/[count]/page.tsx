import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { type CountView, countView } from "@/lib/desk/count-reads";
import { can, isLimited } from "@/lib/people/access";
import { locationChoices } from "@/lib/stock/location-reads";
import { stockScopeOf } from "../../../../../scope";
import type { SearchParams } from "../../../../../ui/address";
import { Button, ButtonLink, buttonClass } from "../../../../../ui/button";
import { AskDialog } from "../../../../../ui/dialog.client";
import { FormActions } from "../../../../../ui/field";
import { countText } from "../../../../../ui/figures";
import { Form } from "../../../../../ui/form";
import { Page } from "../../../../../ui/page-frame";
import { Note, Section, Warn } from "../../../../../ui/section";
import { State } from "../../../../../ui/state";
import { PaperLinks, SendPaper } from "../../../../documents/paper-tools";
import { cancel, end, start, takeBack } from "../actions";
import { PlanForm } from "../plan-form";
import { countHref, countingHref, countStateKinds, countStateNames, countsHref } from "../state";
import { Documents, Lines, Review } from "./parts";

export const metadata: Metadata = { title: "Count" };

/** A count: what is planned, how far it is, its differences and their reasons, what approving it put right. */
export default async function Count({
  params,
  searchParams,
}: {
  params: Promise<Readonly<{ business: string; count: string }>>;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const count = await countView(scope, decodeURIComponent((await params).count)).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const base = `/${scope.slug}`;
  const here = countHref(base, count.id);
  const mayMove = can(scope, "move");
  // Reasons and approving put a cost into the books: that is for who sees it.
  const mayApprove = can(scope, "write");
  const isEditing = mayMove && count.state === "draft" && (await searchParams).edit !== undefined;
  const name = count.number === null ? "Count" : `Count ${count.number}`;
  const hidden = { count: count.id, version: String(count.version) };
  const isOpen = count.state === "draft" || count.state === "counting" || count.state === "review";
  const parts = { scope, count };
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "Movements", href: `${base}/inventory/movements` },
        { label: "Counts", href: countsHref(base) },
        { label: name },
      ]}
      title={name}
      beside={<State kind={countStateKinds[count.state]}>{countStateNames[count.state]}</State>}
      note={noteOf(count)}
      actions={
        isEditing ? undefined : (
          <>
            {mayMove && isOpen ? <CancelCount count={count} /> : null}
            {mayMove && count.state === "draft" ? <ButtonLink href={`${here}?edit=yes`}>Change</ButtonLink> : null}
            <ButtonLink href={`${here}/export`} download>
              Export
            </ButtonLink>
            {isLimited(scope) ? null : <PaperLinks scope={scope} of="count" id={count.id} />}
            {mayMove && count.state === "counting" ? (
              // A page of its own for the browser: only a document that was loaded as the counting page may use the camera (proxy.ts).
              <a className={buttonClass({ kind: "primary" })} href={countingHref(base, count.id)}>
                Count
              </a>
            ) : null}
          </>
        )
      }
    >
      {isEditing ? (
        <PlanForm
          locations={await locationChoices(scope)}
          location={count.location.id}
          former={count}
          backHref={here}
        />
      ) : (
        <>
          {count.changed.length === 0 ? null : (
            <Warn>
              Since it was approved, something was recorded that had happened before the count.{" "}
              {count.changed.map((line) => line.name).join(", ")} now{" "}
              {count.changed.length === 1 ? "differs" : "differ"} otherwise than it was put right; what was counted
              stays. {mayApprove ? "Approve it again to put the rest right." : null}
            </Warn>
          )}
          {mayApprove && (count.state === "review" || count.changed.length > 0) ? (
            <Review {...parts} />
          ) : (
            <Lines {...parts} />
          )}
          {mayMove && count.state === "draft" ? (
            <Form action={start} hidden={hidden}>
              <FormActions>
                <Button kind="primary" busy="Beginning">
                  Begin counting
                </Button>
              </FormActions>
            </Form>
          ) : null}
          {mayMove && (count.state === "counting" || count.state === "review") ? (
            <Form action={end} hidden={{ ...hidden, all: count.state === "counting" ? "yes" : "no" }}>
              <FormActions>
                <Button busy="Changing">
                  {count.state === "counting" ? "All is counted: look at the differences" : "Back to counting"}
                </Button>
              </FormActions>
            </Form>
          ) : null}
          <Documents {...parts} />
          {mayApprove && count.state === "approved" ? (
            <Section title="Not right?" note="what it changes is shown first">
              <Form action={takeBack} hidden={hidden}>
                <FormActions>
                  <Button busy="Taking back">Take the approval back</Button>
                </FormActions>
              </Form>
            </Section>
          ) : null}
          {count.state === "approved" && !isLimited(scope) ? (
            <SendPaper scope={scope} of="count" id={count.id} />
          ) : null}
          {count.approved?.who == null ? null : <Note>Approved by {count.approved.who}.</Note>}
        </>
      )}
    </Page>
  );
}

function noteOf(count: CountView): string {
  const counted = count.lines.filter((line) => line.counted !== null).length;
  return [
    count.location.name,
    `${countText(counted)} of ${countText(count.lines.length)} products counted`,
    count.isBlind ? "blind" : "",
    count.note,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function CancelCount({ count }: { count: CountView }) {
  return (
    <AskDialog
      opens="Cancel count"
      title="Cancel this count?"
      note="It stays in the list as cancelled, with all that was counted. Nothing was changed in the books."
      keep="Keep it"
    >
      <Form action={cancel} hidden={{ count: count.id, version: String(count.version) }}>
        <Button kind="filled" busy="Cancelling">
          Cancel the count
        </Button>
      </Form>
    </AskDialog>
  );
}
