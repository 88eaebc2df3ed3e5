import type { ReactNode } from "react";
import { formatMinor } from "@/lib/core/money";
import { formatQuantity } from "@/lib/core/quantity";
import type { OrderView } from "@/lib/desk/purchase-order-reads";
import type { Scope } from "@/lib/people/access";
import { Button, ButtonLink } from "../../../ui/button";
import { DateField, Fields, FormActions, SelectField, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { todayOf } from "../balances/state";
import { orderOf } from "../movements/state";
import { saveDraft } from "./actions";
import { OrderFields } from "./order-fields.client";

/** An order that is written: new, or a draft that is changed. */
export function OrderForm({
  scope,
  locations,
  location,
  former,
  supplier,
  wanted = [],
  backHref,
}: {
  scope: Scope;
  locations: readonly Readonly<{ id: string; name: string }>[];
  /** Where a new one goes to. */
  location: string;
  former?: OrderView | undefined;
  /** What a new one is filled in with. */
  supplier?: string | undefined;
  wanted?: readonly Readonly<{ item: string; name: string; qty: string; amount: string }>[] | undefined;
  backHref: string;
}): ReactNode {
  // A draft may name a location that was retired since: it stands there until another is chosen.
  const shown =
    former === undefined || locations.some(({ id }) => id === former.location.id)
      ? locations
      : [...locations, former.location];
  return (
    <Form action={saveDraft} hidden={former === undefined ? {} : { order: former.id, version: String(former.version) }}>
      <Fields columns={2}>
        <TextField label="Supplier" name="supplier" value={former?.supplier ?? supplier} maxLength={200} optional />
        <SelectField
          label="Comes to"
          name="location"
          options={shown.map(({ id, name }) => ({ value: id, label: name }))}
          value={former?.location.id ?? location}
        />
        <DateField
          label="Expected on"
          name="expectedOn"
          today={todayOf(scope)}
          value={former?.expectedOn ?? undefined}
          order={orderOf(scope)}
          optional
        />
        <TextField label="Note" name="note" value={former?.note} maxLength={500} optional />
      </Fields>
      <div className="h-4" />
      <OrderFields
        business={scope.slug}
        saved={
          former?.lines.map((line) => ({
            id: line.item,
            cells: {
              item: line.name,
              itemId: line.item,
              qty: formatQuantity(line.ordered, line.decimals),
              amount: line.amountMinor === null ? "" : formatMinor(line.amountMinor, scope.currency),
            },
          })) ??
          wanted.map(({ item, name, qty, amount }) => ({ id: item, cells: { item: name, itemId: item, qty, amount } }))
        }
      />
      <FormActions ruled>
        <Button kind="primary" busy="Saving">
          Save draft
        </Button>
        <ButtonLink href={backHref}>Cancel</ButtonLink>
      </FormActions>
    </Form>
  );
}
