/** The list of syncs, on the page of all channels and on a channel's own. */
import { Moment } from "@/app/ui/date";
import { Empty } from "@/app/ui/empty";
import { countText } from "@/app/ui/figures";
import { TextLink } from "@/app/ui/link";
import { Dash } from "@/app/ui/money";
import { Pager } from "@/app/ui/pager";
import { Section } from "@/app/ui/section";
import { State } from "@/app/ui/state";
import { type Column, Table } from "@/app/ui/table";
import { can, type Scope } from "@/lib/people/access";
import type { SyncPage, SyncRow } from "@/lib/sales/channel-reads";
import { broughtText, runStates } from "./sync-words";

const count = (n: number) => (n === 0 ? <Dash /> : countText(n));

export function History({
  scope,
  page,
  here,
  isFirst,
  names,
}: {
  scope: Scope;
  page: SyncPage;
  /** The page's own address, for older syncs. */
  here: string;
  isFirst: boolean;
  /** The channels' names, where the list is of all of them. */
  names?: ReadonlyMap<string, string> | undefined;
}) {
  const when = (row: SyncRow) => <Moment at={row.run.createdAt} timeZone={scope.timeZone} />;
  const name = (row: SyncRow) => names?.get(row.channel) ?? row.run.label;
  const columns: readonly Column<SyncRow>[] = [
    { key: "when", head: "When", quiet: true, cell: when },
    ...(names === undefined
      ? []
      : ([{ key: "channel", head: "Channel", phone: "what", cell: name }] satisfies readonly Column<SyncRow>[])),
    {
      key: "brought",
      head: "What came in",
      wraps: true,
      phone: names === undefined ? "what" : "full",
      cell: (row) => <Brought row={row} />,
    },
    {
      key: "line",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          {when(row)} · {countText(row.fresh)} new
          {row.run.skipped > 0 ? ` · ${countText(row.run.skipped)} skipped` : ""}
        </>
      ),
    },
    { key: "read", head: "Read", align: "right", cell: (row) => count(row.read) },
    { key: "fresh", head: "New", align: "right", cell: (row) => count(row.fresh) },
    { key: "skipped", head: "Skipped", align: "right", cell: (row) => count(row.run.skipped) },
    {
      key: "back",
      head: "Take back",
      headHidden: true,
      align: "right",
      phone: "amount",
      cell: (row) => <Back row={row} scope={scope} />,
    },
  ];
  return (
    <Section title="History" note="each sync can be taken back; the books then read as if it had not happened">
      <Table<SyncRow>
        caption="History of syncs"
        columns={columns}
        rows={page.rows}
        keyOf={(row) => row.run.id}
        empty={<Empty title="No sync yet">Each sync stands here with what it brought.</Empty>}
      />
      {page.older !== null || !isFirst ? (
        <Pager
          says={`${page.rows.length} ${page.rows.length === 1 ? "sync" : "syncs"}`}
          earlier={{ label: "Newest", href: isFirst ? null : here }}
          later={{ label: "Older", href: page.older === null ? null : `${here}?before=${page.older}` }}
        />
      ) : null}
    </Section>
  );
}

function Brought({ row: { run } }: { row: SyncRow }) {
  if (run.state === "done") return broughtText(run);
  const { kind, says } = runStates[run.state];
  const isOpen = run.state === "running" || run.state === "waiting";
  return (
    <>
      <State kind={kind}>{says}</State>
      <span className="q"> {isOpen ? broughtText(run) : [run.note, broughtText(run)].filter(Boolean).join(" · ")}</span>
    </>
  );
}

function Back({ row, scope }: { row: SyncRow; scope: Scope }) {
  if (row.isTakenBack) return <span className="dim s">taken back</span>;
  if (!row.isInBooks || row.run.endedAt === null || !can(scope, "write")) return null;
  const href = `/${scope.slug}/channels/${encodeURIComponent(row.channel)}/take-back?sync=${row.run.id}`;
  return (
    <TextLink href={href} says={`the sync of ${row.run.createdAt.slice(0, 16).replace("T", " ")}`}>
      Take back
    </TextLink>
  );
}
