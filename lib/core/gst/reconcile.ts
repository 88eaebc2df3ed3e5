/**
 * The stock that the item ledger says went out and came back, against what invoices and notes report: item by item, HSN by HSN, with the
 * rows that explain each difference. Both sides name the sold or returned line that they are of, so nothing is guessed from quantities:
 * each line's difference has one cause, and a row's differences add up to the row's.
 */
import type { LocalDate } from "../facts";

/** `out`: sold and invoiced. `back`: returned and credited. */
export type Side = "out" | "back";

/** A row of the item ledger, in smallest units above 0. */
export type Moved = Readonly<{ side: Side; line: string; item: string; on: LocalDate; qty: bigint; number: string }>;
/** A line of an invoice or note, in the units of the item that moved (a bundle's line in its parts). `id`: the document. */
export type Reported = Readonly<{
  side: Side;
  line: string;
  item: string;
  hsn: string;
  on: LocalDate;
  qty: bigint;
  id: string;
  number: string;
  isCancelled: boolean;
}>;

export const causes = [
  "not_issued",
  "cancelled",
  "issued_other_period",
  "moved_other_period",
  "not_moved",
  "quantity",
] as const;
export type Cause = (typeof causes)[number];

export const causeWords: Readonly<Record<Side, Readonly<Record<Cause, string>>>> = {
  out: {
    not_issued: "Sold, and no invoice was issued",
    cancelled: "Sold, and its invoice is cancelled",
    issued_other_period: "Sold in this period, invoiced in another",
    moved_other_period: "Invoiced in this period, sold in another",
    not_moved: "Invoiced, and no stock went out for it",
    quantity: "Invoiced in another quantity than was sold",
  },
  back: {
    not_issued: "Came back, and no credit note was issued",
    cancelled: "Came back, and its credit note is cancelled",
    issued_other_period: "Came back in this period, credited in another",
    moved_other_period: "Credited in this period, came back in another",
    not_moved: "Credited, and no stock came back for it",
    quantity: "Credited in another quantity than came back",
  },
};

/** `moved` and `reported` are of this period; their difference is what the cause explains. `document` and `order` are what people look up. */
export type Explained = Readonly<{
  cause: Cause;
  side: Side;
  line: string;
  moved: bigint;
  reported: bigint;
  order: string | null;
  document: Readonly<{ id: string; number: string; on: LocalDate }> | null;
}>;
export type Reconciled = Readonly<{
  item: string;
  hsn: string;
  out: Readonly<{ moved: bigint; reported: bigint }>;
  back: Readonly<{ moved: bigint; reported: bigint }>;
  /** Of both sides; empty where the two agree line by line. */
  explained: readonly Explained[];
}>;

/**
 * Reconciles a period. `moved` and `reported` hold what is of the period, and of every line of theirs also what is of other periods, so
 * that a cause can say so. `hsnOf` is the code of an item that no document tells.
 */
export function reconcile(
  period: Readonly<{ from: LocalDate; to: LocalDate }>,
  moved: readonly Moved[],
  reported: readonly Reported[],
  hsnOf: (item: string) => string,
): readonly Reconciled[] {
  const isIn = (on: LocalDate) => on >= period.from && on <= period.to;
  const lines = new Map<string, { side: Side; line: string; item: string; moved: Moved[]; reported: Reported[] }>();
  const at = (one: Moved | Reported) => {
    const id = `${one.side}\u001f${one.item}\u001f${one.line}`;
    const known = lines.get(id) ?? { side: one.side, line: one.line, item: one.item, moved: [], reported: [] };
    lines.set(id, known);
    return known;
  };
  for (const one of moved) at(one).moved.push(one);
  for (const one of reported) at(one).reported.push(one);
  const rows = new Map<string, Reconciled>();
  for (const one of lines.values()) {
    const stand = one.reported.filter(({ isCancelled }) => !isCancelled);
    const movedNow = sum(one.moved.filter(({ on }) => isIn(on)));
    const reportedNow = sum(stand.filter(({ on }) => isIn(on)));
    if (movedNow === 0n && reportedNow === 0n) continue;
    const hsn = (stand[0] ?? one.reported[0])?.hsn ?? hsnOf(one.item);
    const id = `${hsn.padEnd(8)}\u001f${one.item}`;
    const before = rows.get(id) ?? empty(one.item, hsn);
    const side = { moved: before[one.side].moved + movedNow, reported: before[one.side].reported + reportedNow };
    const cause = movedNow === reportedNow ? null : causeOf(movedNow, reportedNow, one.moved, stand, one.reported);
    const shown = stand.find(({ on }) => isIn(on)) ?? stand[0] ?? one.reported[0];
    const explained: Explained[] =
      cause === null
        ? []
        : [
            {
              cause,
              side: one.side,
              line: one.line,
              moved: movedNow,
              reported: reportedNow,
              order: one.moved[0]?.number ?? null,
              document: shown === undefined ? null : { id: shown.id, number: shown.number, on: shown.on },
            },
          ];
    rows.set(id, { ...before, [one.side]: side, explained: [...before.explained, ...explained] });
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function causeOf(
  movedNow: bigint,
  reportedNow: bigint,
  moved: readonly Moved[],
  stand: readonly Reported[],
  all: readonly Reported[],
): Cause {
  if (reportedNow === 0n) {
    if (stand.length > 0) return "issued_other_period";
    return all.length > 0 ? "cancelled" : "not_issued";
  }
  if (movedNow === 0n) return moved.length > 0 ? "moved_other_period" : "not_moved";
  return "quantity";
}

const sum = (rows: readonly Readonly<{ qty: bigint }>[]): bigint => rows.reduce((total, { qty }) => total + qty, 0n);

const empty = (item: string, hsn: string): Reconciled => ({
  item,
  hsn,
  out: { moved: 0n, reported: 0n },
  back: { moved: 0n, reported: 0n },
  explained: [],
});

/** The same HSN by HSN; quantities of items with other decimals are not added, so `of` keeps a sum for each. */
export type HsnReconciled = Readonly<{
  hsn: string;
  decimals: number;
  items: number;
  out: Reconciled["out"];
  back: Reconciled["back"];
  differences: number;
}>;

export function byHsn(rows: readonly Reconciled[], decimalsOf: (item: string) => number): readonly HsnReconciled[] {
  const sums = new Map<string, HsnReconciled>();
  for (const row of rows) {
    const decimals = decimalsOf(row.item);
    const id = `${row.hsn.padEnd(8)}\u001f${decimals}`;
    const before = sums.get(id);
    const side = (of: Side) => ({
      moved: (before?.[of].moved ?? 0n) + row[of].moved,
      reported: (before?.[of].reported ?? 0n) + row[of].reported,
    });
    sums.set(id, {
      hsn: row.hsn,
      decimals,
      items: (before?.items ?? 0) + 1,
      out: side("out"),
      back: side("back"),
      differences: (before?.differences ?? 0) + row.explained.length,
    });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
