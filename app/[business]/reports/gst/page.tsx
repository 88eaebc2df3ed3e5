import type { Metadata } from "next";
import {
  type Amounts,
  counted,
  type GstDocument,
  type Gstr1,
  rateText,
  stateName,
  taxSum,
  totalOf,
} from "@/lib/core/gst";
import { type BesideBooks, type GstProblems, gstr1View } from "@/lib/desk/gst-reads";
import type { Scope } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../scope";
import type { SearchParams } from "../../../ui/address";
import { Day } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { countText, moneyText } from "../../../ui/figures";
import { Fig, TextLink } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Note, Section, Warn } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { documentHref } from "../../documents/state";
import { amountColumns } from "./amounts";
import { GstFrame } from "./frame";
import { gstState } from "./state";

export const metadata: Metadata = { title: "GSTR-1" };

/** The outward supplies of a month: each table of the return, beside what the accounts have. */
export default async function Gstr1Page({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const state = await gstState(scope, await searchParams);
  const { seller, chosen } = state;
  const view = seller === null ? null : await gstr1View(scope, seller, chosen.period);
  return (
    <GstFrame scope={scope} report="gstr1" state={state} files={[{ label: "JSON for the portal", path: "/json" }]}>
      {view === null ? null : (
        <>
          <Problems scope={scope} problems={view.problems} />
          <Sums scope={scope} gstr1={view.gstr1} books={view.beside} />
          <Filed scope={scope} gstr1={view.gstr1} />
          <Small scope={scope} gstr1={view.gstr1} />
          <Issued issued={view.issued} />
          <Operators scope={scope} gstr1={view.gstr1} tcs={view.tcsInBooks} />
        </>
      )}
    </GstFrame>
  );
}

function Problems({ scope, problems }: { scope: Scope; problems: GstProblems }) {
  const { withoutHsn, offRate, untaxed } = problems;
  const first = (ids: readonly string[]) => {
    const [id] = ids;
    return id === undefined ? null : <TextLink href={documentHref(`/${scope.slug}`, id)}>Look at the first</TextLink>;
  };
  return (
    <>
      {withoutHsn.length === 0 ? null : (
        <Warn>
          {countText(withoutHsn.length)} documents have lines without an HSN code, which the portal refuses.{" "}
          {first(withoutHsn)}, or <TextLink href={`/${scope.slug}/settings/gst`}>give products their codes</TextLink>.
        </Warn>
      )}
      {offRate.length === 0 ? null : (
        <Warn>
          {countText(offRate.length)} documents charged another tax than their rate says. {first(offRate)}.
        </Warn>
      )}
      {untaxed === 0 ? null : (
        <Warn>
          {countText(untaxed)} documents of this period were issued before the business said its GSTIN, and are in no
          return. Cancel and issue them anew.
        </Warn>
      )}
    </>
  );
}

type SumRow = Readonly<{ table: string; says: string; count: number; amounts: Amounts }>;
const tables = [
  ["b2b", "B2B", "to registered buyers"],
  ["b2cl", "B2CL", "large, between states, to others"],
  ["exp", "EXP", "exports"],
  ["cdnr", "CDNR", "notes to registered buyers"],
  ["cdnur", "CDNUR", "notes of large sales and exports"],
] as const;

function Sums({ scope, gstr1, books }: { scope: Scope; gstr1: Gstr1; books: BesideBooks }) {
  const none: Amounts = { taxable: 0n, igst: 0n, cgst: 0n, sgst: 0n, cess: 0n };
  const add = (a: Amounts, b: Amounts): Amounts => ({
    taxable: a.taxable + b.taxable,
    igst: a.igst + b.igst,
    cgst: a.cgst + b.cgst,
    sgst: a.sgst + b.sgst,
    cess: a.cess + b.cess,
  });
  const rows: readonly SumRow[] = [
    ...tables.map(([key, table, says]) => ({
      table,
      says,
      count: gstr1[key].length,
      amounts: gstr1[key]
        .flatMap(({ document, rates }) => rates.map(({ amounts }) => counted(document.kind, amounts)))
        .reduce(add, none),
    })),
    {
      table: "B2CS",
      says: "all other sales to buyers without a registration",
      count: gstr1.b2cs.length,
      amounts: gstr1.b2cs.map(({ amounts }) => amounts).reduce(add, none),
    },
    {
      table: "NIL",
      says: "nil rated, exempt, outside GST",
      count: gstr1.nil.length,
      amounts: { ...none, taxable: gstr1.nil.reduce((sum, row) => sum + row.nil + row.exempt + row.nonGst, 0n) },
    },
  ];
  const total = totalOf(gstr1);
  const money = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  return (
    <Section title="Tables" first>
      <Table<SumRow>
        caption="Tables of GSTR-1"
        rows={rows}
        keyOf={(row) => row.table}
        columns={[
          { key: "table", head: "Table", rowHead: true, phone: "what", cell: (row) => row.table },
          { key: "says", head: "What", quiet: true, phone: "where", cell: (row) => row.says },
          { key: "count", head: "Rows", align: "right", cell: (row) => countText(row.count) },
          ...amountColumns<SumRow>(scope.currency, (row) => row.amounts),
        ]}
      />
      <div className="mt-2">
        <Note>
          Taxable supplies come to {money(total.taxable)} with {money(taxSum(total))} of tax. Invoices less notes of all
          registrations come to {money(books.documents)}; the accounts have {money(books.books)} of sales less refunds,
          with their taxes.{" "}
          {books.documents === books.books ? (
            "They are the same."
          ) : (
            <>
              They differ by {money(books.books - books.documents)}:{" "}
              <TextLink href={`/${scope.slug}/reports/gst/stock`}>see which sales have no invoice</TextLink>.
            </>
          )}{" "}
          <OutputTaxes taxes={books.taxes} money={money} />
        </Note>
      </div>
    </Section>
  );
}

/** The output taxes on their accounts, beside those of the documents. */
function OutputTaxes({ taxes, money }: { taxes: BesideBooks["taxes"]; money: (amountMinor: bigint) => string }) {
  const off = taxes.filter(({ books, documents }) => books !== documents);
  if (off.length === 0) return "Each output tax stands on its own account as the documents have it.";
  const said = off.map(
    ({ part, books, documents }) => `${part.toUpperCase()} ${money(books)}, not ${money(documents)}`,
  );
  return `The accounts have ${said.join("; ")}: what is issued or cancelled after a period was closed counts on the first open day.`;
}

type DocumentRow = Readonly<{ table: string; document: GstDocument; rate: bigint; amounts: Amounts }>;

function Filed({ scope, gstr1 }: { scope: Scope; gstr1: Gstr1 }) {
  const rows = tables.flatMap(([key, table]) =>
    gstr1[key].flatMap(({ document, rates }) =>
      rates.map(
        ({ rate, amounts }): DocumentRow => ({ table, document, rate, amounts: counted(document.kind, amounts) }),
      ),
    ),
  );
  const most = 200;
  const href = (row: DocumentRow) => documentHref(`/${scope.slug}`, row.document.id);
  return (
    <Section
      title="Document by document"
      note={rows.length > most ? `the first ${most}; the files have all` : undefined}
    >
      <Table<DocumentRow>
        caption="Documents of the return, a row for each rate"
        rows={rows.slice(0, most)}
        keyOf={(row) => `${row.document.id} ${row.rate}`}
        hrefOf={href}
        columns={[
          { key: "table", head: "Table", quiet: true, phone: "second", cell: (row) => row.table },
          {
            key: "number",
            head: "Number",
            rowHead: true,
            phone: "what",
            cell: (row) => <Fig href={href(row)}>{row.document.number}</Fig>,
          },
          {
            key: "on",
            head: "Date",
            cell: (row) => <Day on={row.document.on} year={Number(gstr1.period.to.slice(0, 4))} />,
          },
          { key: "buyer", head: "GSTIN", phone: "where", cell: (row) => row.document.buyer ?? "" },
          {
            key: "pos",
            head: "Place of supply",
            quiet: true,
            cell: (row) => `${row.document.pos} ${stateName(row.document.pos) ?? ""}`,
          },
          { key: "rate", head: "Rate", align: "right", cell: (row) => `${rateText(row.rate)} %` },
          ...amountColumns<DocumentRow>(scope.currency, (row) => row.amounts),
        ]}
        empty={<Empty title="No invoice or note is told by itself">What there is stands in one sum, below.</Empty>}
      />
    </Section>
  );
}

function Small({ scope, gstr1 }: { scope: Scope; gstr1: Gstr1 }) {
  if (gstr1.b2cs.length === 0) return null;
  return (
    <Section title="B2CS" note="by place of supply and rate, notes taken away">
      <Table<Gstr1["b2cs"][number]>
        caption="Sales to buyers without a registration, by place and rate"
        rows={gstr1.b2cs}
        keyOf={(row) => `${row.pos} ${row.rate}`}
        columns={[
          {
            key: "pos",
            head: "Place of supply",
            rowHead: true,
            phone: "what",
            cell: (row) => `${row.pos} ${stateName(row.pos) ?? ""}`,
          },
          { key: "rate", head: "Rate", align: "right", phone: "second", cell: (row) => `${rateText(row.rate)} %` },
          { key: "count", head: "Documents", align: "right", cell: (row) => countText(row.documents.length) },
          ...amountColumns<Gstr1["b2cs"][number]>(scope.currency, (row) => row.amounts),
        ]}
      />
    </Section>
  );
}

const kindNames = { invoice: "Invoices", credit_note: "Credit notes", debit_note: "Debit notes" } as const;

function Issued({ issued }: { issued: Awaited<ReturnType<typeof gstr1View>>["issued"] }) {
  const rows = issued.flatMap(({ kind, ranges }) => ranges.map((range) => ({ kind, ...range })));
  if (rows.length === 0) return null;
  return (
    <Section title="Documents issued">
      <Table<(typeof rows)[number]>
        caption="Numbers given in the period"
        phone="scroll"
        rows={rows}
        keyOf={(row) => row.from}
        columns={[
          { key: "kind", head: "Kind", phone: "where", cell: (row) => kindNames[row.kind] },
          { key: "from", head: "Numbers", rowHead: true, phone: "what", cell: (row) => `${row.from} to ${row.to}` },
          { key: "total", head: "Given", align: "right", phone: "amount", cell: (row) => String(row.total) },
          {
            key: "cancelled",
            head: "Cancelled",
            align: "right",
            phone: "second",
            cell: (row) => String(row.cancelled),
          },
        ]}
      />
    </Section>
  );
}

function Operators({ scope, gstr1, tcs }: { scope: Scope; gstr1: Gstr1; tcs: bigint }) {
  if (gstr1.operators.length === 0) return null;
  return (
    <Section
      title="Through operators"
      note="table 14: their net value, within the tables above unless the operator pays"
    >
      <Table<Gstr1["operators"][number]>
        caption="Supplies through operators"
        phone="scroll"
        rows={gstr1.operators}
        keyOf={(row) => `${row.gstin} ${row.pays}`}
        columns={[
          { key: "gstin", head: "GSTIN of the operator", rowHead: true, phone: "what", cell: (row) => row.gstin },
          {
            key: "pays",
            head: "Who pays the tax",
            quiet: true,
            phone: "where",
            cell: (row) => (row.pays ? "the operator, section 9(5)" : "you; it collects TCS"),
          },
          {
            key: "value",
            head: "Net value",
            align: "right",
            phone: "amount",
            cell: (row) => <Money of={{ amountMinor: row.amounts.taxable, currency: scope.currency }} />,
          },
          {
            key: "tcs",
            head: "TCS to expect",
            align: "right",
            phone: "second",
            cell: (row) => <Money of={{ amountMinor: row.tcs, currency: scope.currency }} />,
          },
        ]}
      />
      <Note>
        The accounts have {moneyText({ amountMinor: tcs, currency: scope.currency })} on 1224, TCS collected by
        marketplaces, from channels’ rows of this period. A channel that tells its TCS by a word that is not known here
        has such rows on its page: place them on that account.
      </Note>
    </Section>
  );
}
