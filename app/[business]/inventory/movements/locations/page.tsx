import type { Metadata } from "next";
import { can, type Scope } from "@/lib/people/access";
import { type Member, teamOf } from "@/lib/people/members";
import {
  type Defaults,
  type LocationKind,
  type LocationRow,
  locationDefaults,
  locationKinds,
  locationRows,
} from "@/lib/stock/location-reads";
import { type BusinessParams, scopeOf } from "../../../../scope";
import { hrefOf, readAddress, type SearchParams } from "../../../../ui/address";
import { Button, ButtonLink } from "../../../../ui/button";
import { Fields, SelectField, TextAreaField, TextField } from "../../../../ui/field";
import { countText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { TextLink } from "../../../../ui/link";
import { Page } from "../../../../ui/page-frame";
import { Note, Section } from "../../../../ui/section";
import { Sheet, SheetBody, SheetFoot } from "../../../../ui/sheet";
import { Table } from "../../../../ui/table";
import { first, ofChannel, ofPerson, retire, save, useAgain } from "./actions";

export const metadata: Metadata = { title: "Locations" };

const kindNames: Readonly<Record<LocationKind, string>> = {
  warehouse: "Warehouse",
  shop: "Shop",
  godown: "Godown",
  channel_sellable: "Channel’s shelf, sellable",
  channel_unsellable: "Channel’s shelf, unsellable",
  channel_removal: "Channel’s shelf, being removed",
};

/** Where things are: the locations, and which one sales and people begin with. */
export default async function Locations({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const address = readAddress(await searchParams, { filters: [] });
  const movements = `/${scope.slug}/inventory/movements`;
  const path = `${movements}/locations`;
  const [rows, defaults, team] = await Promise.all([locationRows(scope), locationDefaults(scope), teamOf(scope)]);
  const mayWrite = can(scope, "write");
  const edit = typeof address.rest.edit === "string" && mayWrite ? address.rest.edit : null;
  const editing = rows.find((row) => row.id === edit && row.kind !== null);
  const editHref = (location: string) => hrefOf(path, address, { rest: { edit: location } });
  const choices = rows
    .filter((row) => row.kind !== null && !row.isRetired)
    .map((row) => ({ value: row.id, label: row.name }));
  return (
    <>
      <Page
        path={[{ label: "Inventory" }, { label: "Movements", href: movements }, { label: "Locations" }]}
        title="Locations"
        actions={
          mayWrite ? (
            <ButtonLink kind="primary" href={editHref("new")}>
              Add a location
            </ButtonLink>
          ) : undefined
        }
      >
        <Section title="Where things are" first>
          <Places scope={scope} rows={rows} editHref={editHref} mayWrite={mayWrite} />
          <div className="mt-2">
            <Note>
              A location that was ever used is never deleted. Retire it once nothing is there any more: it stays in all
              that happened.
            </Note>
          </div>
        </Section>
        <Section title="Where sales take from" note="a change is for what is sold from then on">
          <OfChannels defaults={defaults} choices={choices} mayWrite={mayWrite} />
        </Section>
        <Section title="Where each person begins" note="what their new transfers leave from">
          <OfPeople scope={scope} team={team} defaults={defaults} choices={choices} />
        </Section>
      </Page>
      {edit !== null && (edit === "new" || editing !== undefined) ? (
        <LocationSheet scope={scope} location={editing} closeHref={hrefOf(path, address, { rest: { edit: null } })} />
      ) : null}
    </>
  );
}

function Places({
  scope,
  rows,
  editHref,
  mayWrite,
}: {
  scope: Scope;
  rows: readonly LocationRow[];
  editHref: (location: string) => string;
  mayWrite: boolean;
}) {
  const kindOf = (row: LocationRow) => (row.kind === null ? "Between two locations" : kindNames[row.kind]);
  return (
    <Table<LocationRow>
      caption="Locations"
      rows={rows}
      keyOf={(row) => row.id}
      columns={[
        {
          key: "name",
          head: "Name",
          rowHead: true,
          wraps: true,
          phone: "what",
          cell: (row) => (
            <>
              {mayWrite && row.kind !== null ? (
                <TextLink href={editHref(row.id)} stay says="to change it">
                  {row.name}
                </TextLink>
              ) : (
                row.name
              )}
              {row.isFirst ? <span className="s q"> the usual one</span> : null}
              {row.isRetired ? <span className="s q"> retired</span> : null}
            </>
          ),
        },
        { key: "kind", head: "Kind", phone: "where", cell: kindOf },
        {
          key: "address",
          head: "Address",
          clips: true,
          quiet: true,
          low: true,
          width: 200,
          cell: (row) => row.address,
        },
        {
          key: "tax",
          head: scope.country === "IN" ? "GSTIN" : "Tax registration",
          quiet: true,
          low: true,
          cell: (row) => <span className="n">{row.taxNumber}</span>,
        },
        {
          key: "items",
          head: "Items there",
          align: "right",
          phone: "amount",
          cell: (row) => (row.items === 0 ? "–" : countText(row.items)),
        },
        {
          key: "do",
          head: "What can be done",
          headHidden: true,
          align: "right",
          phone: "second",
          cell: (row) => (mayWrite && row.kind !== null ? <Doings row={row} /> : null),
        },
      ]}
    />
  );
}

function Doings({ row }: { row: LocationRow }) {
  if (row.isRetired)
    return (
      <Form action={useAgain} hidden={{ location: row.id }}>
        <Button kind="link" busy="Taking back" says={row.name}>
          Use again
        </Button>
      </Form>
    );
  if (row.isFirst) return null;
  return (
    <span className="flex justify-end gap-3">
      <Form action={first} hidden={{ location: row.id }}>
        <Button kind="link" busy="Changing" says={row.name}>
          Make usual
        </Button>
      </Form>
      <Form action={retire} hidden={{ location: row.id }}>
        <Button kind="link" busy="Retiring" says={row.name}>
          Retire
        </Button>
      </Form>
    </span>
  );
}

type Choices = readonly Readonly<{ value: string; label: string }>[];

function OfChannels({ defaults, choices, mayWrite }: { defaults: Defaults; choices: Choices; mayWrite: boolean }) {
  if (defaults.channels.length === 0)
    return <Note>There is no channel yet. Sales by hand take from the usual one.</Note>;
  const options = [{ value: "", label: "The usual one" }, ...choices];
  return (
    <Table<Defaults["channels"][number]>
      caption="Where each channel’s sales take from"
      rows={defaults.channels}
      keyOf={(channel) => channel.id}
      columns={[
        { key: "name", head: "Channel", rowHead: true, phone: "what", cell: (channel) => channel.name },
        {
          key: "location",
          head: "Takes from",
          phone: "where",
          width: 320,
          cell: (channel) =>
            mayWrite ? (
              <Form action={ofChannel} hidden={{ channel: channel.id }} className="flex items-end gap-2">
                <SelectField
                  bare
                  label={`Where sales of ${channel.name} take from`}
                  name="location"
                  options={options}
                  value={channel.location ?? ""}
                />
                <Button busy="Saving" says={channel.name}>
                  Save
                </Button>
              </Form>
            ) : (
              (options.find(({ value }) => value === (channel.location ?? ""))?.label ?? null)
            ),
        },
      ]}
    />
  );
}

function OfPeople({
  scope,
  team,
  defaults,
  choices,
}: {
  scope: Scope;
  team: readonly Member[];
  defaults: Defaults;
  choices: Choices;
}) {
  const options = [{ value: "", label: "The usual one" }, ...choices];
  const locationOf = (member: Member) =>
    defaults.members.find(({ userId }) => userId === member.userId)?.location ?? "";
  const mayChange = (member: Member) => can(scope, member.isYou ? "write" : "team");
  // Who is limited to some locations begins at one of them.
  const optionsFor = ({ limitedTo }: Member) =>
    limitedTo === null ? options : options.filter(({ value }) => value === "" || limitedTo.includes(value));
  return (
    <Table<Member>
      caption="Where each person begins"
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
        {
          key: "location",
          head: "Begins at",
          phone: "where",
          width: 320,
          cell: (member) =>
            mayChange(member) ? (
              <Form action={ofPerson} hidden={{ user: member.userId }} className="flex items-end gap-2">
                <SelectField
                  bare
                  label={`Where ${member.name ?? member.email} begins`}
                  name="location"
                  options={optionsFor(member)}
                  value={locationOf(member)}
                />
                <Button busy="Saving" says={member.name ?? member.email}>
                  Save
                </Button>
              </Form>
            ) : (
              (options.find(({ value }) => value === locationOf(member))?.label ?? null)
            ),
        },
      ]}
    />
  );
}

function LocationSheet({
  scope,
  location,
  closeHref,
}: {
  scope: Scope;
  location: LocationRow | undefined;
  closeHref: string;
}) {
  return (
    <Sheet
      title={location === undefined ? "Add a location" : "Change location"}
      note={location === undefined ? "A place where things are, yours or a channel’s." : undefined}
      closeHref={closeHref}
    >
      <Form action={save} hidden={location === undefined ? {} : { location: location.id }}>
        <SheetBody>
          <Fields>
            <TextField label="Name" name="name" value={location?.name} maxLength={80} autoFocus />
            <SelectField
              label="Kind"
              name="kind"
              options={locationKinds.map((kind) => ({ value: kind, label: kindNames[kind] }))}
              value={location?.kind ?? "warehouse"}
            />
            <TextAreaField label="Address" name="address" value={location?.address} rows={3} optional />
            <TextField
              label={scope.country === "IN" ? "GSTIN" : "Tax registration"}
              name="taxNumber"
              value={location?.taxNumber}
              maxLength={40}
              optional
              hint={scope.country === "IN" ? "15 characters; the last one proves the others." : undefined}
            />
          </Fields>
        </SheetBody>
        <SheetFoot>
          <Button kind="primary" busy="Saving">
            Save location
          </Button>
          <ButtonLink href={closeHref} stay>
            Close
          </ButtonLink>
        </SheetFoot>
      </Form>
    </Sheet>
  );
}
