/** What the address of Movements says, for the page and its export; and the words of documents and their states. */
import {
  type DocumentKind,
  type DocumentState,
  documentKinds,
  documentStates,
  type MovementDocument,
  type MovementFilter,
  type MovementPage,
} from "@/lib/desk/movements";
import type { Scope } from "@/lib/people/access";
import { readCursor } from "@/lib/sales/keyset";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import type { StateKind } from "../../../ui/state";
import { typedDay } from "../../../ui/typed";
import { todayOf } from "../balances/state";
import { countHref } from "./counts/state";

export const kindNames: Readonly<Record<DocumentKind, string>> = {
  transfer: "Transfer",
  adjustment: "Adjustment",
  assembly: "Production",
  count: "Count",
};

export const stateNames: Readonly<Record<DocumentState, string>> = {
  draft: "Draft",
  sent: "On its way",
  short: "Came short",
  received: "Received",
  cancelled: "Cancelled",
  done: "Done",
  undone: "Taken back",
};

export const stateKinds: Readonly<Record<DocumentState, StateKind>> = {
  draft: "waiting",
  sent: "work",
  short: "wrong",
  received: "done",
  cancelled: "waiting",
  done: "done",
  undone: "waiting",
};

export type MovementsState = Readonly<{ address: ListAddress; filter: MovementFilter; page: MovementPage }>;

/** How a person of this business writes days. */
export const orderOf = (scope: Scope) => (scope.country === "US" ? "month first" : "day first");

export function movementsState(scope: Scope, params: SearchParams): MovementsState {
  const address = readAddress(params, { filters: ["kind", "state", "location", "from", "to"] });
  const today = todayOf(scope);
  const day = (name: string): string | undefined => {
    const text = filterOf(address, name);
    if (text === null) return undefined;
    const read = typedDay(text, today, orderOf(scope));
    return "wrong" in read ? undefined : read.value;
  };
  return {
    address,
    filter: {
      from: day("from"),
      to: day("to"),
      kind: documentKinds.find((kind) => kind === filterOf(address, "kind")),
      state: documentStates.find((state) => state === filterOf(address, "state")),
      location: filterOf(address, "location") ?? undefined,
      words: address.q,
    },
    page: { after: readCursor(address.after), before: readCursor(address.before) },
  };
}

export function transferHref(base: string, id: string): string {
  return `${base}/inventory/movements/transfers/${encodeURIComponent(id)}`;
}

/** A return whose sale is not in the books. */
export function returnHref(base: string, id: string): string {
  return `${base}/inventory/movements/documents/return/${id.split("/").map(encodeURIComponent).join("/")}`;
}

/** Each document opens its own page: a transfer that is written here its form and steps, what came as a fact its lines. */
export function documentHref(base: string, { kind, id, state }: MovementDocument): string {
  if (kind === "count") return countHref(base, id);
  if (state !== "done" && state !== "undone") return transferHref(base, id);
  return `${base}/inventory/movements/documents/${kind}/${id.split("/").map(encodeURIComponent).join("/")}`;
}
