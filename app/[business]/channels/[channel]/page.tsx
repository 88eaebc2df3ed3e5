import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { shelfView } from "@/lib/desk/channel-shelves";
import { placedTypes } from "@/lib/desk/placed-types";
import { can, type Scope } from "@/lib/people/access";
import { type ChannelBalance, channelBalances, otherRows, otherTypes, syncHistory } from "@/lib/sales/channel-reads";
import { type ChannelRow, channelOf, type ParkedDocument, parkedDocuments } from "@/lib/sales/channels";
import { hookAddressOf, privacyRequests } from "@/lib/sales/hooks";
import { practiceState } from "@/lib/sales/practice-faults";
import { locationChoices } from "@/lib/stock/location-reads";
import { scopeOf } from "../../../scope";
import type { SearchParams } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { AskDialog } from "../../../ui/dialog.client";
import { countText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { TextLink } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Note, Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { Table } from "../../../ui/table";
import { Tape, type TapeTerm } from "../../../ui/tape";
import { disconnect, pause, resume, signInAgain, stop, sync, tryAgain } from "../actions";
import { History } from "../history";
import { ChannelMark, StateNote } from "../state";
import { SyncProgress } from "../sync-progress.client";
import { Faults } from "./faults";
import { Looking } from "./looking";
import { Others, Placed } from "./others";
import { Requests } from "./requests";
import { Shelves } from "./shelves";

export const metadata: Metadata = { title: "Channel" };

type Params = Promise<Readonly<{ business: string; channel: string }>>;

export default async function OneChannel({
  params,
  searchParams,
}: {
  params: Params;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const id = decodeURIComponent((await params).channel);
  const channel = await found(scope, id);
  const { before, type } = await searchParams;
  const cursor = typeof before === "string" ? before : null;
  const [balances, history, documents, others, opened, faults, requests, placed, hookAddress, shelves, locations] =
    await Promise.all([
      channelBalances(scope),
      syncHistory(scope, { channel: id, before: cursor }),
      parkedDocuments(scope, id),
      otherTypes(scope, id),
      typeof type === "string" ? otherRows(scope, id, type) : [],
      channel.kind === "practice" ? practiceState(scope, id) : null,
      privacyRequests(scope, id),
      placedTypes(scope, id),
      hookAddressOf(scope, id),
      shelfView(scope, id),
      locationChoices(scope),
    ]);
  const balance = balances.find((one) => one.channel === id) ?? null;
  const all = `/${scope.slug}/channels`;
  const here = `${all}/${encodeURIComponent(id)}`;
  return (
    <Page
      path={[{ label: "Channels", href: all }, { label: channel.name }]}
      title={channel.name}
      beside={<ChannelMark channel={channel} timeZone={scope.timeZone} />}
      note={<StateNote channel={channel} timeZone={scope.timeZone} />}
      actions={<Actions scope={scope} channel={channel} all={all} />}
    >
      {channel.state === "reconnect" ? <Reconnect scope={scope} channel={channel} all={all} /> : null}
      {balance === null ? null : <Held scope={scope} channel={channel} balance={balance} />}
      {channel.openRun === null ? null : <Running scope={scope} channel={channel} />}
      {channel.isTrial ? <Looking scope={scope} channel={channel} /> : null}
      <Requests scope={scope} channel={id} requests={requests} />
      <Documents scope={scope} channel={channel} documents={documents} />
      <Others
        scope={scope}
        channel={id}
        here={here}
        types={others}
        choices={placed.choices}
        opened={typeof type === "string" ? type : null}
        rows={opened}
      />
      <Placed scope={scope} channel={id} types={placed.types} />
      {hookAddress === null || channel.state === "disconnected" ? null : (
        <div className="mt-8">
          <Section title="Changes at once" note="without it, the channel is looked at every so often">
            <p>
              Where {channel.kindName} can call when something changes, give it this address:{" "}
              <span className="n break-all">{hookAddress}</span>
            </p>
          </Section>
        </div>
      )}
      <Shelves scope={scope} channel={channel} view={shelves} choices={locations} />
      <History scope={scope} page={history} here={here} isFirst={cursor === null} />
      {channel.kind === "practice" && can(scope, "connect") ? <Faults channel={id} state={faults} /> : null}
    </Page>
  );
}

async function found(scope: Scope, id: string): Promise<ChannelRow> {
  try {
    return await channelOf(scope, id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}

function Actions({ scope, channel, all }: { scope: Scope; channel: ChannelRow; all: string }) {
  if (channel.state === "file")
    return channel.kind === "hand" || !can(scope, "write") ? null : (
      <ButtonLink href={`${all}/import?channel=${encodeURIComponent(channel.id)}`} kind="primary">
        Bring a file
      </ButtonLink>
    );
  if (!can(scope, "connect")) return null;
  const isIn = channel.state === "connected" || channel.state === "reconnect";
  return (
    <>
      {isIn ? (
        <div>
          <AskDialog
            opens="Disconnect"
            title={`Disconnect ${channel.name}?`}
            note="Its keys are destroyed and nothing more comes in. Everything in the books stays. To connect it again, sign in there again."
            keep="Keep it connected"
          >
            <Form action={disconnect} hidden={{ channel: channel.id }}>
              <Button kind="filled" busy="Disconnecting">
                Disconnect
              </Button>
            </Form>
          </AskDialog>
        </div>
      ) : null}
      {channel.state === "connected" ? (
        <Form action={channel.pausedAt === null ? pause : resume} hidden={{ channel: channel.id }}>
          <Button busy="One moment">{channel.pausedAt === null ? "Pause" : "Go on"}</Button>
        </Form>
      ) : null}
      {channel.state === "connected" && channel.pausedAt === null && channel.openRun === null ? (
        <Form action={sync} hidden={{ channel: channel.id }}>
          <Button kind="primary" busy="Beginning">
            Sync now
          </Button>
        </Form>
      ) : null}
      {channel.state === "disconnected" ? <ConnectAgain channel={channel} all={all} /> : null}
    </>
  );
}

function ConnectAgain({ channel, all }: { channel: ChannelRow; all: string }) {
  if (channel.connect === "keys")
    return (
      <ButtonLink href={`${all}/connect/${channel.kind}?channel=${encodeURIComponent(channel.id)}`} kind="primary">
        Connect again
      </ButtonLink>
    );
  return (
    <Form action={signInAgain} hidden={{ channel: channel.id }} quiet>
      <Button kind="primary" busy="Opening">
        Connect again
      </Button>
    </Form>
  );
}

function Reconnect({ scope, channel, all }: { scope: Scope; channel: ChannelRow; all: string }) {
  return (
    <div className="warn">
      <p>
        {channel.kindName} does not let Lotbook in any more: the permission was taken back there, or it has ended. Until
        it is connected again no new sale comes in; what is in the books stays.
      </p>
      <ol className="mt-2">
        <li>1. Press Connect again. {channel.kindName} opens.</li>
        <li>2. Sign in there to the same shop and press Allow.</li>
        <li>3. You come back here, and the sync goes on where it stopped.</li>
      </ol>
      <div className="mt-2">
        {can(scope, "connect") ? (
          <ConnectAgain channel={channel} all={all} />
        ) : (
          "An owner or bookkeeper can connect it."
        )}
      </div>
    </div>
  );
}

function Held({ scope, channel, balance }: { scope: Scope; channel: ChannelRow; balance: ChannelBalance }) {
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} zero="figure" />;
  const difference = balance.says === null ? null : balance.books - balance.says;
  const payouts = `/${scope.slug}/payouts?channel=${encodeURIComponent(channel.id)}`;
  return (
    <Tape
      terms={[
        { label: "In your books", value: money(balance.books), asked: true },
        ...(balance.abroad.length > 0
          ? balance.abroad.map((one) => termOf(one, payouts))
          : balance.says === null || difference === null
            ? [{ label: "Channel says", value: "it lists no rows", text: true }]
            : ([
                {
                  op: "−",
                  label: "Channel says",
                  value: money(balance.says),
                  sub: balance.held === 0n ? "its rows not paid out" : <>of it {money(balance.held)} held back</>,
                },
                {
                  op: "=",
                  label: "Difference",
                  value: money(difference),
                  proved: difference === 0n,
                  sub:
                    difference === 0n ? (
                      <TextLink href={payouts}>Payouts</TextLink>
                    ) : (
                      <TextLink href={`${payouts}&proof=open`}>Payouts that do not add up</TextLink>
                    ),
                },
              ] as const)),
        {
          label: "Lines to match",
          value: balance.unmatched === 0 ? "none" : countText(balance.unmatched),
          left: balance.unmatched > 0,
          sub:
            balance.unmatched === 0 ? undefined : (
              <TextLink href={`/${scope.slug}/inventory/sold?unmatched=1&channel=${encodeURIComponent(channel.id)}`}>
                Match them
              </TextLink>
            ),
        },
      ]}
    />
  );
}

/** What the channel holds in another currency: compared in that, since what it is in the books moves with the rates. */
function termOf(one: ChannelBalance["abroad"][number], payouts: string): TapeTerm {
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: one.currency }} zero="figure" />;
  const difference = one.books - one.says;
  return {
    label: `Of it in ${one.currency}`,
    value: money(one.books),
    proved: difference === 0n,
    sub:
      difference === 0n ? (
        <>
          as the channel says{one.held === 0n ? null : <>, {money(one.held)} of it held back</>};{" "}
          <TextLink href={payouts}>Payouts</TextLink>
        </>
      ) : (
        <>
          the channel says {money(one.says)};{" "}
          <TextLink href={`${payouts}&proof=open`}>Payouts that do not add up</TextLink>
        </>
      ),
  };
}

function Running({ scope, channel }: { scope: Scope; channel: ChannelRow }) {
  const run = channel.openRun;
  if (run === null) return null;
  return (
    <SyncProgress
      run={run}
      live={`/api/runs/${run.id}/events?business=${encodeURIComponent(scope.slug)}`}
      timeZone={scope.timeZone}
      title={channel.lastSyncedAt === null ? "First sync" : "Sync"}
      since="you can leave this page; it goes on"
      actions={
        can(scope, "connect") ? (
          <Form action={stop} hidden={{ run: run.id }}>
            <Button kind="link" busy="Cancelling" says="the sync">
              Cancel
            </Button>
          </Form>
        ) : undefined
      }
    />
  );
}

function Documents({
  scope,
  channel,
  documents,
}: {
  scope: Scope;
  channel: ChannelRow;
  documents: readonly ParkedDocument[];
}) {
  if (documents.length === 0) return null;
  const all = channel.parked + channel.unreadable;
  return (
    <div id="documents" className="mt-8">
      <Section
        title="Documents set aside"
        note={`${countText(all)} that are not in the books, and why; each sync tries those that wait again`}
        more={
          can(scope, "write") && channel.openRun === null ? (
            <Form action={tryAgain} hidden={{ channel: channel.id }}>
              <Button kind="link" busy="Beginning">
                Try again
              </Button>
            </Form>
          ) : undefined
        }
      >
        <Table<ParkedDocument>
          caption="Documents that are not in the books"
          rows={documents}
          keyOf={(row) => `${row.feed} ${row.externalId} ${row.version}`}
          columns={[
            {
              key: "state",
              head: "State",
              phone: "amount",
              cell: (row) => <State kind="wrong">{row.state === "refused" ? "Waits" : "Not readable"}</State>,
            },
            { key: "feed", head: "What", phone: "where", cell: (row) => row.feed },
            {
              key: "id",
              head: "Its number there",
              rowHead: true,
              phone: "what",
              cell: (row) => <span className="n">{row.externalId}</span>,
            },
            { key: "why", head: "Why", wraps: true, phone: "full", cell: (row) => row.note },
            {
              key: "at",
              head: "Came",
              quiet: true,
              low: true,
              cell: (row) => <Moment at={row.receivedAt} timeZone={scope.timeZone} />,
            },
          ]}
        />
        {documents.length < all ? <Note small>The newest {countText(documents.length)} are shown.</Note> : null}
      </Section>
    </div>
  );
}
