import type { ReactNode } from "react";
import type { OrderFact } from "@/lib/core/facts";
import { abroad, stateOfDelivery, states } from "@/lib/core/gst";
import { formatMinor } from "@/lib/core/money";
import { formatQuantity } from "@/lib/core/quantity";
import { hasGst } from "@/lib/desk/gst-settings";
import type { Scope } from "@/lib/people/access";
import { Button, ButtonLink } from "../../ui/button";
import { DateField, Fields, FormActions, MoneyField, SelectField, TextField } from "../../ui/field";
import { Form } from "../../ui/form";
import { Section } from "../../ui/section";
import { saveSale } from "./actions";
import { SaleLines } from "./sale-form.client";
import { todayOf } from "./state";

/** A sale off the channels, new or changed. */
export function SaleForm({
  scope,
  channels,
  former,
  backHref,
}: {
  scope: Scope;
  channels: readonly Readonly<{ id: string; name: string }>[];
  former?:
    | Readonly<{
        fact: OrderFact;
        items: ReadonlyMap<string, Readonly<{ id: string; name: string; decimals: number }>>;
      }>
    | undefined;
  backHref: string;
}): ReactNode {
  const fact = former?.fact;
  const text = (amount: bigint | undefined) =>
    amount === undefined || amount === 0n ? undefined : formatMinor(amount, scope.currency);
  const fees = fact?.fees.reduce((sum, fee) => sum + fee.amount, 0n);
  return (
    <Form action={saveSale} hidden={fact === undefined ? {} : { order: fact.id }}>
      <Fields columns={3}>
        <DateField
          label="When"
          name="on"
          today={todayOf(scope)}
          value={fact?.when.on ?? todayOf(scope)}
          order={scope.country === "US" ? "month first" : "day first"}
        />
        <TextField
          label="Number"
          name="number"
          value={fact?.number}
          optional
          maxLength={60}
          placeholder="The next one"
        />
        {fact === undefined && channels.length > 1 ? (
          <SelectField
            label="Where"
            name="channel"
            options={channels.map((one) => ({ value: one.id, label: one.name }))}
            value={channels[0]?.id}
          />
        ) : null}
        {hasGst(scope) ? <StateField fact={fact} /> : null}
      </Fields>
      <Section title="What was sold">
        <SaleLines
          business={scope.slug}
          currency={scope.currency}
          saved={
            fact?.lines.map((line) => {
              const item = former?.items.get(line.id);
              return {
                id: line.id,
                cells: {
                  line: line.id,
                  item: item?.name ?? line.name,
                  itemId: item?.id ?? "",
                  qty: formatQuantity(line.qty, item?.decimals ?? 0),
                  amount: formatMinor(line.amount, scope.currency),
                },
              };
            }) ?? []
          }
        />
      </Section>
      <Section title="With it">
        <Fields columns={2}>
          <MoneyField
            label="Shipping that the buyer paid"
            name="shipping"
            currency={scope.currency}
            value={text(fact?.shipping)}
            optional
          />
          <MoneyField
            label="Discount"
            name="discount"
            currency={scope.currency}
            value={text(fact?.discount)}
            optional
          />
          <MoneyField
            label="Sales tax that you took"
            name="tax"
            currency={scope.currency}
            value={text(fact?.tax)}
            optional
            hint="It is the state's, so it is no part of the profit."
          />
          <MoneyField
            label="Fees"
            name="fees"
            currency={scope.currency}
            value={text(fees)}
            optional
            hint="Card reader, stall, commission."
          />
        </Fields>
      </Section>
      <FormActions ruled>
        <Button kind="primary" busy="Saving">
          {fact === undefined ? "Record sale" : "Save the sale"}
        </Button>
        <ButtonLink href={backHref}>Cancel</ButtonLink>
      </FormActions>
    </Form>
  );
}

/** The state that it was delivered to: the place of supply of its invoice. */
function StateField({ fact }: { fact: OrderFact | undefined }) {
  return (
    <SelectField
      label="Delivered to"
      name="state"
      value={fact?.shipTo === undefined ? "" : (stateOfDelivery(fact.shipTo) ?? "")}
      hint="Empty: sold over the counter, or not known."
      options={[
        { value: "", label: "Not said" },
        ...states.filter(({ code }) => code !== abroad).map(({ code, name }) => ({ value: code, label: name })),
      ]}
    />
  );
}
