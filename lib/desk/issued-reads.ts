/** Invoices and notes that were issued: one as it stands on paper, those of an order or a purchase, and the list of all. */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf } from "../../db/scope";
import { dayInWords } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { decimalsOf, formatMinor } from "../core/money";
import { keptUntil } from "../core/paper-terms";
import { type Paper, type PaperParty, paperSize } from "../exports/paper";
import { require, type Scope } from "../people/access";
import { namesOf } from "../people/users";
import { isId } from "../system/ids";
import { nameOf, type PartyRow, partyColumns, partyFrom, partyOf } from "./paper-party";

export const issuedKinds = ["invoice", "credit_note", "debit_note"] as const;
export type IssuedKind = (typeof issuedKinds)[number];
export const issuedNames: Readonly<Record<IssuedKind, string>> = {
  invoice: "Invoice",
  credit_note: "Credit note",
  debit_note: "Debit note",
};

/** What is kept of a document as it was issued. Amounts in minor units and quantities in smallest units, as text. */
export type IssuedBody = Readonly<{
  from: PaperParty;
  country: string;
  currency: string;
  /** Label and value; a value that is a day is one. */
  about: readonly (readonly [label: string, value: string])[];
  lines: readonly Readonly<{
    name: string;
    sku: string | null;
    qty: string;
    decimals: number;
    amount: string;
    discount: string;
  }>[];
  sums: readonly (readonly [label: string, amount: string])[];
  notes: readonly string[];
  foot: string;
}>;

/** One in a list. `why`: it is cancelled; null: it stands. */
export type IssuedRow = Readonly<{
  id: string;
  kind: IssuedKind;
  number: string;
  on: LocalDate;
  /** The keys of the fact that it is of and of its order or purchase. */
  fact: string;
  parent: string;
  to: string;
  totalMinor: bigint;
  why: string | null;
}>;

export type IssuedView = IssuedRow &
  Readonly<{
    party: PaperParty;
    /** When its name and address were erased (an instant as text), and until when the law asks to keep them. */
    erasedAt: string | null;
    kept: ReturnType<typeof keptUntil>;
    body: IssuedBody;
    at: string;
    who: string | null;
    cancelled: Readonly<{ at: string; who: string | null }> | null;
  }>;

type Row = Record<"id" | "number" | "on" | "fact" | "parent" | "total", string> &
  Readonly<{ kind: IssuedKind; why: string | null }> &
  PartyRow;
const columns = sql`d.id::text as id, d.kind, d.number, d.on_date::text as on, d.of_fact as fact, d.of_parent as parent,
  d.total_minor::text as total, c.why, ${partyColumns}`;
const from = (b: string): SQL => sql`app.issued_documents d
  left join app.issued_cancellations c on c.business_id = ${b} and c.document_id = d.id ${partyFrom(b)}`;
const rowOf = (scope: Scope, row: Row): IssuedRow => {
  const { id, kind, number, on, fact, parent, total, why } = row;
  return { id, kind, number, on, fact, parent, to: nameOf(scope, id, row), totalMinor: BigInt(total), why };
};

/** An id as one of ours is written; refuses `not_found` for anything else. */
export function issuedId(text: string): string {
  if (!isId(text)) throw new Refusal("not_found", "There is no such document.");
  return text;
}

/** One as it was issued. Refuses `not_found` for what is not there or is somebody else's. */
export function issuedView(scope: Scope, id: string): Promise<IssuedView> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<
      Row &
        Readonly<{
          tax: string;
          paper: IssuedBody;
          at: string;
          user: string | null;
          cancelled_at: string | null;
          cancelled_by: string | null;
        }>
    >(
      tx,
      sql`select ${columns}, d.to_tax_number as tax, d.paper, d.issued_at::text as at, d.issued_by as user,
            c.cancelled_at::text, c.cancelled_by
          from ${from(b)} where d.business_id = ${b} and d.id = ${issuedId(id)}::uuid`,
    );
    if (row === undefined) throw new Refusal("not_found", "There is no such document.");
    const names = await namesOf(tx, [row.user, row.cancelled_by]);
    const who = (user: string | null) => (user === null ? null : (names.get(user) ?? null));
    return {
      ...rowOf(scope, row),
      party: { ...partyOf(scope, row.id, row), taxNumber: row.tax },
      erasedAt: row.erased_at,
      kept: keptUntil(scope.country, row.on),
      body: row.paper,
      at: row.at,
      who: who(row.user),
      cancelled: row.cancelled_at === null ? null : { at: row.cancelled_at, who: who(row.cancelled_by) },
    };
  });
}

/** All that was issued for an order or a purchase (`order/…`, `purchase/…`) and what belongs to it, in the order of issue. */
export function issuedOf(scope: Scope, parent: string): Promise<readonly IssuedRow[]> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) =>
    (
      await rowsOf<Row>(
        tx,
        sql`select ${columns} from ${from(b)} where d.business_id = ${b} and d.of_parent = ${parent} order by d.id limit 200`,
      )
    ).map((row) => rowOf(scope, row)),
  );
}

/** Which of these facts have a document that stands: its number and id by the fact's key. */
export function standingOf(scope: Scope, facts: readonly string[]): Promise<ReadonlyMap<string, IssuedRow>> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<Row>(
      tx,
      sql`select ${columns} from ${from(b)} where d.business_id = ${b} and d.of_fact = any(${list("text", facts)}) and c.why is null`,
    );
    return new Map(rows.map((row) => [row.fact, rowOf(scope, row)]));
  });
}

export type IssuedFilter = Readonly<{
  kind?: IssuedKind | undefined;
  /** Of the number, or the name that it is made out to. */
  words?: string | undefined;
}>;

const pageSize = 50;
/** So many papers are opened while a name is looked for; where there are more, the next page goes on. */
const openedAtOnce = 2_000;

/**
 * The latest issued first; `after` is the id of the last one that was seen. Words are those of numbers; where no number has them, of names,
 * which lie sealed and are opened one after the other: a page may then be short, or empty, and have a next one.
 */
export function issuedRows(
  scope: Scope,
  filter: IssuedFilter,
  after: string | null,
): Promise<Readonly<{ rows: readonly IssuedRow[]; next: string | null }>> {
  require(scope, "read");
  const b = scope.businessId;
  const wanted = [sql`d.business_id = ${b}`];
  if (filter.kind !== undefined) wanted.push(sql`d.kind = ${filter.kind}`);
  const words = (filter.words ?? "").trim();
  const numbered = sql`d.number ilike ${`%${words.replace(/[\\%_]/g, "\\$&")}%`}`;
  return inBusiness(scope, async (tx) => {
    const read = (only: SQL[], limit: number) =>
      rowsOf<Row>(
        tx,
        sql`select ${columns} from ${from(b)} where ${sql.join(only, sql` and `)} order by d.id desc limit ${limit}`,
      );
    const beyond = after === null ? [] : [sql`d.id < ${issuedId(after)}::uuid`];
    const isNumber = words === "" || (await read([...wanted, numbered], 1)).length > 0;
    const asked = [...wanted, ...beyond, ...(words !== "" && isNumber ? [numbered] : [])];
    const rows = (await read(asked, isNumber ? pageSize + 1 : openedAtOnce + 1)).map((row) => rowOf(scope, row));
    if (isNumber) {
      const shown = rows.slice(0, pageSize);
      return { rows: shown, next: rows.length > pageSize ? (shown.at(-1)?.id ?? null) : null };
    }
    const opened = rows.slice(0, openedAtOnce);
    const found = opened.filter(({ to }) => to.toLowerCase().includes(words.toLowerCase()));
    const shown = found.slice(0, pageSize);
    if (found.length > pageSize) return { rows: shown, next: shown.at(-1)?.id ?? null };
    return { rows: shown, next: rows.length > openedAtOnce ? (opened.at(-1)?.id ?? null) : null };
  });
}

/** The document as it is printed: exactly what was issued, and that it was cancelled where it was. */
export function issuedPaper(view: IssuedView): Paper {
  const { body } = view;
  const decimals = decimalsOf(body.currency);
  const hasDiscount = body.lines.some((line) => line.discount !== "0");
  const hasSku = body.lines.some((line) => line.sku !== null && line.sku !== "");
  return {
    title: issuedNames[view.kind],
    number: view.number,
    on: view.on,
    mark: view.why === null ? null : "CANCELLED",
    from: body.from,
    to:
      view.party.name === "" && view.party.address === "" && view.party.taxNumber === ""
        ? null
        : { label: view.kind === "debit_note" ? "Supplier" : "To", party: view.party },
    about: body.about.map(([label, value]) => [label, /^\d{4}-\d{2}-\d{2}$/.test(value) ? dayInWords(value) : value]),
    columns: [
      { head: "Item", kind: "text", share: 46 },
      ...(hasSku ? [{ head: "SKU", kind: "text", share: 16 } as const] : []),
      { head: "Quantity", kind: "figure", share: 12 },
      ...(hasDiscount ? [{ head: "Discount", kind: "figure", share: 13 } as const] : []),
      { head: `Amount ${body.currency}`, kind: "figure", share: 16 },
    ],
    lines: body.lines.map((line) => [
      line.name,
      ...(hasSku ? [line.sku] : []),
      { units: BigInt(line.qty), decimals: line.decimals },
      ...(hasDiscount ? [{ units: -BigInt(line.discount), decimals }] : []),
      { units: BigInt(line.amount), decimals },
    ]),
    sums: body.sums.map(([label, amount], at) => ({
      label: at === body.sums.length - 1 ? `${label} ${body.currency}` : label,
      value: formatMinor(BigInt(amount), body.currency),
    })),
    notes: [
      ...(view.why === null ? [] : [`Cancelled: ${view.why}`]),
      ...(view.erasedAt === null ? [] : ["The name and address that stood here were erased."]),
      ...body.notes,
    ],
    foot: body.foot,
    signs: [],
    size: paperSize(body.country),
  };
}
