import type { Metadata } from "next";
import { type AccountPage, type AccountRow, accountPage } from "@/lib/books/journal-reads";
import { todayOf } from "@/lib/system/clock";
import { type BusinessParams, scopeOf } from "../../../../scope";
import { hrefOf, type SearchParams } from "../../../../ui/address";
import { ButtonLink } from "../../../../ui/button";
import { Day } from "../../../../ui/date";
import { dayText } from "../../../../ui/days";
import { Empty } from "../../../../ui/empty";
import { FilterBar } from "../../../../ui/filter-bar";
import { Fig } from "../../../../ui/link";
import { Money } from "../../../../ui/money";
import { Page } from "../../../../ui/page-frame";
import { Pager } from "../../../../ui/pager";
import { Alert } from "../../../../ui/section";
import { type Column, Table } from "../../../../ui/table";
import { Tape } from "../../../../ui/tape";
import { documentShown, memoShown } from "../../document";
import { orNotFound } from "../../not-there";
import { beginning, periodText } from "../../period";
import { periodChip } from "../../period-chip";
import { accountState } from "./state";

export const metadata: Metadata = { title: "Account" };

type Params = Promise<Readonly<{ business: string; code: string }>>;

/** One account over a period: where it stood, every posting with what it stood at after it, where it stands. */
export default async function Account({
  params,
  searchParams,
}: {
  params: BusinessParams & Params;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { code } = await params;
  const today = todayOf(scope.timeZone);
  const { address, chosen } = accountState(scope, await searchParams, today);
  const { period } = chosen;
  const { after, before } = address;
  const page = await accountPage(scope, decodeURIComponent(code), period, { after, before }).catch(orNotFound);
  const { account } = page;
  const base = `/${scope.slug}`;
  const here = `${base}/reports/accounts/${code}`;
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const year = Number(period.to.slice(0, 4));
  const figure = (amount: bigint) => <Money of={money(amount)} zero="figure" />;
  const isFirst = page.before === null;
  const isLast = page.after === null;
  return (
    <Page
      path={[{ label: "Reports", href: `${base}/reports` }, { label: account.name }]}
      title={account.name}
      beside={<span className="n">{account.code}</span>}
      note={
        account.isOfYear
          ? "Counted from the beginning of the tax year; what raises it is positive."
          : "All that was ever posted to it; what raises it is positive."
      }
      actions={
        <ButtonLink href={hrefOf(`${here}/export`, address, { after: null, before: null })} download>
          CSV
        </ButtonLink>
      }
    >
      {chosen.problem === null ? null : (
        <Alert>
          {chosen.problem} This is {periodText(period)}.
        </Alert>
      )}
      <Tape
        terms={[
          {
            label: period.from === beginning ? "Before" : `Before ${dayText(period.from)}`,
            value: figure(page.opening),
          },
          { op: "+", label: `In ${periodText(period)}`, value: figure(page.moved), asked: true },
          { op: "=", label: `Through ${dayText(period.to)}`, value: figure(page.closing), asked: true },
        ]}
      />
      <Table<AccountRow>
        caption={`Postings of ${account.name}, ${periodText(period)}, oldest first`}
        bar={<FilterBar filters={[periodChip(here, address, chosen, scope, today)]} end="Oldest first" />}
        columns={columnsOf(page, base, scope.currency, year)}
        rows={page.rows}
        keyOf={(row) => row.cursor}
        hrefOf={(row) => `${base}/reports/entries/${row.entry}`}
        opening={
          isFirst && page.rows.length > 0
            ? {
                lead: dayText(period.from, year),
                label: "Opening",
                span: 3,
                figures: { balance: figure(page.opening) },
              }
            : undefined
        }
        closing={
          isLast && page.rows.length > 0
            ? {
                lead: dayText(period.to, year),
                label: "Closing",
                span: 3,
                figures: { amount: figure(page.moved), balance: figure(page.closing) },
                proved: page.rows.at(-1)?.balance === page.closing ? ["balance"] : [],
              }
            : undefined
        }
        empty={
          <Empty
            title={`Nothing was posted to ${account.name} in ${periodText(period)}`}
            actions={<ButtonLink href={`${here}?from=${beginning}&to=${today}`}>Show all years</ButtonLink>}
          >
            It stands at what it stood at before.
          </Empty>
        }
      />
      <Pager
        says={saysOf(page)}
        earlier={{ label: "Earlier", href: isFirst ? null : hrefOf(here, address, { before: page.before }) }}
        later={{ label: "Later", href: isLast ? null : hrefOf(here, address, { after: page.after }) }}
      />
    </Page>
  );
}

function saysOf({ rows }: AccountPage): string {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return "No postings";
  const count = rows.length === 1 ? "1 posting" : `${rows.length} postings`;
  return first.on === last.on
    ? `${count} of ${dayText(first.on)}`
    : `${count}, ${dayText(first.on)} to ${dayText(last.on)}`;
}

function columnsOf(page: AccountPage, base: string, currency: string, year: number): readonly Column<AccountRow>[] {
  const money = (amountMinor: bigint) => ({ amountMinor, currency });
  const document = (row: AccountRow) => {
    const { label, href } = documentShown(base, row.document);
    return href === null ? label : <Fig href={href}>{label}</Fig>;
  };
  const what = (row: AccountRow) => (
    <>
      <Fig href={`${base}/reports/entries/${row.entry}`}>{memoShown(row.memo, row.document)}</Fig>
      {row.item === null ? null : <span className="q"> {row.item}</span>}
      {row.aboutOn === null ? null : (
        <span className="q">
          {" "}
          about <Day on={row.aboutOn} year={year} />
        </span>
      )}
    </>
  );
  return [
    { key: "on", head: "Date", quiet: true, width: 84, cell: (row) => <Day on={row.on} year={year} /> },
    { key: "what", head: "What", wraps: true, phone: "what", cell: what },
    { key: "document", head: "Document", cell: document },
    {
      key: "other",
      head: "Other account",
      low: true,
      cell: (row) => <Fig href={`${base}/reports/accounts/${row.other.code}`}>{row.other.name}</Fig>,
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          <Day on={row.on} year={year} /> · {row.other.name}
        </>
      ),
    },
    { key: "amount", head: "Amount", align: "right", phone: "amount", cell: (row) => <Money of={money(row.amount)} /> },
    {
      key: "balance",
      head: page.account.isOfYear ? "Year so far" : "Balance",
      align: "right",
      running: "first",
      phone: "second",
      cell: (row) => <Money of={money(row.balance)} zero="figure" />,
    },
  ];
}
