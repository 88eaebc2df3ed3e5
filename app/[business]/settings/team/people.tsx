import { can, type Scope } from "@/lib/people/access";
import type { Member } from "@/lib/people/members";
import { Button } from "../../../ui/button";
import { AskDialog } from "../../../ui/dialog.client";
import { SelectField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Section } from "../../../ui/section";
import { saveRole, takeOut } from "../actions";
import { roleOptions } from "./invites";

/** What people of the team are, and the way out for each; for owners. The last owner stays one. */
export function People({ scope, team }: { scope: Scope; team: readonly Member[] }) {
  const owners = team.filter(({ role }) => role === "owner").length;
  const people = team.filter(({ isYou, role }) => !isYou || role !== "owner" || owners > 1);
  if (!can(scope, "team") || people.length === 0) return null;
  return (
    <Section title="Roles" note="count from the person's next page on">
      {people.map((member) => {
        const name = member.name ?? member.email;
        return (
          <div key={member.userId} className="mt-4 flex max-w-[640px] flex-wrap items-end gap-2">
            <Form action={saveRole} hidden={{ user: member.userId }} className="min-w-0 grow basis-[280px]">
              <div className="flex items-end gap-2">
                <div className="min-w-0 grow">
                  <SelectField
                    label={member.isYou ? `${name} (you)` : name}
                    name="role"
                    value={member.role}
                    options={roleOptions}
                  />
                </div>
                <Button busy="Saving" says={`the role of ${name}`}>
                  Save
                </Button>
              </div>
            </Form>
            {member.isYou ? null : (
              <AskDialog
                opens={
                  <>
                    Take out<span className="vh"> {name}</span>
                  </>
                }
                title={`Take ${name} out of the team?`}
                note="They see nothing of the business any more, also in windows that are open. Everything that they did in it stays."
                keep="Keep them"
              >
                <Form action={takeOut} hidden={{ user: member.userId }}>
                  <Button kind="filled" busy="Taking out">
                    Take out
                  </Button>
                </Form>
              </AskDialog>
            )}
          </div>
        );
      })}
    </Section>
  );
}
