/** What the address of the audit trail says, for the page and its CSV alike; and a change in words. */

import { Refusal } from "@/lib/core/errors";
import { formatMinor } from "@/lib/core/money";
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

type Fields = Readonly<Record<string, unknown>>;

/** What differs, field by field, in words; a value without fields has the name "". Of a document that is named, what differs in it. */
export function changesOf(
  { before, after }: Readonly<{ before: unknown; after: unknown }>,
  currency: string,
): readonly Changed[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((name): readonly Changed[] => {
    const [from, to] = apart(old[name] ?? null, now[name] ?? null);
    const said = name === "" ? "" : wordsOf(name);
    if (isFields(from) && isFields(to))
      return changesOf({ before: from, after: to }, currency).map((one) => ({ ...one, name: `${said}, ${one.name}` }));
    const text = (value: unknown) => (value === null ? null : textOf(name, value, currency));
    const changed = { name: said, from: text(from), to: text(to) };
    return changed.from === changed.to ? [] : [changed];
  });
}

/** A change in one text, for the file: every field that differs, one a line. */
export function changeText(row: Pick<AuditRow, "before" | "after">, currency: string): string {
  return changesOf(row, currency)
    .map(({ name, from, to }) => {
      const said = from === null ? (to ?? "") : `${from} → ${to ?? "nothing"}`;
      return name === "" ? said : `${name}: ${said}`;
    })
    .join("\n");
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function fieldsOf(value: unknown): Fields {
  if (value === null || value === undefined) return {};
  return isFields(value) ? value : { "": value };
}

/** Of two lists, what only one of them has: among fifty lines nobody finds the one that changed. All of both where only their order did. */
function apart(from: unknown, to: unknown): readonly [unknown, unknown] {
  if (!Array.isArray(from) || !Array.isArray(to)) return [from, to];
  const [old, now] = [onlyIn(from, to), onlyIn(to, from)];
  if (old.length === 0 && now.length === 0) return [from, to];
  return [old.length === 0 ? null : old, now.length === 0 ? null : now];
}

/** The parts of a list that the other does not have, each as often as it has more of it. */
function onlyIn(list: readonly unknown[], other: readonly unknown[]): readonly unknown[] {
  const left = new Map<string, number>();
  for (const part of other) left.set(JSON.stringify(part), (left.get(JSON.stringify(part)) ?? 0) + 1);
  return list.filter((part) => {
    const key = JSON.stringify(part);
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

/** Names of fields that do not say it themselves. */
const fieldWords: Readonly<Record<string, string>> = {
  cgst: "CGST",
  deliveredTo: "delivered to",
  hsn: "HSN",
  igst: "IGST",
  ins: "goes in",
  more: "not named here",
  on: "day",
  outs: "comes out",
  qty: "quantity",
  sgst: "SGST",
  sku: "SKU",
  taxBy: "tax is owed by",
  uqc: "UQC",
};

/** A field's name, or a document's key, in words: "isHidden" is "is hidden", "balance_row/7" is "balance row 7". */
function wordsOf(name: string): string {
  const known = Object.hasOwn(fieldWords, name) ? fieldWords[name] : undefined;
  if (known !== undefined) return known;
  const at = name.indexOf("/");
  if (at > 0) return `${name.slice(0, at).replaceAll("_", " ")} ${name.slice(at + 1)}`;
  if (!/^[a-z][a-zA-Z_]*$/.test(name)) return name;
  return name.replaceAll("_", " ").replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Fields that were kept in minor units. What was kept as people write it has its decimals, and stays as it is. */
const amounts: ReadonlySet<string> = new Set(["amount", "left", "overhead", "paid", "total", "turnover"]);

function textOf(name: string, value: unknown, currency: string): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  if (Array.isArray(value)) return value.map((part) => textOf("", part, currency)).join("; ");
  if (isFields(value))
    return Object.entries(value)
      .flatMap(([field, part]) => (part === null ? [] : [`${wordsOf(field)} ${textOf(field, part, currency)}`]))
      .join(", ");
  const text = String(value);
  return amounts.has(name) && /^-?\d{1,19}$/.test(text) ? formatMinor(BigInt(text), currency) : text;
}
