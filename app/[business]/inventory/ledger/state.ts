/** What the address of an item's ledger says, for the page and its export. */

import { taxYearOf, taxYearRange } from "@/lib/core/dates";
import type { Scope } from "@/lib/people/access";
import { type LedgerFilter, type MovementKind, movementKinds, type Party } from "@/lib/stock/ledger-filter";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import { typedDay } from "../../../ui/typed";
import { todayOf } from "../balances/state";

export type LedgerState = Readonly<{
  address: ListAddress;
  filter: LedgerFilter;
  kind: MovementKind | null;
  /** A document that is looked at, `adjustment/a-21`; the form that changes the item. */
  document: Readonly<{ kind: string; id: string }> | null;
  isEditing: boolean;
}>;

/** A reason in the address; adjustments without one are asked for by a hyphen, as nothing in an address means no filter. */
export const reasonKey = (reason: string): string => (reason === "" ? "-" : reason);

/**
 * With a type, reason or party chosen and no days, the days are this tax year's: the sums are made of rows, and a year of them is enough. A
 * document is found whenever it was.
 */
export function ledgerState(scope: Scope, item: string, params: SearchParams): LedgerState {
  const address = readAddress(params, { filters: ["from", "to", "type", "reason", "location", "party", "number"] });
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
  const reason = filterOf(address, "reason");
  const number = filterOf(address, "number");
  const isWholeYear = (kind !== null || party !== undefined || reason !== null) && number === null;
  const shown = typeof address.rest.document === "string" ? address.rest.document : "";
  const at = shown.indexOf("/");
  const year = taxYearRange(taxYearOf(today, scope.taxYearStartMonth), scope.taxYearStartMonth);
  return {
    address,
    kind,
    filter: {
      item,
      from: day("from") ?? (isWholeYear && day("to") === undefined ? year.from : undefined),
      to: day("to"),
      kinds: kind === null ? undefined : [kind],
      location: filterOf(address, "location") ?? undefined,
      party,
      reason: reason === null ? undefined : reason === "-" ? "" : reason,
      document: number?.trim() || undefined,
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

/** What files of an item's ledger are about, among all that workers make. */
export const aboutLedger = (item: string): string => `ledger/${item}`;
