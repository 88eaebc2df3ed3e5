import { saysReason } from "@/lib/core/reasons";
import type { LedgerSpan } from "@/lib/stock/item-ledger";
import type { ItemView } from "@/lib/stock/item-reads";
import { type MovementKind, movementKinds, type Party } from "@/lib/stock/ledger-filter";
import { movementNames } from "@/lib/stock/ledger-words";
import type { Choice } from "@/lib/stock/purchase-reads";
import type { hrefOf } from "../../../../ui/address";
import { Button } from "../../../../ui/button";
import { dayText } from "../../../../ui/days";
import { Fields, TextField } from "../../../../ui/field";
import { countText } from "../../../../ui/figures";
import { FilterBar } from "../../../../ui/filter-bar";
import { type LedgerState, partyKey, reasonKey } from "../state";

/** What the filter says of its days, for a chip. */
function datesText({ from, to }: LedgerState["filter"]): string {
  return [from === undefined ? "" : `from ${dayText(from)}`, to === undefined ? "" : `to ${dayText(to)}`]
    .filter((one) => one !== "")
    .join(" ");
}

/** The chips over the ledger: each is one word of the address, and they combine freely. */
export function LedgerFilters({
  state,
  path,
  href,
  item,
  span,
  shown,
  parties,
  reasons,
  locations,
}: {
  state: LedgerState;
  path: string;
  href: (change: Parameters<typeof hrefOf>[2]) => string;
  item: ItemView;
  span: LedgerSpan;
  shown: number;
  parties: readonly (Party & Readonly<{ name: string }>)[];
  reasons: readonly string[];
  locations: readonly Choice[];
}) {
  const { filter } = state;
  const dates = datesText(filter);
  const partyChosen = filter.party === undefined ? null : partyKey(filter.party);
  const reasonName = (reason: string) => (reason === "" ? "no reason given" : saysReason(reason));
  return (
    <FilterBar
      filters={[
        {
          name: "Dates",
          value: dates === "" ? "all" : dates,
          on: dates !== "",
          off: href({ filters: { from: null, to: null } }),
          form: (
            <KeptForm path={path} state={state} without={["from", "to"]}>
              <Fields>
                <TextField label="From" name="from" value={filter.from} placeholder="1 Jan 2026" />
                <TextField label="To" name="to" value={filter.to} placeholder="31 Mar 2026" />
              </Fields>
              <div className="mt-2">
                <Button>Show these days</Button>
              </div>
            </KeptForm>
          ),
        },
        {
          name: "Type",
          value: state.kind === null ? "all" : movementNames[state.kind].toLowerCase(),
          on: state.kind !== null,
          off: href({ filters: { type: null } }),
          choices: movementKinds.map((kind: MovementKind) => ({
            label: movementNames[kind],
            href: href({ filters: { type: kind } }),
            current: kind === state.kind,
          })),
        },
        ...(reasons.length > 0 || filter.reason !== undefined
          ? [
              {
                name: "Reason",
                value: filter.reason === undefined ? "all" : reasonName(filter.reason),
                on: filter.reason !== undefined,
                off: href({ filters: { reason: null } }),
                choices: reasons.map((reason) => ({
                  label: reasonName(reason),
                  href: href({ filters: { reason: reasonKey(reason) } }),
                  current: reason === filter.reason,
                })),
              },
            ]
          : []),
        {
          name: "Party",
          value: parties.find((one) => partyKey(one) === partyChosen)?.name ?? filter.party?.id ?? "all",
          on: partyChosen !== null,
          off: href({ filters: { party: null } }),
          choices: parties.map((one) => ({
            label: one.name,
            href: href({ filters: { party: partyKey(one) } }),
            current: partyKey(one) === partyChosen,
          })),
        },
        ...(locations.length > 1 || filter.location !== undefined
          ? [
              {
                name: "Location",
                value: locations.find(({ id }) => id === filter.location)?.name ?? filter.location ?? "all",
                on: filter.location !== undefined,
                off: href({ filters: { location: null } }),
                choices: locations.map(({ id, name }) => ({
                  label: name,
                  href: href({ filters: { location: id } }),
                  current: id === filter.location,
                })),
              },
            ]
          : []),
        {
          name: "Document",
          value: filter.document ?? "all",
          on: filter.document !== undefined,
          off: href({ filters: { number: null } }),
          form: (
            <KeptForm path={path} state={state} without={["number"]}>
              <Fields>
                <TextField label="Number" name="number" value={filter.document} placeholder="#1042" maxLength={200} />
              </Fields>
              <div className="mt-2">
                <Button>Show this document</Button>
              </div>
            </KeptForm>
          ),
        },
      ]}
      end={`${countText(item.movements)} movements in all, ${countText(shown)} of ${countText(span.rows)} shown`}
    />
  );
}

/** A form of the same address that keeps the other filters. */
function KeptForm({
  path,
  state,
  without,
  children,
}: {
  path: string;
  state: LedgerState;
  without: readonly string[];
  children: React.ReactNode;
}) {
  return (
    <form action={path} method="get" className="p-3">
      {Object.entries(state.address.filters).flatMap(([name, values]) =>
        without.includes(name)
          ? []
          : values.map((value) => <input key={`${name} ${value}`} type="hidden" name={name} value={value} />),
      )}
      {children}
    </form>
  );
}
