import type { ReactNode } from "react";
import type { CountView } from "@/lib/desk/count-reads";
import { countPlans } from "@/lib/desk/count-row";
import type { LocationChoice } from "@/lib/stock/location-reads";
import { Button, ButtonLink } from "../../../../ui/button";
import {
  CheckField,
  Fields,
  FormActions,
  RadioField,
  SelectField,
  TextAreaField,
  TextField,
} from "../../../../ui/field";
import { Form } from "../../../../ui/form";
import { save } from "./actions";
import { planNames } from "./state";

/** A count that is planned: new, or a draft that is changed. Each kind of plan has its own field, which the others leave alone. */
export function PlanForm({
  locations,
  location,
  former,
  backHref,
}: {
  locations: readonly LocationChoice[];
  location: string;
  former?: CountView | undefined;
  backHref: string;
}): ReactNode {
  return (
    <div className="max-w-[640px]">
      <Form action={save} hidden={former === undefined ? {} : { count: former.id, version: String(former.version) }}>
        <Fields>
          <SelectField
            label="Location"
            name="location"
            value={former?.location.id ?? location}
            options={locations.map(({ id, name }) => ({ value: id, label: name }))}
          />
          <RadioField
            label="What is counted"
            name="plan"
            value={former?.plan ?? "all"}
            options={countPlans.map((plan) => ({ value: plan, label: planNames[plan] }))}
          />
          <TextField
            label="Words"
            name="words"
            value={former?.words ?? ""}
            maxLength={200}
            optional
            hint="For what holds certain words: those that its name or SKU holds."
          />
          <TextAreaField
            label="Products"
            name="items"
            rows={4}
            value={former?.plan === "items" ? former.lines.map((line) => line.sku ?? line.name).join("\n") : ""}
            optional
            hint="For products that you choose: a name, SKU or barcode on each line."
          />
          <TextField
            label="At most"
            name="most"
            inputMode="numeric"
            value={former === undefined ? "" : String(former.most)}
            optional
            hint="For what is due by class or was not counted for longest: so many products, 50 unless said."
          />
          <CheckField
            label="Blind"
            name="blind"
            checked={former?.isBlind ?? true}
            hint="Who counts does not see what the books expect."
          />
          <CheckField
            label="Also what should not be there"
            name="empty"
            checked={former?.hasEmpty ?? false}
            hint="Products that were here once and of which nothing should be left."
          />
          <TextField label="Note" name="note" value={former?.note ?? ""} maxLength={500} optional />
        </Fields>
        <FormActions>
          <Button kind="primary" busy="Saving">
            {former === undefined ? "Plan it" : "Save"}
          </Button>
          <ButtonLink href={backHref} kind="quiet">
            Cancel
          </ButtonLink>
        </FormActions>
      </Form>
    </div>
  );
}
