import type { Metadata } from "next";
import { balanceReport, type RetainedYear, retainedByYear } from "@/lib/books/reports";
import { addDays, taxYearOf, taxYearRange } from "@/lib/core/dates";
import { yearPeriod } from "@/lib/core/reports/periods";
import { inTransitOn } from "@/lib/desk/transfer-reads";
import { todayOf } from "@/lib/system/clock";
import { type BusinessParams, scopeOf } from "../../../scope";
import { hrefOf, type SearchParams } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { DateField } from "../../../ui/date-field.client";
import { dayText } from "../../../ui/days";
import { Empty } from "../../../ui/empty";
import { moneyText } from "../../../ui/figures";
import { FilterBar } from "../../../ui/filter-bar";
import { Fig, TextLink } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Alert, Note, Section } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { currencyName } from "../../home-parts";
import { beginning, periodText } from "../period";
import { orderOf } from "../period-chip";
import { type BalanceRow, balanceRows, wayNote } from "./rows";
import { balanceState, usualDays } from "./state";

export const metadata: Metadata = { title: "Balance sheet" };

/** What the business has and owes at the end of a day. */
export default async function Balance({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const today = todayOf(scope.timeZone);
  const { address, on, problem } = balanceState(scope, await searchParams, today);
  const sheet = await balanceReport(scope, on);
  const [years, way] = await Promise.all([retainedByYear(scope, on), inTransitOn(scope, on)]);
  const base = `/${scope.slug}`;
  const here = `${base}/reports/balance`;
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const rows = balanceRows(sheet, wayNote(way, scope.currency));
  const isEmpty = rows.every(({ kind, amount }) => kind === "sum" || kind === "all" || amount === 0n);
  const year = taxYearRange(taxYearOf(on, scope.taxYearStartMonth), scope.taxYearStartMonth);
  const isProved = sheet.difference === 0n;
  const hrefOfRow = ({ kind, code, label }: BalanceRow): string | null => {
    if (kind === "account" && code !== null) return `${base}/reports/accounts/${code}?from=${year.from}&to=${on}`;
    if (kind === "earned" && label === "Profit of this year")
      return `${base}/reports/profit?from=${year.from}&to=${on}`;
    if (kind === "earned") return `${base}/reports/profit?months=none&from=${beginning}&to=${addDays(year.from, -1)}`;
    return null;
  };
  return (
    <Page
      path={[{ label: "Reports", href: `${base}/reports` }, { label: "Balance sheet" }]}
      title="Balance sheet"
      note={`${currencyName(scope.currency)}, at the end of ${dayText(on)}`}
      actions={
        <ButtonLink href={hrefOf(`${here}/export`, address)} download>
          CSV
        </ButtonLink>
      }
    >
      {problem === null ? null : <Alert>{problem} This is today.</Alert>}
      {isProved ? null : (
        <Alert>
          Assets are not liabilities and equity: {moneyText(money(sheet.difference))} differ. This must not be.{" "}
          <TextLink href={`${base}/settings/proof`}>Prove the books</TextLink> names what is wrong.
        </Alert>
      )}
      {sheet.asOf === null ? null : (
        <Note>
          What was recorded until <Moment at={sheet.asOf} timeZone={scope.timeZone} /> is in these figures.
        </Note>
      )}
      <FilterBar
        filters={[
          {
            name: "Day",
            value: dayText(on),
            choices: usualDays(scope, today).map(({ label, on: day }) => ({
              label: `${label}, ${dayText(day)}`,
              href: hrefOf(here, address, { filters: { on: day } }),
              current: day === on,
            })),
            form: (
              <form action={here} method="get" className="grid gap-2 p-3">
                <DateField label="At the end of" name="on" today={today} value={on} order={orderOf(scope)} />
                <Button>Show this day</Button>
              </form>
            ),
          },
        ]}
      />
      <Section title={`At the end of ${dayText(on)}`}>
        <Table<BalanceRow>
          caption={`Balance sheet at the end of ${dayText(on)}`}
          rows={isEmpty ? [] : rows}
          keyOf={(row) => row.key}
          stateOf={(row) => (row.kind === "sum" ? { kind: "subtotal" } : row.kind === "all" ? { kind: "result" } : {})}
          columns={[
            { key: "code", head: "Code", quiet: true, width: 72, cell: (row) => <span className="n">{row.code}</span> },
            {
              key: "name",
              head: "Account",
              rowHead: true,
              phone: "what",
              cell: (row) => (
                <>
                  {row.label}
                  {row.note === undefined ? null : (
                    <TextLink href={`${base}/inventory/movements?state=sent`}>
                      <span className="s"> {row.note}</span>
                    </TextLink>
                  )}
                </>
              ),
            },
            {
              key: "amount",
              head: dayText(on),
              align: "right",
              phone: "amount",
              cell: (row) => {
                const href = hrefOfRow(row);
                const figure = <Money of={money(row.amount)} zero="figure" />;
                if (href !== null) return <Fig href={href}>{figure}</Fig>;
                return isProved && (row.key === "assets" || row.kind === "all") ? (
                  <span className="dbl">{figure}</span>
                ) : (
                  figure
                );
              },
            },
          ]}
          empty={
            <Empty title={`Nothing was in the books at the end of ${dayText(on)}`}>
              It is made of all that was posted until that day.
            </Empty>
          }
        />
      </Section>
      {years.length === 0 ? null : (
        <Section
          title="Profit of earlier years"
          note="retained earnings: each year’s profit goes on into the next; no entry is needed for it"
        >
          <Table<RetainedYear>
            caption={`Retained earnings by tax year, before ${dayText(year.from)}`}
            rows={years}
            keyOf={(one) => String(one.year)}
            columns={[
              {
                key: "year",
                head: "Tax year",
                rowHead: true,
                phone: "what",
                cell: (one) => periodText(yearPeriod(one.year, scope.taxYearStartMonth)),
              },
              {
                key: "profit",
                head: "Profit",
                align: "right",
                phone: "second",
                cell: (one) => (
                  <Fig href={`${base}/reports/profit?period=${one.year}`}>
                    <Money of={money(one.profit)} zero="figure" />
                  </Fig>
                ),
              },
              {
                key: "retained",
                head: "Retained at its end",
                align: "right",
                phone: "amount",
                cell: (one) => <Money of={money(one.retained)} zero="figure" />,
              },
            ]}
          />
        </Section>
      )}
    </Page>
  );
}
