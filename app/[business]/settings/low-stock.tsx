import { lowStockMail } from "@/lib/low-stock";
import { can, type Scope } from "@/lib/people/access";
import { Button } from "../../ui/button";
import { Fields, FormActions, RadioField } from "../../ui/field";
import { Form } from "../../ui/form";
import { Note, Section } from "../../ui/section";
import { saveLowStockMail } from "./actions";

/** Whether people are told by mail of what fell below its minimum. */
export async function LowStockMail({ scope }: { scope: Scope }) {
  const { isOn, canMail } = await lowStockMail(scope);
  const locked = can(scope, "settings") ? undefined : "Only an owner changes the settings";
  return (
    <Section title="When stock falls below its minimum" note="minimums are set under In stock">
      <div className="max-w-[640px]">
        <Form action={saveLowStockMail}>
          <Fields>
            <RadioField
              label="Mail"
              name="isOn"
              value={isOn ? "yes" : "no"}
              options={[
                {
                  value: "yes",
                  label: "to everybody who may record: once for each fall, not for each sale",
                  disabled: locked,
                },
                { value: "no", label: "to nobody: it stands in Needs you and under Buy again", disabled: locked },
              ]}
            />
          </Fields>
          {locked === undefined ? (
            <FormActions>
              <Button kind="primary" busy="Saving">
                Save
              </Button>
            </FormActions>
          ) : null}
        </Form>
        {canMail ? null : (
          <>
            <div className="h-3" />
            <Note>No mail leaves this installation yet: whoever runs it sets SMTP_URL.</Note>
          </>
        )}
      </div>
    </Section>
  );
}
