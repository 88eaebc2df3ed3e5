import type { Metadata } from "next";
import { type CellName, cellWords, creditCells, inwardCells, outwardCells, stateName } from "@/lib/core/gst";
import { type Gstr3bView, gstr3bView } from "@/lib/desk/gst-reads";
import { setOffOf } from "@/lib/desk/gst-set-off";
import type { Scope } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { countText } from "../../../../ui/figures";
import { Fig } from "../../../../ui/link";
import { Money } from "../../../../ui/money";
import { Alert, Note, Section } from "../../../../ui/section";
import { Table } from "../../../../ui/table";
import { documentHref } from "../../../documents/state";
import { amountColumns } from "../amounts";
import { GstFrame } from "../frame";
import { gstState } from "../state";
import { SetOffs } from "./set-off";

export const metadata: Metadata = { title: "GSTR-3B" };

/** The summary return, each figure with the documents that make it. */
export default async function Gstr3bPage({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const state = await gstState(scope, await searchParams);
  const view = state.seller === null ? null : await gstr3bView(scope, state.seller, state.chosen.period);
  const { period } = state.chosen;
  const month = view === null || period.kind !== "month" ? null : await setOffOf(scope, period.from.slice(0, 7));
  return (
    <GstFrame scope={scope} report="gstr3b" state={state}>
      {view === null ? null : (
        <>
          <Agreed view={view} />
          <Cells scope={scope} view={view} title="3.1 Outward supplies" names={outwardCells} />
          <Places scope={scope} view={view} />
          <Cells scope={scope} view={view} title="4 Input tax credit" names={creditCells} />
          <Credit scope={scope} view={view} />
          {month === null ? null : <SetOffs scope={scope} of={month} />}
          <Cells scope={scope} view={view} title="5 Inward supplies without tax" names={inwardCells} />
        </>
      )}
    </GstFrame>
  );
}

function Agreed({ view }: { view: Gstr3bView }) {
  const { cells } = view.gstr3b;
  const same = cells["3.1a"].amounts.taxable + cells["3.1b"].amounts.taxable === view.outward.taxable;
  return same ? (
    <Note>3.1(a) and 3.1(b) are what GSTR-1 of the same period says.</Note>
  ) : (
    <Alert>3.1 differs from GSTR-1 of the same period. This must not be.</Alert>
  );
}

const taxNames = { igst: "IGST", cgst: "CGST", sgst: "SGST" } as const;

/** What purchases put on the accounts of input tax, beside what their invoices say. */
function Credit({ scope, view }: { scope: Scope; view: Gstr3bView }) {
  const { taxes, unbooked } = view.beside;
  const isSame = taxes.every(({ books, documents }) => books === documents);
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} zero="figure" />;
  return (
    <Section title="Input tax in the accounts" note="of all registrations, from purchases less what went back">
      {isSame ? (
        <Note>
          All other credit less what is reversed is what purchases put on the accounts of input tax in this period. The
          tax of imports and reverse charge is there once its bank line has that category.
        </Note>
      ) : (
        <Alert>
          The accounts have another input tax from purchases of this period
          {unbooked === 0
            ? ": one that was recorded after its period was closed counts on the first open day."
            : `: ${countText(unbooked)} had their tax said before the accounts kept it. Save it again under Taxes of purchases.`}
        </Alert>
      )}
      <Table<(typeof taxes)[number]>
        caption="Input tax in the accounts"
        rows={taxes}
        keyOf={(row) => row.part}
        columns={[
          {
            key: "part",
            head: "Tax",
            rowHead: true,
            phone: "what",
            cell: (row) => taxNames[row.part],
          },
          {
            key: "books",
            head: "In the accounts",
            align: "right",
            phone: "second",
            cell: (row) => money(row.books),
          },
          {
            key: "documents",
            head: "On their invoices",
            align: "right",
            phone: "amount",
            cell: (row) => money(row.documents),
          },
        ]}
      />
    </Section>
  );
}

type Row = Readonly<{ key: string; cell: CellName | null; document: string | null; amounts: Gstr3bView["outward"] }>;
const most = 50;

function Cells({
  scope,
  view,
  title,
  names,
}: {
  scope: Scope;
  view: Gstr3bView;
  title: string;
  names: readonly CellName[];
}) {
  const numbers = new Map([...view.documents, ...view.inward].map(({ id, number }) => [id, number]));
  const issued = new Set(view.documents.map(({ id }) => id));
  const rows = names.flatMap((name): readonly Row[] => {
    const { amounts, sources } = view.gstr3b.cells[name];
    return [
      { key: name, cell: name, document: null, amounts },
      ...sources.slice(0, most).map((source) => ({
        key: `${name} ${source.document}`,
        cell: null,
        document: source.document,
        amounts: source.amounts,
      })),
    ];
  });
  const longest = names.reduce((all, name) => (view.gstr3b.cells[name].sources.length > most ? all + 1 : all), 0);
  const hrefOf = ({ document }: Row): string | null => {
    if (document === null) return null;
    return issued.has(document) ? documentHref(`/${scope.slug}`, document) : null;
  };
  return (
    <Section
      title={title}
      note={longest > 0 ? `the first ${countText(most)} documents of each; the files have all` : undefined}
    >
      <Table<Row>
        caption={title}
        rows={rows}
        keyOf={(row) => row.key}
        hrefOf={hrefOf}
        stateOf={(row) => (row.cell === null ? { part: true } : {})}
        columns={[
          {
            key: "what",
            head: "What",
            rowHead: true,
            phone: "what",
            cell: (row) => {
              if (row.cell !== null) return cellWords[row.cell];
              const number = numbers.get(row.document ?? "") ?? row.document ?? "";
              const href = hrefOf(row);
              return href === null ? number : <Fig href={href}>{number}</Fig>;
            },
          },
          ...amountColumns<Row>(scope.currency, (row) => row.amounts),
        ]}
      />
    </Section>
  );
}

function Places({ scope, view }: { scope: Scope; view: Gstr3bView }) {
  const rows = view.gstr3b.unregistered;
  if (rows.length === 0) return null;
  return (
    <Section title="3.2 Between states, to buyers without a registration" note="part of 3.1(a)">
      <Table<(typeof rows)[number]>
        caption="By place of supply"
        rows={rows}
        keyOf={(row) => row.pos}
        columns={[
          {
            key: "pos",
            head: "Place of supply",
            rowHead: true,
            phone: "what",
            cell: (row) => `${row.pos} ${stateName(row.pos) ?? ""}`,
          },
          ...amountColumns<(typeof rows)[number]>(scope.currency, (row) => row.amounts),
        ]}
      />
    </Section>
  );
}
