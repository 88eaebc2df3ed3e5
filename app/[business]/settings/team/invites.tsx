import { type OpenInvite, openInvites } from "@/lib/desk/team";
import { can, roles, type Scope } from "@/lib/people/access";
import type { LocationRow } from "@/lib/stock/location-reads";
import { canMail } from "@/lib/system/mail";
import { mayOf } from "../../../roles";
import { Button } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { CheckField, Fields, FormActions, SelectField, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Note, Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { Table } from "../../../ui/table";
import { inviteNow, takeBackInvite } from "../actions";
import { namesOf } from "./names";

export const roleOptions = roles.map((role) => ({
  value: role,
  label: `${role}: ${mayOf(role, false).toLowerCase()}`,
}));

/** Inviting people, and who was invited and has not come yet; for owners. */
export async function Invites({ scope, locations }: { scope: Scope; locations: readonly LocationRow[] }) {
  if (!can(scope, "team")) return null;
  const open = await openInvites(scope);
  const offered = locations.filter(({ kind, isRetired }) => kind !== null && !isRetired);
  return (
    <>
      <Section title="Invite somebody">
        <Note>
          {canMail()
            ? "They get a link by mail, and you see it once, to give it to them yourself."
            : "No mail is set up here: you see the link once, and give it to them yourself."}{" "}
          It is good for seven days, once, and only for who is signed in with this e-mail. Inviting somebody again
          replaces their link.
        </Note>
        <Form action={inviteNow} className="mt-4 max-w-[640px]">
          <Fields columns={2}>
            <TextField label="E-mail" name="email" type="email" />
            <SelectField label="Role" name="role" value="viewer" options={roleOptions} />
          </Fields>
          {offered.length > 0 ? (
            <fieldset className="mt-4">
              <legend className="lbl">
                Only at these locations <span className="f">helpers and viewers; no tick is no limit</span>
              </legend>
              <div className="flex flex-wrap gap-x-6">
                {offered.map(({ id, name }) => (
                  <CheckField key={id} label={name} name="locations" value={id} />
                ))}
              </div>
            </fieldset>
          ) : null}
          <FormActions>
            <Button kind="primary" busy="Inviting">
              Invite
            </Button>
          </FormActions>
        </Form>
      </Section>
      {open.length === 0 ? null : (
        <Section title="Invited" note="and not here yet">
          <Table<OpenInvite>
            caption="Open invitations"
            rows={open}
            keyOf={({ id }) => id}
            columns={[
              {
                key: "email",
                head: "E-mail",
                rowHead: true,
                phone: "what",
                clips: true,
                width: 240,
                cell: ({ email }) => email,
              },
              { key: "role", head: "Role", phone: "where", cell: ({ role }) => role },
              {
                key: "locations",
                head: "Locations",
                wraps: true,
                cell: ({ limitedTo }) => (limitedTo === null ? "all" : namesOf(limitedTo, locations)),
              },
              { key: "by", head: "Invited by", cell: ({ by }) => by },
              {
                key: "until",
                head: "Good until",
                phone: "second",
                cell: ({ isExpired, expiresAt }) =>
                  isExpired ? <State kind="work">too old</State> : <Moment at={expiresAt} timeZone={scope.timeZone} />,
              },
              {
                key: "end",
                head: "Take it back",
                headHidden: true,
                align: "right",
                phone: "amount",
                cell: ({ id, email }) => (
                  <Form action={takeBackInvite} hidden={{ invite: id }}>
                    <Button kind="link" busy="Taking back" says={`the invitation of ${email}`}>
                      Take back
                    </Button>
                  </Form>
                ),
              },
            ]}
          />
        </Section>
      )}
    </>
  );
}
