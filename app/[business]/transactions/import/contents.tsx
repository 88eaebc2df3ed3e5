import type { Import, Problem, ShownRow } from "@/lib/money/imports";
import type { Scope } from "@/lib/people/access";
import { ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { countText, moneyText } from "../../../ui/figures";
import { Money } from "../../../ui/money";
import { Alert, Note, Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { Table } from "../../../ui/table";

const shownProblems = 20;

/** What the file says of itself, and whether that holds; plainly. */
export function Says({ scope, one }: { scope: Scope; one: Import }) {
  const { stated, agrees, net } = one.result;
  const currency = net[0]?.currency ?? scope.currency;
  const text = (amount: number) => moneyText({ amountMinor: BigInt(amount), currency });
  const parts = [
    stated.opening === null ? null : `it opens with ${text(stated.opening)}`,
    stated.closing === null ? null : `it closes with ${text(stated.closing)}`,
    stated.total === null ? null : `its total is ${text(stated.total)}`,
  ].filter((part) => part !== null);
  const moved = net
    .map((sum) => moneyText({ amountMinor: BigInt(sum.amount), currency: sum.currency }, { plus: true }))
    .join(", ");
  const rows = moved === "" ? "" : ` Its rows add to ${moved}.`;
  if (agrees === false)
    return (
      <div className="mt-4">
        <Alert>
          The file does not agree with itself{parts.length === 0 ? "" : `: ${parts.join(", ")}`}.{rows} Rows may be
          missing or cut off. Download it again, or say that you take it anyway.
        </Alert>
      </div>
    );
  return (
    <div className="mt-4">
      <Note>
        {agrees === true ? (
          <>
            <State kind="done">The file agrees with itself</State>
            {parts.length === 0 ? "." : `: ${parts.join(", ")}.`}
          </>
        ) : parts.length === 0 ? (
          "The file says no balance that its rows could be compared with."
        ) : (
          `The file says: ${parts.join(", ")}. Nothing in it lets that be proved.`
        )}
        {rows}
      </Note>
    </div>
  );
}

export function Problems({ one, href }: { one: Import; href: string }) {
  const { problems } = one.result;
  if (problems.length === 0) return null;
  const rows = problems.slice(0, shownProblems).map((problem, i) => ({ ...problem, key: String(i) }));
  return (
    <Section
      title={problems.length === 1 ? "One problem" : `${countText(problems.length)} problems`}
      note="The other rows are not held up by these"
      more={
        <ButtonLink href={href} kind="link" download>
          Download the list
        </ButtonLink>
      }
    >
      <Table<Problem & Readonly<{ key: string }>>
        caption="What is wrong with the file's rows"
        rows={rows}
        keyOf={(row) => row.key}
        columns={[
          { key: "row", head: "Row", width: 64, phone: "where", cell: (row) => row.row ?? "file" },
          { key: "column", head: "Column", quiet: true, cell: (row) => row.column },
          {
            key: "message",
            head: "What is wrong",
            rowHead: true,
            wraps: true,
            phone: "what",
            cell: (row) => row.message,
          },
        ]}
      />
    </Section>
  );
}

const statusNames = { new: "New", already: "Already here", doubtful: "Doubtful" } as const;

export function FirstRows({ scope, one }: { scope: Scope; one: Import }) {
  const { first, net } = one.result;
  if (first.length === 0) return null;
  const currency = net[0]?.currency ?? scope.currency;
  return (
    <Section title="The first rows" note={one.result.doubtful > 0 ? "Doubtful ones first" : undefined}>
      <Table<ShownRow>
        caption="The first rows of the file"
        rows={first}
        keyOf={(row) => `${row.account}-${row.row}-${row.date}-${row.amount}-${row.payee}`}
        columns={[
          { key: "row", head: "Row", quiet: true, width: 64, cell: (row) => row.row },
          { key: "on", head: "Date", quiet: true, phone: "where", cell: (row) => <Day on={row.date} /> },
          {
            key: "payee",
            head: "Payee",
            rowHead: true,
            wraps: true,
            phone: "what",
            cell: (row) => (
              <>
                {row.payee === "" ? "No name" : row.payee}
                {row.memo === "" ? null : <span className="q s"> {row.memo}</span>}
              </>
            ),
          },
          {
            key: "status",
            head: "Here",
            phone: "second",
            cell: (row) => {
              if (one.state === "undone") return <State kind="waiting">Taken back</State>;
              if (one.state === "accepted" && row.status === "new") return <State kind="done">Came in</State>;
              return (
                <State kind={row.status === "already" ? "done" : row.status === "new" ? "work" : "wrong"}>
                  {statusNames[row.status]}
                </State>
              );
            },
          },
          {
            key: "amount",
            head: "Amount",
            align: "right",
            phone: "amount",
            cell: (row) => <Money of={{ amountMinor: BigInt(row.amount), currency }} zero="figure" />,
          },
        ]}
      />
    </Section>
  );
}

type TypeRow = Import["result"]["types"][number];

export function Types({ one }: { one: Import }) {
  const { types, unknown_types } = one.result;
  if (types.length === 0) return null;
  return (
    <Section
      title="What is in it"
      note={
        unknown_types.length === 0
          ? undefined
          : `Never seen before, kept as “other” until you say what it is: ${unknown_types.join(", ")}`
      }
    >
      <Table<TypeRow>
        caption="The file's own kinds of rows"
        rows={types}
        keyOf={(row) => `${row.type} ${row.currency}`}
        columns={[
          { key: "type", head: "Kind of row", rowHead: true, wraps: true, phone: "what", cell: (row) => row.type },
          { key: "count", head: "Rows", align: "right", phone: "second", cell: (row) => countText(row.count) },
          {
            key: "amount",
            head: "Amount",
            align: "right",
            phone: "amount",
            cell: (row) => <Money of={{ amountMinor: BigInt(row.amount), currency: row.currency }} code />,
          },
        ]}
      />
    </Section>
  );
}

type PayoutRow = Import["result"]["payouts"][number];

export function Payouts({ one }: { one: Import }) {
  const { payouts } = one.result;
  if (payouts.length === 0) return null;
  return (
    <Section title="Payouts in it" note="What was paid, and what its rows add to">
      <Table<PayoutRow>
        caption="Payouts of the file"
        rows={payouts}
        keyOf={(row) => row.id}
        columns={[
          {
            key: "on",
            head: "Date",
            rowHead: true,
            phone: "what",
            cell: (row) => (row.date === null ? "no date" : <Day on={row.date} />),
          },
          {
            key: "amount",
            head: "Paid",
            align: "right",
            phone: "amount",
            cell: (row) => <Money of={{ amountMinor: BigInt(row.amount), currency: row.currency }} />,
          },
          {
            key: "rows",
            head: "Its rows",
            align: "right",
            cell: (row) => <Money of={{ amountMinor: BigInt(row.rows), currency: row.currency }} />,
          },
          {
            key: "difference",
            head: "Left over",
            align: "right",
            phone: "second",
            cell: (row) => <Money of={{ amountMinor: BigInt(row.difference), currency: row.currency }} />,
          },
        ]}
      />
    </Section>
  );
}
