import type { ReactNode } from "react";
import { formatQuantity } from "@/lib/core/quantity";
import type { TransferView } from "@/lib/desk/transfer-reads";
import type { Scope } from "@/lib/people/access";
import { Button, ButtonLink } from "../../../../ui/button";
import { DateField, Fields, FormActions, TextField } from "../../../../ui/field";
import { Form } from "../../../../ui/form";
import { todayOf } from "../../balances/state";
import { orderOf } from "../state";
import { saveDraft } from "./actions";
import { TransferFields } from "./transfer-fields.client";

/** A transfer that is written: new, or a draft that is changed. */
export function TransferForm({
  scope,
  locations,
  goals,
  from,
  former,
  backHref,
}: {
  scope: Scope;
  /** From where it may be sent, and to where. */
  locations: readonly Readonly<{ id: string; name: string }>[];
  goals: readonly Readonly<{ id: string; name: string }>[];
  /** Where a new one begins. */
  from: string;
  former?: TransferView | undefined;
  backHref: string;
}): ReactNode {
  const source = former?.from.id ?? from;
  const goal = former?.to.id ?? goals.find(({ id }) => id !== source)?.id ?? "";
  // A draft may name a location that was retired since: it stands there until another is chosen.
  const including = (all: typeof locations, own: (typeof locations)[number] | undefined) =>
    own === undefined || all.some(({ id }) => id === own.id) ? all : [...all, own];
  return (
    <Form
      action={saveDraft}
      hidden={former === undefined ? {} : { transfer: former.id, version: String(former.version) }}
    >
      <TransferFields
        business={scope.slug}
        locations={including(locations, former?.from)}
        goals={including(goals, former?.to)}
        from={source}
        to={goal}
        saved={
          former?.lines.map((line) => ({
            id: line.item,
            cells: { item: line.name, itemId: line.item, qty: formatQuantity(line.qty, line.decimals) },
          })) ?? []
        }
      />
      <div className="h-4" />
      <Fields columns={2}>
        <DateField
          label="Leaves on"
          name="on"
          today={todayOf(scope)}
          value={former?.on ?? todayOf(scope)}
          order={orderOf(scope)}
        />
        <TextField label="Note" name="note" value={former?.note} maxLength={500} optional />
      </Fields>
      <FormActions ruled>
        <Button kind="primary" busy="Saving">
          Save draft
        </Button>
        <ButtonLink href={backHref}>Cancel</ButtonLink>
      </FormActions>
    </Form>
  );
}
