import type { Metadata } from "next";
import { issuingRuns, lastIssuing } from "@/lib/desk/issue-many";
import { type IssuedRow, issuedKinds, issuedNames, issuedRows } from "@/lib/desk/issued-reads";
import { type ReturnToNote, returnsToNote } from "@/lib/desk/issuing-loose";
import { can, type Scope } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../scope";
import { filterOf, hrefOf, readAddress, type SearchParams } from "../../ui/address";
import { Button, ButtonLink } from "../../ui/button";
import { Day } from "../../ui/date";
import { Empty } from "../../ui/empty";
import { countText } from "../../ui/figures";
import { FilterBar, ListSearch } from "../../ui/filter-bar";
import { Form } from "../../ui/form";
import { Fig } from "../../ui/link";
import { Money } from "../../ui/money";
import { Page } from "../../ui/page-frame";
import { Pager } from "../../ui/pager";
import { Progress } from "../../ui/progress";
import { Note, Section } from "../../ui/section";
import { State } from "../../ui/state";
import { Table } from "../../ui/table";
import { todayOf } from "../inventory/balances/state";
import { returnHref } from "../inventory/movements/state";
import { stopIssuing } from "./actions";
import { documentHref, documentsHref } from "./state";

export const metadata: Metadata = { title: "Invoices and notes" };

/** Every invoice, credit note and debit note, the latest first; and invoices that a worker is issuing. */
export default async function Documents({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const address = readAddress(await searchParams, { filters: ["kind"] });
  const kind = issuedKinds.find((one) => one === filterOf(address, "kind"));
  const after = address.after !== null && /^[0-9a-f-]{36}$/.test(address.after) ? address.after : null;
  const [{ rows, next }, runs] = [await issuedRows(scope, { kind, words: address.q }, after), await issuingRuns(scope)];
  const said = after === null ? await lastIssuing(scope) : null;
  const toNote = after === null ? await returnsToNote(scope) : [];
  const base = `/${scope.slug}`;
  const path = documentsHref(base);
  const year = Number(todayOf(scope).slice(0, 4));
  const isFiltered = kind !== undefined || address.q !== "";
  return (
    <Page
      path={[{ label: "Sales", href: `${base}/sales` }, { label: "Invoices and notes" }]}
      title="Invoices and notes"
    >
      {runs.map((run) => (
        <Progress
          key={run.id}
          title="Invoices are issued"
          what="orders"
          since="you can leave this page; it goes on"
          now={{ done: run.done, total: run.total, note: run.note, state: run.state }}
          live={`/api/runs/${run.id}/events?business=${encodeURIComponent(scope.slug)}`}
          actions={
            can(scope, "write") ? (
              <Form action={stopIssuing} hidden={{ run: run.id }}>
                <Button kind="link" busy="Stopping">
                  Stop
                </Button>
              </Form>
            ) : undefined
          }
        />
      ))}
      {said === null ? null : <Note>Of the invoices that were issued together last: {said.note}</Note>}
      <Table<IssuedRow>
        caption="Invoices and notes"
        rows={rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => documentHref(base, row.id)}
        bar={
          <>
            <div className="mb-2">
              <ListSearch
                action={path}
                value={address.q}
                kept={kind === undefined ? {} : { kind }}
                placeholder="Number, or to whom"
              />
            </div>
            <FilterBar
              filters={[
                {
                  name: "Kind",
                  value: kind === undefined ? "all" : issuedNames[kind],
                  on: kind !== undefined,
                  off: hrefOf(path, address, { filters: { kind: null } }),
                  choices: issuedKinds.map((one) => ({
                    label: issuedNames[one],
                    href: hrefOf(path, address, { filters: { kind: one } }),
                    current: one === kind,
                  })),
                },
              ]}
              end="latest first"
            />
          </>
        }
        columns={[
          { key: "on", head: "Date", quiet: true, phone: "where", cell: (row) => <Day on={row.on} year={year} /> },
          {
            key: "number",
            head: "Number",
            rowHead: true,
            phone: "what",
            cell: (row) => (
              <Fig href={documentHref(base, row.id)} narrow>
                {row.number}
              </Fig>
            ),
          },
          { key: "kind", head: "Kind", cell: (row) => issuedNames[row.kind] },
          { key: "to", head: "To", wraps: true, low: true, cell: (row) => row.to },
          {
            key: "state",
            head: "State",
            phone: "second",
            cell: (row) => (row.why === null ? null : <State kind="wrong">Cancelled</State>),
          },
          {
            key: "total",
            head: "Total",
            align: "right",
            phone: "amount",
            cell: (row) => <Money of={{ amountMinor: row.totalMinor, currency: scope.currency }} />,
          },
        ]}
        empty={
          isFiltered ? (
            <Empty title="No document fits" actions={<ButtonLink href={path}>Show all</ButtonLink>} />
          ) : (
            <Empty
              title="Nothing was issued yet"
              actions={<ButtonLink href={`${base}/sales`}>Choose an order</ButtonLink>}
            >
              An invoice is issued on an order's page, or for several orders in the list of sales. Who you are on it is
              said under Settings, Documents.
            </Empty>
          )
        }
      />
      {(rows.length > 0 || next !== null) && (next !== null || after !== null) ? (
        <Pager
          says={`${countText(rows.length)} documents`}
          earlier={{ label: "To the latest", href: after === null ? null : hrefOf(path, address, { after: null }) }}
          later={{ label: "More", href: next === null ? null : hrefOf(path, address, { after: next }) }}
        />
      ) : null}
      <ToNote scope={scope} rows={toNote} />
    </Page>
  );
}

/** Returns whose sale is not in the books: each has a page of its own, where its credit note is issued. */
function ToNote({ scope, rows }: { scope: Scope; rows: readonly ReturnToNote[] }) {
  if (rows.length === 0) return null;
  const base = `/${scope.slug}`;
  return (
    <Section title="Came back without a credit note" note="the latest whose sale is not in the books">
      <Table<ReturnToNote>
        caption="Returns without a credit note"
        rows={rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => returnHref(base, row.id)}
        columns={[
          { key: "on", head: "Date", quiet: true, phone: "where", cell: (row) => <Day on={row.on} /> },
          {
            key: "number",
            head: "Return",
            rowHead: true,
            phone: "what",
            cell: (row) => <Fig href={returnHref(base, row.id)}>{row.number}</Fig>,
          },
          { key: "channel", head: "Sold on", phone: "second", cell: (row) => row.channel },
          {
            key: "amount",
            head: "Given back",
            align: "right",
            phone: "amount",
            cell: (row) => <Money of={{ amountMinor: row.amountMinor, currency: scope.currency }} />,
          },
        ]}
      />
    </Section>
  );
}
