import type { PaperKind } from "@/lib/desk/notes";
import { can, type Scope } from "@/lib/people/access";
import { canMail } from "@/lib/system/mail";
import { Button, ButtonLink } from "../../ui/button";
import { Fields, FormActions, TextAreaField, TextField } from "../../ui/field";
import { Form } from "../../ui/form";
import { Note, Section } from "../../ui/section";
import { send } from "./actions";
import { pdfHref } from "./state";

/** The two ways to a document's paper, for the head of its page. */
export function PaperLinks({ scope, of, id }: { scope: Scope; of: PaperKind; id: string }) {
  const base = `/${scope.slug}`;
  return (
    <>
      <ButtonLink href={pdfHref(base, of, id, true)}>Print</ButtonLink>
      <ButtonLink href={pdfHref(base, of, id)} download>
        PDF
      </ButtonLink>
    </>
  );
}

/** Sending it by mail, or what is to be done before that. */
export function SendPaper({ scope, of, id }: { scope: Scope; of: PaperKind; id: string }) {
  if (!can(scope, "write")) return null;
  return (
    <Section title="Send it" note="as PDF, by mail">
      {canMail() ? (
        <details>
          <summary>Send by mail</summary>
          <div className="max-w-[640px] mt-2">
            <Form action={send} hidden={{ of, document: id }}>
              <Fields>
                <TextField label="To" name="to" autoComplete="email" hint="At most five addresses, with commas." />
                <TextAreaField label="Message" name="message" rows={3} optional />
              </Fields>
              <FormActions>
                <Button busy="Sending">Send</Button>
              </FormActions>
            </Form>
          </div>
        </details>
      ) : (
        <Note>
          No mail server is set up here. Whoever runs Lotbook gives it one with SMTP_URL; until then, download the PDF
          and send it yourself.
        </Note>
      )}
    </Section>
  );
}
