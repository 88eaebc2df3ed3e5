/** What the address of the audit trail says, for the page and its CSV alike; and a change in words. */

import { Refusal } from "@/lib/core/errors";
import type { Scope } from "@/lib/people/access";
import type { AuditFilter, AuditRow } from "@/lib/people/audit";
import { todayOf } from "@/lib/system/clock";
import { isId } from "@/lib/system/ids";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import { dayOf } from "../../reports/period";

/** How an address names the product itself, who is no person. */
export const itself = "lotbook";

export type AuditState = Readonly<{
  address: ListAddress;
  filter: AuditFilter;
  after: string | undefined;
  problem: string | null;
}>;

/** Reads who, what, about, from, to and the search words; a day that cannot be read is said and left out. */
export function auditState(scope: Scope, params: SearchParams): AuditState {
  const address = readAddress(params, { filters: ["what", "about", "who", "from", "to"] });
  const who = filterOf(address, "who");
  let problem: string | null = null;
  const day = (name: string): string | undefined => {
    const typed = filterOf(address, name);
    if (typed === null) return undefined;
    try {
      return dayOf(typed, scope, todayOf(scope.timeZone));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problem = error.message;
      return undefined;
    }
  };
  const filter: AuditFilter = {
    what: filterOf(address, "what") ?? undefined,
    about: filterOf(address, "about") ?? undefined,
    userId: who === itself ? null : who !== null && isId(who) ? who : undefined,
    from: day("from"),
    to: day("to"),
    text: address.q === "" ? undefined : address.q.slice(0, 200),
  };
  return {
    address,
    filter,
    after: address.after !== null && isId(address.after) ? address.after : undefined,
    problem,
  };
}

/** One field that changed: what it was, and what it is; null where there was or is nothing. */
export type Changed = Readonly<{ name: string; from: string | null; to: string | null }>;

/** What differs, field by field; a value without fields has the name "". */
export function changesOf({ before, after }: Pick<AuditRow, "before" | "after">): readonly Changed[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [from, to] = [old.get(name) ?? null, now.get(name) ?? null];
    return from === to ? [] : [{ name, from, to }];
  });
}

function fieldsOf(value: unknown): Map<string, string> {
  if (value === null || value === undefined) return new Map();
  if (typeof value !== "object" || Array.isArray(value)) return new Map([["", textOf(value)]]);
  return new Map(
    Object.entries(value).flatMap(([name, part]) => (part === null ? [] : [[name, textOf(part)] as const])),
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
