import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { type DepositChoice, depositChoices } from "@/lib/desk/payouts";
import { can, type Scope } from "@/lib/people/access";
import { writeCursor } from "@/lib/sales/keyset";
import {
  type PaidLine,
  type PaidLines,
  type PayoutProof,
  type PayoutRow,
  paidLines,
  payoutProof,
} from "@/lib/sales/payout-reads";
import { scopeOf } from "../../../scope";
import { Abroad } from "../../../ui/abroad";
import { hrefOf, type SearchParams } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { dayText } from "../../../ui/days";
import { countText } from "../../../ui/figures";
import { FilterBar } from "../../../ui/filter-bar";
import { Form } from "../../../ui/form";
import { TextLink } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Pager } from "../../../ui/pager";
import { Columns } from "../../../ui/section";
import { State } from "../../../ui/state";
import { Table } from "../../../ui/table";
import { Roll, type RollLine } from "../../../ui/tape";
import { idOf } from "../../inventory/balances/state";
import { pair, unpair } from "../actions";
import { isProved, ownCurrency, payoutHref } from "../state";
import { lineColumns } from "./lines";
import { lineState } from "./state";

export const metadata: Metadata = { title: "Payout" };

type Params = Promise<Readonly<{ business: string; payout: string[] }>>;

export default async function Payout({
  params,
  searchParams,
}: {
  params: Params;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const id = idOf((await params).payout);
  const state = lineState(id, await searchParams);
  const proof = await found(scope, id);
  const [lines, choices] = await Promise.all([paidLines(scope, state.filter, state.page), depositChoices(scope, id)]);
  const { payout } = proof;
  const base = `/${scope.slug}`;
  const here = payoutHref(base, id);
  const turn = (to: string | null, label: string, reason: string) => (
    <ButtonLink href={to === null ? here : payoutHref(base, to)} disabled={to === null ? reason : undefined}>
      {label}
    </ButtonLink>
  );
  return (
    <Page
      path={[{ label: "Payouts", href: `${base}/payouts` }, { label: `${payout.channelName}, ${dayText(payout.on)}` }]}
      title={`${payout.channelName} payout, ${dayText(payout.on)}`}
      beside={<Mark scope={scope} payout={payout} />}
      note={
        <>
          {noteOf(payout)}
          {proof.said === null ? null : (
            <>
              {" "}
              It paid <Abroad of={proof.said} inBooks={payout.amount} currency={scope.currency} />.
            </>
          )}
        </>
      }
      actions={
        <>
          <ButtonLink href={`${base}/payouts/export/rows?payout=${encodeURIComponent(id)}`} download>
            Export
          </ButtonLink>
          {turn(proof.earlier, "Earlier", "There is no earlier payout of this channel")}
          {turn(proof.later, "Later", "There is no later payout of this channel")}
        </>
      }
    >
      <Columns kind="proof">
        <Lines scope={scope} lines={lines} proof={proof} here={here} state={state} />
        <div>
          <TheProof scope={scope} proof={proof} />
          <TheDeposit scope={scope} payout={payout} choices={choices} />
        </div>
      </Columns>
    </Page>
  );
}

async function found(scope: Scope, id: string): Promise<PayoutProof> {
  try {
    return await payoutProof(scope, id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}

const moneyIn =
  (currency: string) =>
  (amountMinor: bigint, zero: "dash" | "figure" = "figure") => <Money of={{ amountMinor, currency }} zero={zero} />;
const moneyOf = (scope: Scope) => moneyIn(scope.currency);
/** As the payout was said: its rows, its proof. */
const ownMoney = (scope: Scope, payout: PayoutRow) => moneyIn(ownCurrency(payout, scope.currency));

function Mark({ scope, payout }: { scope: Scope; payout: PayoutRow }) {
  const money = ownMoney(scope, payout);
  if (payout.difference === null) return <State kind="waiting">{payout.channelName} lists no rows in it</State>;
  if (payout.strangers > 0)
    return (
      <State kind="wrong">
        {countText(payout.strangers)} of its rows {payout.strangers === 1 ? "is" : "are"} in another currency
      </State>
    );
  if (payout.difference === 0n) return <State kind="done">Proved, {money(0n)} left over</State>;
  return <State kind="wrong">{money(-payout.difference)} left over</State>;
}

function noteOf(payout: PayoutRow): string {
  const parts = [`Payout ${payout.number}`];
  if (payout.amount < 0n) parts.push("the bank sent it back; the money is with the channel again");
  else if (payout.cameBackOn !== null) parts.push(`came back on ${dayText(payout.cameBackOn)}`);
  else if (payout.deposit !== null) parts.push(`in ${payout.deposit.account} on ${dayText(payout.deposit.on)}`);
  else parts.push("not found in the bank yet");
  return `${parts.join(", ")}.`;
}

function Lines({
  scope,
  lines,
  proof,
  here,
  state,
}: {
  scope: Scope;
  lines: PaidLines;
  proof: PayoutProof;
  here: string;
  state: ReturnType<typeof lineState>;
}) {
  const money = ownMoney(scope, proof.payout);
  const isWhole = state.filter.type === null;
  const { types } = proof.proof;
  return (
    <>
      <Table<PaidLine>
        caption="What is in this payout"
        columns={lineColumns(scope, Number(proof.payout.on.slice(0, 4)))}
        rows={lines.rows}
        keyOf={(row) => row.id}
        bar={
          types.length > 1 ? (
            <FilterBar
              filters={[
                {
                  name: "What",
                  value: state.filter.type ?? "all",
                  on: !isWhole,
                  off: hrefOf(here, state.address, { filters: { type: null } }),
                  choices: types.map(({ type }) => ({
                    label: type,
                    href: hrefOf(here, state.address, { filters: { type } }),
                    current: type === state.filter.type,
                  })),
                },
              ]}
              end="Oldest first"
            />
          ) : undefined
        }
        totals={{
          label: `${countText(lines.count)} ${lines.count === 1 ? "row" : "rows"}`,
          span: 4,
          figures: { amount: money(lines.amount) },
          proved: isWhole && isProved(proof.payout) ? ["amount"] : [],
        }}
        empty={
          <p className="note">
            {proof.payout.amount < 0n
              ? "The money that came back is one row of the channel's balance; it goes with a later payout."
              : `${proof.payout.channelName} does not say which rows are in this payout. Its balance is proved as a whole, under Channels.`}
          </p>
        }
      />
      {lines.after !== null || lines.before !== null ? (
        <Pager
          says={`${countText(lines.rows.length)} of ${countText(lines.count)}`}
          earlier={{
            label: "Back",
            href:
              lines.before === null
                ? null
                : hrefOf(here, state.address, { before: writeCursor(lines.before), after: null }),
          }}
          later={{
            label: "On",
            href:
              lines.after === null
                ? null
                : hrefOf(here, state.address, { after: writeCursor(lines.after), before: null }),
          }}
        />
      ) : null}
      {proof.explains.length === 0 ? null : <Explains scope={scope} proof={proof} />}
    </>
  );
}

function Explains({ scope, proof }: { scope: Scope; proof: PayoutProof }) {
  return (
    <div className="mt-8">
      <h2>What may explain it</h2>
      <Table<PayoutProof["explains"][number]>
        caption="Rows that may explain the difference"
        columns={[
          ...lineColumns(scope, Number(proof.payout.on.slice(0, 4))),
          {
            key: "why",
            head: "Why",
            wraps: true,
            phone: "full",
            cell: (row) =>
              row.isHere
                ? row.about === null
                  ? "in this payout, and nothing in the books is this money"
                  : "in this payout, and as large as the difference"
                : "not in this payout; with it, all would add up",
          },
        ]}
        rows={proof.explains}
        keyOf={(row) => row.id}
      />
    </div>
  );
}

function TheProof({ scope, proof: { payout, proof, explains } }: { scope: Scope; proof: PayoutProof }) {
  const money = ownMoney(scope, payout);
  if (payout.rows === null) return null;
  const size = (amount: bigint) => (amount < 0n ? -amount : amount);
  const lines: readonly RollLine[] = [
    ...proof.types.map(
      (one, place): RollLine => ({
        op: one.amount < 0n ? "−" : place === 0 ? undefined : "+",
        label: one.count === 1 ? one.type : `${one.type} (${countText(one.count)})`,
        value: money(size(one.amount)),
      }),
    ),
    { op: "=", label: <b>Its rows</b>, value: <b>{money(proof.rows)}</b>, line: true },
    {
      op: "−",
      label: payout.amount < 0n ? "Came back" : `Paid out by ${payout.channelName}`,
      value: money(proof.paid),
    },
    { op: "=", label: "Left over", value: money(-proof.difference), sum: true, proved: isProved(payout) },
  ];
  return (
    <>
      <h2 className="mt-2">The proof{payout.abroad === null ? "" : `, in ${payout.abroad.currency}`}</h2>
      <Roll title="The proof" lines={lines} />
      {proof.difference !== 0n && explains.length === 0 ? (
        <p className="note mt-2">
          No row of {payout.channelName} explains it. Ask there, with this payout's number and the exported rows.
        </p>
      ) : null}
    </>
  );
}

function TheDeposit({
  scope,
  payout,
  choices,
}: {
  scope: Scope;
  payout: PayoutRow;
  choices: readonly DepositChoice[];
}) {
  const money = moneyOf(scope);
  const base = `/${scope.slug}`;
  const { deposit } = payout;
  if (payout.amount < 0n || (payout.cameBackOn !== null && deposit === null)) return null;
  const inTransit = deposit === null ? payout.amount : 0n;
  return (
    <div className="mt-5">
      <Roll
        title="The deposit"
        lines={[
          {
            label: `Paid out, ${dayText(payout.on)}${payout.abroad === null ? "" : `, in ${scope.currency}`}`,
            value: money(payout.amount),
          },
          deposit === null
            ? { op: "−", label: "No deposit yet", value: money(0n, "dash") }
            : {
                op: "−",
                label: (
                  <TextLink href={`${base}/transactions/${encodeURIComponent(deposit.id)}`}>
                    Deposit, {dayText(deposit.on)}
                  </TextLink>
                ),
                value: money(payout.amount),
              },
          { op: "=", label: "In transit", value: money(inTransit), sum: true, proved: deposit !== null },
        ]}
      />
      {deposit === null ? (
        <Choices scope={scope} payout={payout} choices={choices} />
      ) : (
        <div className="note mt-4">
          {deposit.account},{" "}
          {payout.abroad === null
            ? "paired by its amount and day."
            : "paired by hand; what the bank's rate made of it is on 6900, Exchange gains and losses."}
          {can(scope, "write") ? (
            <Form action={unpair} hidden={{ payout: payout.id }}>
              <Button kind="link" busy="Taking apart">
                Unpair
              </Button>
            </Form>
          ) : null}
        </div>
      )}
    </div>
  );
}

function Choices({ scope, payout, choices }: { scope: Scope; payout: PayoutRow; choices: readonly DepositChoice[] }) {
  const money = moneyOf(scope);
  if (choices.length === 0)
    return (
      <p className="note mt-4">
        No open bank line of {payout.abroad === null ? null : "about "}
        {money(payout.amount)} from <Day on={payout.on} /> and 7 days on.{" "}
        <TextLink href={`/${scope.slug}/transactions/import`}>Bring the bank's file</TextLink>
      </p>
    );
  return (
    <div className="mt-4">
      <p className="note">
        {choices.length === 1 ? "This bank line fits." : `${countText(choices.length)} bank lines fit: which is it?`}
      </p>
      {choices.map((choice) => (
        <div key={choice.id} className="mt-2">
          <Day on={choice.on} /> · {choice.account}
          {payout.abroad === null ? null : <> · {money(choice.amount)}</>}
          <br />
          <span className="s q">
            {choice.payee}
            {choice.fitsOthers ? "; another payout could be this, too" : ""}
          </span>
          {can(scope, "write") ? (
            <Form action={pair} hidden={{ payout: payout.id, deposit: choice.id }}>
              <Button kind="plain" busy="Pairing" says={`the line of ${dayText(choice.on)}`}>
                This is it
              </Button>
            </Form>
          ) : null}
        </div>
      ))}
    </div>
  );
}
