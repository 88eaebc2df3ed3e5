import type { Metadata } from "next";
import { depositsFound } from "@/lib/desk/payouts";
import { can, type Scope } from "@/lib/people/access";
import { listChannels } from "@/lib/sales/channels";
import { writeCursor } from "@/lib/sales/keyset";
import { type PayoutRow, type PayoutTotals, payoutsPage, payoutTotals } from "@/lib/sales/payout-reads";
import { type BusinessParams, scopeOf } from "../../scope";
import { filterOf, hrefOf, type SearchParams, sortOf } from "../../ui/address";
import { Button, ButtonLink } from "../../ui/button";
import { Day } from "../../ui/date";
import { dayText } from "../../ui/days";
import { Empty } from "../../ui/empty";
import { countText } from "../../ui/figures";
import { type Filter, FilterBar, ListSearch } from "../../ui/filter-bar";
import { Form } from "../../ui/form";
import { Fig, TextLink } from "../../ui/link";
import { Money } from "../../ui/money";
import { Page } from "../../ui/page-frame";
import { Pager } from "../../ui/pager";
import { State } from "../../ui/state";
import { type Column, Table } from "../../ui/table";
import { Tape, type TapeTerm } from "../../ui/tape";
import { pairAll } from "./actions";
import {
  depositWords,
  isProved,
  leftOver,
  ownCurrency,
  type PayoutsState,
  payoutHref,
  payoutsState,
  proofWords,
} from "./state";

export const metadata: Metadata = { title: "Payouts" };

const proofs = { proved: "proved", open: "do not add up", unlisted: "list no rows" } as const;
const deposits = { found: "found", missing: "not found", late: "late" } as const;

export default async function Payouts({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const state = payoutsState(scope, await searchParams);
  const [page, totals, channels, found] = await Promise.all([
    payoutsPage(scope, state.filter, state.page),
    payoutTotals(scope, state.filter),
    listChannels(scope),
    depositsFound(scope),
  ]);
  const base = `/${scope.slug}`;
  const here = `${base}/payouts`;
  const names = channels.map(({ id, name }) => ({ id, name }));
  const sums = { here, address: state.address };
  return (
    <Page
      path={[{ label: "Payouts" }]}
      title="Payouts"
      note={
        found.toChoose === 0
          ? undefined
          : `For ${countText(found.toChoose)} of them a deposit is to be chosen: two fit, or it is in another currency.`
      }
      actions={
        <>
          <ButtonLink href={hrefOf(`${here}/export`, state.address, { after: null, before: null })} download>
            Export
          </ButtonLink>
          {found.sure > 0 && can(scope, "write") ? (
            <Form action={pairAll}>
              <Button kind="primary" busy="Pairing">
                Pair {countText(found.sure)} {found.sure === 1 ? "deposit" : "deposits"}
              </Button>
            </Form>
          ) : null}
        </>
      }
    >
      <Sum scope={scope} totals={totals} {...sums} />
      <Table<PayoutRow>
        caption="Payouts"
        columns={columnsOf(scope, state, here)}
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => payoutHref(base, row.id)}
        bar={
          <>
            <div className="mb-2">
              <ListSearch action={here} value={state.address.q} kept={keptOf(state)} placeholder="Number or amount" />
            </div>
            <FilterBar
              filters={filtersOf(scope, state, here, names)}
              end={`${countText(totals.count)} ${totals.count === 1 ? "payout" : "payouts"}`}
            />
          </>
        }
        totals={{
          label: `${countText(totals.count)} ${totals.count === 1 ? "payout" : "payouts"}`,
          span: 4,
          figures: {
            rows: <Money of={{ amountMinor: totals.rows, currency: scope.currency }} />,
            amount: <Money of={{ amountMinor: totals.amount, currency: scope.currency }} />,
            difference: <Money of={{ amountMinor: -totals.difference, currency: scope.currency }} zero="figure" />,
          },
          proved: totals.open === 0 && totals.unlisted === 0 ? ["difference"] : [],
        }}
        empty={<Nothing state={state} here={here} hasChannels={channels.length > 0} base={base} />}
      />
      {page.after !== null || page.before !== null ? (
        <Pager
          says={`${countText(page.rows.length)} of ${countText(totals.count)}`}
          earlier={{
            label: "Back",
            href:
              page.before === null
                ? null
                : hrefOf(here, state.address, { before: writeCursor(page.before), after: null }),
          }}
          later={{
            label: "On",
            href:
              page.after === null
                ? null
                : hrefOf(here, state.address, { after: writeCursor(page.after), before: null }),
          }}
        />
      ) : null}
    </Page>
  );
}

function keptOf({ address }: PayoutsState): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, values] of Object.entries(address.filters)) if (values[0] !== undefined) kept[name] = values[0];
  if (address.sort) kept.sort = `${address.sort.down ? "-" : ""}${address.sort.key}`;
  return kept;
}

function Sum({
  scope,
  totals,
  here,
  address,
}: {
  scope: Scope;
  totals: PayoutTotals;
  here: string;
  address: PayoutsState["address"];
}) {
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} zero="figure" />;
  const only = (filters: Readonly<Record<string, string>>) => hrefOf(here, address, { filters });
  const terms: readonly TapeTerm[] = [
    { label: "Paid out", value: money(totals.amount), asked: true, sub: `${countText(totals.count)} payouts` },
    {
      label: "Proved",
      value: countText(totals.proved),
      sub: totals.unlisted === 0 ? "rows add to what was paid" : `${countText(totals.unlisted)} list no rows`,
    },
    {
      label: "Do not add up",
      value: totals.open === 0 ? "none" : countText(totals.open),
      left: totals.open > 0,
      sub:
        totals.open === 0 ? undefined : (
          <TextLink href={only({ proof: "open" })}>
            {money(-totals.difference)}
            {totals.others.map(({ currency, difference }) => (
              <span key={currency}>
                , <Money of={{ amountMinor: -difference, currency }} code />
              </span>
            ))}{" "}
            left over in all
          </TextLink>
        ),
    },
    {
      label: "Not found in the bank",
      value: totals.onTheWay === 0 ? "none" : money(totals.onTheWayMinor),
      left: totals.onTheWay > 0,
      sub:
        totals.onTheWay === 0 ? undefined : (
          <TextLink href={only({ deposit: "missing" })}>{countText(totals.onTheWay)} payouts</TextLink>
        ),
    },
  ];
  return <Tape terms={terms} />;
}

function filtersOf(
  scope: Scope,
  state: PayoutsState,
  here: string,
  channels: readonly Readonly<{ id: string; name: string }>[],
): readonly Filter[] {
  const { address, year, thisYear, since } = state;
  const chosen = (name: string) => filterOf(address, name);
  const choice = (name: string, value: string, label: string) => ({
    label,
    href: hrefOf(here, address, { filters: { [name]: value } }),
    current: chosen(name) === value,
  });
  const off = (name: string) => hrefOf(here, address, { filters: { [name]: null } });
  const proof = chosen("proof");
  const deposit = chosen("deposit");
  const channel = chosen("channel");
  return [
    {
      name: scope.taxYearStartMonth === 1 ? "Year" : "Tax year",
      value: since !== null ? `since ${dayText(since)}` : year === null ? "all" : String(year),
      choices: [thisYear, thisYear - 1, thisYear - 2, thisYear - 3].map((one) => ({
        label: String(one),
        href: hrefOf(here, address, { filters: { year: String(one), since: null } }),
        current: year === one,
      })),
    },
    {
      name: "Channel",
      value: channel === null ? "all" : (channels.find(({ id }) => id === channel)?.name ?? channel),
      on: channel !== null,
      off: off("channel"),
      choices: channels.map(({ id, name }) => choice("channel", id, name)),
    },
    {
      name: "Proof",
      value: state.filter.proof == null ? "all" : proofs[state.filter.proof],
      on: proof !== null,
      off: off("proof"),
      choices: Object.entries(proofs).map(([value, label]) => choice("proof", value, label)),
    },
    {
      name: "Deposit",
      value: state.filter.deposit == null ? "all" : deposits[state.filter.deposit],
      on: deposit !== null,
      off: off("deposit"),
      choices: Object.entries(deposits).map(([value, label]) => choice("deposit", value, label)),
    },
  ];
}

function columnsOf(scope: Scope, { address, year }: PayoutsState, here: string): readonly Column<PayoutRow>[] {
  const base = `/${scope.slug}`;
  const own = (row: PayoutRow, amountMinor: bigint | null, zero: "dash" | "figure" = "dash") => (
    <Money
      of={amountMinor === null ? null : { amountMinor, currency: ownCurrency(row, scope.currency) }}
      zero={zero}
      code={row.abroad !== null}
    />
  );
  return [
    {
      key: "on",
      head: "Date",
      quiet: true,
      sort: sortOf(here, address, "on", true),
      cell: (row) => <Day on={row.on} year={year ?? undefined} />,
    },
    { key: "channel", head: "Channel", wraps: true, phone: "what", cell: (row) => row.channelName },
    {
      key: "number",
      head: "Payout",
      rowHead: true,
      cell: (row) => (
        <Fig narrow href={payoutHref(base, row.id)}>
          {row.number}
        </Fig>
      ),
    },
    {
      key: "line",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          <Day on={row.on} year={year ?? undefined} /> · {row.number} · {proofWords(row)}
        </>
      ),
    },
    { key: "proof", head: "Proof", cell: (row) => <ProofMark payout={row} /> },
    { key: "rows", head: "Its rows", align: "right", low: true, cell: (row) => own(row, row.rows) },
    {
      key: "amount",
      head: "Paid out",
      align: "right",
      phone: "amount",
      sort: sortOf(here, address, "amount", true),
      cell: (row) => (
        <>
          <Money of={{ amountMinor: row.amount, currency: scope.currency }} />
          {row.abroad === null ? null : (
            <>
              <br />
              <span className="s q">{own(row, row.abroad.paid)}</span>
            </>
          )}
        </>
      ),
    },
    {
      key: "difference",
      head: "Left over",
      align: "right",
      phone: "second",
      cell: (row) => own(row, leftOver(row), "figure"),
    },
    {
      key: "deposit",
      head: "Deposit",
      wraps: true,
      cell: (row) =>
        row.deposit === null ? (
          <span className="q">{depositWords(row)}</span>
        ) : (
          <>
            {row.deposit.account}, <Day on={row.deposit.on} year={year ?? undefined} />
          </>
        ),
    },
  ];
}

function ProofMark({ payout }: { payout: PayoutRow }) {
  const kind = payout.difference === null ? "waiting" : isProved(payout) ? "done" : "wrong";
  return <State kind={kind}>{proofWords(payout)}</State>;
}

function Nothing({
  state,
  here,
  hasChannels,
  base,
}: {
  state: PayoutsState;
  here: string;
  hasChannels: boolean;
  base: string;
}) {
  const { channel, proof, deposit, words } = state.filter;
  if (channel !== null || proof !== null || deposit !== null || words !== "")
    return <Empty title="No payout fits these filters" actions={<ButtonLink href={here}>Take them off</ButtonLink>} />;
  return (
    <Empty
      title={state.year === null ? "No payouts yet" : `No payouts in ${state.year} yet`}
      actions={
        <ButtonLink href={hasChannels ? `${base}/channels` : `${base}/channels/connect`} kind="primary">
          {hasChannels ? "Go to Channels" : "Connect a channel"}
        </ButtonLink>
      }
    >
      They come with a channel's sync or its file, each with the rows that it is made of.
    </Empty>
  );
}
