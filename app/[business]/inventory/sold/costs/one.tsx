import type { ReactNode } from "react";
import { Refusal } from "@/lib/core/errors";
import { previewCost } from "@/lib/desk/costs";
import type { Scope } from "@/lib/people/access";
import { fingerprint, type Changes as WhatChanges } from "@/lib/preview";
import { type CostChoices, costChoices, type LotChoice, type PartChoice } from "@/lib/sales/cost-reads";
import { nextMissing } from "@/lib/sales/sold-reads";
import { whyOf } from "@/lib/sales/why";
import type { SearchParams } from "../../../../ui/address";
import { Button, ButtonLink, buttonClass } from "../../../../ui/button";
import { dayText } from "../../../../ui/days";
import { ComboField, DateField, Fields, MoneyField, SelectField } from "../../../../ui/field";
import { moneyText, quantityText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { acceptedField } from "../../../../ui/form-state";
import { TextLink } from "../../../../ui/link";
import { Page } from "../../../../ui/page-frame";
import { Alert, Columns, Section } from "../../../../ui/section";
import { typedMoney } from "../../../../ui/typed";
import { orderHref } from "../../balances/state";
import { costsHref, dayOrder, oneOf, todayOf } from "../state";
import { WhatThisChanges } from "../what-changes";
import { WhyPanel } from "../why-panel";
import { saveCost } from "./actions";
import { Follow } from "./follow.client";
import { GoOn } from "./go-on.client";
import { type CostFields, CostForm, readCost } from "./read-form";

/** Add costs to one line: find the purchase, or say what was paid; then what this changes. Null where the line is gone. */
export async function OneLine({
  scope,
  lineId,
  asked,
  path,
}: {
  scope: Scope;
  lineId: string;
  asked: SearchParams;
  path: string;
}): Promise<ReactNode | null> {
  const asFound = fieldsOf(lineId, asked);
  const base = `/${scope.slug}`;
  const [choices, missing] = await Promise.all([
    costChoices(scope, lineId, (asFound.q ?? "").trim()),
    nextMissing(scope, lineId),
  ]);
  if (choices === null) return null;
  const { line } = choices;
  // What matched nothing becomes, unless something else is said, a product of the name that it was sold under.
  const fields = line.item === null ? { ...asFound, itemText: asFound.itemText ?? line.name } : asFound;
  const list = `${base}/inventory/sold?missing=1`;
  const text = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  const head = (
    <>
      {line.name}, sold {dayText(line.on)} on {line.channel}, order{" "}
      <TextLink href={orderHref(base, line.order)}>{line.number}</TextLink>. Price {text(line.price)}, fees{" "}
      {text(line.fees)}.{" "}
      {line.shortQty === 0n
        ? ""
        : line.shortQty < line.qty
          ? `${quantityText(line.shortQty, line.decimals)} of ${quantityText(line.qty, line.decimals)} have no cost yet.`
          : line.item === null
            ? "It is no known item yet, so it has no cost."
            : "No lot covers it, so it has no cost yet."}
    </>
  );
  const why = line.shortQty === 0n ? await whyOf(scope, lineId) : null;
  const isDone = line.shortQty === 0n && oneOf(asked.again) === "";
  const next = missing.next === null ? null : costsHref(base, [missing.next]);
  const ask = (
    <button type="submit" formAction={path} formMethod="get" className="vh" tabIndex={-1}>
      Show what this changes
    </button>
  );
  if (isDone)
    return (
      <Frame base={base} note={head}>
        {/* The form stays where it was, so that what it was answered is still said, and it goes on from here. */}
        <Form key={lineId} action={saveCost}>
          {null}
          <GoOn to={list} next={next} />
        </Form>
        {why === null ? null : <WhyPanel scope={scope} why={why} />}
        <div className="mt-4 flex gap-2">
          <ButtonLink href={list}>Back to Sold</ButtonLink>
          <ButtonLink href={costsHref(base, [lineId], { again: "1" })} kind="quiet">
            Choose another cost
          </ButtonLink>
        </div>
      </Frame>
    );
  const chosen = fields.from ?? "";
  const part = choices.parts.find((one) => `part:${one.id}` === chosen);
  const lot = choices.lots.find((one) => `lot:${one.id}` === chosen);
  const preview = await previewOf(scope, fields);
  const cost = preview.changes === null ? null : costAfter(preview.changes, lineId);
  return (
    <Frame base={base} note={head}>
      <Form
        key={lineId}
        action={saveCost}
        hidden={{ line: lineId, [acceptedField]: preview.changes === null ? "" : fingerprint(preview.changes) }}
      >
        {/* Enter in a field asks what this changes, it never saves: this is the form's first button. */}
        {ask}
        <GoOn to={list} next={next} />
        <Follow path={path}>
          {line.item === null ? <WhichItem scope={scope} choices={choices} fields={fields} /> : null}
          <Columns>
            <div>
              <h2>Find the purchase</h2>
              <p className="note mb-2">
                {line.item === null
                  ? "Purchases with something left to detail, nearest first."
                  : "Lots of this item and purchases with something left to detail, nearest first."}
              </p>
              <input
                className="in mb-2"
                type="search"
                name="q"
                defaultValue={fields.q}
                placeholder="Supplier, item, amount, or date"
                aria-label="Search purchases"
              />
              <PurchaseTable scope={scope} choices={choices} chosen={chosen} />
              {part === undefined ? null : (
                <PartFields scope={scope} part={part} fields={fields} preview={preview.wrong} />
              )}
              {lot === undefined ? null : <LotNote lot={lot} decimals={line.decimals} wanted={line.shortQty} />}
            </div>
            <div>
              <h2>
                <label className="pick">
                  <input type="radio" name="from" value="outside" defaultChecked={chosen === "outside"} />
                  <span>It is not in my inventory</span>
                </label>
              </h2>
              <p className="note mb-2">It comes into the books on the day you bought it, then costs this sale.</p>
              <Fields columns={2}>
                <MoneyField
                  label="What you paid in all"
                  name="amount"
                  currency={scope.currency}
                  value={fields.amount}
                />
                <DateField
                  label="When"
                  name="on"
                  today={todayOf(scope)}
                  order={dayOrder(scope)}
                  value={fields.on ?? line.on}
                  closedThrough={choices.closedThrough ?? undefined}
                  hint={`${dayText(line.on)} or before`}
                />
                <SelectField
                  label="Paid from"
                  name="account"
                  value={fields.account ?? "3000"}
                  all
                  options={[
                    { value: "3000", label: "Cash, or an account not connected" },
                    ...choices.accounts.map((one) => ({ value: one.code, label: one.name })),
                  ]}
                />
              </Fields>
              <p className="note mt-4">
                Use this for things bought before you began here, or with cash. If it is part of a purchase that is here
                already, find the purchase instead, so that nothing counts twice.
              </p>
            </div>
          </Columns>
          {preview.changes !== null ? (
            <WhatThisChanges
              scope={scope}
              changes={preview.changes}
              line={line}
              toDetail={toDetailOf(scope, choices, fields)}
            />
          ) : (
            <Section title="What this changes">
              {preview.wrong === null ? (
                <p className="note">Choose a purchase or say what was paid: what it changes then stands here.</p>
              ) : (
                <Alert>{preview.wrong.message}</Alert>
              )}
            </Section>
          )}
        </Follow>
        <div className="mt-6 flex gap-2 flex-wrap items-center">
          <Button kind="primary" busy="Saving">
            {cost === null ? "Save cost" : `Save cost of ${text(cost)}`}
          </Button>
          {next === null ? null : (
            <Button busy="Saving" name="next" value="1">
              Save and go to the next
            </Button>
          )}
          <noscript>
            <button type="submit" formAction={path} formMethod="get" className={buttonClass({ kind: "plain" })}>
              Show what this changes
            </button>
          </noscript>
          <TextLink href={list}>Cancel</TextLink>
          <span className="note" style={{ marginLeft: "auto" }}>
            {line.shortQty > 0n ? `${missing.place} of ${missing.count} without a cost` : ""}
          </span>
        </div>
      </Form>
      {null}
    </Frame>
  );
}

function Frame({ base, note, children }: { base: string; note: ReactNode; children: ReactNode }) {
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "Sold", href: `${base}/inventory/sold?missing=1` },
        { label: "Add costs" },
      ]}
      title="Add costs"
      note={note}
    >
      {children}
    </Page>
  );
}

function WhichItem({ scope, choices, fields }: { scope: Scope; choices: CostChoices; fields: CostFields }) {
  const { line } = choices;
  return (
    <Section
      title="Which product is it?"
      note="It matched none. To take its cost from a purchase, say what it is."
      first
    >
      <Fields columns={2}>
        <ComboField
          label="Product"
          name="item"
          url={`/api/items?business=${scope.slug}&only=items`}
          create="New product"
          value={{ id: fields.item ?? "", label: fields.itemText ?? line.name }}
          hint="A name that is not there yet makes a new product."
        />
      </Fields>
    </Section>
  );
}

function PurchaseTable({ scope, choices, chosen }: { scope: Scope; choices: CostChoices; chosen: string }) {
  const { line, lots, parts } = choices;
  const text = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  const rows = [
    ...lots.map((lot) => ({
      value: `lot:${lot.id}`,
      says: lot.says,
      paid: text(lot.paid),
      left: `${quantityText(lot.free, line.decimals)} of ${quantityText(lot.qty, line.decimals)}`,
      note: `${dayText(lot.on)}, ${lot.number}, ${apart(line.on, lot.on)}; would cost ${text(lot.cost)}${lot.left === 0n ? "; other sales hold it and would move" : ""}`,
    })),
    ...parts.map((part) => ({
      value: `part:${part.id}`,
      says: part.says,
      paid: text(part.paid),
      left: text(part.left),
      note: `${dayText(part.on)}, ${part.number}, ${apart(line.on, part.on)}; still to detail`,
    })),
  ];
  if (rows.length === 0)
    return <p className="note">No purchase fits. Look for another word, or say what was paid at the right.</p>;
  return (
    <table className="tbl">
      <caption className="vh">Purchases that may hold this item</caption>
      <thead>
        <tr>
          <th scope="col" style={{ width: 24 }}>
            <span className="vh">Choose</span>
          </th>
          <th scope="col">Purchase</th>
          <th scope="col" className="num">
            Paid
          </th>
          <th scope="col" className="num">
            Left
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.value} className={row.value === chosen ? "chosen" : undefined}>
            <td>
              <input
                type="radio"
                name="from"
                value={row.value}
                defaultChecked={row.value === chosen}
                aria-label={`Choose ${row.says}, ${row.note}`}
              />
            </td>
            <td>
              {row.says}
              <br />
              <span className="s q">{row.note}</span>
            </td>
            <td className="num">{row.paid}</td>
            <td className="num nw">{row.left}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** "7 days before the sale". */
function apart(sold: string, bought: string): string {
  const days = Math.round((Date.parse(sold) - Date.parse(bought)) / 86_400_000);
  if (days === 0) return "on the day of the sale";
  const size = Math.abs(days) === 1 ? "a day" : `${Math.abs(days)} days`;
  return `${size} ${days > 0 ? "before" : "after"} the sale`;
}

function PartFields({
  scope,
  part,
  fields,
  preview,
}: {
  scope: Scope;
  part: PartChoice;
  fields: CostFields;
  preview: Refusal | null;
}) {
  const text = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  return (
    <>
      {part.inside.length === 0 ? null : (
        <p className="note mt-2 mb-2">
          Already in lots from this purchase: {part.inside.map((one) => `${one.name} ${text(one.cost)}`).join(", ")}.
        </p>
      )}
      <div className="mt-4" />
      <Fields columns={2}>
        <MoneyField
          label={`Part of the ${text(part.left)} it cost`}
          name="part"
          currency={scope.currency}
          value={fields.part}
          error={preview?.detail.field === "part" && (fields.part ?? "") !== "" ? preview.message : undefined}
          autoFocus={(fields.part ?? "") === ""}
        />
      </Fields>
    </>
  );
}

function LotNote({ lot, decimals, wanted }: { lot: LotChoice; decimals: number; wanted: bigint }) {
  if (lot.units >= wanted) return null;
  return (
    <p className="note mt-2">
      {quantityText(lot.units, decimals)} of the {quantityText(wanted, decimals)} can come from this lot. The rest needs
      a cost after that.
    </p>
  );
}

function fieldsOf(line: string, asked: SearchParams): CostFields {
  const names = ["from", "q", "part", "amount", "on", "account", "item", "itemText"] as const;
  const found = Object.fromEntries(
    names.flatMap((name) => (oneOf(asked[name]) === "" ? [] : [[name, oneOf(asked[name])]])),
  );
  const read = CostForm.safeParse({ line, ...found });
  return read.success ? read.data : { line };
}

/** What the form as it stands would change, or why it cannot be saved; neither before something is chosen. */
async function previewOf(
  scope: Scope,
  fields: CostFields,
): Promise<Readonly<{ changes: WhatChanges | null; wrong: Refusal | null }>> {
  if (fields.from === undefined) return { changes: null, wrong: null };
  try {
    return { changes: await previewCost(scope, readCost(scope, fields)), wrong: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A field that is still empty is no error yet.
    return { changes: null, wrong: error.code === "field_missing" ? null : error };
  }
}

function costAfter(changes: WhatChanges, line: string): bigint | null {
  return changes.sales.find((sale) => sale.line === line)?.after ?? null;
}

function toDetailOf(scope: Scope, choices: CostChoices, fields: CostFields) {
  const typed = fields.from?.startsWith("part:") === true ? typedMoney(fields.part ?? "", scope.currency) : null;
  return typed === null || "wrong" in typed ? null : { before: choices.toDetail, moved: typed.value };
}
