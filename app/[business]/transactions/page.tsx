import type { Metadata } from "next";
import { type MoneyAccount, moneyAccounts } from "@/lib/money/money-accounts";
import {
  type Category,
  categories,
  listTransactions,
  type TransactionPage,
  type TransactionRow,
  transactionYears,
} from "@/lib/money/transaction-reads";
import { can, type Scope } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../scope";
import { hrefOf, type SearchParams } from "../../ui/address";
import { Button, ButtonLink } from "../../ui/button";
import { Day } from "../../ui/date";
import { monthText } from "../../ui/days";
import { Empty } from "../../ui/empty";
import { countText, moneyText } from "../../ui/figures";
import { type Filter, FilterBar, ListSearch } from "../../ui/filter-bar";
import { Form } from "../../ui/form";
import { Fig, TextLink } from "../../ui/link";
import { Money } from "../../ui/money";
import { Page } from "../../ui/page-frame";
import { Pager } from "../../ui/pager";
import { type Column, Table } from "../../ui/table";
import { Tag } from "../../ui/tag";
import { Tape } from "../../ui/tape";
import { sort } from "./actions";
import { CategoryCell, CategoryChoices, FileOne, GroupedOptions } from "./category-cell.client";
import { type ListState, listState, stateNames } from "./state";
import { type ChoiceGroup, choicesOf, formValue, saysWhat, seenText } from "./words";

export const metadata: Metadata = { title: "Transactions" };

type View = Readonly<{
  scope: Scope;
  here: string;
  state: ListState;
  accounts: readonly MoneyAccount[];
  page: TransactionPage;
  groups: readonly ChoiceGroup[];
  kinds: readonly Category[];
  years: Readonly<{ first: number; last: number }> | null;
}>;

export default async function Transactions({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const [years, accounts, kinds] = await Promise.all([
    transactionYears(scope),
    moneyAccounts(scope),
    categories(scope),
  ]);
  const state = listState(scope, await searchParams, years);
  const page = await listTransactions(scope, state.filter, { after: state.address.after });
  const groups = choicesOf(kinds, accounts);
  const here = `/${scope.slug}/transactions`;
  const view: View = { scope, here, state, accounts, page, groups, kinds, years };
  const query = hrefOf("", state.address, { after: null, before: null });
  return (
    <Page
      path={[{ label: "Transactions" }]}
      title="Transactions"
      actions={
        <>
          <ButtonLink href={`${here}/rules`} kind="quiet">
            Rules
          </ButtonLink>
          <ButtonLink href={`${here}/accounts`} kind="quiet">
            Accounts
          </ButtonLink>
          {years === null ? null : (
            <ButtonLink href={`${here}/export${query}`} download>
              Export
            </ButtonLink>
          )}
          {can(scope, "write") ? <ButtonLink href={`${here}/new`}>Add by hand</ButtonLink> : null}
          {can(scope, "write") ? (
            <ButtonLink href={`${here}/import`} kind="primary">
              Import a statement
            </ButtonLink>
          ) : null}
        </>
      }
    >
      <Accounts view={view} />
      <List view={view} />
    </Page>
  );
}

/** Every account with its balance, as the books have it. */
function Accounts({ view }: { view: View }) {
  const { accounts, here, state } = view;
  const year = view.years?.last;
  const shown = accounts.filter((one) => !one.isArchived || one.balance !== 0n);
  return (
    <Tape
      terms={shown.map((account) => ({
        label: account.name,
        value: (
          <Fig href={hrefOf(here, state.address, { filters: { account: account.code } })}>
            <Money of={{ amountMinor: account.balance, currency: account.currency }} zero="figure" />
          </Fig>
        ),
        sub:
          account.lastOn === null ? (
            "no lines yet"
          ) : (
            <>
              through <Day on={account.lastOn} year={year} />
              {account.open > 0 ? `, ${account.open} open` : ""}
            </>
          ),
      }))}
    />
  );
}

function filtersOf({ scope, here, state, accounts, kinds, years }: View): readonly Filter[] {
  const { address, filter } = state;
  const to = (filters: Readonly<Record<string, string | null>>) => hrefOf(here, address, { filters });
  const account = accounts.find((one) => one.code === filter.account);
  const range = years === null ? [] : Array.from({ length: years.last - years.first + 1 }, (_, i) => years.last - i);
  return [
    {
      name: "When",
      value:
        state.month !== null
          ? `${monthText(Number(state.month.slice(5)))} ${state.month.slice(0, 4)}`
          : (state.year ?? "all years"),
      on: address.filters.year !== undefined || state.month !== null,
      off: to({ year: null, month: null }),
      choices: range.slice(0, 12).map((year) => ({
        label: String(year),
        href: to({ year: String(year), month: null }),
        current: state.year === year,
      })),
      form: <MonthForm here={here} value={state.month} kept={keptOf(state, ["month", "year"])} />,
    },
    {
      name: "Account",
      value: account?.name ?? "all",
      on: account !== undefined,
      off: to({ account: null }),
      choices: accounts.map((one) => ({
        label: one.name,
        href: to({ account: one.code }),
        current: one.code === filter.account,
      })),
    },
    {
      name: "What",
      value: filter.state === undefined ? "all" : stateNames[filter.state],
      on: filter.state !== undefined,
      off: to({ state: null }),
      choices: Object.entries(stateNames).map(([key, label]) => ({
        label,
        href: to({ state: key }),
        current: key === filter.state,
      })),
    },
    {
      name: "Category",
      value: kinds.find((one) => one.code === filter.category)?.name ?? "all",
      on: filter.category !== undefined,
      off: to({ category: null }),
      choices: kinds.map((one) => ({
        label: one.name,
        href: to({ category: one.code }),
        current: one.code === filter.category,
      })),
    },
    {
      name: "Way",
      value: filter.direction === undefined ? "in and out" : filter.direction === "in" ? "came in" : "went out",
      on: filter.direction !== undefined,
      off: to({ way: null }),
      choices: [
        { label: "Came in", href: to({ way: "in" }), current: filter.direction === "in" },
        { label: "Went out", href: to({ way: "out" }), current: filter.direction === "out" },
      ],
    },
    {
      name: "Amount",
      value: filter.amount === undefined ? "any" : moneyText({ amountMinor: filter.amount, currency: scope.currency }),
      on: filter.amount !== undefined,
      off: to({ amount: null }),
      form: <AmountForm here={here} kept={keptOf(state, ["amount"])} />,
    },
    ...(filter.importId === undefined
      ? []
      : [{ name: "Import", value: "one file", on: true, off: to({ import: null }) }]),
  ];
}

/** The other parameters of the address, for a small form that changes one of them. */
function keptOf(state: ListState, but: readonly string[]): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [name, values] of Object.entries(state.address.filters))
    if (!but.includes(name) && values[0] !== undefined) kept[name] = values[0];
  if (state.address.q !== "") kept.q = state.address.q;
  return kept;
}

function Kept({ kept }: { kept: Readonly<Record<string, string>> }) {
  return Object.entries(kept).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />);
}

function MonthForm({
  here,
  value,
  kept,
}: {
  here: string;
  value: string | null;
  kept: Readonly<Record<string, string>>;
}) {
  return (
    <form action={here} className="p-3">
      <Kept kept={kept} />
      <label className="lbl" htmlFor="month-filter">
        A month
      </label>
      <input className="in" id="month-filter" type="month" name="month" defaultValue={value ?? ""} />
      <div className="mt-2">
        <Button kind="plain">Show</Button>
      </div>
    </form>
  );
}

function AmountForm({ here, kept }: { here: string; kept: Readonly<Record<string, string>> }) {
  return (
    <form action={here} className="p-3">
      <Kept kept={kept} />
      <label className="lbl" htmlFor="amount-filter">
        Exactly this amount
      </label>
      <input className="in" id="amount-filter" name="amount" inputMode="decimal" placeholder="124.00" />
      <div className="mt-2">
        <Button kind="plain">Show</Button>
      </div>
    </form>
  );
}

function columnsOf(view: View): readonly Column<TransactionRow>[] {
  const { scope, here, state } = view;
  const year = state.year ?? undefined;
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const hrefOfRow = (row: TransactionRow) => `${here}/${encodeURIComponent(row.id)}`;
  const mayWrite = can(scope, "write");
  return [
    { key: "on", head: "Date", quiet: true, width: 72, cell: (row) => <Day on={row.on} year={year} /> },
    {
      key: "payee",
      head: "Payee",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (row) => (
        <>
          <Fig href={hrefOfRow(row)}>{row.payee === "" ? "No name" : row.payee}</Fig>
          {row.memo === "" ? null : <span className="q s"> {row.memo}</span>}
        </>
      ),
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          <Day on={row.on} year={year} /> · {row.accountName}
        </>
      ),
    },
    {
      key: "account",
      head: "Account",
      low: true,
      clips: true,
      width: 120,
      quiet: true,
      cell: (row) => row.accountName,
    },
    {
      key: "what",
      head: "What it is",
      width: 220,
      phone: "second",
      cell: (row) =>
        row.payouts.length > 0 && mayWrite ? (
          <Tag href={hrefOfRow(row)} says={row.payee}>
            {row.payouts.length === 1 ? `Payout of ${row.payouts[0]?.channel ?? ""}?` : "Choose the payout"}
          </Tag>
        ) : (
          <CategoryCell
            seen={seenText(row)}
            payee={row.payee}
            says={saysWhat(row)}
            value={formValue(row)}
            isOpen={row.state === "open"}
            cameIn={row.amount > 0n}
            href={hrefOfRow(row)}
            mayWrite={mayWrite}
          />
        ),
    },
    {
      key: "details",
      head: "Details",
      low: true,
      cell: (row) =>
        row.purchase === null ? (
          row.state === "payout" && row.matched !== null ? (
            <Fig href={`/${scope.slug}/payouts/${row.matched.split("/").map(encodeURIComponent).join("/")}`}>
              Its payout
            </Fig>
          ) : row.rule !== null ? (
            <Fig href={`${here}/rules`}>by a rule</Fig>
          ) : null
        ) : row.leftMinor !== null && row.leftMinor > 0n ? (
          <Tag href={detailsOf(scope, row.purchase)} says={row.payee}>
            Add details
          </Tag>
        ) : (
          <Fig href={detailsOf(scope, row.purchase)}>detailed</Fig>
        ),
    },
    {
      key: "in",
      head: "In",
      align: "right",
      cell: (row) => (row.amount > 0n ? <Money of={money(row.amount)} /> : null),
    },
    {
      key: "out",
      head: "Out",
      align: "right",
      cell: (row) => (row.amount < 0n ? <Money of={money(row.amount)} /> : null),
    },
    {
      key: "amount",
      head: "Amount",
      phoneOnly: true,
      phone: "amount",
      align: "right",
      cell: (row) => <Money of={money(row.amount)} zero="figure" />,
    },
  ];
}

const detailsOf = (scope: Scope, purchase: string) =>
  `/${scope.slug}/inventory/details/${purchase.split("/").map(encodeURIComponent).join("/")}`;

function List({ view }: { view: View }) {
  const { scope, here, state, page, groups } = view;
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const { totals } = page;
  return (
    <>
      <div className="mb-2">
        <ListSearch action={here} value={state.address.q} kept={keptOf(state, [])} placeholder="Payee or memo" />
      </div>
      <FileOne />
      <CategoryChoices groups={groups}>
        <Table<TransactionRow>
          caption="Transactions, the newest first"
          columns={columnsOf(view)}
          rows={page.rows}
          keyOf={seenText}
          hrefOf={(row) => `${here}/${encodeURIComponent(row.id)}`}
          bar={<FilterBar filters={filtersOf(view)} end={`${countText(totals.count)}, newest first`} />}
          {...(can(scope, "write") && page.rows.length > 0
            ? {
                selection: {
                  name: "t",
                  form: "file-them",
                  label: (row: TransactionRow) => row.payee,
                  amount: (row: TransactionRow) => row.amount,
                  currency: scope.currency,
                  actions: <FileThem groups={groups} />,
                },
              }
            : {})}
          {...(page.rows.length === 0
            ? {}
            : {
                totals: {
                  label: totals.count === 1 ? "1 transaction" : `${countText(totals.count)} transactions`,
                  span: 5,
                  figures: {
                    in: <Money of={money(totals.cameIn)} />,
                    out: <Money of={money(totals.wentOut)} />,
                    amount: <Money of={money(totals.cameIn + totals.wentOut)} />,
                  },
                },
              })}
          empty={<Nothing view={view} />}
        />
      </CategoryChoices>
      <Form action={sort} id="file-them">
        {null}
      </Form>
      <Pager
        says={`${page.rows.length} of ${countText(totals.count)}`}
        earlier={{
          label: "Newest",
          href: state.address.after === null ? null : hrefOf(here, state.address, { after: null }),
        }}
        later={{ label: "Older", href: page.next === null ? null : hrefOf(here, state.address, { after: page.next }) }}
      />
    </>
  );
}

/** What the chosen rows are, for all of them at once. */
function FileThem({ groups }: { groups: readonly ChoiceGroup[] }) {
  return (
    <>
      <select
        className="in"
        name="as"
        form="file-them"
        aria-label="What the chosen ones are"
        defaultValue=""
        style={{ width: 220 }}
      >
        <GroupedOptions groups={groups} empty="Choose a category" />
      </select>
      <Button form="file-them" kind="plain" busy="Filing">
        File them
      </Button>
    </>
  );
}

function Nothing({ view }: { view: View }) {
  const { here, years, state, scope } = view;
  if (years === null)
    return (
      <Empty
        title="No transactions yet"
        actions={
          can(scope, "write") ? (
            <ButtonLink href={`${here}/import`} kind="primary">
              Import a statement
            </ButtonLink>
          ) : undefined
        }
      >
        They come from your bank’s statements: OFX, QFX, QIF, CAMT.053, MT940 or CSV. Nothing is written before you have
        seen it.
      </Empty>
    );
  if (state.filter.state === "open")
    return (
      <Empty title="Nothing waits">
        Every transaction has its category. <TextLink href={here}>Show all</TextLink>
      </Empty>
    );
  return (
    <Empty title="No transaction fits these filters">
      <TextLink href={here}>Take all filters off</TextLink>
    </Empty>
  );
}
