/** What rows of documents are to say, by their facts: the columns that say it and what the fact wants there. A part of verify-documents.ts. */
import { type SaidFact, saidTotal } from "../core/exchange";
import type { Fact, FactKind } from "../core/facts";
import { allocate } from "../core/money";
import { noInput } from "../core/purchases";

export type Field = string | null;
/** What a document's rows say, or what its fact wants them to say: its own fields, and those of each line (the line's id first). */
type Said = Readonly<{ head: readonly Field[]; lines: readonly (readonly Field[])[] }>;
/** Which column says what, under the name that a finding gives it. */
export type Columns = Readonly<Record<string, string>>;
export type Shape<K extends FactKind> = Readonly<{
  /** The documents' table (`d`), and what holds of its rows that are meant, beside their ids. */
  from: string;
  which?: string;
  head: Columns;
  /** The lines' table (`l`), the column that names the document, and which rows are meant; null where there are no lines. */
  lines: Readonly<{ from: string; of: string; which?: string; columns: Columns }> | null;
  wanted: (fact: Extract<Fact, { kind: K }>) => Said;
}>;

export const text = (value: bigint | number): string => value.toString();
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);

/** What was said in another currency, and in which. */
const said = { currency: "d.currency", "what was said": "d.said_minor" } as const;
const saidIn = (fact: SaidFact): readonly Field[] =>
  fact.foreign === undefined ? [null, null] : [fact.foreign.currency, text(saidTotal(fact))];

const order: Shape<"order"> = {
  from: "app.orders",
  head: {
    channel: "d.channel_id",
    number: "d.number",
    day: "d.on_date",
    sales: "d.gross_minor",
    shipping: "d.shipping_minor",
    tax: "d.tax_minor",
    "who remits the tax": "d.tax_by",
    discount: "d.discount_minor",
    fees: "d.fees_minor",
    ...said,
    "the country that it went to": "d.ship_country",
    "the region that it went to": "d.ship_region",
  },
  lines: {
    from: "app.order_lines",
    which: "not l.is_undone",
    of: "l.order_id",
    columns: {
      line: "l.id",
      SKU: "l.sku",
      name: "l.name",
      quantity: "l.qty",
      amount: "l.amount_minor",
      discount: "l.discount_minor",
    },
  },
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
        ...saidIn(fact),
        fact.shipTo?.country ?? null,
        fact.shipTo?.region ?? null,
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
  from: "app.purchases",
  head: {
    day: "d.on_date",
    amount: "(d.amount_minor + d.igst_minor + d.cgst_minor + d.sgst_minor)",
    IGST: "d.igst_minor",
    CGST: "d.cgst_minor",
    SGST: "d.sgst_minor",
    account: "d.account_code",
    supplier: "d.supplier",
  },
  lines: {
    from: "app.purchase_lines",
    of: "l.purchase_id",
    columns: { line: "l.id", item: "l.item_id", quantity: "l.qty", amount: "l.amount_minor" },
  },
  wanted: ({ input = noInput, ...fact }) => ({
    head: [
      fact.date,
      text(fact.amount),
      text(input.igst),
      text(input.cgst),
      text(input.sgst),
      fact.account,
      fact.supplier ?? "",
    ],
    lines: fact.lines.map((line) => [line.id, line.item, text(line.qty), text(line.amount)]),
  }),
};

const returned: Shape<"return"> = {
  from: "app.returns",
  head: { day: "d.on_date", order: "d.order_id", tax: "d.tax_minor", shipping: "d.shipping_minor", ...said },
  lines: {
    from: "app.return_lines",
    of: "l.return_id",
    columns: { line: "l.id", "sold line": "l.sale_id", quantity: "l.qty", amount: "l.amount_minor" },
  },
  wanted: (fact) => ({
    head: [
      fact.date,
      fact.order,
      ...(fact.order === null ? ["0", "0"] : [text(fact.tax ?? 0n), text(fact.shipping ?? 0n)]),
      ...saidIn(fact),
    ],
    lines:
      fact.order === null
        ? fact.lines.map((line) => [line.id, null, text(line.qty), text(line.amount)])
        : fact.lines.map((line) => [line.id, line.line, text(line.qty), text(line.amount)]),
  }),
};

const charge: Shape<"charge"> = {
  from: "app.charges",
  head: {
    channel: "d.channel_id",
    day: "d.on_date",
    category: "d.category",
    type: "d.type",
    amount: "d.amount_minor",
    order: "d.order_id",
    memo: "d.memo",
    account: "d.account_code",
    ...said,
  },
  lines: null,
  wanted: (fact) => ({
    head: [
      fact.channel,
      fact.date,
      fact.category,
      fact.type,
      text(fact.amount),
      fact.order,
      fact.memo,
      fact.account ?? null,
      ...saidIn(fact),
    ],
    lines: [],
  }),
};

const payout: Shape<"payout"> = {
  from: "app.payouts",
  head: { day: "d.on_date", amount: "d.amount_minor", ...said },
  lines: null,
  wanted: (fact) => ({ head: [fact.date, text(fact.amount), ...saidIn(fact)], lines: [] }),
};

const balanceRow: Shape<"balance_row"> = {
  from: "app.balance_rows",
  head: {
    channel: "d.channel_id",
    day: "d.on_date",
    type: "d.type",
    amount: "d.amount_minor",
    payout: "d.payout_id",
    document: "d.about",
    ...said,
  },
  lines: null,
  wanted: (fact) => ({
    head: [fact.channel, fact.when.on, fact.type, text(fact.amount), fact.payout, fact.about, ...saidIn(fact)],
    lines: [],
  }),
};

/** Documents of stock share two tables; their ids are unique in their kind. */
function stock<K extends "opening" | "adjustment" | "transfer" | "assembly" | "purchase_return">(
  kind: K,
  wanted: Shape<K>["wanted"],
  head: Columns = {},
): Shape<K> {
  return {
    from: "app.stock_documents",
    which: `d.kind = '${kind}'`,
    head: { day: "d.on_date", ...head },
    lines: {
      from: "app.stock_lines",
      which: `l.document_kind = '${kind}'`,
      of: "l.document_id",
      columns: { line: "l.id", quantity: "l.qty", amount: "l.amount_minor" },
    },
    wanted,
  };
}

export const shapes = {
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
  adjustment: stock(
    "adjustment",
    ({ date, reason, account, note, lines }) => ({
      head: [date, reason, account ?? null, note ?? null],
      lines: lines.map(({ id, qty, amount }) => [id, text(qty), text(amount)]),
    }),
    { reason: "d.reason", account: "d.account_code", note: "d.note" },
  ),
  transfer: stock("transfer", ({ date, lines }) => ({
    head: [date],
    lines: lines.map(({ id, qty }) => [id, text(qty), "0"]),
  })),
  assembly: stock(
    "assembly",
    ({ date, overhead, account, note, number, inputs, outputs }) => ({
      head: [date, text(overhead), account, note ?? null, number ?? null],
      lines: [
        ...inputs.map(({ id, qty }) => [id, text(-qty), "0"]),
        ...outputs.map(({ id, qty }) => [id, text(qty), "0"]),
      ],
    }),
    { overhead: "d.overhead_minor", account: "d.account_code", note: "d.note", number: "d.number" },
  ),
  purchase_return: stock("purchase_return", ({ date, lines }) => ({
    head: [date],
    lines: lines.map(({ id, qty, amount }) => [id, text(qty), text(amount)]),
  })),
} as const;
export type Shaped = keyof typeof shapes;
export const isShaped = (kind: string): kind is Shaped => kind in shapes;
