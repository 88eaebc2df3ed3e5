/** What the address of an item's ledger says, for the page and its export. */

import { taxYearOf, taxYearRange } from "@/lib/core/dates";
import type { Scope } from "@/lib/people/access";
import { type LedgerFilter, type MovementKind, movementKinds, type Party } from "@/lib/stock/ledger-filter";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import { typedDay } from "../../../ui/typed";
import { todayOf } from "../balances/state";

export const movementNames: Readonly<Record<MovementKind, string>> = {
  purchase: "Purchase",
  opening: "Opening stock",
  backfill: "Cost by hand",
  loose_return: "Return",
  transfer: "Transfer",
  assembly: "Production",
  sale: "Sale",
  purchase_return: "Back to supplier",
  adjustment: "Adjustment",
  sale_return: "Sale return",
};

export type LedgerState = Readonly<{
  address: ListAddress;
  filter: LedgerFilter;
  kind: MovementKind | null;
  /** A document that is looked at, `adjustment/a-21`; the form that changes the item. */
  document: Readonly<{ kind: string; id: string }> | null;
  isEditing: boolean;
}>;

/** With a type or party chosen and no days, the days are this tax year's: the sums are made of rows, and a year of them is enough. */
export function ledgerState(scope: Scope, item: string, params: SearchParams): LedgerState {
  const address = readAddress(params, { filters: ["from", "to", "type", "location", "party"] });
  const today = todayOf(scope);
  const order = scope.country === "US" ? "month first" : "day first";
  const day = (name: string): string | undefined => {
    const text = filterOf(address, name);
    if (text === null) return undefined;
    const read = typedDay(text, today, order);
    return "wrong" in read ? undefined : read.value;
  };
  const type = filterOf(address, "type");
  const kind = movementKinds.find((one) => one === type) ?? null;
  const party = partyOf(filterOf(address, "party"));
  const shown = typeof address.rest.document === "string" ? address.rest.document : "";
  const at = shown.indexOf("/");
  const year = taxYearRange(taxYearOf(today, scope.taxYearStartMonth), scope.taxYearStartMonth);
  return {
    address,
    kind,
    filter: {
      item,
      from: day("from") ?? ((kind === null && party === undefined) || day("to") !== undefined ? undefined : year.from),
      to: day("to"),
      kinds: kind === null ? undefined : [kind],
      location: filterOf(address, "location") ?? undefined,
      party,
    },
    document: at > 0 ? { kind: shown.slice(0, at), id: shown.slice(at + 1) } : null,
    isEditing: address.rest.edit === "item",
  };
}

/** `channel:ebay-shop` or `supplier:Field & Loom`: how an address names with whom something moved. */
export const partyKey = ({ kind, id }: Party): string => `${kind}:${id}`;

function partyOf(text: string | null): Party | undefined {
  const [, kind, id] = /^(supplier|channel):(.+)$/s.exec(text ?? "") ?? [];
  return kind === undefined || id === undefined ? undefined : { kind: kind as Party["kind"], id };
}
