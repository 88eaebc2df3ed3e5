import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { wordsOf } from "@/lib/core/transactions";
import { countLike } from "@/lib/desk/transactions";
import { type MoneyAccount, moneyAccounts } from "@/lib/money/money-accounts";
import {
  type Category,
  categories,
  partsOf,
  type SplitPart,
  showTransaction,
  type TransactionRow,
} from "@/lib/money/transaction-reads";
import { can, type Scope } from "@/lib/people/access";
import { plainMoney } from "../../../csv-answer";
import { scopeOf } from "../../../scope";
import { Button, ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { longDayText } from "../../../ui/days";
import { Expander } from "../../../ui/expander";
import { FormActions, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { TextLink } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Note, Section } from "../../../ui/section";
import { Tag } from "../../../ui/tag";
import { Tape } from "../../../ui/tape";
import { addRule, edit, remove, sort, split } from "../actions";
import { GroupedOptions } from "../category-cell.client";
import { HandFields } from "../hand-fields";
import { choicesOf, formValue, saysWhat, seenText } from "../words";

export const metadata: Metadata = { title: "Transaction" };

type Shown = Readonly<{
  scope: Scope;
  here: string;
  row: TransactionRow;
  accounts: readonly MoneyAccount[];
  kinds: readonly Category[];
  parts: readonly SplitPart[];
}>;

async function found(scope: Scope, id: string): Promise<TransactionRow> {
  try {
    return await showTransaction(scope, id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}

export default async function OneTransaction({
  params,
  searchParams,
}: {
  params: Promise<Readonly<{ business: string; transaction: string }>>;
  searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}) {
  const scope = await scopeOf(params);
  const row = await found(scope, decodeURIComponent((await params).transaction));
  const [accounts, kinds, parts] = await Promise.all([moneyAccounts(scope), categories(scope), partsOf(scope, row.id)]);
  const list = `/${scope.slug}/transactions`;
  const here = `${list}/${encodeURIComponent(row.id)}`;
  const shown: Shown = { scope, here, row, accounts, kinds, parts };
  const isSplitting = (await searchParams).split !== undefined || row.state === "split";
  return (
    <Page
      path={[{ label: "Transactions", href: list }, { label: row.payee === "" ? "Transaction" : row.payee }]}
      title={row.payee === "" ? "Transaction" : row.payee}
      note={row.memo === "" ? undefined : row.memo}
    >
      <Tape
        terms={[
          {
            label: row.amount < 0n ? "Went out" : "Came in",
            value: <Money of={{ amountMinor: row.amount, currency: scope.currency }} zero="figure" />,
            asked: true,
          },
          { label: "Date", value: longDayText(row.on), text: true },
          { label: "Account", value: row.accountName, text: true },
          { label: "It is", value: saysWhat(row), text: true },
        ]}
      />
      {row.purchase === null ? null : (
        <Note>
          It is a purchase of inventory.{" "}
          {row.leftMinor !== null && row.leftMinor > 0n ? (
            <Tag href={detailsOf(scope, row.purchase)}>Add details</Tag>
          ) : (
            <TextLink href={detailsOf(scope, row.purchase)}>See its details</TextLink>
          )}
        </Note>
      )}
      {can(scope, "write") ? (
        <>
          <WhatItIs shown={shown} />
          <Section
            title="Split it"
            note="Where one payment was several things. A part that is Inventory becomes a purchase."
            more={
              <Expander href={isSplitting ? here : `${here}?split=1`} open={isSplitting}>
                {isSplitting ? "Close" : "Open"}
              </Expander>
            }
          >
            {isSplitting ? <SplitForm shown={shown} /> : null}
          </Section>
          <AllLikeThis shown={shown} />
          {row.isByHand ? <Edit shown={shown} /> : null}
        </>
      ) : null}
    </Page>
  );
}

const detailsOf = (scope: Scope, purchase: string) =>
  `/${scope.slug}/inventory/details/${purchase.split("/").map(encodeURIComponent).join("/")}`;

function WhatItIs({ shown }: { shown: Shown }) {
  const { row, kinds, accounts, scope } = shown;
  const groups = choicesOf(
    kinds,
    accounts.filter((one) => one.code !== row.account),
  ).filter((group) => row.amount < 0n || group.label !== "Inventory");
  return (
    <Section title="What it is" first>
      <div className="max-w-[640px]">
        {row.payouts.map((payout) => (
          <Form key={payout.id} action={sort} hidden={{ t: seenText(row), as: `payout:${payout.id}` }}>
            <p className="mb-2">
              {payout.channel} paid out{" "}
              {payout.abroad === null ? (
                "this amount"
              ) : (
                <>
                  <Money of={{ amountMinor: payout.abroad.said, currency: payout.abroad.currency }} code />, about{" "}
                  <Money of={{ amountMinor: payout.abroad.amount, currency: scope.currency }} />,
                </>
              )}{" "}
              on <Day on={payout.on} year={Number(row.on.slice(0, 4))} />.{" "}
              <Tag says={`${payout.channel} of ${payout.on}`}>It is this payout</Tag>
            </p>
          </Form>
        ))}
        <Form action={sort} hidden={{ t: seenText(row), was: formValue(row) }}>
          <label className="lbl" htmlFor="what-it-is">
            Category
          </label>
          <select className="in" id="what-it-is" name="as" defaultValue={formValue(row)} key={formValue(row)}>
            <option value="open">Not categorised</option>
            {row.state === "payout" ? <option value={formValue(row)}>Payout of a channel</option> : null}
            <GroupedOptions groups={groups} />
          </select>
          <FormActions>
            <Button kind="primary" busy="Saving">
              Save
            </Button>
          </FormActions>
        </Form>
        {row.amount > 0n ? (
          <p className="q s mt-2">
            Money that came in is no purchase. A refund of a supplier is recorded at{" "}
            <TextLink href={`/${scope.slug}/inventory/balances`}>the purchase</TextLink>.
          </p>
        ) : null}
      </div>
    </Section>
  );
}

function SplitForm({ shown }: { shown: Shown }) {
  const { row, kinds, scope, parts } = shown;
  const isOut = row.amount < 0n;
  const groups = choicesOf(kinds, []).filter(
    (group) => group.label !== "Not a cost" && (isOut || group.label !== "Inventory"),
  );
  const lines = Array.from({ length: Math.max(4, parts.length + 1) }, (_, i) => ({
    key: `part-${i}`,
    i,
    part: parts[i],
  }));
  const whole = plainMoney(isOut ? -row.amount : row.amount, scope.currency);
  return (
    <Form
      action={split}
      hidden={{
        t: seenText(row),
        sign: isOut ? "out" : "in",
        ...(row.state === "split" ? {} : { was: formValue(row) }),
      }}
    >
      <p className="q s mb-2">The parts add to {whole}.</p>
      {lines.map(({ key, i, part }) => (
        <div key={key} className="mb-2 flex flex-wrap gap-2">
          <select
            className="in"
            style={{ width: 240 }}
            name={`part.${i}.as`}
            aria-label={`Part ${i + 1}, what it is`}
            defaultValue={
              part === undefined ? "" : part.category === "1200" ? "inventory" : `category:${part.category}`
            }
          >
            <GroupedOptions groups={groups} empty="Choose" />
          </select>
          <input
            className="in"
            style={{ width: 120, textAlign: "right" }}
            name={`part.${i}.amount`}
            inputMode="decimal"
            aria-label={`Part ${i + 1}, amount`}
            defaultValue={part === undefined ? "" : plainMoney(isOut ? -part.amount : part.amount, scope.currency)}
          />
          <input
            className="in"
            style={{ width: 220 }}
            name={`part.${i}.memo`}
            aria-label={`Part ${i + 1}, memo`}
            placeholder="Memo"
            defaultValue={part?.memo ?? ""}
          />
        </div>
      ))}
      <FormActions>
        <Button kind="plain" busy="Splitting">
          Save the parts
        </Button>
      </FormActions>
    </Form>
  );
}

async function AllLikeThis({ shown }: { shown: Shown }) {
  const { row, kinds, scope, here } = shown;
  const words = wordsOf(row.payee);
  const direction = row.amount < 0n ? "out" : "in";
  const count = words.length < 2 ? 0 : await countLike(scope, { words, direction, account: null });
  const groups = choicesOf(kinds, []).filter((group) => direction === "out" || group.label !== "Inventory");
  const now = formValue(row);
  const canSay = groups.some((group) => group.choices.some((choice) => choice.value === now));
  return (
    <Section
      title="All like this"
      note={count === 0 ? "A rule files what comes in future" : `${count} open now, and what comes in future`}
    >
      <div className="max-w-[640px]">
        <Form action={addRule} hidden={{ direction }}>
          <TextField
            label="Payee or memo holds these words"
            name="words"
            value={words}
            hint="Each of them, in any order; capitals do not matter."
          />
          <label className="lbl mt-3" htmlFor="rule-as">
            They are
          </label>
          <select className="in" id="rule-as" name="as" defaultValue={canSay ? now : ""}>
            <GroupedOptions groups={groups} empty="Choose a category" />
          </select>
          <FormActions>
            <Button kind="plain" busy="Filing">
              File all like this
            </Button>
            <ButtonLink href={`${here.slice(0, here.lastIndexOf("/"))}/rules`} kind="quiet">
              See the rules
            </ButtonLink>
          </FormActions>
        </Form>
      </div>
    </Section>
  );
}

function Edit({ shown }: { shown: Shown }) {
  const { row, scope, accounts } = shown;
  return (
    <Section title="Recorded by hand">
      <div className="max-w-[640px]">
        <Form action={edit} hidden={{ t: seenText(row) }}>
          <HandFields scope={scope} accounts={accounts} row={row} />
          <FormActions>
            <Button kind="plain" busy="Saving">
              Save changes
            </Button>
          </FormActions>
        </Form>
        <Form action={remove} hidden={{ t: seenText(row) }} className="mt-4">
          <Button kind="destructive" busy="Taking away">
            Take it away
          </Button>
        </Form>
      </div>
    </Section>
  );
}
