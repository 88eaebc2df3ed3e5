import type { CsvLayout, Import, SalesColumn, SalesLayout } from "@/lib/money/imports";
import type { MoneyAccount } from "@/lib/money/money-accounts";
import type { ChannelRow } from "@/lib/sales/channels";
import { Button } from "../../../ui/button";
import { CheckField, Fields, FormActions, RadioField, SelectField, TextField } from "../../../ui/field";
import { countText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { Warn } from "../../../ui/section";
import { holdsNames } from "../words";
import { chooseAccounts, chooseChannel, chooseLayout, chooseSales, takeDoubtful } from "./actions";

/** An account for each of the file's accounts; a number that the file names is known again next time. */
export function AccountForm({ one, accounts }: { one: Import; accounts: readonly MoneyAccount[] }) {
  const options = [
    ...accounts.filter((account) => !account.isArchived).map(({ code, name }) => ({ value: code, label: name })),
    { value: "new", label: "A new account" },
  ];
  return (
    <div className="max-w-[640px]">
      <Form action={chooseAccounts} hidden={{ id: one.id }}>
        {one.choices.accounts.map((choice, i) => {
          const isNew = "isNew" in choice;
          const many = one.choices.accounts.length > 1 ? `, part ${i + 1}` : "";
          return (
            <Fields columns={3} key={`account-${i.toString()}`}>
              <SelectField
                label={`Goes into${many}`}
                name={`account.${i}`}
                options={options}
                value={isNew ? "new" : choice.code}
                hint={
                  one.result.account === null ? "The file names no account." : `The file says ${one.result.account}.`
                }
              />
              <TextField
                label={`Name, where it is new${many}`}
                name={`name.${i}`}
                value={isNew ? choice.name : ""}
                maxLength={80}
              />
              <SelectField
                label={`Kind, where it is new${many}`}
                name={`holds.${i}`}
                value={isNew ? choice.holds : "bank"}
                options={Object.entries(holdsNames).map(([value, label]) => ({ value, label }))}
              />
            </Fields>
          );
        })}
        <FormActions>
          <Button kind="plain" busy="Counting">
            Use this account
          </Button>
        </FormActions>
      </Form>
    </div>
  );
}

const doubtSays: Readonly<Record<CsvLayout["doubts"][number], string>> = {
  "date style": "its dates can be read in two ways",
  "decimal mark": "its amounts can be read in two ways",
  columns: "its columns could not be told for certain",
};

const dateStyles = [
  { value: "mdy", label: "Month first: 11/14/2026" },
  { value: "dmy", label: "Day first: 14/11/2026" },
];
const decimalMarks = [
  { value: ".", label: "Point: 1,240.50" },
  { value: ",", label: "Comma: 1.240,50" },
];

/** The columns of a bank's CSV: suggested from the content, corrected by a person once. */
export function LayoutForm({ one, layout }: { one: Import; layout: CsvLayout }) {
  const columns = layout.headers.map((header, i) => ({
    value: String(i),
    label: header === "" ? `Column ${i + 1}` : header,
  }));
  const none = [{ value: "", label: "none" }, ...columns];
  const text = (column: number | null) => (column === null ? "" : String(column));
  return (
    <div className="max-w-[720px]">
      {layout.doubts.length > 0 ? (
        <div className="mb-4">
          <Warn>Say how it is to be read: {layout.doubts.map((doubt) => doubtSays[doubt]).join(", and ")}.</Warn>
        </div>
      ) : null}
      <Form action={chooseLayout} hidden={{ id: one.id }}>
        <Fields columns={3}>
          <SelectField label="Date" name="date" options={columns} value={String(layout.date)} />
          <SelectField
            label="Dates are written"
            name="dateStyle"
            value={layout.dateStyle}
            options={[...dateStyles, { value: "ymd", label: "Year first: 2026-11-14" }]}
          />
          <SelectField label="Decimal mark" name="decimalMark" value={layout.decimalMark} options={decimalMarks} />
          <SelectField label="Amount, one column" name="amount" options={none} value={text(layout.amount)} />
          <SelectField label="Money in" name="credit" options={none} value={text(layout.credit)} />
          <SelectField label="Money out" name="debit" options={none} value={text(layout.debit)} />
          <SelectField label="Payee" name="payee" options={none} value={text(layout.payee)} />
          <SelectField label="Memo" name="memo" options={none} value={text(layout.memo)} />
          <SelectField label="Balance" name="balance" options={none} value={text(layout.balance)} />
          <CheckField
            label="What was spent stands as a positive amount"
            name="isNegated"
            checked={layout.isNegated}
            all
          />
        </Fields>
        <FormActions>
          <Button kind="plain" busy="Reading">
            Read it with these columns
          </Button>
        </FormActions>
      </Form>
    </div>
  );
}

const salesLabels: readonly (readonly [name: SalesColumn, label: string])[] = [
  ["date", "Date of the sale"],
  ["amount", "Amount"],
  ["order", "Order number"],
  ["item", "Item"],
  ["sku", "SKU"],
  ["quantity", "Quantity"],
  ["shipping", "Shipping that the buyer paid"],
  ["tax", "Tax"],
  ["fee", "Fee"],
  ["payout", "Date of the payout"],
];

/** What the columns of any other channel's list of sales are: suggested by their names, corrected by a person once. */
export function SalesForm({ one, sales }: { one: Import; sales: SalesLayout }) {
  const columns = sales.headers.map((name) => ({ value: name, label: name }));
  return (
    <div className="max-w-[720px]">
      {sales.isChosen ? null : (
        <div className="mb-4">
          <Warn>This is what the names of its columns suggest. Look whether it is so.</Warn>
        </div>
      )}
      <Form action={chooseSales} hidden={{ id: one.id }}>
        <Fields columns={3}>
          {salesLabels.map(([name, label]) => (
            <SelectField
              key={name}
              label={label}
              name={name}
              options={[{ value: "", label: "none" }, ...columns]}
              value={sales.columns[name] ?? ""}
            />
          ))}
          <SelectField
            label="The amount is"
            name="amountIs"
            value={sales.amountIs}
            options={[
              { value: "line", label: "the whole row’s" },
              { value: "each", label: "the price of one piece" },
            ]}
          />
          <SelectField
            label="The tax is paid to the state by"
            name="taxBy"
            value={sales.taxBy}
            options={[
              { value: "seller", label: "you" },
              { value: "channel", label: "the channel" },
            ]}
          />
          <SelectField label="Dates are written" name="dateStyle" value={sales.dateStyle} options={dateStyles} />
          <SelectField label="Decimal mark" name="decimalMark" value={sales.decimalMark} options={decimalMarks} />
        </Fields>
        <FormActions>
          <Button kind="plain" busy="Reading">
            Read it with these columns
          </Button>
        </FormActions>
      </Form>
    </div>
  );
}

export function ChannelForm({ one, channels }: { one: Import; channels: readonly ChannelRow[] }) {
  return (
    <div className="max-w-[480px]">
      <Form action={chooseChannel} hidden={{ id: one.id }}>
        <SelectField
          label="Channel"
          name="channel"
          value={one.choices.channel ?? ""}
          options={[...channels.map(({ id, name }) => ({ value: id, label: name })), { value: "", label: "A new one" }]}
        />
        <FormActions>
          <Button kind="plain" busy="Counting">
            Use this channel
          </Button>
        </FormActions>
      </Form>
    </div>
  );
}

export function DoubtfulForm({ one }: { one: Import }) {
  return (
    <Form action={takeDoubtful} hidden={{ id: one.id }}>
      <RadioField
        label={`${countText(one.result.doubtful)} doubtful`}
        name="takes"
        value={one.choices.takesDoubtful ? "yes" : "no"}
        options={[
          { value: "no", label: "Leave them out: they are the same" },
          { value: "yes", label: "Bring them in: they are others" },
        ]}
      />
      <FormActions>
        <Button kind="plain">Keep this choice</Button>
      </FormActions>
    </Form>
  );
}
