import type { Scope } from "@/lib/people/access";
import { Button } from "../../../ui/button";
import { AskDialog } from "../../../ui/dialog.client";
import { Form } from "../../../ui/form";
import { Note, Section } from "../../../ui/section";
import { leaveNow } from "../actions";

/** The way out of a business's team, for everybody but its last owner. */
export function Leave({ scope, isLastOwner }: { scope: Scope; isLastOwner: boolean }) {
  return (
    <Section title="Leave this business">
      {isLastOwner ? (
        <Note>You are its only owner: make somebody else an owner before you leave.</Note>
      ) : (
        <AskDialog
          opens="Leave"
          title={`Leave ${scope.name}?`}
          note="You see nothing of it any more. Everything that you did in it stays. An owner can invite you again."
          keep="Stay"
        >
          <Form action={leaveNow}>
            <Button kind="filled" busy="Leaving">
              Leave it
            </Button>
          </Form>
        </AskDialog>
      )}
    </Section>
  );
}
