import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { can } from "@/lib/people/access";
import { type AuditRow, auditRows } from "@/lib/people/audit";
import { type BusinessParams, scopeOf } from "../../../scope";
import { filterOf, hrefOf, readAddress, type SearchParams } from "../../../ui/address";
import { Moment } from "../../../ui/date";
import { Empty } from "../../../ui/empty";
import { Fig, TextLink } from "../../../ui/link";
import { Pager } from "../../../ui/pager";
import { Section } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { SettingsArea } from "../area";

export const metadata: Metadata = { title: "Audit trail" };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export default async function AuditTrail({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  if (!can(scope, "audit")) notFound();
  const address = readAddress(await searchParams, { filters: ["what", "about"] });
  const what = filterOf(address, "what");
  const about = filterOf(address, "about");
  const after = address.after !== null && uuid.test(address.after) ? address.after : undefined;
  const { rows, next } = await auditRows(scope, { what: what ?? undefined, about: about ?? undefined }, { after });
  const here = `/${scope.slug}/settings/audit`;
  return (
    <SettingsArea scope={scope} at="audit">
      <Section
        title="Who changed what"
        note={what ?? about ?? undefined}
        more={what !== null || about !== null ? <TextLink href={here}>Show everything</TextLink> : undefined}
        first
      >
        <Table<AuditRow>
          caption="Changes, the newest first"
          rows={rows}
          keyOf={(row) => row.id}
          columns={[
            {
              key: "at",
              head: "When",
              phone: "amount",
              cell: (row) => <Moment at={row.at} timeZone={scope.timeZone} />,
            },
            { key: "who", head: "Who", phone: "where", cell: (row) => row.who ?? "Lotbook itself" },
            {
              key: "what",
              head: "What",
              rowHead: true,
              phone: "what",
              cell: (row) => <Fig href={hrefOf(here, address, { filters: { what: row.what } })}>{row.what}</Fig>,
            },
            {
              key: "about",
              head: "About",
              clips: true,
              width: 200,
              low: true,
              cell: (row) => (
                <Fig href={hrefOf(here, address, { filters: { about: row.about } })} narrow>
                  {row.about}
                </Fig>
              ),
            },
            { key: "change", head: "From and to", wraps: true, phone: "full", cell: (row) => changeOf(row) },
          ]}
          empty={<Empty title="Nothing was changed">What is changed from now on stands here, with who and when.</Empty>}
        />
        <Pager
          says={`${rows.length} ${rows.length === 1 ? "change" : "changes"}`}
          earlier={{ label: "Newest", href: after === undefined ? null : hrefOf(here, address, { after: null }) }}
          later={{ label: "Older", href: next === null ? null : hrefOf(here, address, { after: next }) }}
        />
      </Section>
    </SettingsArea>
  );
}

/** What differs, field by field: "name: Alder → Alder Street". */
function changeOf({ before, after, why }: AuditRow): string {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])];
  const parts = names.flatMap((name) => {
    const [from, to] = [old.get(name), now.get(name)];
    if (from === to) return [];
    const label = name === "" ? "" : `${name}: `;
    return [
      from === undefined ? `${label}${to}` : to === undefined ? `${label}${from} → nothing` : `${label}${from} → ${to}`,
    ];
  });
  return [...parts, ...(why === null ? [] : [`because: ${why}`])].join(" · ");
}

function fieldsOf(value: unknown): Map<string, string> {
  if (value === null || value === undefined) return new Map();
  if (typeof value !== "object" || Array.isArray(value)) return new Map([["", textOf(value)]]);
  return new Map(Object.entries(value).map(([name, part]) => [name, textOf(part)]));
}

function textOf(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
