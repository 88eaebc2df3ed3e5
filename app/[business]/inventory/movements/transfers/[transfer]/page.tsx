import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { type TransferView, transferView } from "@/lib/desk/transfer-reads";
import { can, isLimited, mayAt } from "@/lib/people/access";
import { locationChoices, locationGoals } from "@/lib/stock/location-reads";
import { stockScopeOf } from "../../../../../scope";
import type { SearchParams } from "../../../../../ui/address";
import { Button, ButtonLink } from "../../../../../ui/button";
import { dayText } from "../../../../../ui/days";
import { AskDialog } from "../../../../../ui/dialog.client";
import { Form } from "../../../../../ui/form";
import { Page } from "../../../../../ui/page-frame";
import { State } from "../../../../../ui/state";
import { Files } from "../../../../attachments/files";
import { PaperLinks, SendPaper } from "../../../../documents/paper-tools";
import { stateKinds, stateNames, transferHref } from "../../state";
import { cancel } from "../actions";
import { TransferForm } from "../transfer-form";
import { Lines, Receive, Send, Shortage, Steps } from "./parts";

export const metadata: Metadata = { title: "Transfer" };

/** A transfer: its lines, what happened to them, and what can be done next. */
export default async function Transfer({
  params,
  searchParams,
}: {
  params: Promise<Readonly<{ business: string; transfer: string }>>;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const transfer = await transferView(scope, decodeURIComponent((await params).transfer)).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const mayMove = can(scope, "move");
  const maySend = mayMove && mayAt(scope, transfer.from.id);
  const mayReceive = mayMove && mayAt(scope, transfer.to.id);
  const movements = `/${scope.slug}/inventory/movements`;
  const here = transferHref(`/${scope.slug}`, transfer.id);
  const name = transfer.number === null ? "Transfer" : `Transfer ${transfer.number}`;
  const asked = await searchParams;
  const isEditing = maySend && transfer.state === "draft" && asked.edit !== undefined;
  const parts = { scope, transfer };
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Movements", href: movements }, { label: name }]}
      title={name}
      beside={<State kind={stateKinds[transfer.state]}>{stateNames[transfer.state]}</State>}
      note={noteOf(transfer)}
      actions={
        maySend && transfer.state === "draft" && !isEditing ? (
          <>
            <CancelDraft transfer={transfer} />
            <ButtonLink href={`${here}?edit=yes`}>Change</ButtonLink>
          </>
        ) : transfer.number === null || isLimited(scope) ? undefined : (
          <PaperLinks scope={scope} of="transfer" id={transfer.id} />
        )
      }
    >
      {isEditing ? (
        <TransferForm
          scope={scope}
          locations={await locationChoices(scope)}
          goals={await locationGoals(scope)}
          from={transfer.from.id}
          former={transfer}
          backHref={here}
        />
      ) : (
        <>
          <Lines {...parts} />
          {maySend && transfer.state === "draft" ? <Send {...parts} /> : null}
          {mayReceive && transfer.state === "sent" ? <Receive {...parts} /> : null}
          {(maySend || mayReceive) && transfer.state === "short" ? <Shortage {...parts} /> : null}
          <Steps {...parts} mayMove={mayMove} />
          {isLimited(scope) ? null : (
            <Files scope={scope} of={`transfer/${transfer.id}`} title="Files" refused={asked.refused} />
          )}
          {transfer.number === null || isLimited(scope) ? null : (
            <SendPaper scope={scope} of="transfer" id={transfer.id} />
          )}
        </>
      )}
    </Page>
  );
}

function noteOf(transfer: TransferView): string {
  const on = transfer.state === "draft" ? "planned for" : transfer.state === "cancelled" ? "was planned for" : "sent";
  const note = transfer.note === "" ? "" : ` · ${transfer.note}`;
  return `${transfer.from.name} to ${transfer.to.name}, ${on} ${dayText(transfer.on)}${note}`;
}

function CancelDraft({ transfer }: { transfer: TransferView }) {
  return (
    <AskDialog
      opens="Cancel draft"
      title="Cancel this draft?"
      note={
        transfer.number === null
          ? "It stays in the list as cancelled. Nothing was moved."
          : `It stays in the list as cancelled, with its number ${transfer.number}. Nothing is moved.`
      }
      keep="Keep it"
    >
      <Form action={cancel} hidden={{ transfer: transfer.id, version: String(transfer.version) }}>
        <Button kind="filled" busy="Cancelling">
          Cancel the draft
        </Button>
      </Form>
    </AskDialog>
  );
}
