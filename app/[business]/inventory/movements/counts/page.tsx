import type { Metadata } from "next";
import { type CountListRow, countRows } from "@/lib/desk/count-reads";
import { countStates } from "@/lib/desk/count-row";
import { can } from "@/lib/people/access";
import { readCursor } from "@/lib/sales/keyset";
import { locationChoices } from "@/lib/stock/location-reads";
import { type BusinessParams, stockScopeOf } from "../../../../scope";
import { hrefOf, type SearchParams } from "../../../../ui/address";
import { ButtonLink } from "../../../../ui/button";
import { Moment } from "../../../../ui/date";
import { Empty } from "../../../../ui/empty";
import { countText } from "../../../../ui/figures";
import { FilterBar } from "../../../../ui/filter-bar";
import { Fig } from "../../../../ui/link";
import { Page } from "../../../../ui/page-frame";
import { Pager } from "../../../../ui/pager";
import { State } from "../../../../ui/state";
import { Table } from "../../../../ui/table";
import { keysetLinks } from "../../../keyset-links";
import { todayOf } from "../../balances/state";
import {
  countFilter,
  countHref,
  countingHref,
  countStateKinds,
  countStateNames,
  countsHref,
  historyHref,
} from "./state";

/** An approved count that differs otherwise by now. */
const changedSince = "Changed since";

export const metadata: Metadata = { title: "Counts" };

/** Inventory → Movements → Counts: what is planned, being counted, to be reviewed, approved. */
export default async function Counts({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const { address, filter } = countFilter(await searchParams);
  const base = `/${scope.slug}`;
  const path = countsHref(base);
  const [page, locations] = await Promise.all([
    countRows(scope, filter, { after: readCursor(address.after), before: readCursor(address.before) }),
    locationChoices(scope),
  ]);
  const year = Number(todayOf(scope).slice(0, 4));
  const mayMove = can(scope, "move");
  const place = locations.find(({ id }) => id === filter.location);
  const newOne = (
    <ButtonLink kind="primary" href={`${path}/new`}>
      New count
    </ButtonLink>
  );
  const choice = (name: string, label: string, value: string | null, current: boolean) => ({
    label,
    href: hrefOf(path, address, { filters: { [name]: value } }),
    current,
  });
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Movements", href: `${base}/inventory/movements` }, { label: "Counts" }]}
      title="Counts"
      note="What is on the shelves, held against what the books say of that moment."
      actions={
        <>
          <ButtonLink href={historyHref(base)}>Repeated shortages</ButtonLink>
          <ButtonLink href={hrefOf(`${path}/export`, address)} download>
            Export
          </ButtonLink>
          {mayMove ? newOne : null}
        </>
      }
    >
      <Table<CountListRow>
        caption="Counts"
        rows={page.rows}
        keyOf={(row) => row.id}
        hrefOf={(row) => countHref(base, row.id)}
        bar={
          <FilterBar
            filters={[
              {
                name: "State",
                value: filter.isChanged
                  ? changedSince
                  : filter.state === undefined
                    ? "all"
                    : countStateNames[filter.state],
                on: filter.isChanged === true || filter.state !== undefined,
                choices: [
                  choice("state", "All", null, filter.state === undefined && filter.isChanged !== true),
                  choice("state", changedSince, "changed", filter.isChanged === true),
                  ...countStates.map((state) => choice("state", countStateNames[state], state, filter.state === state)),
                ],
              },
              {
                name: "Location",
                value: place?.name ?? "all",
                on: place !== undefined,
                choices: [
                  choice("location", "All", null, place === undefined),
                  ...locations.map(({ id, name }) => choice("location", name, id, place?.id === id)),
                ],
              },
            ]}
          />
        }
        columns={[
          {
            key: "number",
            head: "Count",
            rowHead: true,
            phone: "what",
            cell: (row) => (
              <Fig href={countHref(base, row.id)} narrow>
                {row.number ?? "no number yet"}
              </Fig>
            ),
          },
          { key: "location", head: "Location", phone: "where", cell: (row) => row.location },
          {
            key: "at",
            head: "Planned",
            quiet: true,
            cell: (row) => <Moment at={row.at} timeZone={scope.timeZone} year={year} />,
          },
          {
            key: "counted",
            head: "Counted",
            align: "right",
            phone: "second",
            cell: (row) => `${countText(row.counted)} of ${countText(row.lines)}`,
          },
          {
            key: "differ",
            head: "Differ",
            align: "right",
            cell: (row) => (row.state === "approved" ? countText(row.differ) : null),
          },
          { key: "note", head: "Note", clips: true, quiet: true, low: true, width: 160, cell: (row) => row.note },
          {
            key: "state",
            head: "State",
            phone: "amount",
            cell: (row) =>
              row.isChanged ? (
                <State kind="work">{changedSince}</State>
              ) : (
                <State kind={countStateKinds[row.state]}>{countStateNames[row.state]}</State>
              ),
          },
          {
            key: "act",
            head: "Action",
            headHidden: true,
            align: "right",
            phone: "full",
            cell: (row) =>
              mayMove && row.state === "counting" ? (
                // A page of its own for the browser: only a document that was loaded as the counting page may use the camera (proxy.ts).
                <a
                  className="link"
                  href={countingHref(base, row.id)}
                  aria-label={`Count ${row.location}, go on counting`}
                >
                  Count
                </a>
              ) : null,
          },
        ]}
        empty={
          page.isEmpty ? (
            <Empty title="Nothing was counted yet" actions={mayMove ? newOne : undefined}>
              Plan a count of a location or a part of it. Count on a phone, also without a connection, while selling
              goes on.
            </Empty>
          ) : (
            <Empty
              title="No count fits these filters"
              actions={
                <ButtonLink kind="quiet" href={path}>
                  Take all filters off
                </ButtonLink>
              }
            />
          )
        }
      />
      {page.rows.length > 0 ? (
        <Pager says={`${countText(page.rows.length)} shown`} {...keysetLinks(path, address, page)} />
      ) : null}
    </Page>
  );
}
