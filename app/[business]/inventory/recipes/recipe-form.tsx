import type { ReactNode } from "react";
import type { AccountChoice } from "@/lib/desk/recipe-lines";
import type { RecipeVersion } from "@/lib/desk/recipe-reads";
import type { RecipeWay } from "@/lib/desk/recipes";
import type { Scope } from "@/lib/people/access";
import { Button, ButtonLink } from "../../../ui/button";
import { Fields, FormActions, MoneyField, SelectField, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Section } from "../../../ui/section";
import { save } from "./actions";
import { PartsFields } from "./parts.client";
import { amountText, rowsOfRecipe } from "./state";

/** Where work is usually taken from. */
const usualAccount = "6200";

/** A recipe that is written: new, or the next version of one. */
export function RecipeForm({
  scope,
  way,
  accounts,
  former,
  backHref,
}: {
  scope: Scope;
  way: RecipeWay;
  accounts: readonly AccountChoice[];
  former?: RecipeVersion | undefined;
  backHref: string;
}): ReactNode {
  const rows = former === undefined ? { ins: [], outs: [] } : rowsOfRecipe(former);
  const per = [
    { value: "batch", label: "for each batch" },
    { value: "unit", label: "for each one" },
  ];
  const usual = accounts.some(({ code }) => code === usualAccount) ? usualAccount : accounts[0]?.code;
  return (
    <Form
      action={save}
      hidden={former === undefined ? { way } : { way, recipe: former.recipe, version: String(former.version) }}
    >
      <Fields columns={2}>
        <TextField
          label="Name"
          name="name"
          value={former?.name}
          maxLength={200}
          hint="Left empty, that of its product."
          optional
        />
      </Fields>
      <div className="h-4" />
      <PartsFields business={scope.slug} ins={rows.ins} outs={rows.outs} />
      <Section
        title="Work and overhead"
        note={way === "make" ? "it becomes a part of what is made" : "it becomes a part of what comes out"}
      >
        <div className="max-w-[640px]">
          <Fields columns={2}>
            <MoneyField
              label="Work"
              name="labour"
              currency={scope.currency}
              value={amountText(former?.labour.amount ?? 0n, scope.currency)}
              placeholder="0.00"
              optional
            />
            <SelectField label="Counted" name="labourPer" options={per} value={former?.labour.per ?? "batch"} />
            <MoneyField
              label="Overhead"
              name="overhead"
              currency={scope.currency}
              value={amountText(former?.overhead.amount ?? 0n, scope.currency)}
              placeholder="0.00"
              optional
            />
            <SelectField
              label="Overhead is counted"
              name="overheadPer"
              options={per}
              value={former?.overhead.per ?? "batch"}
            />
            <SelectField
              label="Taken from"
              name="account"
              options={accounts.map(({ code, name }) => ({ value: code, label: `${name} (${code})` }))}
              value={former?.account.code ?? usual}
              hint="The account in which it stands, which has less by it."
            />
            <TextField label="Note" name="note" value={former?.note} maxLength={500} optional />
          </Fields>
        </div>
      </Section>
      <FormActions ruled>
        <Button kind="primary" busy="Saving">
          {former === undefined ? "Save recipe" : "Save as the next version"}
        </Button>
        <ButtonLink href={backHref}>Cancel</ButtonLink>
      </FormActions>
    </Form>
  );
}
