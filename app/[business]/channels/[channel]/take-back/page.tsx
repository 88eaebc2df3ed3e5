import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { changesOfUndo, type UndoChanges } from "@/lib/desk/channels";
import { previewOf, takingBack } from "@/lib/desk/take-back";
import { can, type Scope } from "@/lib/people/access";
import { type SyncContents, syncContents } from "@/lib/sales/channel-reads";
import { scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Button, ButtonLink } from "../../../../ui/button";
import { Moment } from "../../../../ui/date";
import { countText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { TextLink } from "../../../../ui/link";
import { Page } from "../../../../ui/page-frame";
import { Alert, Note, Section } from "../../../../ui/section";
import { Table } from "../../../../ui/table";
import { WhatThisChanges } from "../../../inventory/sold/what-changes";
import { isSeen, isUnderWay, PreviewProgress, TakeBackProgress } from "../../../transactions/import/take-back-progress";
import { previewTakeBack, takeBack } from "../../actions";
import { broughtText } from "../../sync-words";

export const metadata: Metadata = { title: "Take back a sync" };

type Params = Promise<Readonly<{ business: string; channel: string }>>;

const kindNames: Readonly<Record<string, readonly [string, string]>> = {
  order: ["order", "orders"],
  return: ["refund", "refunds"],
  charge: ["fee, label or credit", "fees, labels and credits"],
  payout: ["payout", "payouts"],
  balance_row: ["row of the channel's balance", "rows of the channel's balance"],
};
const nameOf = (kind: string, count: number) => kindNames[kind]?.[count === 1 ? 0 : 1] ?? kind.replaceAll("_", " ");

export default async function TakeBack({
  params,
  searchParams,
}: {
  params: Params;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  if (!can(scope, "write")) notFound();
  const channel = decodeURIComponent((await params).channel);
  const { sync: asked } = await searchParams;
  const run = typeof asked === "string" ? asked : "";
  const contents = await found(scope, channel, run);
  const isOpen = contents.run.endedAt === null;
  const job = await takingBack(scope, contents.run.id);
  const preview = await previewOf(scope, contents.run.id);
  const moved = isOpen || contents.facts === 0 || isUnderWay(job) ? null : await changes(scope, channel, run);
  const all = `/${scope.slug}/channels`;
  const own = `${all}/${encodeURIComponent(channel)}`;
  const why = isOpen
    ? "The sync still runs. Cancel it first."
    : contents.facts === 0
      ? "Nothing of this sync is in the books any more: it was taken back, or later syncs brought the same again."
      : moved?.refused;
  return (
    <Page
      path={[{ label: "Channels", href: all }, { label: contents.run.label, href: own }, { label: "Take back a sync" }]}
      title="Take back a sync"
      note={
        <>
          {contents.run.label}, <Moment at={contents.run.createdAt} timeZone={scope.timeZone} />:{" "}
          {broughtText(contents.run)}.
        </>
      }
    >
      <TakeBackProgress scope={scope} run={job} />
      {job?.state === "done" && contents.facts === 0 ? (
        <Note>
          Taken back: {countText(job.done)} rows are out of the books. <TextLink href={own}>The channel</TextLink>
        </Note>
      ) : why ? (
        <Alert>
          <p>{why}</p>
        </Alert>
      ) : isUnderWay(job) ? null : (
        <>
          <Note>
            The books then read as if this sync had not happened. The channel's documents stay here, and another sync
            does not bring them back; a change of them at the channel does not, either.
          </Note>
          <Section title="What goes">
            <Table
              caption="What goes, by kind"
              rows={contents.kinds}
              keyOf={(row) => row.kind}
              columns={[
                {
                  key: "kind",
                  head: "What",
                  rowHead: true,
                  phone: "what",
                  cell: (row) => nameOf(row.kind, row.count),
                },
                {
                  key: "count",
                  head: "How many",
                  align: "right",
                  phone: "amount",
                  cell: (row) => countText(row.count),
                },
              ]}
              totals={{ label: "In all", span: 1, figures: { count: countText(contents.facts) } }}
            />
          </Section>
          {moved?.changes == null ? (
            <PreviewProgress scope={scope} run={preview}>
              <Form action={previewTakeBack} hidden={{ channel, run }}>
                <Button busy="Asking">Work out what it changes</Button>
              </Form>
            </PreviewProgress>
          ) : (
            <WhatThisChanges
              scope={scope}
              changes={moved.changes}
              also={[
                { label: "Sales", figure: moved.changes.sold },
                { label: "Held by the channel", figure: moved.changes.held },
              ]}
            />
          )}
          <div className="actions mt-6">
            {moved?.changes != null || isSeen(preview) ? (
              <Form action={takeBack} hidden={{ channel, run }}>
                <Button kind="filled" busy="Taking back">
                  Take back {countText(contents.facts)} {contents.facts === 1 ? "row" : "rows"}
                </Button>
              </Form>
            ) : null}
            <ButtonLink href={own}>Keep them</ButtonLink>
          </div>
        </>
      )}
    </Page>
  );
}

async function found(scope: Scope, channel: string, run: string): Promise<SyncContents> {
  try {
    return await syncContents(scope, channel, run);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}

/** What it moves, or why it cannot be taken back. */
async function changes(
  scope: Scope,
  channel: string,
  run: string,
): Promise<Readonly<{ changes: UndoChanges | null; refused?: string }>> {
  try {
    return { changes: await changesOfUndo(scope, { channel, run }) };
  } catch (error) {
    if (error instanceof Refusal) return { changes: null, refused: error.message };
    throw error;
  }
}
