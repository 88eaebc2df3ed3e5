import type { Metadata } from "next";
import { Form } from "@/app/ui/form";
import { shelvesThatDiffer } from "@/lib/desk/channel-shelves";
import { givenUp } from "@/lib/desk/given-up";
import { can, type Scope } from "@/lib/people/access";
import { type ChannelBalance, channelBalances, syncHistory } from "@/lib/sales/channel-reads";
import { type ChannelRow, channelKinds, listChannels } from "@/lib/sales/channels";
import { type BusinessParams, scopeOf } from "../../scope";
import type { SearchParams } from "../../ui/address";
import { Button, ButtonLink } from "../../ui/button";
import { Empty } from "../../ui/empty";
import { countText } from "../../ui/figures";
import { TextLink } from "../../ui/link";
import { Money } from "../../ui/money";
import { Page } from "../../ui/page-frame";
import { Alert, Note } from "../../ui/section";
import { type Column, Table } from "../../ui/table";
import { Tag } from "../../ui/tag";
import { connectChannel, resume, signInAgain, stop, sync } from "./actions";
import { GivenUpJobs } from "./given-up";
import { History } from "./history";
import { ChannelMark, StateNote } from "./state";
import { SyncProgress } from "./sync-progress.client";

export const metadata: Metadata = { title: "Channels" };

type Row = ChannelRow & Readonly<{ balance: ChannelBalance | null }>;

const refusals: Readonly<Record<string, string>> = {
  denied: "Nothing was connected: at the channel, No was pressed.",
  connect_failed: "The channel did not accept the sign-in, or it took more than 10 minutes. Connect again.",
  not_allowed: "Your role may not connect channels. Ask an owner of the business.",
};

export default async function Channels({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { connected, refused, before } = await searchParams;
  const cursor = typeof before === "string" ? before : null;
  const [channels, balances, history, jobs, differing] = await Promise.all([
    listChannels(scope),
    channelBalances(scope),
    syncHistory(scope, { before: cursor }),
    givenUp(scope),
    shelvesThatDiffer(scope),
  ]);
  const rows = channels.map((channel): Row => {
    return { ...channel, balance: balances.find((one) => one.channel === channel.id) ?? null };
  });
  const here = `/${scope.slug}/channels`;
  const fresh = channels.find((channel) => channel.id === connected);
  const offersPractice = canPractise(scope, channels);
  return (
    <Page
      path={[{ label: "Channels" }]}
      title="Channels"
      actions={
        can(scope, "connect") && channels.length > 0 ? (
          <>
            {offersPractice ? <PracticeButton kind="plain" /> : null}
            <ButtonLink href={`${here}/connect`} kind="primary">
              Connect a channel
            </ButtonLink>
          </>
        ) : undefined
      }
    >
      {typeof refused === "string" ? (
        <div className="mb-4">
          <Alert>{refusals[refused] ?? "The channel could not be connected. Connect again."}</Alert>
        </div>
      ) : null}
      {fresh !== undefined ? (
        <div className="mb-4">
          <Note>
            {fresh.name} is connected.{" "}
            {fresh.openRun === null ? "Its first sync is done." : "Its first sync is under way."}
          </Note>
        </div>
      ) : null}
      <List scope={scope} rows={rows} here={here} offersPractice={offersPractice} />
      {differing.map(({ channel, items }) => (
        <div className="mt-4" key={channel}>
          <Note>
            {channels.find(({ id }) => id === channel)?.name ?? channel} says other than the books of {countText(items)}{" "}
            {items === 1 ? "item" : "items"} on its shelves:{" "}
            <TextLink href={`${here}/${encodeURIComponent(channel)}#shelves`}>look at the difference</TextLink>.
          </Note>
        </div>
      ))}
      <GivenUpJobs scope={scope} jobs={jobs} />
      {channels.map((channel) => (
        <Running key={channel.id} scope={scope} channel={channel} />
      ))}
      {channels.length > 0 ? (
        <History
          scope={scope}
          page={history}
          here={here}
          isFirst={cursor === null}
          names={new Map(channels.map((channel) => [channel.id, channel.name]))}
        />
      ) : null}
    </Page>
  );
}

function canPractise(scope: Scope, channels: readonly ChannelRow[]): boolean {
  const isOpen = channelKinds().some(({ kind, missing }) => kind === "practice" && missing.length === 0);
  return isOpen && can(scope, "connect") && !channels.some(({ kind }) => kind === "practice");
}

function PracticeButton({ kind }: { kind: "plain" | "quiet" }) {
  return (
    <Form action={connectChannel} hidden={{ kind: "practice" }} quiet>
      <Button kind={kind} busy="Opening">
        Practice channel
      </Button>
    </Form>
  );
}

function Running({ scope, channel }: { scope: Scope; channel: ChannelRow }) {
  const run = channel.openRun;
  if (run === null) return null;
  return (
    <SyncProgress
      run={run}
      live={`/api/runs/${run.id}/events?business=${encodeURIComponent(scope.slug)}`}
      timeZone={scope.timeZone}
      title={`${channel.name}, ${channel.lastSyncedAt === null ? "first sync" : "sync"}`}
      since="you can leave this page; it goes on"
      actions={
        can(scope, "connect") ? (
          <Form action={stop} hidden={{ run: run.id }}>
            <Button kind="link" busy="Cancelling" says={`the sync of ${channel.name}`}>
              Cancel
            </Button>
          </Form>
        ) : undefined
      }
    />
  );
}

function List({
  scope,
  rows,
  here,
  offersPractice,
}: {
  scope: Scope;
  rows: readonly Row[];
  here: string;
  offersPractice: boolean;
}) {
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const hrefOf = (row: Row) => `${here}/${encodeURIComponent(row.id)}`;
  const difference = ({ balance }: Row) =>
    balance === null || balance.says === null ? null : balance.books - balance.says;
  // A channel that deals in other currencies is compared in those.
  const inCurrencies = ({ balance }: Row, figure: (of: ChannelBalance["abroad"][number]) => bigint) =>
    (balance?.abroad ?? []).map((one) => (
      <div key={one.currency}>
        <Money of={{ amountMinor: figure(one), currency: one.currency }} zero="figure" code />
      </div>
    ));
  const columns: readonly Column<Row>[] = [
    {
      key: "channel",
      head: "Channel",
      rowHead: true,
      phone: "what",
      cell: (row) => (
        <>
          <b>
            <TextLink href={hrefOf(row)}>{row.name}</TextLink>
          </b>
          <br />
          <span className="s q">{row.kind === "hand" ? "by hand" : row.kindName}</span>
        </>
      ),
    },
    {
      key: "state",
      head: "State",
      wraps: true,
      phone: "where",
      cell: (row) => (
        <>
          <ChannelMark channel={row} timeZone={scope.timeZone} />
          <br />
          <span className="s q">
            <StateNote channel={row} timeZone={scope.timeZone} />
          </span>
        </>
      ),
    },
    { key: "left", head: "For you", wraps: true, phone: "full", cell: (row) => <ForYou row={row} here={here} /> },
    {
      key: "books",
      head: "In your books",
      align: "right",
      phone: "amount",
      cell: (row) => <Money of={row.balance === null ? null : money(row.balance.books)} zero="figure" />,
    },
    {
      key: "says",
      head: "Channel says",
      align: "right",
      cell: (row) => (
        <>
          <Money of={row.balance?.says == null ? null : money(row.balance.says)} zero="figure" />
          {inCurrencies(row, ({ says }) => says)}
        </>
      ),
    },
    {
      key: "difference",
      head: "Difference",
      align: "right",
      cell: (row) => {
        const by = difference(row);
        return (
          <>
            <Money of={by === null ? null : money(by)} zero="figure" />
            {inCurrencies(row, ({ books, says }) => books - says)}
          </>
        );
      },
    },
    {
      key: "act",
      head: "Action",
      headHidden: true,
      align: "right",
      phone: "second",
      cell: (row) => <Act row={row} scope={scope} here={here} />,
    },
  ];
  const known = rows.flatMap(({ balance }) => (balance === null ? [] : [balance]));
  const books = known.reduce((sum, one) => sum + one.books, 0n);
  const isWhole = known.every((one) => one.says !== null);
  const says = known.reduce((sum, one) => sum + (one.says ?? 0n), 0n);
  return (
    <Table<Row>
      caption="Channels of this business"
      columns={columns}
      rows={rows}
      keyOf={(row) => row.id}
      hrefOf={hrefOf}
      totals={{
        label: "Held by channels",
        span: 3,
        figures: {
          books: <Money of={money(books)} zero="figure" />,
          ...(isWhole
            ? {
                says: <Money of={money(says)} zero="figure" />,
                difference: <Money of={money(books - says)} zero="figure" />,
              }
            : {}),
        },
        proved: isWhole && books === says ? ["difference"] : [],
      }}
      empty={
        <Empty
          title="No channel yet"
          actions={
            can(scope, "connect") ? (
              <>
                <ButtonLink href={`${here}/connect`} kind="primary">
                  Connect a channel
                </ButtonLink>
                {offersPractice ? <PracticeButton kind="quiet" /> : null}
              </>
            ) : undefined
          }
        >
          Sales come in by themselves from a connected channel, or from the files that eBay, Etsy, Amazon and Shopify
          give. The practice channel behaves like a real one and can be thrown away.
        </Empty>
      }
    />
  );
}

function ForYou({ row, here }: { row: Row; here: string }) {
  const aside = row.parked + row.unreadable;
  const { unmatched = 0, otherCount = 0 } = row.balance ?? {};
  const own = `${here}/${encodeURIComponent(row.id)}`;
  const works = [
    unmatched > 0
      ? {
          href: `${here.replace(/\/channels$/, "")}/inventory/sold?unmatched=1&channel=${encodeURIComponent(row.id)}`,
          says: `${countText(unmatched)} lines to match`,
        }
      : null,
    aside > 0 ? { href: `${own}#documents`, says: `${countText(aside)} documents set aside` } : null,
    otherCount > 0 ? { href: `${own}#other`, says: `${countText(otherCount)} rows of types not seen before` } : null,
  ].filter((one) => one !== null);
  return works.map((work, place) => (
    <span key={work.says} className="s">
      {place > 0 ? <br /> : null}
      <TextLink href={work.href}>{work.says}</TextLink>
    </span>
  ));
}

function Act({ row, scope, here }: { row: Row; scope: Scope; here: string }) {
  if (row.state === "file") {
    if (row.kind === "hand" || !can(scope, "write")) return null;
    return (
      <TextLink href={`${here}/import?channel=${encodeURIComponent(row.id)}`} says={`for ${row.name}`}>
        Bring a file
      </TextLink>
    );
  }
  if (!can(scope, "connect")) return null;
  if (row.state === "reconnect" || row.state === "disconnected")
    return row.connect === "keys" ? (
      <TextLink href={`${here}/connect/${row.kind}?channel=${encodeURIComponent(row.id)}`} says={row.name}>
        Connect again
      </TextLink>
    ) : (
      <Form action={signInAgain} hidden={{ channel: row.id }} quiet>
        <Tag says={row.name}>Connect again</Tag>
      </Form>
    );
  if (row.pausedAt !== null)
    return (
      <Form action={resume} hidden={{ channel: row.id }}>
        <Button kind="link" busy="One moment" says={row.name}>
          Go on
        </Button>
      </Form>
    );
  if (row.openRun !== null) return null;
  return (
    <Form action={sync} hidden={{ channel: row.id }}>
      <Button kind="link" busy="Beginning" says={row.name}>
        Sync now
      </Button>
    </Form>
  );
}
