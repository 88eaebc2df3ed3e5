import type { Metadata } from "next";
import { moneyAccounts } from "@/lib/money/money-accounts";
import { listRules, type Rule } from "@/lib/money/rules";
import { categories } from "@/lib/money/transaction-reads";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../scope";
import { Button } from "../../../ui/button";
import { Empty } from "../../../ui/empty";
import { Fields, FormActions, SelectField, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import type { FormAction } from "../../../ui/form-state";
import { Page } from "../../../ui/page-frame";
import { Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { type Column, Table } from "../../../ui/table";
import { addRule, ruleDown, ruleGone, ruleOff, ruleOn, ruleUp } from "../actions";
import { GroupedOptions } from "../category-cell.client";
import { choicesOf } from "../words";

export const metadata: Metadata = { title: "Rules" };

const says = (rule: Rule): string =>
  rule.state === "categorised"
    ? (rule.categoryName ?? "")
    : { inventory: "Inventory", personal: "Not for the business", hidden: "Hidden" }[rule.state];

export default async function Rules({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  const [rules, kinds, accounts] = await Promise.all([listRules(scope), categories(scope), moneyAccounts(scope)]);
  const mayWrite = can(scope, "write");
  const groups = choicesOf(kinds, []);
  const columns: readonly Column<Rule>[] = [
    {
      key: "words",
      head: "Holds the words",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (rule) => rule.words,
    },
    {
      key: "when",
      head: "When",
      quiet: true,
      phone: "where",
      cell: (rule) =>
        [
          rule.direction === null ? null : rule.direction === "in" ? "money in" : "money out",
          accounts.find((one) => one.code === rule.account)?.name ?? null,
        ]
          .filter((part) => part !== null)
          .join(", ") || "always",
    },
    { key: "as", head: "They are", phone: "second", cell: says },
    { key: "used", head: "Filed", align: "right", phone: "amount", cell: (rule) => String(rule.used) },
    {
      key: "state",
      head: "State",
      cell: (rule) => <State kind={rule.isOff ? "waiting" : "done"}>{rule.isOff ? "Off" : "On"}</State>,
    },
    ...(mayWrite
      ? [
          {
            key: "do",
            head: "Change it",
            headHidden: true,
            phone: "full" as const,
            cell: (rule: Rule) => <Ways rule={rule} />,
          },
        ]
      : []),
  ];
  return (
    <Page
      path={[{ label: "Transactions", href: `/${scope.slug}/transactions` }, { label: "Rules" }]}
      title="Rules"
      note="Asked from top to bottom, the first that fits files the line. What you file yourself is never changed by a rule."
    >
      <Table<Rule>
        caption="Rules, in the order in which they are asked"
        columns={columns}
        rows={rules}
        keyOf={(rule) => rule.id}
        empty={
          <Empty title="No rules yet">
            Open a transaction and file all like it, or make one here: “usps” is Shipping and postage.
          </Empty>
        }
      />
      {mayWrite ? (
        <Section title="A new rule">
          <div className="max-w-[640px]">
            <Form action={addRule}>
              <Fields columns={2}>
                <TextField label="Payee or memo holds these words" name="words" maxLength={200} />
                <div className="fld">
                  <label className="lbl" htmlFor="new-rule-as">
                    They are
                  </label>
                  <select className="in" id="new-rule-as" name="as" defaultValue="">
                    <GroupedOptions groups={groups} empty="Choose a category" />
                  </select>
                </div>
                <SelectField
                  label="Way"
                  name="direction"
                  options={[
                    { value: "", label: "In and out" },
                    { value: "out", label: "Money out" },
                    { value: "in", label: "Money in" },
                  ]}
                />
                <SelectField
                  label="Account"
                  name="account"
                  options={[
                    { value: "", label: "All accounts" },
                    ...accounts.map(({ code, name }) => ({ value: code, label: name })),
                  ]}
                />
              </Fields>
              <FormActions>
                <Button kind="primary" busy="Filing">
                  Make the rule
                </Button>
              </FormActions>
            </Form>
          </div>
        </Section>
      ) : null}
    </Page>
  );
}

function Ways({ rule }: { rule: Rule }) {
  const way = (label: string, action: FormAction) => (
    <Form key={label} action={action} hidden={{ rule: rule.id }} className="inline">
      <Button kind="link" says={`the rule ${rule.words}`}>
        {label}
      </Button>
    </Form>
  );
  return (
    <span className="flex flex-wrap gap-3">
      {way("Up", ruleUp)}
      {way("Down", ruleDown)}
      {rule.isOff ? way("Switch on", ruleOn) : way("Switch off", ruleOff)}
      {way("Delete", ruleGone)}
    </span>
  );
}
