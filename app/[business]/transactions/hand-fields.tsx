import type { MoneyAccount } from "@/lib/money/money-accounts";
import type { TransactionRow } from "@/lib/money/transaction-reads";
import type { Scope } from "@/lib/people/access";
import { plainMoney } from "../../csv-answer";
import { DateField } from "../../ui/date-field.client";
import { Fields, MoneyField, RadioField, SelectField, TextField } from "../../ui/field";
import { dateOrder, today } from "./state";

/** The fields of a line that is recorded by hand. */
export function HandFields({
  scope,
  accounts,
  row,
}: {
  scope: Scope;
  accounts: readonly MoneyAccount[];
  row?: TransactionRow | undefined;
}) {
  const size = row === undefined ? undefined : row.amount < 0n ? -row.amount : row.amount;
  return (
    <Fields columns={2}>
      <SelectField
        label="Account"
        name="account"
        value={row?.account}
        options={accounts.filter((one) => !one.isArchived).map(({ code, name }) => ({ value: code, label: name }))}
      />
      <DateField
        label="Date"
        name="on"
        today={today(scope)}
        order={dateOrder(scope)}
        {...(row === undefined ? {} : { value: row.on })}
      />
      <RadioField
        label="Way"
        name="direction"
        value={row !== undefined && row.amount > 0n ? "in" : "out"}
        options={[
          { value: "out", label: "Went out" },
          { value: "in", label: "Came in" },
        ]}
      />
      <MoneyField
        label="Amount"
        name="amount"
        currency={scope.currency}
        {...(size === undefined ? {} : { value: plainMoney(size, scope.currency) })}
      />
      <TextField label="Payee" name="payee" value={row?.payee ?? ""} maxLength={200} />
      <TextField label="Memo" name="memo" value={row?.memo ?? ""} maxLength={1000} optional />
    </Fields>
  );
}
