import { reasons, saysReason } from "@/lib/core/reasons";
import { reasonSettings } from "@/lib/desk/reason-accounts";
import { can, type Scope } from "@/lib/people/access";
import { Button } from "../../ui/button";
import { Fields, FormActions, SelectField } from "../../ui/field";
import { Form } from "../../ui/form";
import { Section } from "../../ui/section";
import { saveReasons } from "./actions";

/** The account of each reason for removing or adding stock. */
export async function ReasonAccounts({ scope }: { scope: Scope }) {
  const { accounts, choices } = await reasonSettings(scope);
  const locked = can(scope, "settings") ? undefined : "Only an owner changes the settings";
  const options = choices.map(({ code, name }) => ({ value: code, label: `${name} (${code})` }));
  return (
    <Section title="Where stock goes that is removed" note="holds for what is recorded from now on">
      <div className="max-w-[640px]">
        <Form action={saveReasons}>
          <Fields columns={2}>
            {reasons.map((reason) => (
              <SelectField
                key={`${reason} ${accounts[reason]}`}
                label={saysReason(reason)}
                name={reason}
                // An account that was put away since bears it still, until another is chosen.
                options={
                  choices.some(({ code }) => code === accounts[reason])
                    ? options
                    : [{ value: accounts[reason], label: accounts[reason] }, ...options]
                }
                value={accounts[reason]}
                disabled={locked}
              />
            ))}
          </Fields>
          {locked === undefined ? (
            <FormActions>
              <Button kind="primary" busy="Saving">
                Save accounts
              </Button>
            </FormActions>
          ) : null}
        </Form>
      </div>
    </Section>
  );
}
