import type { ReactNode } from "react";
import { formatQuantity } from "@/lib/core/quantity";
import type { Bundle } from "@/lib/desk/bundle-reads";
import type { Scope } from "@/lib/people/access";
import { Button, ButtonLink } from "../../../ui/button";
import { ComboField, Fields, FormActions, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Section } from "../../../ui/section";
import { save } from "./actions";
import { BundleParts } from "./parts.client";

/** What a bundle is made of: a new one (`like` another), or one that is there. */
export function BundleForm({
  scope,
  former,
  like,
}: {
  scope: Scope;
  former?: Bundle | undefined;
  like?: Bundle | undefined;
}): ReactNode {
  const parts = (former ?? like)?.parts ?? [];
  return (
    <Form action={save} hidden={former === undefined ? {} : { bundle: former.item }}>
      {former === undefined ? (
        <Fields columns={2}>
          <ComboField
            label="Sold as"
            name="item"
            url={`/api/items?business=${scope.slug}&only=items`}
            create="New product"
            hint="A name that is not there yet makes a new product. One that was stocked cannot become a bundle."
          />
          <TextField
            label="SKU"
            name="sku"
            maxLength={200}
            hint="Of a new product: sales with it are matched."
            optional
          />
        </Fields>
      ) : null}
      <Section title="What is in one" first={former !== undefined}>
        <BundleParts
          business={scope.slug}
          saved={parts.map((part) => ({
            id: part.item,
            name: part.name,
            qty: formatQuantity(part.qty, part.decimals),
          }))}
        />
      </Section>
      <FormActions ruled>
        <Button kind="primary" busy="Saving">
          Save bundle
        </Button>
        <ButtonLink href={`/${scope.slug}/inventory/bundles`}>All bundles</ButtonLink>
      </FormActions>
    </Form>
  );
}
