import type { Metadata } from "next";
import { notFound, redirect } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { formatQuantity } from "@/lib/core/quantity";
import { countingView } from "@/lib/desk/count-reads";
import { can } from "@/lib/people/access";
import { newId } from "@/lib/system/ids";
import { stockScopeOf } from "../../../../../../scope";
import { Button, ButtonLink } from "../../../../../../ui/button";
import { FormActions, RadioField, TextField } from "../../../../../../ui/field";
import { Form } from "../../../../../../ui/form";
import { Page } from "../../../../../../ui/page-frame";
import { enter } from "../../actions";
import { countHref, countsHref } from "../../state";
import { Counting } from "./counting.client";

export const metadata: Metadata = { title: "Counting" };

/** The page for counting, made for a phone. Once it is there it needs no connection; without script it is a form for one entry. */
export default async function CountingPage({
  params,
}: {
  params: Promise<Readonly<{ business: string; count: string }>>;
}) {
  const scope = await stockScopeOf(params);
  const count = await countingView(scope, decodeURIComponent((await params).count)).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const base = `/${scope.slug}`;
  const here = countHref(base, count.id);
  if (!can(scope, "move") || (count.state !== "counting" && count.state !== "review")) redirect(here);
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "Counts", href: countsHref(base) },
        { label: count.number === null ? "Count" : `Count ${count.number}`, href: here },
        { label: "Counting" },
      ]}
      title={`Counting ${count.location.name}`}
      actions={<ButtonLink href={here}>Done for now</ButtonLink>}
    >
      <div className="max-w-[480px]">
        <Counting
          of={`${scope.slug}/${count.id}`}
          address={here}
          items={count.items.map((item) => ({
            id: item.id,
            name: item.name,
            sku: item.sku,
            decimals: item.decimals,
            codes: item.codes,
            expected: item.expected === null ? null : formatQuantity(item.expected, item.decimals),
            counted: item.counted === null ? null : formatQuantity(item.counted, item.decimals),
          }))}
        />
        <noscript>
          <Form action={enter} hidden={{ count: count.id, entry: newId() }}>
            <TextField label="Product: name, SKU or barcode" name="text" large />
            <TextField label="How many" name="qty" inputMode="decimal" large align="right" />
            <RadioField
              label="Is that"
              name="mode"
              value="add"
              options={[
                { value: "add", label: "so many here" },
                { value: "recount", label: "all of it, counted again" },
              ]}
            />
            <FormActions>
              <Button kind="primary" large busy="Counting">
                Count
              </Button>
            </FormActions>
          </Form>
        </noscript>
      </div>
    </Page>
  );
}
