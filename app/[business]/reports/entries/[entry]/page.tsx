import type { Metadata } from "next";
import { type EntryHead, type EntryLine, entryPage } from "@/lib/books/journal-reads";
import { type BusinessParams, scopeOf } from "../../../../scope";
import { Day, Moment } from "../../../../ui/date";
import { dayText } from "../../../../ui/days";
import { Fig, TextLink } from "../../../../ui/link";
import { Money } from "../../../../ui/money";
import { Page } from "../../../../ui/page-frame";
import { Section } from "../../../../ui/section";
import { Table } from "../../../../ui/table";
import { Tape } from "../../../../ui/tape";
import { documentShown, memoShown } from "../../document";
import { orNotFound } from "../../not-there";

export const metadata: Metadata = { title: "Journal entry" };

type Params = Promise<Readonly<{ business: string; entry: string }>>;

/** One entry of the journal: its three dates, its debits and credits, its document, and what else was posted for that. */
export default async function Entry({ params }: { params: BusinessParams & Params }) {
  const scope = await scopeOf(params);
  const entry = await entryPage(scope, (await params).entry).catch(orNotFound);
  const base = `/${scope.slug}`;
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const document = documentShown(base, entry.document);
  const account = (line: EntryLine) => `${base}/reports/accounts/${line.code}?period=${entry.postedOn.slice(0, 7)}`;
  const total = entry.lines.reduce((sum, { debit }) => sum + debit, 0n);
  const credits = entry.lines.reduce((sum, { credit }) => sum + credit, 0n);
  return (
    <Page
      path={[{ label: "Reports", href: `${base}/reports` }, { label: "Journal entry" }]}
      title={memoShown(entry.memo, entry.document)}
      note={
        <>
          {entry.isCorrection ? "Corrects what was posted before for " : "Posted for "}
          {document.href === null ? document.label : <TextLink href={document.href}>{document.label}</TextLink>}
          {entry.document.order === null ? null : ` on ${entry.document.order.channel}`}. Entries are never changed:
          what differs later is posted on top.
        </>
      }
    >
      <Tape
        terms={[
          { label: "About", value: dayText(entry.effectiveOn), text: true },
          {
            label: "Counts on",
            value: dayText(entry.postedOn),
            text: true,
            sub: entry.postedOn === entry.effectiveOn ? undefined : "its own day was closed",
          },
          { label: "Recorded", value: <Moment at={entry.recordedAt} timeZone={scope.timeZone} />, text: true },
        ]}
      />
      <Section title="Debits and credits">
        <Table<EntryLine>
          caption="Debits and credits of the entry"
          rows={entry.lines}
          keyOf={(line) => line.code}
          columns={[
            {
              key: "code",
              head: "Code",
              quiet: true,
              width: 72,
              cell: (line) => <span className="n">{line.code}</span>,
            },
            {
              key: "account",
              head: "Account",
              rowHead: true,
              phone: "what",
              cell: (line) => <Fig href={account(line)}>{line.name}</Fig>,
            },
            {
              key: "side",
              head: "Side",
              headHidden: true,
              phoneOnly: true,
              phone: "where",
              cell: (line) => (line.debit > 0n ? "debit" : "credit"),
            },
            ...(entry.lines.some((line) => line.abroad.length > 0)
              ? [
                  {
                    key: "abroad",
                    head: "In its own currency",
                    align: "right" as const,
                    phone: "full" as const,
                    cell: (line: EntryLine) =>
                      line.abroad.map(({ currency, amount }) => (
                        <span key={currency}>
                          <Money of={{ amountMinor: amount, currency }} code plus />{" "}
                        </span>
                      )),
                  },
                ]
              : []),
            {
              key: "debit",
              head: "Debit",
              align: "right",
              phone: "amount",
              cell: (line) => (line.debit === 0n ? null : <Money of={money(line.debit)} />),
            },
            {
              key: "credit",
              head: "Credit",
              align: "right",
              phone: "second",
              cell: (line) => (line.credit === 0n ? null : <Money of={money(line.credit)} />),
            },
          ]}
          totals={{
            label: "Together",
            span: entry.lines.some((line) => line.abroad.length > 0) ? 3 : 2,
            figures: { debit: <Money of={money(total)} />, credit: <Money of={money(credits)} /> },
            proved: total === credits ? ["debit", "credit"] : [],
          }}
        />
      </Section>
      {entry.others.length === 0 ? null : (
        <Section title="Also posted for it" note="oldest first">
          <Table<EntryHead>
            caption="Other entries of the same document"
            rows={entry.others}
            keyOf={(other) => other.id}
            hrefOf={(other) => `${base}/reports/entries/${other.id}`}
            columns={[
              {
                key: "on",
                head: "Date",
                quiet: true,
                width: 96,
                phone: "where",
                cell: (other) => <Day on={other.postedOn} />,
              },
              {
                key: "memo",
                head: "What",
                rowHead: true,
                phone: "what",
                cell: (other) => (
                  <Fig href={`${base}/reports/entries/${other.id}`}>{memoShown(other.memo, entry.document)}</Fig>
                ),
              },
              {
                key: "kind",
                head: "Kind",
                quiet: true,
                cell: (other) => (other.isCorrection ? "correction" : "first posting"),
              },
              {
                key: "amount",
                head: "Amount moved",
                align: "right",
                phone: "amount",
                cell: (other) => <Money of={money(other.amount)} />,
              },
            ]}
          />
        </Section>
      )}
    </Page>
  );
}
