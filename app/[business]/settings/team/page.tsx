import type { Metadata } from "next";
import type { Role } from "@/lib/people/access";
import { type Member, teamOf } from "@/lib/people/members";
import { type BusinessParams, scopeOf } from "../../../scope";
import { Moment } from "../../../ui/date";
import { Note, Section } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { SettingsArea } from "../area";

export const metadata: Metadata = { title: "Team" };

const may: Readonly<Record<Role, string>> = {
  owner: "Everything, also settings and throwing the business away",
  bookkeeper: "Records, connects channels, closes the books",
  helper: "Records purchases, costs, matches and categories",
  viewer: "Sees everything, changes nothing",
};

export default async function Team({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  const team = await teamOf(scope);
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
            { key: "may", head: "May", wraps: true, quiet: true, low: true, cell: (member) => may[member.role] },
            {
              key: "since",
              head: "Since",
              phone: "second",
              cell: (member) => <Moment at={member.since} timeZone={scope.timeZone} />,
            },
          ]}
        />
        <Note>
          Roles count from the next page on: who is taken out of the team sees nothing more, also in open windows.
        </Note>
      </Section>
    </SettingsArea>
  );
}
