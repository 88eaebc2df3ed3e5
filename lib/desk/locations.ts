/**
 * Locations from forms. What the books follow from (that there is one, and its name) is a fact; its kind, address and registration, that
 * it is retired, and who begins there are for people. One with history is never deleted: it is retired, and only once nothing is there.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { lockBooks } from "../books/ledger";
import { Refusal } from "../core/errors";
import { gstinOf } from "../core/gstin";
import { normalise } from "../core/matching";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { recordIn } from "../record";
import { type LocationKind, locationKinds } from "../stock/location-reads";
import { newId } from "../system/ids";

export type LocationInput = Readonly<{
  /** The location that is changed; null: a new one. */
  id: string | null;
  name: string;
  kind: string;
  address: string;
  taxNumber: string;
}>;

type Row = Readonly<{
  id: string;
  name: string;
  place: number;
  kind: LocationKind;
  address: string;
  tax_number: string;
  is_in_transit: boolean;
  is_retired: boolean;
}>;

const longest = { name: 80, address: 500, taxNumber: 40 } as const;

/** Makes a location or changes one; gives its id. Refuses `in_use` for a name that another has, `bad_field` for a GSTIN that is none. */
export async function saveLocation(scope: Scope, input: LocationInput): Promise<string> {
  require(scope, "write");
  const name = textOf(input.name, "name");
  if (normalise(name) === "") throw new Refusal("field_missing", "Give the location a name.", { field: "name" });
  const kind = locationKinds.find((one) => one === input.kind);
  if (kind === undefined) throw new Refusal("bad_field", "Choose what kind of place it is.", { field: "kind" });
  const address = textOf(input.address, "address");
  const taxNumber = taxNumberOf(scope, input.taxNumber);
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const before = input.id === null ? null : await locationIn(tx, scope, input.id);
    if (before?.is_in_transit === true)
      throw new Refusal("does_not_fit", "What is on its way is always called that: it is no place of yours.");
    await refuseTaken(tx, scope, name, before?.id ?? null);
    const id = before?.id ?? newId();
    await recordAudit(tx, scope, {
      what: before === null ? "location.add" : "location.change",
      about: `location/${id}`,
      before:
        before === null
          ? undefined
          : { name: before.name, kind: before.kind, address: before.address, taxNumber: before.tax_number },
      after: { name, kind, address, taxNumber },
    });
    if (before === null || before.name !== name)
      await recordIn(
        tx,
        scope,
        books,
        [{ fact: { kind: "location", id, name }, version: newId() }],
        { source: null, userId: scope.userId, revives: true },
        { settles: false },
      );
    await tx.execute(
      sql`update app.locations set kind = ${kind}, address = ${address}, tax_number = ${taxNumber} where business_id = ${scope.businessId} and id = ${id}`,
    );
    return id;
  });
}

/**
 * Retires a location: no form offers it any more. Refuses `in_use` while anything is there or on its way from or to it, while a channel's
 * sales take from it, and for the one where things are if nothing else is said.
 */
export function retireLocation(scope: Scope, input: Readonly<{ id: string }>): Promise<string> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    // Nothing comes or goes while it is looked at.
    await lockBooks(tx, scope);
    const row = await locationIn(tx, scope, input.id);
    if (row.is_in_transit) throw new Refusal("does_not_fit", "There is always something that may be on its way.");
    if (row.is_retired) return row.id;
    await refuseFirst(tx, scope, row);
    await refuseStocked(tx, scope, row);
    await refuseMoving(tx, scope, row);
    const [channel] = await rowsOf<{ name: string }>(
      tx,
      sql`select name from app.channels where business_id = ${scope.businessId} and location_id = ${row.id} order by name limit 1`,
    );
    if (channel !== undefined)
      throw new Refusal(
        "in_use",
        `Sales of ${channel.name} take from ${row.name}. Choose another location for them first.`,
      );
    const [shelf] = await rowsOf<{ name: string }>(
      tx,
      sql`select c.name from app.channel_shelves s join app.channels c on c.business_id = ${scope.businessId} and c.id = s.channel_id
          where s.business_id = ${scope.businessId} and s.location_id = ${row.id} order by c.name limit 1`,
    );
    if (shelf !== undefined)
      throw new Refusal("in_use", `${row.name} is a shelf of ${shelf.name}. Choose another location for it first.`);
    const freed = await rowsOf<{ user_id: string }>(
      tx,
      sql`update app.members set location_id = null where business_id = ${scope.businessId} and location_id = ${row.id} returning user_id`,
    );
    await recordAudit(tx, scope, {
      what: "location.retire",
      about: `location/${row.id}`,
      before: { name: row.name, peopleWhoBeganThere: freed.map((one) => one.user_id) },
    });
    await tx.execute(
      sql`update app.locations set retired_at = now() where business_id = ${scope.businessId} and id = ${row.id}`,
    );
    return row.id;
  });
}

/** Takes a retired location back into use. Refuses `in_use` where another has its name by now. */
export function useLocationAgain(scope: Scope, input: Readonly<{ id: string }>): Promise<string> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const row = await locationIn(tx, scope, input.id);
    if (!row.is_retired) return row.id;
    await refuseTaken(tx, scope, row.name, row.id);
    await recordAudit(tx, scope, {
      what: "location.use-again",
      about: `location/${row.id}`,
      after: { name: row.name },
    });
    await tx.execute(
      sql`update app.locations set retired_at = null where business_id = ${scope.businessId} and id = ${row.id}`,
    );
    return row.id;
  });
}

/** Makes it the one where things are if nothing else is said, from now on. Gives the one that it was. */
export function makeFirst(scope: Scope, input: Readonly<{ id: string }>): Promise<Readonly<{ before: string | null }>> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const row = await inUse(tx, scope, input.id, "id");
    const first = await firstOf(tx, scope);
    if (first?.id === row.id) return { before: row.id };
    await recordAudit(tx, scope, {
      what: "location.first",
      about: `location/${row.id}`,
      before: { first: first?.name ?? null },
      after: { first: row.name },
    });
    await tx.execute(
      sql`update app.locations set place = (select min(place) - 1 from app.locations where business_id = ${scope.businessId})
          where business_id = ${scope.businessId} and id = ${row.id}`,
    );
    return { before: first?.id ?? null };
  });
}

/** From where a channel's sales take, from now on; null: the first location. What was sold stays where it was sold from. Gives what it was. */
export function setChannelLocation(
  scope: Scope,
  input: Readonly<{ channel: string; location: string | null }>,
): Promise<Readonly<{ before: string | null }>> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const [channel] = await rowsOf<{ name: string; location_id: string | null }>(
      tx,
      sql`select name, location_id from app.channels where business_id = ${scope.businessId} and id = ${input.channel} for update`,
    );
    if (channel === undefined) throw new Refusal("not_found", "There is no such channel.");
    const to = input.location === null ? null : await inUse(tx, scope, input.location, "location");
    await recordAudit(tx, scope, {
      what: "location.of-channel",
      about: `channel/${input.channel}`,
      before: { location: channel.location_id },
      after: { location: to?.id ?? null },
    });
    await tx.execute(
      sql`update app.channels set location_id = ${to?.id ?? null} where business_id = ${scope.businessId} and id = ${input.channel}`,
    );
    return { before: channel.location_id };
  });
}

/** Where a person's own documents begin; one's own, or anybody's for who changes the team. Gives what it was. */
export function setMemberLocation(
  scope: Scope,
  input: Readonly<{ user: string; location: string | null }>,
): Promise<Readonly<{ before: string | null }>> {
  require(scope, input.user === scope.userId ? "write" : "team");
  return inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const rows = await rowsOf<{ location_id: string | null; limited_to: string[] | null }>(
      tx,
      sql`select location_id, limited_to from app.members where business_id = ${scope.businessId} and user_id::text = ${input.user} for update`,
    );
    const [member] = rows;
    if (member === undefined) throw new Refusal("not_found", "There is nobody of that name in the team.");
    const to = input.location === null ? null : await inUse(tx, scope, input.location, "location");
    if (to !== null && member.limited_to !== null && !member.limited_to.includes(to.id))
      throw new Refusal("does_not_fit", `${to.name} is none of the locations that they are limited to.`, {
        field: "location",
      });
    await recordAudit(tx, scope, {
      what: "location.of-person",
      about: `member/${input.user}`,
      before: { location: member.location_id },
      after: { location: to?.id ?? null },
    });
    await tx.execute(
      sql`update app.members set location_id = ${to?.id ?? null} where business_id = ${scope.businessId} and user_id::text = ${input.user}`,
    );
    return { before: member.location_id };
  });
}

/** A location that a document may name from now on; refused in its field where there is none, or where it is retired. */
export async function inUse(tx: Tx, scope: InBusiness, id: string, field: string): Promise<Row> {
  const [row] = await rowsFor(tx, scope, id);
  if (row === undefined || row.is_in_transit)
    throw new Refusal("unknown_id", "Choose one of your locations.", { field });
  if (row.is_retired)
    throw new Refusal("does_not_fit", `${row.name} is retired. Take it back into use first, or choose another.`, {
      field,
    });
  return row;
}

async function locationIn(tx: Tx, scope: InBusiness, id: string): Promise<Row> {
  const [row] = await rowsFor(tx, scope, id);
  if (row === undefined) throw new Refusal("not_found", "There is no such location.");
  return row;
}

function rowsFor(tx: Tx, scope: InBusiness, id: string): Promise<readonly Row[]> {
  return rowsOf<Row>(
    tx,
    sql`select id, name, place, kind, address, tax_number, is_in_transit, retired_at is not null as is_retired
        from app.locations where business_id = ${scope.businessId} and id = ${id}`,
  );
}

async function firstOf(tx: Tx, scope: InBusiness): Promise<Readonly<{ id: string; name: string }> | undefined> {
  const [row] = await rowsOf<{ id: string; name: string }>(
    tx,
    sql`select id, name from app.locations where business_id = ${scope.businessId} and not is_in_transit order by place, id limit 1`,
  );
  return row;
}

async function refuseFirst(tx: Tx, scope: InBusiness, row: Row): Promise<void> {
  if ((await firstOf(tx, scope))?.id === row.id)
    throw new Refusal(
      "in_use",
      `Things are at ${row.name} if nothing else is said. Make another location the usual one first.`,
    );
}

async function refuseStocked(tx: Tx, scope: InBusiness, row: Row): Promise<void> {
  const [there] = await rowsOf<{ name: string; n: number }>(
    tx,
    sql`select i.name, (count(*) over ())::int as n from (
          select item_id from app.item_months where business_id = ${scope.businessId} and location_id = ${row.id}
          group by item_id having sum(in_qty - out_qty) <> 0) s
        join app.items i on i.business_id = ${scope.businessId} and i.id = s.item_id order by i.name_key, i.id limit 1`,
  );
  if (there === undefined) return;
  const more = there.n === 1 ? "" : ` and ${there.n - 1} more`;
  throw new Refusal(
    "in_use",
    `There is still stock at ${row.name}, or less than none: ${there.name}${more}. Transfer it to another location first, so that nothing is left.`,
  );
}

async function refuseMoving(tx: Tx, scope: InBusiness, row: Row): Promise<void> {
  const [moving] = await rowsOf<{ number: string | null }>(
    tx,
    sql`select number from app.transfers where business_id = ${scope.businessId} and state in ('draft', 'sent', 'short')
          and (from_location_id = ${row.id} or to_location_id = ${row.id}) order by number nulls last limit 1`,
  );
  if (moving === undefined) return;
  throw new Refusal(
    "in_use",
    `${moving.number === null ? "A draft of a transfer" : `Transfer ${moving.number}`} is not done yet and names ${row.name}. Receive or cancel it first.`,
  );
}

/** Two locations in use never have one name: a person could not tell them apart. */
async function refuseTaken(tx: Tx, scope: InBusiness, name: string, own: string | null): Promise<void> {
  const rows = await rowsOf<{ id: string; name: string }>(
    tx,
    sql`select id, name from app.locations where business_id = ${scope.businessId} and retired_at is null`,
  );
  if (rows.some((row) => row.id !== own && normalise(row.name) === normalise(name)))
    throw new Refusal("in_use", `There is a location ${name} already.`, { field: "name" });
}

function textOf(typed: string, field: keyof typeof longest): string {
  const text =
    field === "address"
      ? typed.normalize("NFC").replace(/\r\n?/g, "\n").trim()
      : typed.normalize("NFC").replace(/\s+/gu, " ").trim();
  const most = longest[field];
  if ([...text].length > most) throw new Refusal("text_too_long", `At most ${most} characters fit here.`, { field });
  return text;
}

/** In India a registration has a check digit; elsewhere it is what the place calls it. */
function taxNumberOf(scope: Scope, typed: string): string {
  const text = textOf(typed, "taxNumber");
  if (text === "" || scope.country !== "IN") return text;
  const gstin = gstinOf(text);
  if (gstin === null)
    throw new Refusal(
      "bad_field",
      "This is no GSTIN: its 15 characters do not fit each other. Look for a typing error.",
      {
        field: "taxNumber",
      },
    );
  return gstin;
}
