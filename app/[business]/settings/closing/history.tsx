import type { Closed } from "@/lib/books/periods";
import { Moment } from "../../../ui/date";
import { dayText } from "../../../ui/days";
import { countText } from "../../../ui/figures";
import { Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { Table } from "../../../ui/table";

function whatOf({ kind, through }: Closed): string {
  if (through === null) return "Opened, all days";
  if (kind === "open") return `Opened, after ${dayText(through)}`;
  return kind === "year" ? `Closed for good through ${dayText(through)}` : `Closed through ${dayText(through)}`;
}

function sealedOf({ through, from }: Closed): string | null {
  if (through === null) return null;
  return from === null ? `all until ${dayText(through)}` : `${dayText(from)} to ${dayText(through)}`;
}

/** Every closing and opening with its seal, newest first. */
export function Seals({ history, timeZone }: { history: readonly Closed[]; timeZone: string }) {
  return (
    <Section title="Closed and opened" note="newest first; each with its seal, which the proof of the books compares">
      <Table<Closed>
        caption="When the books were closed and opened"
        rows={history}
        keyOf={(one) => String(one.number)}
        columns={[
          {
            key: "at",
            head: "When",
            quiet: true,
            phone: "where",
            cell: (one) => <Moment at={one.at} timeZone={timeZone} />,
          },
          { key: "what", head: "What", rowHead: true, phone: "what", cell: whatOf },
          { key: "who", head: "Who", phone: "amount", cell: (one) => one.who ?? "Lotbook itself" },
          { key: "sealed", head: "Sealed", low: true, quiet: true, cell: sealedOf },
          {
            key: "entries",
            head: "Entries",
            align: "right",
            low: true,
            cell: (one) => (one.through === null ? null : countText(one.entries)),
          },
          {
            key: "seal",
            head: "Seal",
            phone: "second",
            cell: (one) =>
              one.seal === null ? null : one.isOpenedAgain ? (
                <State kind="waiting">opened later</State>
              ) : (
                <span className="n" title={one.seal}>
                  {one.seal.slice(0, 12)}
                </span>
              ),
          },
          { key: "why", head: "Why", wraps: true, quiet: true, phone: "full", cell: (one) => one.why },
        ]}
      />
    </Section>
  );
}
