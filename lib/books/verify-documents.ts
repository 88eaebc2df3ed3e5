/**
 * Proves that facts are as they were recorded, and that each document's rows say what its fact says: an order, a purchase, a return, a
 * charge, a payout that was changed behind the product's back is named with the field. A part of verify.ts; reads page by page.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import type { Fact, FactKind } from "../core/facts";
import { allocate } from "../core/money";
import { reviveFact } from "../core/revive";
import { hashOf } from "./batch";
import { pagesAhead } from "./pages-ahead";
import type { Walked } from "./verify-chain";

const most = 20;
const factsAtOnce = 2_000;

type Field = string | null;
/** What a document's rows say, or what its fact wants them to say: its own fields, and those of each line (the line's id first). */
type Said = Readonly<{ head: readonly Field[]; lines: readonly (readonly Field[])[] }>;
type Shape<K extends FactKind> = Readonly<{
  head: readonly string[];
  lines: readonly string[];
  /** Rows of `id`, `undone`, `head` and `lines` (JSON arrays of texts) of the documents with these ids. */
  stored: (business: string, ids: SQL) => SQL;
  wanted: (fact: Extract<Fact, { kind: K }>) => Said;
}>;

const text = (value: bigint | number): string => value.toString();
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);
const noLines = sql.raw("'[]'::json");

const order: Shape<"order"> = {
  head: ["channel", "number", "day", "sales", "shipping", "tax", "who remits the tax", "discount", "fees"],
  lines: ["line", "SKU", "name", "quantity", "amount", "discount"],
  stored: (b, ids) => sql`select o.id, o.is_undone as undone,
      json_build_array(o.channel_id, o.number, o.on_date::text, o.gross_minor::text, o.shipping_minor::text, o.tax_minor::text, o.tax_by, o.discount_minor::text, o.fees_minor::text) as head,
      (select coalesce(json_agg(json_build_array(l.id, l.sku, l.name, l.qty::text, l.amount_minor::text, l.discount_minor::text) order by l.place), '[]'::json)
       from app.order_lines l where l.business_id = ${b} and l.order_id = o.id and not l.is_undone) as lines
    from app.orders o where o.business_id = ${b} and o.id = any(${ids})`,
  wanted: (fact) => {
    const amounts = fact.lines.map((line) => line.amount);
    const gross = sum(amounts);
    const discounts = gross > 0n ? allocate(fact.discount < gross ? fact.discount : gross, amounts) : [];
    return {
      head: [
        fact.channel,
        fact.number,
        fact.when.on,
        text(gross),
        text(fact.shipping),
        text(fact.tax),
        fact.taxBy,
        text(fact.discount),
        text(sum(fact.fees.map((fee) => fee.amount))),
      ],
      lines: fact.lines.map((line, place) => [
        line.id,
        line.sku,
        line.name,
        text(line.qty),
        text(line.amount),
        text(discounts[place] ?? 0n),
      ]),
    };
  },
};

const purchase: Shape<"purchase"> = {
  head: ["day", "amount", "account", "supplier"],
  lines: ["line", "item", "quantity", "amount"],
  stored: (
    b,
    ids,
  ) => sql`select p.id, p.is_undone as undone, json_build_array(p.on_date::text, p.amount_minor::text, p.account_code, p.supplier) as head,
      (select coalesce(json_agg(json_build_array(l.id, l.item_id, l.qty::text, l.amount_minor::text) order by l.place), '[]'::json)
       from app.purchase_lines l where l.business_id = ${b} and l.purchase_id = p.id) as lines
    from app.purchases p where p.business_id = ${b} and p.id = any(${ids})`,
  wanted: (fact) => ({
    head: [fact.date, text(fact.amount), fact.account, fact.supplier ?? ""],
    lines: fact.lines.map((line) => [line.id, line.item, text(line.qty), text(line.amount)]),
  }),
};

const returned: Shape<"return"> = {
  head: ["day", "order"],
  lines: ["line", "sold line", "quantity", "amount"],
  stored: (b, ids) => sql`select r.id, r.is_undone as undone, json_build_array(r.on_date::text, r.order_id) as head,
      (select coalesce(json_agg(json_build_array(l.id, l.sale_id, l.qty::text, l.amount_minor::text) order by l.place), '[]'::json)
       from app.return_lines l where l.business_id = ${b} and l.return_id = r.id) as lines
    from app.returns r where r.business_id = ${b} and r.id = any(${ids})`,
  wanted: (fact) => ({
    head: [fact.date, fact.order],
    lines:
      fact.order === null
        ? fact.lines.map((line) => [line.id, null, text(line.qty), text(line.amount)])
        : fact.lines.map((line) => [line.id, line.line, text(line.qty), text(line.amount)]),
  }),
};

const charge: Shape<"charge"> = {
  head: ["channel", "day", "category", "type", "amount", "order", "memo"],
  lines: [],
  stored: (b, ids) => sql`select c.id, c.is_undone as undone, ${noLines} as lines,
      json_build_array(c.channel_id, c.on_date::text, c.category, c.type, c.amount_minor::text, c.order_id, c.memo) as head
    from app.charges c where c.business_id = ${b} and c.id = any(${ids})`,
  wanted: (fact) => ({
    head: [fact.channel, fact.date, fact.category, fact.type, text(fact.amount), fact.order, fact.memo],
    lines: [],
  }),
};

const payout: Shape<"payout"> = {
  head: ["day", "amount"],
  lines: [],
  stored: (
    b,
    ids,
  ) => sql`select p.id, p.is_undone as undone, ${noLines} as lines, json_build_array(p.on_date::text, p.amount_minor::text) as head
    from app.payouts p where p.business_id = ${b} and p.id = any(${ids})`,
  wanted: (fact) => ({ head: [fact.date, text(fact.amount)], lines: [] }),
};

const balanceRow: Shape<"balance_row"> = {
  head: ["channel", "day", "type", "amount", "payout"],
  lines: [],
  stored: (b, ids) => sql`select r.id, r.is_undone as undone, ${noLines} as lines,
      json_build_array(r.channel_id, r.on_date::text, r.type, r.amount_minor::text, r.payout_id) as head
    from app.balance_rows r where r.business_id = ${b} and r.id = any(${ids})`,
  wanted: (fact) => ({ head: [fact.channel, fact.when.on, fact.type, text(fact.amount), fact.payout], lines: [] }),
};

/** Documents of stock share two tables; their ids are unique in their kind. */
function stock<K extends "opening" | "adjustment" | "transfer" | "assembly" | "purchase_return">(
  kind: K,
  wanted: Shape<K>["wanted"],
): Shape<K> {
  return {
    head: ["day"],
    lines: ["line", "quantity", "amount"],
    stored: (b, ids) => sql`select d.id, d.is_undone as undone, json_build_array(d.on_date::text) as head,
        (select coalesce(json_agg(json_build_array(l.id, l.qty::text, l.amount_minor::text) order by l.place), '[]'::json)
         from app.stock_lines l where l.business_id = ${b} and l.document_kind = d.kind and l.document_id = d.id) as lines
      from app.stock_documents d where d.business_id = ${b} and d.kind = ${kind} and d.id = any(${ids})`,
    wanted,
  };
}

const shapes = {
  order,
  purchase,
  return: returned,
  charge,
  payout,
  balance_row: balanceRow,
  opening: stock("opening", ({ date, lines }) => ({
    head: [date],
    lines: lines.map(({ id, qty, amount }) => [id, text(qty), text(amount)]),
  })),
  adjustment: stock("adjustment", ({ date, lines }) => ({
    head: [date],
    lines: lines.map(({ id, qty, amount }) => [id, text(qty), text(amount)]),
  })),
  transfer: stock("transfer", ({ date, lines }) => ({
    head: [date],
    lines: lines.map(({ id, qty }) => [id, text(qty), "0"]),
  })),
  assembly: stock("assembly", ({ date, inputs, outputs }) => ({
    head: [date],
    lines: [
      ...inputs.map(({ id, qty }) => [id, text(-qty), "0"]),
      ...outputs.map(({ id, qty }) => [id, text(qty), "0"]),
    ],
  })),
  purchase_return: stock("purchase_return", ({ date, lines }) => ({
    head: [date],
    lines: lines.map(({ id, qty, amount }) => [id, text(qty), text(amount)]),
  })),
} as const;
type Shaped = keyof typeof shapes;
const isShaped = (kind: string): kind is Shaped => kind in shapes;

type FactRow = { id: string; kind: string; hash: string; body: unknown; undone: boolean };
type DocumentRow = { id: string; undone: boolean; head: Field[]; lines: Field[][] };

/** Every fact with the hash that it was recorded with, and every document with its fact. */
export async function changedDocuments(
  tx: Tx,
  scope: InBusiness,
): Promise<Readonly<{ facts: Walked; documents: Walked }>> {
  const changed: Finding[] = [];
  const differing: Finding[] = [];
  let facts = 0;
  let documents = 0;
  const page = (after: string) =>
    rowsOf<FactRow>(
      tx,
      sql`select id, kind, hash, body, undone_at is not null as undone from app.facts
          where business_id = ${scope.businessId} and id > ${after} order by id limit ${factsAtOnce}`,
    );
  for await (const rows of pagesAhead(page)) {
    facts += rows.length;
    const kinds = new Map<Shaped, { fact: Fact & { id: string }; undone: boolean }[]>();
    for (const row of rows) {
      const now = hashOf(row.body);
      if (now !== row.hash && changed.length < most)
        changed.push({
          what: `the fact ${row.id.replace("\u001f", " ")} is as it was recorded`,
          expected: row.hash,
          found: now,
        });
      if (!isShaped(row.kind)) continue;
      const fact = reviveFact(row.body);
      if (!("id" in fact)) continue;
      const known = kinds.get(row.kind);
      if (known === undefined) kinds.set(row.kind, [{ fact, undone: row.undone }]);
      else known.push({ fact, undone: row.undone });
    }
    for (const [kind, wanted] of kinds) {
      documents += wanted.length;
      const found = await differences(tx, scope, kind, wanted);
      differing.push(...found.slice(0, most - differing.length));
    }
  }
  return { facts: { looked: facts, findings: changed }, documents: { looked: documents, findings: differing } };
}

async function differences(
  tx: Tx,
  scope: InBusiness,
  kind: Shaped,
  wanted: readonly Readonly<{ fact: Fact & { id: string }; undone: boolean }>[],
): Promise<readonly Finding[]> {
  // Which fact a shape takes follows from the kind that it was found by.
  const shape = shapes[kind] as unknown as Shape<FactKind>;
  const ids = list(
    "text",
    wanted.map(({ fact }) => fact.id),
  );
  const stored = new Map(
    (await rowsOf<DocumentRow>(tx, shape.stored(scope.businessId, ids))).map((row) => [row.id, row]),
  );
  const findings: Finding[] = [];
  const words = kind.replaceAll("_", " ");
  for (const { fact, undone } of wanted) {
    const row = stored.get(fact.id);
    const name = `${words} ${fact.id}`;
    const add = (what: string, expected: Field, found: Field) => {
      if (expected !== found)
        findings.push({
          what: `${what} of ${name} is what its fact says`,
          expected: expected ?? "nothing",
          found: found ?? "nothing",
        });
    };
    if (row === undefined) {
      findings.push({ what: `${name} is there`, expected: "a row", found: "none" });
      continue;
    }
    if (row.undone !== undone)
      findings.push({
        what: `${name} is ${undone ? "undone" : "in the books"}`,
        expected: `${undone}`,
        found: `${row.undone}`,
      });
    if (undone || row.undone) continue;
    const said = shape.wanted(fact);
    said.head.forEach((expected, i) => {
      add(shape.head[i] ?? "", expected, row.head[i] ?? null);
    });
    if (said.lines.length !== row.lines.length)
      add("the number of lines", text(said.lines.length), text(row.lines.length));
    else
      said.lines.forEach((line, i) => {
        line.forEach((expected, j) => {
          add(`${shape.lines[j] ?? ""} in line ${line[0]}`, expected, row.lines[i]?.[j] ?? null);
        });
      });
  }
  return findings;
}
