import type { Metadata } from "next";
import { isLimited } from "@/lib/people/access";
import { hasPassword } from "@/lib/people/passwords";
import { type SessionRow, sessionsOf } from "@/lib/people/sessions";
import { sessionToken } from "../../../auth";
import { type BusinessParams, personOrSignIn, stockScopeOf } from "../../../scope";
import { Button } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { Fields, FormActions, TextField } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Section } from "../../../ui/section";
import { State } from "../../../ui/state";
import { Table } from "../../../ui/table";
import { endOne, endOthers, savePassword } from "../actions";
import { SettingsArea } from "../area";
import { Leave } from "../team/leave";
import { browserOf } from "./browser";

export const metadata: Metadata = { title: "Security" };

export default async function Security({ params }: { params: BusinessParams }) {
  const scope = await stockScopeOf(params);
  const person = await personOrSignIn();
  const [sessions, knowsPassword] = [await sessionsOf(person.id, await sessionToken()), await hasPassword(person.id)];
  return (
    <SettingsArea scope={scope} at="security">
      <Section title="Where you are signed in" first>
        <Table<SessionRow>
          caption="Your sessions"
          rows={sessions}
          keyOf={(session) => session.id}
          columns={[
            {
              key: "agent",
              head: "Browser",
              rowHead: true,
              phone: "what",
              cell: (session) => browserOf(session.agent),
            },
            {
              key: "created",
              head: "Signed in",
              phone: "where",
              cell: (session) => <Moment at={session.createdAt} timeZone={scope.timeZone} />,
            },
            {
              key: "seen",
              head: "Last seen",
              cell: (session) => <Moment at={session.seenAt} timeZone={scope.timeZone} />,
            },
            {
              key: "end",
              head: "End it",
              headHidden: true,
              align: "right",
              phone: "amount",
              cell: (session) =>
                session.isThis ? (
                  <State kind="done">this one</State>
                ) : (
                  <Form action={endOne} hidden={{ session: session.id }} quiet>
                    <Button kind="link" busy="Ending" says={`the session of ${browserOf(session.agent)}`}>
                      End
                    </Button>
                  </Form>
                ),
            },
          ]}
        />
        {sessions.length > 1 ? (
          <Form action={endOthers}>
            <FormActions>
              <Button busy="Ending">End all others</Button>
            </FormActions>
          </Form>
        ) : null}
      </Section>
      <Section title={knowsPassword ? "Change the password" : "Set a password"}>
        <div className="max-w-[640px]">
          <Form action={savePassword}>
            <Fields columns={2}>
              {knowsPassword ? (
                <TextField
                  label="The password until now"
                  name="current"
                  type="password"
                  autoComplete="current-password"
                />
              ) : null}
              <TextField
                label="The new one"
                name="next"
                type="password"
                autoComplete="new-password"
                hint="At least 8 characters. You are signed out everywhere else."
              />
            </Fields>
            <FormActions>
              <Button kind="primary" busy="Changing">
                {knowsPassword ? "Change the password" : "Set the password"}
              </Button>
            </FormActions>
          </Form>
        </div>
      </Section>
      {/* The page of the team is not theirs to see. */}
      {isLimited(scope) ? <Leave scope={scope} isLastOwner={false} /> : null}
    </SettingsArea>
  );
}
