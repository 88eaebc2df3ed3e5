import type { Metadata } from "next";
import { can, limitable, type Scope } from "@/lib/people/access";
import { type Member, teamOf } from "@/lib/people/members";
import { type LocationRow, locationRows } from "@/lib/stock/location-reads";
import { mayOf } from "../../../roles";
import { type BusinessParams, scopeOf } from "../../../scope";
import { Button } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { CheckField, FormActions } from "../../../ui/field";
import { Form } from "../../../ui/form";
import { Note, Section } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { saveLimits } from "../actions";
import { SettingsArea } from "../area";
import { Invites } from "./invites";
import { Leave } from "./leave";
import { namesOf } from "./names";
import { People } from "./people";

export const metadata: Metadata = { title: "Team" };

export default async function Team({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  const [team, locations] = await Promise.all([teamOf(scope), locationRows(scope)]);
  const isLastOwner = scope.role === "owner" && team.filter(({ role }) => role === "owner").length === 1;
  return (
    <SettingsArea scope={scope} at="team">
      <Section title="Team" first>
        <Table<Member>
          caption="Everybody in this business"
          rows={team}
          keyOf={(member) => member.userId}
          columns={[
            {
              key: "name",
              head: "Name",
              rowHead: true,
              phone: "what",
              cell: (member) => `${member.name ?? member.email}${member.isYou ? " (you)" : ""}`,
            },
            { key: "email", head: "E-mail", phone: "where", clips: true, width: 240, cell: (member) => member.email },
            { key: "role", head: "Role", phone: "amount", cell: (member) => member.role },
            {
              key: "may",
              head: "May",
              wraps: true,
              quiet: true,
              low: true,
              cell: (member) => mayOf(member.role, member.limitedTo !== null),
            },
            {
              key: "locations",
              head: "Locations",
              wraps: true,
              cell: (member) => (member.limitedTo === null ? "all" : namesOf(member.limitedTo, locations)),
            },
            {
              key: "since",
              head: "Since",
              phone: "second",
              cell: (member) => <Moment at={member.since} timeZone={scope.timeZone} />,
            },
          ]}
        />
        <div className="mt-3">
          <Note>
            Roles count from the next page on: who is taken out of the team sees nothing more, also in open windows.
          </Note>
        </div>
      </Section>
      <People scope={scope} team={team} />
      <Limits scope={scope} team={team} locations={locations} />
      <Invites scope={scope} locations={locations} />
      <Leave scope={scope} isLastOwner={isLastOwner} />
    </SettingsArea>
  );
}

/** Who of the helpers and viewers sees which locations; an owner changes it. */
function Limits({
  scope,
  team,
  locations,
}: {
  scope: Scope;
  team: readonly Member[];
  locations: readonly LocationRow[];
}) {
  const people = team.filter(({ role, isYou }) => limitable.includes(role) && !isYou);
  if (!can(scope, "team") || people.length === 0) return null;
  const offered = (member: Member) =>
    locations.filter(
      ({ id, kind, isRetired }) => kind !== null && (!isRetired || member.limitedTo?.includes(id) === true),
    );
  return (
    <Section title="Limited to some locations" note="helpers and viewers; no tick is no limit">
      <Note>
        Who is limited sees what is at these locations and what moved there, in quantities without costs, sends from
        there to any location, receives there, removes, adds and counts. Nothing else of the books is theirs to see.
      </Note>
      {people.map((member) => (
        <Form key={member.userId} action={saveLimits} hidden={{ user: member.userId }} className="mt-4 max-w-[640px]">
          <fieldset>
            <legend className="mb-2">
              <b>{member.name ?? member.email}</b> <span className="q s">{member.role}</span>
            </legend>
            <div className="flex flex-wrap gap-x-6">
              {offered(member).map(({ id, name }) => (
                <CheckField
                  key={`${id} ${member.limitedTo?.includes(id) === true}`}
                  label={name}
                  name="locations"
                  value={id}
                  checked={member.limitedTo?.includes(id) === true}
                />
              ))}
            </div>
          </fieldset>
          <FormActions>
            <Button busy="Saving" says={`the locations of ${member.name ?? member.email}`}>
              Save
            </Button>
          </FormActions>
        </Form>
      ))}
    </Section>
  );
}
