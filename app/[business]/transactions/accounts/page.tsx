import type { Metadata } from "next";
import { type MoneyAccount, moneyAccounts } from "@/lib/money/money-accounts";
import { type StatedBalance, statedBalances } from "@/lib/money/transaction-reads";
import { can, type Scope } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../scope";
import { Button } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { Fields, FormActions, SelectField, TextField } from "../../../ui/field";
import { moneyText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { Fig } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Note, Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { type Column, Table } from "../../../ui/table";
import { addAccount, hideAccount, renameAccount, setOpening } from "../actions";
import { holdsNames } from "../words";

export const metadata: Metadata = { title: "Accounts" };

type Row = MoneyAccount & Readonly<{ stated: StatedBalance | null }>;

export default async function Accounts({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  const [accounts, stated] = await Promise.all([moneyAccounts(scope), statedBalances(scope)]);
  const rows = accounts.map(
    (account): Row => ({ ...account, stated: stated.find((one) => one.account === account.code) ?? null }),
  );
  const here = `/${scope.slug}/transactions`;
  const columns: readonly Column<Row>[] = [
    {
      key: "name",
      head: "Account",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (row) => (
        <>
          <Fig href={`${here}?account=${encodeURIComponent(row.code)}`}>{row.name}</Fig>
          {row.isArchived ? <span className="q s"> hidden</span> : null}
        </>
      ),
    },
    {
      key: "kind",
      head: "Kind",
      quiet: true,
      phone: "where",
      cell: (row) => `${holdsNames[row.holds]}${row.bankNumber === null ? "" : `, …${row.bankNumber}`}`,
    },
    {
      key: "balance",
      head: "In the books",
      align: "right",
      phone: "amount",
      cell: (row) => <Money of={{ amountMinor: row.balance, currency: row.currency }} />,
    },
    {
      key: "stated",
      head: "The bank said",
      align: "right",
      cell: (row) =>
        row.stated === null ? null : (
          <Money of={{ amountMinor: row.stated.stated, currency: row.currency }} zero="figure" />
        ),
    },
    {
      key: "on",
      head: "On",
      quiet: true,
      cell: (row) => (row.stated === null ? null : <Day on={row.stated.on} />),
    },
    { key: "agrees", head: "Agrees", phone: "second", cell: (row) => <Agrees row={row} /> },
  ];
  return (
    <Page path={[{ label: "Transactions", href: here }, { label: "Accounts" }]} title="Accounts">
      <Table<Row> caption="Bank accounts, cards and cash" columns={columns} rows={rows} keyOf={(row) => row.code} />
      {can(scope, "write") ? (
        <>
          {rows.map((row) => (
            <Opening key={row.code} scope={scope} row={row} />
          ))}
          <Section title="A new account">
            <div className="max-w-[640px]">
              <Form action={addAccount}>
                <Fields columns={3}>
                  <TextField label="Name" name="name" maxLength={80} />
                  <SelectField
                    label="Kind"
                    name="holds"
                    options={Object.entries(holdsNames).map(([value, label]) => ({ value, label }))}
                  />
                  <TextField label="Number, last four" name="number" maxLength={40} optional />
                </Fields>
                <FormActions>
                  <Button kind="primary" busy="Adding">
                    Add the account
                  </Button>
                </FormActions>
              </Form>
            </div>
          </Section>
          <Section title="Names and numbers" note="By its number a bank’s file is known again">
            {rows.map((row) => (
              <Form key={row.code} action={renameAccount} hidden={{ code: row.code }} className="mb-4 max-w-[640px]">
                <Fields columns={3}>
                  <TextField label={`Name of account ${row.code}`} name="name" value={row.name} maxLength={80} />
                  <TextField
                    label="Number, last four"
                    name="number"
                    value={row.bankNumber ?? ""}
                    maxLength={40}
                    optional
                  />
                  <div className="fld self-end">
                    <Button kind="plain" busy="Saving" says={row.name}>
                      Save
                    </Button>
                  </div>
                </Fields>
              </Form>
            ))}
          </Section>
          <Section title="Not used any more" note="A hidden account is not offered for new lines; what is in it stays">
            {rows.map((row) => (
              <Form
                key={row.code}
                action={hideAccount}
                hidden={{ code: row.code, hides: row.isArchived ? "no" : "yes" }}
              >
                <p className="mb-2">
                  {row.name}{" "}
                  <Button kind="link" busy={row.isArchived ? "Showing" : "Hiding"} says={row.name}>
                    {row.isArchived ? "Show again" : "Hide"}
                  </Button>
                </p>
              </Form>
            ))}
          </Section>
        </>
      ) : null}
    </Page>
  );
}

function Agrees({ row }: { row: Row }) {
  if (row.stated === null) return <span className="q">no balance stated</span>;
  const difference = row.stated.stated - row.stated.books;
  if (difference === 0n) return <State kind="done">Agrees</State>;
  return (
    <State kind="wrong">{moneyText({ amountMinor: difference, currency: row.currency }, { plus: true })} differs</State>
  );
}

/** Before an account's first statement there was money in it: said once, the books say what the bank says. */
function Opening({ scope, row }: { scope: Scope; row: Row }) {
  const stated = row.stated;
  if (stated === null || stated.hasOpening || stated.stated === stated.books || row.currency !== scope.currency)
    return null;
  const amount = stated.stated - stated.books;
  return (
    <div className="mt-4">
      <Note>
        {row.name} held {moneyText({ amountMinor: amount, currency: row.currency })} before its first line here, if all
        its lines are in.{" "}
        <Form
          action={setOpening}
          hidden={{ account: row.code, on: stated.firstOn ?? stated.on, amount: amount.toString() }}
          className="inline"
        >
          <Button kind="link" busy="Recording" says={row.name}>
            Record it as opening balance
          </Button>
        </Form>
      </Note>
    </div>
  );
}
