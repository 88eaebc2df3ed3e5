import type { Metadata } from "next";
import { filedAndNow } from "@/lib/books/late";
import { type ProfitReport, profitReport } from "@/lib/books/reports";
import { type Days, type Period, periodKey } from "@/lib/core/reports/periods";
import { todayOf } from "@/lib/system/clock";
import { type BusinessParams, scopeOf } from "../../../scope";
import { hrefOf, type SearchParams } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Chart } from "../../../ui/chart";
import { Moment } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { moneyText, shareText } from "../../../ui/figures";
import { type Filter, FilterBar } from "../../../ui/filter-bar";
import { Fig, TextLink } from "../../../ui/link";
import { Dash, Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Alert, Note, Section, Warn } from "../../../ui/section";
import { type Column, Table } from "../../../ui/table";
import { drawn } from "../../drawn";
import { currencyName } from "../../home-parts";
import { soldAddress } from "../../needs-shown";
import { monthHead, periodText } from "../period";
import { periodChip } from "../period-chip";
import { Filed } from "./filed";
import { type ProfitRow, profitRows } from "./rows";
import { begunMonths, type ProfitState, profitState, shownMonths } from "./state";

export const metadata: Metadata = { title: "Profit and loss" };

/** More months than this are no picture any more. */
const mostBands = 36;

export default async function ProfitAndLoss({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const today = todayOf(scope.timeZone);
  const state = profitState(scope, await searchParams, today);
  const { address, chosen, before } = state;
  const { period } = chosen;
  const report = await profitReport(scope, period, before);
  const filed = await filedAndNow(scope, period);
  const base = `/${scope.slug}`;
  const here = `${base}/reports/profit`;
  const rows = profitRows(report);
  const { covered } = report;
  const months = begunMonths(report.months, today);
  return (
    <Page
      path={[{ label: "Reports", href: `${base}/reports` }, { label: "Profit and loss" }]}
      title="Profit and loss"
      note={`${currencyName(scope.currency)}; a sale counts on its day, a cost on the day of its sale`}
      actions={
        <ButtonLink href={hrefOf(`${here}/export`, address)} download>
          CSV
        </ButtonLink>
      }
    >
      {chosen.problem === null ? null : (
        <Alert>
          {chosen.problem} This is {periodText(period)}.
        </Alert>
      )}
      <FilterBar filters={filtersOf(here, state, periodChip(here, address, chosen, scope, today))} />
      {covered.lines > 0 ? (
        <Warn>
          <span>
            Cost is known for {shareText(covered.known, covered.sales)} of sales. {covered.lines}{" "}
            {covered.lines === 1 ? "line" : "lines"} sold for{" "}
            {moneyText({ amountMinor: covered.missing, currency: scope.currency })}{" "}
            {covered.lines === 1 ? "stands" : "stand"} here without a cost, so profit reads high.
          </span>
          <TextLink href={soldAddress(base, { missing: true, period })}>Add their costs</TextLink>
        </Warn>
      ) : covered.sales > 0n ? (
        <Note>Cost is known for all sales of this period.</Note>
      ) : null}
      {report.asOf === null ? null : (
        <Note>
          What was recorded until <Moment at={report.asOf} timeZone={scope.timeZone} /> is in these figures.
        </Note>
      )}
      {months.length > 1 && months.length <= mostBands && rows.some(({ amount }) => amount !== 0n) ? (
        <WhereItWent months={months} period={period} currency={scope.currency} today={today} />
      ) : null}
      <Section title={periodText(period)} note={before === null ? undefined : `beside ${periodText(before)}`}>
        <Table
          caption={`Profit and loss, ${periodText(period)}`}
          columns={columnsOf({ report, state, base, currency: scope.currency, today })}
          rows={rows.some(({ amount, before: then }) => amount !== 0n || (then ?? 0n) !== 0n) ? rows : []}
          keyOf={(row) => row.key}
          stateOf={(row) => (row.kind === "account" ? {} : { kind: row.kind === "gross" ? "result" : "subtotal" })}
          empty={
            <Empty
              title={`Nothing was earned or spent in ${periodText(period)}`}
              actions={
                period.from <= today && today <= period.to ? undefined : (
                  <ButtonLink href={here}>Show this tax year</ButtonLink>
                )
              }
            >
              Sales come from channels, expenses from the bank’s transactions.
            </Empty>
          }
        />
      </Section>
      {filed === null ? null : <Filed report={filed} period={period} base={base} currency={scope.currency} />}
    </Page>
  );
}

function filtersOf(here: string, state: ProfitState, period: Filter): readonly Filter[] {
  const { address, columns, before } = state;
  const to = (name: string, value: string | null) => hrefOf(here, address, { filters: { [name]: value } });
  const named = { none: "none", last: "last three", all: "every month" } as const;
  return [
    period,
    {
      name: "Months",
      value: named[columns],
      choices: [
        { label: "Last three months", href: to("months", null), current: columns === "last" },
        { label: "Every month", href: to("months", "all"), current: columns === "all" },
        { label: "No months", href: to("months", "none"), current: columns === "none" },
      ],
    },
    {
      name: "Compare",
      value: before === null ? "none" : periodText(before),
      on: before !== null,
      href: to("compare", "before"),
      off: to("compare", null),
    },
  ];
}

function columnsOf({
  report,
  state,
  base,
  currency,
  today,
}: {
  report: ProfitReport;
  state: ProfitState;
  base: string;
  currency: string;
  today: string;
}): readonly Column<ProfitRow>[] {
  const { period } = state.chosen;
  const money = (amountMinor: bigint) => ({ amountMinor, currency });
  const toAccount = (row: ProfitRow, days: Days, key: string | null, amount: bigint) =>
    row.code === null || amount === 0n ? (
      <Money of={money(amount)} />
    ) : (
      <Fig
        href={`${base}/reports/accounts/${row.code}?${key === null ? `from=${days.from}&to=${days.to}` : `period=${key}`}`}
      >
        <Money of={money(amount)} />
      </Fig>
    );
  const keyed = (one: Period) => (one.kind === "days" ? null : periodKey(one));
  const income = report.whole.income.amount;
  const months: Column<ProfitRow>[] = shownMonths(report.months, state.columns, today).map((at) => {
    const days = report.months[at]?.days ?? period;
    return {
      key: `m${at}`,
      head: monthHead(days.to > today && days.from <= today ? { from: days.from, to: today } : days, period),
      align: "right",
      cell: (row) => toAccount(row, days, null, row.months[at] ?? 0n),
    };
  });
  const compared: Column<ProfitRow>[] =
    state.before === null
      ? []
      : [
          {
            key: "before",
            head: periodText(state.before),
            align: "right",
            cell: (row) =>
              toAccount(row, state.before ?? period, state.before && keyed(state.before), row.before ?? 0n),
          },
          {
            key: "change",
            head: "Change",
            align: "right",
            cell: (row) => <Money of={money(row.amount - (row.before ?? 0n))} plus />,
          },
        ];
  return [
    { key: "name", head: "Account", headHidden: true, rowHead: true, phone: "what", cell: (row) => row.label },
    ...months,
    {
      key: "whole",
      head:
        period.to >= today && period.from <= today && period.kind !== "days"
          ? `${periodText(period)} to date`
          : periodText(period),
      align: "right",
      ruled: months.length > 0,
      phone: "amount",
      cell: (row) =>
        row.kind === "profit" && report.isProved ? (
          <span className="dbl">
            <Money of={money(row.amount)} zero="figure" />
          </span>
        ) : (
          toAccount(row, period, keyed(period), row.amount)
        ),
    },
    ...compared,
    // Beside every month there is no room for it when wide; on phones, where months are left out, there is.
    {
      key: "share",
      head: "Of income",
      align: "right",
      quiet: true,
      phone: "second",
      phoneOnly: state.columns === "all",
      cell: (row) => (income <= 0n ? <Dash says="no income" /> : shareText(row.amount, income)),
    },
  ];
}

/** What stays and what goes: each month's income as profit, cost of goods, and expenses on top of each other. */
function WhereItWent({
  months,
  period,
  currency,
  today,
}: {
  months: ProfitReport["months"];
  period: Period;
  currency: string;
  today: string;
}) {
  const money = (amountMinor: bigint) => ({ amountMinor, currency });
  const fees = new Set(["6000", "6010"]);
  const rows = months.map(({ days, profit }) => {
    const fee = profit.expenses.children
      .filter(({ accounts }) => accounts.some((code) => fees.has(code)))
      .reduce((sum, { amount }) => sum + amount, 0n);
    return {
      days,
      label: monthHead(days.to > today ? { from: days.from, to: today } : days, period),
      isOpen: days.to > today,
      income: profit.income.amount,
      profit: profit.netProfit.amount,
      cost: profit.costOfGoodsSold.amount,
      fees: fee,
      rest: profit.expenses.amount - fee,
    };
  });
  const figures = ["profit", "cost", "fees", "rest"] as const;
  const labels = { profit: "Profit", cost: "Cost of goods", fees: "Fees", rest: "Postage and other" } as const;
  const inks = { profit: "c1", cost: "k1", fees: "k2", rest: "k3" } as const;
  return (
    <Section title="Where each month’s income went" note={currencyName(currency)}>
      <Chart
        kind="stack"
        width="full"
        says={`Where each month’s income went, ${periodText(period)}: profit ${rows.map((row) => `${row.label} ${moneyText(money(row.profit))}`).join(", ")}`}
        series={figures.map((key) => ({ key, label: labels[key], ink: inks[key] }))}
        bands={rows.map((row) => ({
          label: row.label,
          values: Object.fromEntries(figures.map((key) => [key, drawn(row[key], currency)])),
          open: row.isOpen,
          says: [
            ["Income", moneyText(money(row.income))] as const,
            ...figures.map((key) => [labels[key], moneyText(money(row[key]))] as const),
          ],
        }))}
        table={
          <Table
            caption={`Where each month’s income went, ${periodText(period)}`}
            phone="scroll"
            rows={rows}
            keyOf={(row) => row.days.from}
            columns={[
              { key: "month", head: "Month", rowHead: true, cell: (row) => row.label },
              { key: "income", head: "Income", align: "right", cell: (row) => <Money of={money(row.income)} /> },
              ...figures.map((key) => ({
                key,
                head: labels[key],
                align: "right" as const,
                cell: (row: (typeof rows)[number]) => <Money of={money(row[key])} />,
              })),
            ]}
          />
        }
      />
    </Section>
  );
}
