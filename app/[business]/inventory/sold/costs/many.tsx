import { Refusal } from "@/lib/core/errors";
import { previewCosts } from "@/lib/desk/costs";
import type { Scope } from "@/lib/people/access";
import { fingerprint, type Changes as WhatChanges } from "@/lib/preview";
import { likelyPurchases, soldLinesById } from "@/lib/sales/sold-reads";
import { payingAccounts } from "@/lib/stock/purchase-reads";
import type { SearchParams } from "../../../../ui/address";
import { Button, buttonClass } from "../../../../ui/button";
import { Day } from "../../../../ui/date";
import { DateField, Fields, MoneyField, SelectField } from "../../../../ui/field";
import { countText, moneyText, quantityText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { acceptedField } from "../../../../ui/form-state";
import { Fig, TextLink } from "../../../../ui/link";
import { Money } from "../../../../ui/money";
import { Page } from "../../../../ui/page-frame";
import { Alert, Section } from "../../../../ui/section";
import { orderHref } from "../../balances/state";
import { costsHref, dayOrder, oneOf, todayOf } from "../state";
import { WhatThisChanges } from "../what-changes";
import { saveCosts } from "./actions";
import { Follow } from "./follow.client";
import { GoOn } from "./go-on.client";
import { type ManyFields, readCosts } from "./read-form";

/** Add costs to many lines: one amount each, for what is not in the inventory; lots and purchases are chosen line by line. */
export async function ManyLines({
  scope,
  ids,
  asked,
  path,
}: {
  scope: Scope;
  ids: readonly string[];
  asked: SearchParams;
  path: string;
}) {
  const [found, accounts] = await Promise.all([soldLinesById(scope, ids), payingAccounts(scope)]);
  const lines = found.filter((line) => line.shortQty > 0n);
  const likely = await likelyPurchases(scope, lines);
  const base = `/${scope.slug}`;
  const list = `${base}/inventory/sold?missing=1`;
  const fields: ManyFields = {
    ...Object.fromEntries(Object.keys(asked).map((name) => [name, oneOf(asked[name])])),
    line: lines.map((line) => line.id),
  };
  const price = lines.reduce((sum, line) => sum + line.price, 0n);
  const text = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  const preview = await previewOf(scope, fields);
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Sold", href: list }, { label: "Add costs" }]}
      title={`Add costs to ${countText(lines.length)} lines`}
      note={
        <>
          {text(price)} of sales without a cost. Give what each was bought for, if it is in no purchase here. For a
          purchase with something left, take one line at a time. Many at once:{" "}
          <TextLink href={`${base}/inventory/sold/costs/table`}>paste a table</TextLink>.
          {found.length > lines.length
            ? ` ${countText(found.length - lines.length)} of the chosen lines have their cost.`
            : ""}
        </>
      }
    >
      <Form
        action={saveCosts}
        hidden={{ [acceptedField]: preview.changes === null ? "" : fingerprint(preview.changes) }}
      >
        <button type="submit" formAction={path} formMethod="get" className="vh" tabIndex={-1}>
          Show what this changes
        </button>
        <GoOn to={list} next={null} />
        <Follow path={path}>
          <Fields columns={3}>
            <SelectField
              label="Paid from"
              name="account"
              value={oneOf(asked.account) || "3000"}
              options={accounts.map(({ id, name }) => ({
                value: id,
                label: id === "3000" ? `${name}: cash, or an account not connected` : name,
              }))}
            />
          </Fields>
          <table className="tbl mt-4">
            <caption className="vh">What each line cost</caption>
            <thead>
              <tr>
                <th scope="col">Sold</th>
                <th scope="col">Order</th>
                <th scope="col">Item</th>
                <th scope="col" className="num">
                  Qty
                </th>
                <th scope="col" className="num">
                  Price
                </th>
                <th scope="col" className="low">
                  Likely bought in
                </th>
                <th scope="col">When bought</th>
                <th scope="col" className="num">
                  Cost in all
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line, at) => {
                const found = likely.get(line.id);
                return (
                  <tr key={line.id}>
                    <td className="nw q">
                      <input type="hidden" name="line" value={line.id} />
                      <Day on={line.on} />
                    </td>
                    <td className="nw">
                      <Fig href={orderHref(base, line.order)} narrow>
                        {line.number}
                      </Fig>
                    </td>
                    <th scope="row">{line.name}</th>
                    <td className="num">{quantityText(line.shortQty, line.decimals)}</td>
                    <td className="num">
                      <Money of={{ amountMinor: line.price, currency: scope.currency }} />
                    </td>
                    <td className="low s q">
                      {found === undefined ? null : (
                        <TextLink
                          href={costsHref(base, [line.id], { from: `part:${found.purchase}` })}
                          says={`for ${line.name}`}
                        >
                          {found.says}, {text(found.left)} left
                        </TextLink>
                      )}
                    </td>
                    <td style={{ width: 140 }}>
                      <DateField
                        label={`When bought, ${line.name}`}
                        name={`on.${at}`}
                        bare
                        today={todayOf(scope)}
                        order={dayOrder(scope)}
                        value={oneOf(asked[`on.${at}`]) || line.on}
                      />
                    </td>
                    <td style={{ width: 120 }}>
                      <MoneyField
                        label={`Cost of ${line.name}, order ${line.number}`}
                        name={`amount.${at}`}
                        bare
                        currency={scope.currency}
                        value={oneOf(asked[`amount.${at}`])}
                      />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          {preview.changes !== null ? (
            <WhatThisChanges scope={scope} changes={preview.changes} />
          ) : (
            <Section title="What this changes">
              {preview.wrong === null ? (
                <p className="note">Type an amount: what it changes then stands here.</p>
              ) : (
                <Alert>{preview.wrong.message}</Alert>
              )}
            </Section>
          )}
        </Follow>
        <div className="mt-6 flex gap-2 flex-wrap items-center">
          <Button kind="primary" busy="Saving">
            {preview.count === 0
              ? "Save costs"
              : `Save ${countText(preview.count)} ${preview.count === 1 ? "cost" : "costs"}`}
          </Button>
          <noscript>
            <button type="submit" formAction={path} formMethod="get" className={buttonClass({ kind: "plain" })}>
              Show what this changes
            </button>
          </noscript>
          <TextLink href={list}>Cancel</TextLink>
        </div>
      </Form>
    </Page>
  );
}

async function previewOf(
  scope: Scope,
  fields: ManyFields,
): Promise<Readonly<{ changes: WhatChanges | null; wrong: Refusal | null; count: number }>> {
  try {
    const costs = readCosts(scope, fields);
    return { changes: await previewCosts(scope, costs), wrong: null, count: costs.rows.length };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { changes: null, wrong: error.code === "field_missing" ? null : error, count: 0 };
  }
}
