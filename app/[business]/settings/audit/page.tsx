import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { can, type Scope } from "@/lib/people/access";
import { type AuditChoices, type AuditRow, auditChoices, auditRows } from "@/lib/people/audit";
import { saysOf } from "@/lib/people/audit-words";
import { todayOf } from "@/lib/system/clock";
import { type BusinessParams, scopeOf } from "../../../scope";
import { filterOf, hrefOf, type ListAddress, type SearchParams } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { Moment } from "../../../ui/date";
import { DateField } from "../../../ui/date-field.client";
import { dayText } from "../../../ui/days";
import { Empty } from "../../../ui/empty";
import { type Filter, FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Fig } from "../../../ui/link";
import { Pager } from "../../../ui/pager";
import { Alert, Section } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { orderOf } from "../../reports/period-chip";
import { SettingsArea } from "../area";
import { type AuditState, auditState, changesOf, itself } from "./state";

export const metadata: Metadata = { title: "Audit trail" };

/** Longer values are shortened on the page; the CSV has them whole. */
const mostLetters = 300;
/** So many fields of one change; a sync that wrote fifty documents over has hundreds. */
const mostChanges = 20;

/** Who changed what, when and why, with what it was before: by person, by kind, by days, by words; all of it as CSV. */
export default async function AuditTrail({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  if (!can(scope, "audit")) notFound();
  const state = auditState(scope, await searchParams);
  const { address, filter, after, problem } = state;
  const { rows, next } = await auditRows(scope, filter, { after });
  const choices = await auditChoices(scope);
  const here = `/${scope.slug}/settings/audit`;
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const kept = Object.fromEntries(Object.keys(address.filters).map((name) => [name, filterOf(address, name) ?? ""]));
  return (
    <SettingsArea scope={scope} at="audit">
      <Section
        title="Who changed what"
        note="kept for ever; nothing switches it off"
        more={
          <span className="flex flex-wrap items-center gap-3">
            <ListSearch action={here} value={address.q} kept={kept} placeholder="Search the changes" />
            <ButtonLink href={hrefOf(`${here}/export`, address, { after: null })} download>
              CSV
            </ButtonLink>
          </span>
        }
        first
      >
        {problem === null ? null : <Alert>{problem}</Alert>}
        <Table<AuditRow>
          caption="Changes, the newest first"
          bar={<FilterBar filters={filtersOf(here, state, choices, scope)} end="Newest first" />}
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
              cell: (row) => (
                <Fig href={hrefOf(here, address, { filters: { what: row.what } })}>{saysOf(row.what)}</Fig>
              ),
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
            {
              key: "change",
              head: "Before → after",
              wraps: true,
              phone: "full",
              cell: (row) => <Change row={row} currency={scope.currency} />,
            },
          ]}
          empty={
            isFiltered ? (
              <Empty title="No change is like this" actions={<ButtonLink href={here}>Show everything</ButtonLink>}>
                Take a filter off, or search for other words.
              </Empty>
            ) : (
              <Empty title="Nothing was changed">What is changed from now on stands here, with who and when.</Empty>
            )
          }
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

function filtersOf(
  here: string,
  { address, filter }: AuditState,
  choices: AuditChoices,
  scope: Scope,
): readonly Filter[] {
  const to = (filters: Readonly<Record<string, string | null>>) => hrefOf(here, address, { filters });
  const who = choices.who.find(({ userId }) => userId === filter.userId);
  const about = filterOf(address, "about");
  return [
    {
      name: "Who",
      value: filter.userId === undefined ? "anyone" : (who?.name ?? "a person who is gone"),
      on: filter.userId !== undefined,
      off: to({ who: null }),
      choices: choices.who.map(({ userId, name }) => ({
        label: name,
        href: to({ who: userId ?? itself }),
        current: userId === filter.userId,
      })),
    },
    {
      name: "What",
      value: filter.what === undefined ? "anything" : saysOf(filter.what),
      on: filter.what !== undefined,
      off: to({ what: null }),
      choices: choices.what
        .map((what) => ({ label: saysOf(what), href: to({ what }), current: what === filter.what }))
        .sort((a, b) => (a.label < b.label ? -1 : 1)),
    },
    {
      name: "When",
      value: daysText(filter.from, filter.to),
      on: filter.from !== undefined || filter.to !== undefined,
      off: to({ from: null, to: null }),
      form: <Days here={here} address={address} scope={scope} from={filter.from} to={filter.to} />,
    },
    ...(about === null ? [] : [{ name: "About", value: about, on: true, off: to({ about: null }) }]),
  ];
}

function daysText(from: string | undefined, to: string | undefined): string {
  if (from === undefined) return to === undefined ? "any day" : `until ${dayText(to)}`;
  return to === undefined ? `from ${dayText(from)}` : `${dayText(from)} to ${dayText(to)}`;
}

function Days({
  here,
  address,
  scope,
  from,
  to,
}: {
  here: string;
  address: ListAddress;
  scope: Scope;
  from: string | undefined;
  to: string | undefined;
}) {
  const today = todayOf(scope.timeZone);
  return (
    <form action={here} method="get" className="grid gap-2 p-3">
      {["who", "what", "about"].map((name) => {
        const value = filterOf(address, name);
        return value === null ? null : <input key={name} type="hidden" name={name} value={value} />;
      })}
      {address.q === "" ? null : <input type="hidden" name="q" value={address.q} />}
      <DateField label="From" name="from" today={today} value={from} order={orderOf(scope)} optional />
      <DateField label="To" name="to" today={today} value={to} order={orderOf(scope)} optional />
      <Button>Show these days</Button>
    </form>
  );
}

function Change({ row, currency }: { row: AuditRow; currency: string }) {
  const changes = changesOf(row, currency);
  return (
    <>
      {changes.slice(0, mostChanges).map(({ name, from, to }) => (
        <div key={name}>
          {name === "" ? null : <span className="q">{name}: </span>}
          {from === null ? shortened(to ?? "") : `${shortened(from)} → ${to === null ? "nothing" : shortened(to)}`}
        </div>
      ))}
      {changes.length > mostChanges ? <div className="q">and {changes.length - mostChanges} more</div> : null}
      {row.why === null ? null : <div>because: {row.why}</div>}
    </>
  );
}

function shortened(text: string): string {
  return text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text;
}
