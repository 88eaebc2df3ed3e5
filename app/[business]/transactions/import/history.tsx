import { type Import, listImports } from "@/lib/money/imports";
import type { Scope } from "@/lib/people/access";
import { ButtonLink } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { countText } from "../../../ui/figures";
import { Fig } from "../../../ui/link";
import { Pager } from "../../../ui/pager";
import { Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { type Column, Table } from "../../../ui/table";

const states = {
  preview: { kind: "waiting", says: "Not accepted yet" },
  accepting: { kind: "work", says: "Coming in" },
  accepted: { kind: "done", says: "In the books" },
  undone: { kind: "waiting", says: "Taken back" },
  discarded: { kind: "waiting", says: "Thrown away" },
} as const;

/** Files that came in, newest first; each leads to what is in it, and back out again. */
export async function ImportHistory({
  scope,
  kind,
  after,
}: {
  scope: Scope;
  kind: "bank" | "channel";
  after: string | undefined;
}) {
  const { rows, next } = await listImports(scope, { kind, after, limit: 30 });
  const here = `/${scope.slug}/${kind === "bank" ? "transactions" : "channels"}/import`;
  const columns: readonly Column<Import>[] = [
    {
      key: "file",
      head: "File",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (one) => <Fig href={`${here}/${one.id}`}>{one.fileName}</Fig>,
    },
    {
      key: "at",
      head: "Came in",
      quiet: true,
      phone: "where",
      cell: (one) => <Moment at={one.acceptedAt ?? one.createdAt} timeZone={scope.timeZone} />,
    },
    { key: "new", head: "New", align: "right", phone: "amount", cell: (one) => countText(one.result.new) },
    { key: "already", head: "Already here", align: "right", cell: (one) => countText(one.result.already) },
    {
      key: "state",
      head: "State",
      phone: "second",
      cell: (one) => <State kind={states[one.state].kind}>{states[one.state].says}</State>,
    },
    {
      key: "back",
      head: "Take back",
      headHidden: true,
      cell: (one) =>
        one.state === "accepted" ? (
          <ButtonLink href={`${here}/${one.id}/take-back`} kind="link">
            Take back
          </ButtonLink>
        ) : null,
    },
  ];
  return (
    <Section title="Files so far">
      <Table<Import>
        caption="Files, the newest first"
        columns={columns}
        rows={rows}
        keyOf={(one) => one.id}
        empty={<Empty title="No files yet">What you bring in stands here, and can be taken back as a whole.</Empty>}
      />
      {next === null && after === undefined ? null : (
        <Pager
          says={`${rows.length} files`}
          earlier={{ label: "Newest", href: after === undefined ? null : here }}
          later={{ label: "Older", href: next === null ? null : `${here}?after=${next}` }}
        />
      )}
    </Section>
  );
}
