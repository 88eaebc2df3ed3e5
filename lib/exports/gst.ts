/** The returns of GST and what stands beside them as lists to take away: the rows of their pages. */
import { z } from "zod";
import { Refusal } from "../core/errors";
import {
  type Amounts,
  type CellName,
  causeWords,
  cellWords,
  counted,
  creditCells,
  type Gstr1,
  inwardCells,
  nilKinds,
  outwardCells,
  recordIn,
  recordOut,
  recordWords,
  type Side,
  stateName,
} from "../core/gst";
import { gstr1View, gstr3bView } from "../desk/gst-reads";
import { stockAgainstInvoices } from "../desk/gst-reconcile";
import { requireGst } from "../desk/gst-settings";
import type { Scope } from "../people/access";
import { stockRecords } from "../stock/stock-record";
import { localMoment } from "./moment";
import { days, figure, item, itemCount, listOf, pieces, text } from "./register-parts";
import type { List } from "./reports";
import type { Cell, Column, Line } from "./sheet";

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const period = z.strictObject({ from: day, to: day });
const seller = z.string().min(15).max(15);

export const GstAsked = z.discriminatedUnion("gst", [
  z.strictObject({ gst: z.literal("gstr1"), seller, period }),
  z.strictObject({ gst: z.literal("hsn"), seller, period }),
  z.strictObject({ gst: z.literal("gstr3b"), seller, period }),
  z.strictObject({ gst: z.literal("stock"), period }),
  z.strictObject({ gst: z.literal("record"), period, q: z.string().optional(), location: z.string().optional() }),
]);
export type GstAsked = z.output<typeof GstAsked>;

/** What was asked for, as it is kept. Refuses `bad_field` for what is no report of GST. */
export function readGst(asked: unknown): GstAsked {
  const read = GstAsked.safeParse(asked);
  if (!read.success) throw new Refusal("bad_field", "This is not a report of GST.");
  return read.data;
}

export async function gstList(scope: Scope, asked: GstAsked): Promise<List> {
  requireGst(scope);
  switch (asked.gst) {
    case "gstr1":
      return whole(scope, asked, "GSTR-1", gstr1Columns, async () =>
        gstr1Rows((await gstr1View(scope, asked.seller, asked.period)).gstr1),
      );
    case "hsn":
      return whole(scope, asked, "HSN summary", hsnColumns, async () =>
        hsnRows((await gstr1View(scope, asked.seller, asked.period)).gstr1),
      );
    case "gstr3b":
      return whole(scope, asked, "GSTR-3B", gstr3bColumns, () => gstr3bRows(scope, asked.seller, asked.period));
    case "stock":
      return whole(scope, asked, "Stock against invoices", stockColumns, () => stockRows(scope, asked.period));
    case "record":
      return recordList(scope, asked);
  }
}

const rupees = (units: bigint): Cell => ({ units, decimals: 2 });
const percent = (rate: bigint): Cell => ({ units: rate, decimals: 2 });
const parts: readonly Column[] = [
  figure("Taxable value", 10),
  figure("IGST", 8),
  figure("CGST", 8),
  figure("SGST", 8),
  figure("Cess", 6),
];
const partCells = ({ taxable, igst, cgst, sgst, cess }: Amounts): readonly Cell[] =>
  [taxable, igst, cgst, sgst, cess].map(rupees);

const gstr1Columns: readonly Column[] = [
  text("Table", 6),
  text("GSTIN", 13),
  text("Number", 11),
  days("Date", 8),
  figure("Value", 10),
  text("Place of supply", 12),
  figure("Rate %", 5),
  ...parts,
];

/** A row for each document and rate; the sums of small sales and of what is not taxed after them. Notes take away. */
export function gstr1Rows(gstr1: Gstr1): readonly (readonly Cell[])[] {
  const place = (pos: string) => `${pos} ${stateName(pos) ?? ""}`.trim();
  const filed = (["b2b", "b2cl", "exp", "cdnr", "cdnur"] as const).flatMap((table) =>
    gstr1[table].flatMap(({ document, rates }) =>
      rates.map(({ rate, amounts }) => [
        table.toUpperCase(),
        document.buyer,
        document.number,
        document.on,
        rupees(document.kind === "credit_note" ? -document.value : document.value),
        place(document.pos),
        percent(rate),
        ...partCells(counted(document.kind, amounts)),
      ]),
    ),
  );
  const small = gstr1.b2cs.map(({ pos, rate, amounts }) => [
    "B2CS",
    null,
    null,
    null,
    null,
    place(pos),
    percent(rate),
    ...partCells(amounts),
  ]);
  const untaxed = nilKinds.flatMap((kind) =>
    gstr1.nil
      .filter((row) => row.kind === kind)
      .map((row) => [
        "NIL",
        null,
        kind,
        null,
        null,
        null,
        percent(0n),
        rupees(row.nil + row.exempt + row.nonGst),
        ...[0n, 0n, 0n, 0n].map(rupees),
      ]),
  );
  return [...filed, ...small, ...untaxed];
}

const hsnColumns: readonly Column[] = [
  text("Buyers", 8),
  text("HSN", 7),
  text("Description", 18),
  text("Unit", 5),
  figure("Quantity", 8),
  figure("Rate %", 5),
  ...parts,
];
const hsnRows = (gstr1: Gstr1): readonly (readonly Cell[])[] =>
  gstr1.hsn.map((row) => [
    row.toRegistered === null ? "all" : row.toRegistered ? "registered" : "others",
    row.hsn,
    row.description,
    row.uqc,
    pieces(row.qty, row.decimals),
    percent(row.rate),
    ...partCells(row.amounts),
  ]);

const gstr3bColumns: readonly Column[] = [text("Cell", 6), text("What", 26), text("Document", 12), ...parts];

/** Each cell, and under it the documents that make it. */
async function gstr3bRows(
  scope: Scope,
  of: string,
  at: Readonly<{ from: string; to: string }>,
): Promise<readonly (readonly Cell[])[]> {
  const { gstr3b, documents, inward } = await gstr3bView(scope, of, at);
  const numbers = new Map([...documents, ...inward].map(({ id, number }) => [id, number]));
  const cells: readonly CellName[] = [...outwardCells, ...creditCells, ...inwardCells];
  return cells.flatMap((name) => {
    const { amounts, sources } = gstr3b.cells[name];
    return [
      [name, cellWords[name], null, ...partCells(amounts)],
      ...sources.map((source) => [
        null,
        null,
        numbers.get(source.document) ?? source.document,
        ...partCells(source.amounts),
      ]),
    ];
  });
}

const stockColumns: readonly Column[] = [
  ...item,
  text("HSN", 7),
  text("Way", 6),
  figure("Moved", 7),
  figure("Reported", 7),
  figure("Difference", 7),
  text("Why", 22),
  text("Order", 11),
  text("Document", 11),
];
async function stockRows(
  scope: Scope,
  at: Readonly<{ from: string; to: string }>,
): Promise<readonly (readonly Cell[])[]> {
  const { rows } = await stockAgainstInvoices(scope, at);
  const sides: readonly Side[] = ["out", "back"];
  return rows.flatMap((row) =>
    sides.flatMap((side) => {
      const { moved, reported } = row[side];
      if (moved === 0n && reported === 0n && row.explained.every((one) => one.side !== side)) return [];
      const qty = (units: bigint) => pieces(units, row.named.decimals);
      return [
        [
          row.named.name,
          row.named.sku,
          row.hsn,
          side === "out" ? "sold" : "back",
          qty(moved),
          qty(reported),
          qty(moved - reported),
          null,
          null,
          null,
        ],
        ...row.explained
          .filter((one) => one.side === side)
          .map((one) => [
            null,
            null,
            null,
            null,
            qty(one.moved),
            qty(one.reported),
            qty(one.moved - one.reported),
            causeWords[side][one.cause],
            one.order,
            one.document?.number ?? null,
          ]),
      ];
    }),
  );
}

/** A report that is read at once: a period of documents. */
async function whole(
  scope: Scope,
  asked: GstAsked,
  title: string,
  columns: readonly Column[],
  read: () => Promise<readonly (readonly Cell[])[]>,
): Promise<List> {
  const rows = await read();
  const same = (all: readonly (readonly Cell[])[]) =>
    JSON.stringify(all, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  const { from, to } = asked.period;
  async function* lines(): AsyncGenerator<Line> {
    for (const cells of rows) yield { kind: "row", cells };
  }
  return {
    rows: rows.length,
    stem: `${scope.slug}-${title.toLowerCase().replaceAll(" ", "-")}-${from}-${to}`,
    sheet: {
      business: scope.name,
      title: `${title}, ${from} to ${to}`,
      notes: [
        ...("seller" in asked ? [`GSTIN ${asked.seller}`] : []),
        `Amounts in ${scope.currency}, made ${localMoment(new Date().toISOString(), scope.timeZone)}`,
      ],
      columns,
      lines: lines(),
    },
    isStill: async () => same(rows) === same(await read()),
  };
}

function recordList(scope: Scope, asked: Extract<GstAsked, { gst: "record" }>): Promise<List> {
  const { gst: _, ...filter } = asked;
  const terms = [...recordIn, ...recordOut];
  return listOf(scope, {
    title: `Stock record, rule 56(2), ${asked.period.from} to ${asked.period.to}`,
    stem: `stock-record-${asked.period.from}-${asked.period.to}`,
    notes: [],
    columns: [
      ...item,
      figure("Opening", 7),
      ...terms.map((term) => figure(recordWords[term], 6)),
      figure("Balance", 7),
    ],
    page: (after) => stockRecords(scope, filter, { after, limit: 500 }),
    count: ({ items }) => items,
    whole: ({ items }) => items,
    cells: (row) => [
      row.name,
      row.sku,
      pieces(row.opening, row.decimals),
      ...terms.map((term) => pieces(row[term], row.decimals)),
      pieces(row.balance, row.decimals),
    ],
    // Pieces of one item and metres of another have no sum.
    closing: ({ items }) => [itemCount(items), null, null, ...terms.map(() => null), null],
  });
}
