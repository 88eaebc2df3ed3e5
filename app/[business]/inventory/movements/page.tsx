import type { Metadata } from "next";
import {
  documentKinds,
  documentStates,
  type MovementDocument,
  movementRows,
  movementTotals,
} from "@/lib/desk/movements";
import { onItsWay } from "@/lib/desk/transfer-reads";
import { can, isLimited, type Scope } from "@/lib/people/access";
import { locationChoices } from "@/lib/stock/location-reads";
import { type BusinessParams, stockScopeOf } from "../../../scope";
import { hrefOf, type SearchParams } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { dayText } from "../../../ui/days";
import { Empty } from "../../../ui/empty";
import { Fields, TextField } from "../../../ui/field";
import { countText } from "../../../ui/figures";
import { FilterBar, ListSearch } from "../../../ui/filter-bar";
import { Fig } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Pager } from "../../../ui/pager";
import { State } from "../../../ui/state";
import { type Column, Table } from "../../../ui/table";
import { Tag } from "../../../ui/tag";
import { Tape } from "../../../ui/tape";
import { keysetLinks } from "../../keyset-links";
import { todayOf } from "../balances/state";
import { makeHref } from "../recipes/state";
import { documentHref, kindNames, type MovementsState, movementsState, stateKinds, stateNames } from "./state";

export const metadata: Metadata = { title: "Movements" };

/** Inventory → Movements: the documents that move stock, and the way to the locations. */
export default async function Movements({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const state = movementsState(scope, await searchParams);
  const { address, filter } = state;
  const base = `/${scope.slug}`;
  const path = `${base}/inventory/movements`;
  const [page, totals, way, locations] = await Promise.all([
    movementRows(scope, filter, state.page),
    movementTotals(scope, filter),
    onItsWay(scope),
    locationChoices(scope),
  ]);
  const mayMove = can(scope, "move");
  const isAll = !isLimited(scope);
  // Who is limited to one location still sends from it to others.
  const needsPlace = locations.length < (isAll ? 2 : 1);
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Movements" }]}
      title="Movements"
      actions={
        <>
          {isAll ? <ButtonLink href={`${path}/locations`}>Locations</ButtonLink> : null}
          <ButtonLink href={`${path}/counts`}>Counts</ButtonLink>
          {isAll ? <ButtonLink href={`${base}/inventory/recipes`}>Recipes</ButtonLink> : null}
          {isAll && mayMove ? <ButtonLink href={makeHref(base)}>Make</ButtonLink> : null}
          <ButtonLink href={hrefOf(`${path}/export`, address)} download>
            Export
          </ButtonLink>
          {mayMove && !needsPlace ? (
            <ButtonLink kind="primary" href={`${path}/transfers/new`}>
              New transfer
            </ButtonLink>
          ) : null}
        </>
      }
    >
      <Tape
        terms={[
          {
            label: "Transfers on their way",
            value: way.transfers === 0 ? "none" : countText(way.transfers),
            text: true,
          },
          {
            label: "Came short",
            value: way.short === 0 ? "none" : countText(way.short),
            text: true,
            left: way.short > 0,
          },
          ...(way.items === null
            ? []
            : [{ label: "Items in transit", value: way.items === 0 ? "none" : countText(way.items), text: true }]),
          ...(way.valueMinor === null
            ? []
            : [
                {
                  label: "Worth",
                  value: <Money of={{ amountMinor: way.valueMinor, currency: scope.currency }} zero="figure" />,
                  sub: "part of Inventory",
                },
              ]),
        ]}
      />
      <Table<MovementDocument>
        caption="Documents that move stock"
        columns={columnsOf(scope, base)}
        rows={page.rows}
        keyOf={(row) => `${row.kind}/${row.id}`}
        hrefOf={(row) => documentHref(base, row)}
        bar={<Bar scope={scope} state={state} path={path} locations={locations} documents={totals.documents} />}
        empty={
          !totals.isEmpty ? (
            <Empty
              title="No document fits these filters"
              actions={
                <ButtonLink kind="quiet" href={path}>
                  Take all filters off
                </ButtonLink>
              }
            />
          ) : needsPlace ? (
            <Empty
              title="Nothing was moved yet"
              actions={
                isAll && mayMove ? (
                  <ButtonLink kind="primary" href={`${path}/locations?edit=new`}>
                    Add a location
                  </ButtonLink>
                ) : undefined
              }
            >
              Everything is at one place. With a second location, goods can be transferred between them.
            </Empty>
          ) : (
            <Empty
              title="Nothing was moved yet"
              actions={
                mayMove ? (
                  <ButtonLink kind="quiet" href={`${path}/transfers/new`}>
                    Write the first transfer
                  </ButtonLink>
                ) : undefined
              }
            >
              A transfer takes goods from one of your locations to another, in one go or in parts.
            </Empty>
          )
        }
      />
      {page.rows.length > 0 ? (
        <Pager
          says={`${countText(page.rows.length)} of ${countText(totals.documents)}`}
          {...keysetLinks(path, address, page)}
        />
      ) : null}
    </Page>
  );
}

function columnsOf(scope: Scope, base: string): readonly Column<MovementDocument>[] {
  const year = Number(todayOf(scope).slice(0, 4));
  const mayMove = can(scope, "move");
  const items = (row: MovementDocument) => (
    <>
      {row.item}
      {row.items > 1 ? <span className="s q"> and {countText(row.items - 1)} more</span> : null}
    </>
  );
  return [
    { key: "on", head: "Date", quiet: true, cell: (row) => <Day on={row.on} year={year} /> },
    {
      key: "number",
      head: "Document",
      cell: (row) => (
        <Fig href={documentHref(base, row)} narrow>
          {numberOf(row)}
        </Fig>
      ),
    },
    { key: "kind", head: "Type", cell: (row) => kindNames[row.kind] },
    { key: "items", head: "Items", rowHead: true, wraps: true, phone: "what", cell: items },
    { key: "from", head: "From", cell: (row) => row.from },
    { key: "to", head: "To", cell: (row) => row.to },
    { key: "note", head: "Note", clips: true, quiet: true, low: true, width: 160, cell: (row) => row.note },
    {
      key: "state",
      head: "State",
      phone: "amount",
      cell: (row) =>
        row.state === "short" && mayMove ? (
          <Tag href={`${documentHref(base, row)}#short`} says={numberOf(row)}>
            Place it
          </Tag>
        ) : (
          <State kind={stateKinds[row.state]}>{stateNames[row.state]}</State>
        ),
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (row) => (
        <>
          <Day on={row.on} year={year} /> · {row.from ?? ""}
          {row.to === null ? "" : ` to ${row.to}`} · {numberOf(row)}
        </>
      ),
    },
  ];
}

/** A draft has no number yet; what came as a fact may have none but its source's. */
function numberOf(row: MovementDocument): string {
  if (row.number !== null) return row.number;
  return row.state === "done" || row.state === "undone" ? row.id.slice(-24) : "no number yet";
}

function Bar({
  scope,
  state,
  path,
  locations,
  documents,
}: {
  scope: Scope;
  state: MovementsState;
  path: string;
  locations: readonly Readonly<{ id: string; name: string }>[];
  documents: number;
}) {
  const { address, filter } = state;
  const href = (filters: Readonly<Record<string, string | null>>) => hrefOf(path, address, { filters });
  const kept = Object.fromEntries(
    Object.entries(address.filters).flatMap(([name, [value]]) => (value === undefined ? [] : [[name, value]])),
  );
  const { from: _from, to: _to, ...withoutDays } = kept;
  const days = [
    filter.from === undefined ? "" : `from ${dayText(filter.from)}`,
    filter.to === undefined ? "" : `until ${dayText(filter.to)}`,
  ]
    .filter((one) => one !== "")
    .join(" ");
  return (
    <>
      <div className="mb-2">
        <ListSearch action={path} value={address.q} kept={kept} placeholder="Number, item, SKU, note" />
      </div>
      <FilterBar
        filters={[
          {
            name: "Type",
            value: filter.kind === undefined ? "all" : kindNames[filter.kind].toLowerCase(),
            on: filter.kind !== undefined,
            off: href({ kind: null }),
            choices: documentKinds
              .filter((kind) => kind !== "assembly" || !isLimited(scope))
              .map((kind) => ({
                label: kindNames[kind],
                href: href({ kind }),
                current: kind === filter.kind,
              })),
          },
          {
            name: "State",
            value: filter.state === undefined ? "all" : stateNames[filter.state].toLowerCase(),
            on: filter.state !== undefined,
            off: href({ state: null }),
            choices: documentStates.map((one) => ({
              label: stateNames[one],
              href: href({ state: one }),
              current: one === filter.state,
            })),
          },
          {
            name: "Location",
            value: locations.find(({ id }) => id === filter.location)?.name ?? filter.location ?? "all",
            on: filter.location !== undefined,
            off: href({ location: null }),
            choices: locations.map(({ id, name }) => ({
              label: name,
              href: href({ location: id }),
              current: id === filter.location,
            })),
          },
          {
            name: "Dates",
            value: days === "" ? "all" : days,
            on: days !== "",
            off: href({ from: null, to: null }),
            form: (
              <form action={path} method="get" className="p-3">
                {Object.entries({ ...withoutDays, ...(address.q === "" ? {} : { q: address.q }) }).map(
                  ([name, value]) => (
                    <input key={name} type="hidden" name={name} value={value} />
                  ),
                )}
                <Fields>
                  <TextField
                    label="From"
                    name="from"
                    value={filter.from}
                    placeholder={`1 Jan ${todayOf(scope).slice(0, 4)}`}
                  />
                  <TextField label="To" name="to" value={filter.to} placeholder={dayText(todayOf(scope))} />
                </Fields>
                <div className="mt-2">
                  <Button>Show these days</Button>
                </div>
              </form>
            ),
          },
        ]}
        end={`${countText(documents)} ${documents === 1 ? "document" : "documents"}, newest first`}
      />
    </>
  );
}
