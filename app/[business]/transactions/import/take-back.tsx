import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { previewUndoImport } from "@/lib/desk/import-undo";
import { takenBackAtOnce, takingBack } from "@/lib/desk/take-back";
import { type Import, importOf } from "@/lib/money/imports";
import { can, type Scope } from "@/lib/people/access";
import type { Changes as Moved } from "@/lib/preview";
import { Button, ButtonLink } from "../../../ui/button";
import { Changes } from "../../../ui/changes";
import { countText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Alert, Note } from "../../../ui/section";
import { undo } from "./actions";
import { isUnderWay, TakeBackProgress } from "./take-back-progress";

/** What taking a file back would change, before it is done. */
export async function ImportTakeBack({ scope, id }: { scope: Scope; id: string }) {
  if (!can(scope, "write")) notFound();
  let one: Import;
  let moved: Moved | null = null;
  let refused: string | null = null;
  try {
    one = await importOf(scope, id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
  const run = await takingBack(scope, id);
  const isLarge = one.result.new > takenBackAtOnce;
  if (one.state === "undone") refused = "It was taken back: nothing of this file is in the books any more.";
  else if (!isUnderWay(run) && !isLarge)
    try {
      moved = await previewUndoImport(scope, id);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused = error.message;
    }
  const base = `/${scope.slug}/${one.kind === "bank" ? "transactions" : "channels"}/import`;
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} zero="figure" />;
  return (
    <Page
      path={[{ label: "Import", href: base }, { label: one.fileName, href: `${base}/${id}` }, { label: "Take back" }]}
      title={`Take ${one.fileName} back`}
      note={`${countText(one.result.new)} rows came in with it. The same file can be brought in again.`}
    >
      <TakeBackProgress scope={scope} run={run} />
      {refused === null ? null : one.state === "undone" ? <Note>{refused}</Note> : <Alert>{refused}</Alert>}
      {refused === null && !isUnderWay(run) ? (
        <>
          {moved === null ? (
            <Note>
              It is too much to rehearse here; balances and costs follow by the same rules. All of it goes, or nothing.
            </Note>
          ) : (
            <Changes
              note={
                moved.closed > 0
                  ? `${moved.closed} entries fall into a closed period and are posted on its first open day.`
                  : undefined
              }
              changes={[
                {
                  label: "Inventory",
                  now: money(moved.inventory.before),
                  change: money(moved.inventory.change),
                  after: money(moved.inventory.after),
                },
                {
                  label: "Cost of goods sold",
                  now: money(moved.cost.before),
                  change: money(moved.cost.change),
                  after: money(moved.cost.after),
                },
              ]}
              more={
                moved.saleCount === 0
                  ? "No other sale changes."
                  : `${countText(moved.saleCount)} sales change their cost.`
              }
            />
          )}
          <div className="mt-4 flex gap-2">
            <Form action={undo} hidden={{ id }}>
              <Button kind="destructive" busy="Taking back">
                Take back {countText(one.result.new)} rows
              </Button>
            </Form>
            <ButtonLink href={`${base}/${id}`} kind="quiet">
              Keep it
            </ButtonLink>
          </div>
        </>
      ) : null}
    </Page>
  );
}
