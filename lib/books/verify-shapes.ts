/** What rows of documents are to say, by their facts: the columns that say it and what the fact wants there. A part of verify-documents.ts. */
import { type SaidFact, saidTotal } from "../core/exchange";
import { compareIds, dayOf, type Fact, type FactKind, type Instant } from "../core/facts";
import { normalise } from "../core/matching";
import { allocate } from "../core/money";
import { feeAccount } from "../core/posting";
import { noInput, spreadAll } from "../core/purchases";

export type Field = string | null;
/** What a fact wants in a column: that value; any of several, where more than one fact has a say; undefined where no fact says it. */
export type WantedField = Field | undefined | readonly Field[];
/** What a document's rows say, or what its fact wants them to say: its own fields, those of each line (the line's id first), of what else it has. */
type Said = Readonly<{
  head: readonly WantedField[];
  lines: readonly (readonly WantedField[])[];
  beside?: readonly (readonly WantedField[])[];
}>;
/** Which column says what, under the name that a finding gives it. */
export type Columns = Readonly<Record<string, string>>;
/** A table of several rows (`l`) a document: the column that names the document, which rows are meant, and their order. */
export type Rows = Readonly<{ from: string; of: string; which?: string; order?: string; columns: Columns }>;
/** What a fact's own words do not say and other facts do: of each returned line, where a person said that the goods went. */
export type Others = Readonly<{ placements: ReadonlyMap<string, Extract<Fact, { kind: "placement" }>> }>;
export type Shape<K extends FactKind> = Readonly<{
  /** The documents' table (`d`), and what holds of its rows that are meant, beside their ids. */
  from: string;
  which?: string;
  /** What in it is the fact's id within its kind (`d.id` if not said). */
  key?: string;
  /** Rows of what was undone are gone, where they do not stay and say so. */
  isGone?: boolean;
  /** Those of them that we make ourselves, without a fact; none of the table is undone. */
  ours?: readonly string[];
  head: Columns;
  /** Its lines; null where there are none. `beside`: fees, extras, parts, under the word for one of them. */
  lines: Rows | null;
  beside?: Rows & Readonly<{ word: string }>;
  wanted: (fact: Extract<Fact, { kind: K }>, others: Others) => Said;
}>;

export const text = (value: bigint | number): string => value.toString();
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, amount) => all + amount, 0n);

/** What was said in another currency, and in which. */
const said = { currency: "d.currency", "what was said": "d.said_minor" } as const;
const saidIn = (fact: SaidFact): readonly Field[] =>
  fact.foreign === undefined ? [null, null] : [fact.foreign.currency, text(saidTotal(fact))];

/** An instant as facts have it, to the microsecond. */
const moment = (row: string): string => `(extract(epoch from ${row}."at") * 1000000)::bigint`;
const instant = (at: Instant | null): Field => (at === null ? null : text(at));
const wentTo = (fate: Readonly<{ restock: boolean; writeOff: boolean; placed: boolean }>): string =>
  [
    ...(fate.restock ? ["restocked"] : []),
    ...(fate.writeOff ? ["written off"] : []),
    ...(fate.placed ? [] : ["not said"]),
  ].join(" ");

const order: Shape<"order"> = {
  from: "app.orders",
  head: {
    channel: "d.channel_id",
    number: "d.number",
    day: "d.on_date",
    moment: moment("d"),
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
      place: "l.place",
      location: "l.location_id",
    },
  },
  beside: {
    word: "fee",
    from: "app.order_fees",
    of: "l.order_id",
    columns: { place: "l.place", kind: "l.kind", account: "l.account_code", amount: "l.amount_minor" },
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
        instant(fact.when.at),
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
        text(place),
        line.location ?? undefined,
      ]),
      beside: fact.fees.map((fee, place) => [text(place), fee.kind, feeAccount(fee.kind), text(fee.amount)]),
    };
  },
};

const purchase: Shape<"purchase"> = {
  from: "app.purchases",
  head: {
    day: "d.on_date",
    amount: "(d.amount_minor + d.igst_minor + d.cgst_minor + d.sgst_minor)",
    "what is detailed": "d.detailed_minor",
    IGST: "d.igst_minor",
    CGST: "d.cgst_minor",
    SGST: "d.sgst_minor",
    account: "d.account_code",
    supplier: "d.supplier",
  },
  lines: {
    from: "app.purchase_lines",
    of: "l.purchase_id",
    columns: {
      line: "l.id",
      item: "l.item_id",
      quantity: "l.qty",
      amount: "l.amount_minor",
      cost: "l.cost_minor",
      place: "l.place",
      location: "l.location_id",
      weight: "l.weight",
    },
  },
  beside: {
    word: "extra",
    from: "app.purchase_extras",
    of: "l.purchase_id",
    columns: { place: "l.place", label: "l.label", amount: "l.amount_minor", "what it is spread by": "l.spread_by" },
  },
  wanted: ({ input = noInput, ...fact }) => {
    const borne = spreadAll(fact.lines, fact.extras);
    return {
      head: [
        fact.date,
        text(fact.amount),
        text(sum(fact.lines.map((line) => line.amount)) + sum(borne)),
        text(input.igst),
        text(input.cgst),
        text(input.sgst),
        fact.account,
        fact.supplier ?? "",
      ],
      lines: fact.lines.map((line, place) => [
        line.id,
        line.item,
        text(line.qty),
        text(line.amount),
        text(line.amount + (borne[place] ?? 0n)),
        text(place),
        line.location ?? undefined,
        line.weight === undefined ? null : text(line.weight),
      ]),
      beside: fact.extras.map(({ label, amount, by = "value" }, place) => [text(place), label, text(amount), by]),
    };
  },
};

const returned: Shape<"return"> = {
  from: "app.returns",
  head: {
    day: "d.on_date",
    order: "d.order_id",
    channel: "case when d.order_id is null then d.channel_id end",
    tax: "d.tax_minor",
    shipping: "d.shipping_minor",
    ...said,
  },
  lines: {
    from: "app.return_lines",
    of: "l.return_id",
    columns: {
      line: "l.id",
      "sold line": "l.sale_id",
      quantity: "l.qty",
      amount: "l.amount_minor",
      place: "l.place",
      item: "l.item_id",
      cost: "l.cost_minor",
      location: "l.location_id",
      "where it went":
        "concat_ws(' ', case when l.restock then 'restocked' end, case when l.write_off then 'written off' end, case when not l.is_placed then 'not said' end)",
    },
  },
  wanted: (fact, { placements }) => ({
    head: [
      fact.date,
      fact.order,
      fact.order === null ? fact.channel : null,
      ...(fact.order === null ? ["0", "0"] : [text(fact.tax ?? 0n), text(fact.shipping ?? 0n)]),
      ...saidIn(fact),
    ],
    lines:
      fact.order === null
        ? fact.lines.map(({ id, qty, amount, item, cost, location }, place) => [
            ...[id, null, text(qty), text(amount), text(place), item, text(cost)],
            location ?? undefined,
            "restocked",
          ])
        : fact.lines.map((line, place) => {
            const { id, qty, amount } = line;
            const told = placements.get(id);
            return [
              ...[id, line.line, text(qty), text(amount), text(place), null, "0"],
              told === undefined ? (line.location ?? undefined) : undefined,
              // A newer version of the refund says again what the source knows, also after a person said more.
              told === undefined ? wentTo(line) : [wentTo(line), wentTo({ ...told, placed: true })],
            ];
          }),
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
  head: { channel: "d.channel_id", day: "d.on_date", amount: "d.amount_minor", ...said },
  lines: null,
  wanted: (fact) => ({ head: [fact.channel, fact.date, text(fact.amount), ...saidIn(fact)], lines: [] }),
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
    memo: "d.memo",
    moment: moment("d"),
    ...said,
  },
  lines: null,
  wanted: (fact) => ({
    head: [
      ...[fact.channel, fact.when.on, fact.type, text(fact.amount), fact.payout, fact.about, fact.memo],
      instant(fact.when.at),
      ...saidIn(fact),
    ],
    lines: [],
  }),
};

const item: Shape<"item"> = {
  from: "app.items",
  head: { name: "d.name", SKU: "d.sku", "SKU's key": "d.sku_key", "name's key": "d.name_key" },
  lines: {
    from: "app.item_names",
    of: "l.item_id",
    order: "l.name_key",
    columns: { "name's key": "l.name_key", name: "l.name" },
  },
  beside: {
    word: "part",
    from: "app.item_components",
    of: "l.item_id",
    columns: { place: "l.place", item: "l.component_id", quantity: "l.qty" },
  },
  wanted: ({ name, sku, aliases, components = [] }) => {
    const keys = new Map([name, ...aliases].map((one) => [normalise(one), one]));
    keys.delete("");
    return {
      head: [name, sku, sku === null ? null : normalise(sku) || null, normalise(name)],
      lines: [...keys].sort(([a], [b]) => compareIds(a, b)),
      beside: components.map((part, place) => [text(place), part.item, text(part.qty)]),
    };
  },
};

const location: Shape<"location"> = {
  from: "app.locations",
  ours: ["main", "in-transit"],
  head: { name: "d.name" },
  lines: null,
  wanted: ({ name }) => ({ head: [name], lines: [] }),
};

const match: Shape<"match"> = {
  from: "app.matches",
  key: "d.sale_id",
  isGone: true,
  head: { item: "d.item_id" },
  lines: null,
  wanted: (fact) => ({ head: [fact.item], lines: [] }),
};

const pin: Shape<"pin"> = {
  from: "app.pins",
  key: "(d.sale_id || chr(31) || d.lot_id)",
  isGone: true,
  head: { quantity: "d.qty" },
  lines: null,
  wanted: ({ qty }) => ({ head: [text(qty)], lines: [] }),
};

const backfill: Shape<"backfill"> = {
  from: "app.backfills",
  head: {
    "sold line": "d.sale_id",
    day: "d.on_date",
    amount: "d.amount_minor",
    quantity: "d.qty",
    account: "d.account_code",
  },
  lines: null,
  // Of a whole line, it is of as many units as the line then had.
  wanted: ({ sale, date, amount, qty, account }) => ({
    head: [sale, date, text(amount), qty === null ? undefined : text(qty), account],
    lines: [],
  }),
};

type Moved = "opening" | "adjustment" | "transfer" | "assembly" | "purchase_return";
type StockHead = Partial<
  Record<
    ("arrives" | "from" | "to" | "purchase" | "reason" | "overhead" | "account" | "note") | ("consignment" | "number"),
    WantedField
  >
>;
type StockLine = Readonly<{
  id: string;
  qty: bigint;
  amount?: bigint;
  item?: string | undefined;
  location?: string | null | undefined;
  line?: string;
  share?: bigint;
}>;

/** Documents of stock share two tables; their ids are unique in their kind. What a kind does not have is not there in its rows. */
function stock<K extends Moved>(
  kind: K,
  wanted: (fact: Extract<Fact, { kind: K }>) => Readonly<{ head: StockHead; lines: readonly StockLine[] }>,
): Shape<K> {
  return {
    from: "app.stock_documents",
    which: `d.kind = '${kind}'`,
    head: {
      day: "d.on_date",
      "day of arrival": "d.arrives_on",
      "where it is from": "d.from_location_id",
      "where it goes": "d.to_location_id",
      purchase: "d.purchase_id",
      reason: "d.reason",
      overhead: "d.overhead_minor",
      account: "d.account_code",
      note: "d.note",
      consignment: "d.consignment_id",
      number: "d.number",
    },
    lines: {
      from: "app.stock_lines",
      which: `l.document_kind = '${kind}'`,
      of: "l.document_id",
      columns: {
        line: "l.id",
        quantity: "l.qty",
        amount: "l.amount_minor",
        place: "l.place",
        item: "l.item_id",
        location: "l.location_id",
        "purchase's line": "l.purchase_line_id",
        share: "l.share",
      },
    },
    wanted: (fact) => {
      const { head, lines } = wanted(fact);
      const {
        arrives,
        from,
        to,
        purchase: of,
        reason,
        overhead,
        account,
        note,
        consignment,
        number,
      } = {
        ...nothingSaid,
        ...head,
      };
      return {
        head: [dayOf(fact), arrives, from, to, of, reason, overhead, account, note, consignment, number],
        lines: lines.map(({ id, qty, amount = 0n, item: what, location: where, line, share }, place) => [
          ...[id, text(qty), text(amount), text(place)],
          what,
          where,
          line ?? null,
          share === undefined ? null : text(share),
        ]),
      };
    },
  };
}
const nothingSaid: Required<StockHead> = {
  ...{ arrives: null, from: null, to: null, purchase: null, reason: null },
  ...{ overhead: "0", account: null, note: null, consignment: null, number: null },
};

export const shapes = {
  order,
  purchase,
  return: returned,
  charge,
  payout,
  balance_row: balanceRow,
  item,
  location,
  match,
  pin,
  backfill,
  opening: stock("opening", ({ lines }) => ({
    head: {},
    lines: lines.map((line) => ({ ...line, location: line.location ?? undefined })),
  })),
  adjustment: stock(
    "adjustment",
    ({ reason, account = null, note = null, consignment = null, number = null, location: where, lines }) => ({
      head: { reason, account, note, consignment, number },
      lines: lines.map((line) => ({ ...line, location: consignment === null ? (where ?? undefined) : undefined })),
    }),
  ),
  transfer: stock("transfer", ({ arrives, from, to, consignment = null, number = null, id, lines }) => ({
    // Of a consignment, one side is the place between leaving and arriving, whatever the fact calls it.
    head: {
      ...{ arrives, consignment, number },
      from: consignment === null || consignment === id ? from : undefined,
      to: consignment === id ? undefined : to,
    },
    lines: lines.map(({ id: line, qty, item: what }) => ({ id: line, qty, item: what, location: null })),
  })),
  assembly: stock("assembly", ({ overhead, account, note = null, number = null, location: where, inputs, outputs }) => {
    const at = where ?? undefined;
    return {
      head: { overhead: text(overhead), account, note, number, from: at },
      lines: [
        ...inputs.map(({ id, item: what, qty }) => ({ id, item: what, qty: -qty, location: at })),
        ...outputs.map(({ id, item: what, qty, share }) => ({ id, item: what, qty, share, location: at })),
      ],
    };
  }),
  purchase_return: stock("purchase_return", ({ purchase: of, lines }) => ({
    head: { purchase: of },
    // What went back is of the item and from the place that its line came in as and to, which its movement is held against.
    lines: lines.map((line) => ({ ...line, item: undefined, location: undefined })),
  })),
} as const;
export type Shaped = keyof typeof shapes;
export const isShaped = (kind: string): kind is Shaped => kind in shapes;
