import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { packSaid } from "@/lib/core/bundles";
import { Refusal } from "@/lib/core/errors";
import { previewMatch, toMatch } from "@/lib/desk/matching";
import { can, type Scope } from "@/lib/people/access";
import { fingerprint, type Changes as WhatChanges } from "@/lib/preview";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Button, buttonClass } from "../../../../ui/button";
import { Day } from "../../../../ui/date";
import { CheckField, ComboField, Fields, NumberField, RadioField } from "../../../../ui/field";
import { countText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { acceptedField } from "../../../../ui/form-state";
import { Fig, TextLink } from "../../../../ui/link";
import { Money } from "../../../../ui/money";
import { Page } from "../../../../ui/page-frame";
import { Alert, Section } from "../../../../ui/section";
import { Table } from "../../../../ui/table";
import { orderHref } from "../../balances/state";
import { Follow } from "../costs/follow.client";
import { GoOn } from "../costs/go-on.client";
import { allOf, costsHref, oneOf } from "../state";
import { WhatThisChanges } from "../what-changes";
import { saveMatch } from "./actions";
import { type MatchFields, readMatch } from "./read-form";

export const metadata: Metadata = { title: "Choose item" };

const mostLines = 100;

/** Choose item: which product sold lines are, one or many at a time. */
export default async function ChooseItem({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const asked = await searchParams;
  const base = `/${scope.slug}`;
  const list = `${base}/inventory/sold?unmatched=1`;
  const path = `${base}/inventory/sold/match`;
  const ids = [...new Set(allOf(asked.line))].slice(0, mostLines);
  if (ids.length === 0 || !can(scope, "write")) redirect(list);
  const { lines, others, candidates } = await toMatch(scope, ids);
  const [first] = lines;
  if (first === undefined) notFound();
  const hasSku = first.sku !== null && first.sku !== "";
  const fields: MatchFields = {
    line: lines.map((line) => line.id),
    pick: oneOf(asked.pick) || (candidates.length > 0 ? undefined : "other"),
    item: oneOf(asked.item),
    itemText: oneOf(asked.itemText) || (candidates.length > 0 ? "" : first.name),
    same: oneOf(asked.same) || undefined,
    pack: oneOf(asked.pack) || undefined,
  };
  const said = packSaid(first.name);
  const preview = await previewOf(scope, fields);
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Sold", href: list }, { label: "Choose item" }]}
      title={lines.length === 1 ? `What is “${first.name}”?` : `What are these ${countText(lines.length)} lines?`}
      note={
        first.candidates >= 2
          ? `${first.candidates} products fit it: by listing, SKU or name. Say which one it is.`
          : first.item !== null
            ? `It is ${first.item} now. What you choose holds for all sales of its listing.`
            : "No product has this SKU or this name. Choose it, or make a new one."
      }
    >
      <Form
        action={saveMatch}
        hidden={{ [acceptedField]: preview.changes === null ? "" : fingerprint(preview.changes) }}
      >
        <button type="submit" formAction={path} formMethod="get" className="vh" tabIndex={-1}>
          Show what this changes
        </button>
        {lines.map((line) => (
          <input key={line.id} type="hidden" name="line" value={line.id} />
        ))}
        <GoOn to={list} next={null} />
        <Table
          caption="The sold lines"
          rows={lines}
          keyOf={(line) => line.id}
          columns={[
            { key: "on", head: "Date", quiet: true, cell: (line) => <Day on={line.on} /> },
            { key: "channel", head: "Channel", cell: (line) => line.channel },
            {
              key: "order",
              head: "Order",
              cell: (line) => (
                <Fig href={orderHref(base, line.order)} narrow>
                  {line.number}
                </Fig>
              ),
            },
            { key: "name", head: "Sold as", rowHead: true, wraps: true, phone: "what", cell: (line) => line.name },
            { key: "sku", head: "SKU", phone: "where", cell: (line) => line.sku },
            {
              key: "amount",
              head: "Price",
              align: "right",
              phone: "amount",
              cell: (line) => <Money of={{ amountMinor: line.amount, currency: scope.currency }} />,
            },
          ]}
        />
        <Follow path={path}>
          <Section title="Which product is it?">
            {candidates.length > 0 ? (
              <RadioField
                label="What it could be"
                name="pick"
                value={fields.pick}
                options={[
                  ...candidates.map((one) => ({
                    value: one.id,
                    label: `${one.name}${one.sku === null ? "" : `, ${one.sku}`} (same ${one.by})`,
                  })),
                  { value: "other", label: "Another product" },
                ]}
              />
            ) : (
              <input type="hidden" name="pick" value="other" />
            )}
            <Fields columns={2}>
              <ComboField
                label={candidates.length > 0 ? "Another product" : "Product"}
                name="item"
                url={`/api/items?business=${scope.slug}&only=items`}
                create="New product"
                value={{ id: fields.item ?? "", label: fields.itemText ?? "" }}
                hint={
                  hasSku
                    ? `A name that is not there yet makes a new product, with the SKU ${first.sku}: it then matches every sale with that SKU.`
                    : "A name that is not there yet makes a new product."
                }
              />
              <NumberField
                label="How many of it are in one"
                name="pack"
                value={fields.pack ?? "1"}
                hint={
                  said === null
                    ? "More than 1 makes it a pack: each sale then moves so many of the product."
                    : `The name says a pack of ${said}. Each sale then moves so many of the product.`
                }
              />
            </Fields>
            {others > 0 ? (
              <CheckField
                label={`And ${countText(others)} more with this ${hasSku ? "SKU" : "name"}`}
                name="same"
                checked={fields.same === "on"}
              />
            ) : null}
          </Section>
          {preview.changes !== null ? (
            <WhatThisChanges scope={scope} changes={preview.changes} />
          ) : preview.wrong !== null ? (
            <Section title="What this changes">
              <Alert>{preview.wrong.message}</Alert>
            </Section>
          ) : null}
        </Follow>
        <div className="mt-6 flex gap-2 flex-wrap items-center">
          <Button kind="primary" busy="Saving">
            {lines.length === 1 ? "Save the choice" : `Save for ${countText(lines.length)} lines`}
          </Button>
          <noscript>
            <button type="submit" formAction={path} formMethod="get" className={buttonClass({ kind: "plain" })}>
              Show what this changes
            </button>
          </noscript>
          <TextLink href={list}>Cancel</TextLink>
          <span className="note" style={{ marginLeft: "auto" }}>
            <TextLink href={costsHref(base, ids)}>Only say what it cost</TextLink>
          </span>
        </div>
      </Form>
    </Page>
  );
}

async function previewOf(
  scope: Scope,
  fields: MatchFields,
): Promise<Readonly<{ changes: WhatChanges | null; wrong: Refusal | null }>> {
  if (fields.pick === undefined) return { changes: null, wrong: null };
  try {
    return { changes: await previewMatch(scope, readMatch(fields)), wrong: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { changes: null, wrong: error.code === "field_missing" ? null : error };
  }
}
