import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { previewUndoImport } from "@/lib/desk/import-undo";
import { previewOf, takenBackAtOnce, takingBack } from "@/lib/desk/take-back";
import { type Import, importOf } from "@/lib/money/imports";
import { can, type Scope } from "@/lib/people/access";
import type { Changes as Moved } from "@/lib/preview";
import { Button, ButtonLink } from "../../../ui/button";
import { countText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { Page } from "../../../ui/page-frame";
import { Alert, Note } from "../../../ui/section";
import { WhatThisChanges } from "../../inventory/sold/what-changes";
import { previewUndo, undo } from "./actions";
import { isSeen, isUnderWay, PreviewProgress, TakeBackProgress } from "./take-back-progress";

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
  const preview = await previewOf(scope, id);
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
            <PreviewProgress scope={scope} run={preview}>
              <Form action={previewUndo} hidden={{ id }}>
                <Button busy="Asking">Work out what it changes</Button>
              </Form>
            </PreviewProgress>
          ) : (
            <WhatThisChanges scope={scope} changes={moved} />
          )}
          <div className="mt-4 flex gap-2">
            {moved !== null || isSeen(preview) ? (
              <Form action={undo} hidden={{ id }}>
                <Button kind="destructive" busy="Taking back">
                  Take back {countText(one.result.new)} rows
                </Button>
              </Form>
            ) : null}
            <ButtonLink href={`${base}/${id}`} kind="quiet">
              Keep it
            </ButtonLink>
          </div>
        </>
      ) : null}
    </Page>
  );
}
