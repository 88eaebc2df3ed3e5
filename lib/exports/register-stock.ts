/** In Stock and the movement summary as lists to take away. */
import type { Scope } from "../people/access";
import { inStock } from "../stock/register";
import { type Figures, movementSummary, type Term, terms } from "../stock/summary";
import { days, figure, item, itemCount, listOf, type Money, pageRows, pieces, text, worth } from "./register-parts";
import type { Of } from "./registers";
import type { List } from "./reports";
import type { Cell } from "./sheet";

const stateWords = {
  in: "in stock",
  out: "out of stock",
  below: "below zero",
  short: "needs a cost",
  low: "low stock",
  dead: "dead stock",
} as const;

export async function stockList(
  scope: Scope,
  asked: Of<"stock">,
  notes: readonly string[],
  places: ReadonlyMap<string, string>,
  money: Money,
): Promise<List> {
  const { register: _, ...filter } = asked;
  const first = await inStock(scope, filter, { limit: 1 });
  const held = first.totals.places.map(({ location: id }) => id);
  // In their own order; what lies between two places last.
  const shown = [...places.keys(), "in-transit"].filter((id) => held.includes(id));
  const at = (of: readonly Readonly<{ location: string; qty: bigint }>[], id: string) =>
    of.find((place) => place.location === id)?.qty ?? 0n;
  return listOf(scope, {
    title: asked.on === undefined ? "In stock now" : `In stock on ${asked.on}`,
    stem: asked.on === undefined ? "in-stock" : `in-stock-${asked.on}`,
    notes: [[...notes, ...(asked.state === undefined ? [] : [stateWords[asked.state]])].join(" · ")],
    columns: [
      ...item,
      figure("On hand", 8),
      ...shown.map((id) => figure(places.get(id) ?? "In transit", 8)),
      worth(`Value ${scope.currency}`, 10),
      days("Oldest lot", 9),
      days("Last sold", 9),
      ...(asked.on === undefined
        ? [figure("On order", 7), figure("Minimum", 7), text("Mark", 8), worth("Without a cost", 8)]
        : []),
    ],
    page: (after) => inStock(scope, filter, { after, limit: 500 }),
    count: ({ totals }) => totals.items,
    whole: ({ totals }) => totals,
    cells: (row) => [
      row.name,
      row.sku,
      pieces(row.qty, row.decimals),
      ...shown.map((id) => pieces(at(row.places, id), row.decimals)),
      money(row.valueMinor),
      row.oldestOn,
      row.lastSoldOn,
      ...(asked.on === undefined
        ? [
            row.onOrder === 0n ? null : pieces(row.onOrder, row.decimals),
            pieces(row.minimum, row.decimals),
            row.isLow ? "low stock" : null,
            row.short === 0n ? null : pieces(row.short, row.decimals),
          ]
        : []),
    ],
    closing: ({ totals }) => [
      itemCount(totals.items),
      null,
      pieces(totals.qty),
      ...shown.map((id) => (totals.qty === null ? null : pieces(at(totals.places, id)))),
      money(totals.valueMinor),
      null,
      null,
      ...(asked.on === undefined ? [null, null, null, null] : []),
    ],
  });
}

const termHeads: Readonly<Record<Term, string>> = {
  beginning: "Beginning",
  added: "Added",
  deducted: "Deducted",
  sold: "Sold",
  back: "Refunds",
  movedIn: "Transferred in",
  movedOut: "Transferred out",
  ending: "Ending",
};

export function summaryList(scope: Scope, asked: Of<"summary">, notes: readonly string[], money: Money): Promise<List> {
  const { register: _, ...filter } = asked;
  const cells = (row: Figures, decimals: number | null, isWorthKnown: boolean): readonly Cell[] => [
    ...terms.map((term) => (decimals === null ? null : pieces(row[term].qty, decimals))),
    ...terms.map((term) => (isWorthKnown ? money(row[term].minor) : null)),
  ];
  let isWorthKnown = true;
  return listOf(scope, {
    title: `Movement summary, ${asked.period.from} to ${asked.period.to}`,
    stem: `movement-summary-${asked.period.from}-${asked.period.to}`,
    notes: [notes.join(" · "), "Beginning + added − deducted − sold + refunds + in − out = ending"],
    columns: [
      ...item,
      ...terms.map((term) => figure(termHeads[term], 7)),
      ...terms.map((term) => worth(`${termHeads[term]} ${scope.currency}`, 9)),
    ],
    page: async (after) => {
      const page = await movementSummary(scope, filter, { after, limit: pageRows });
      isWorthKnown = page.isWorthKnown;
      return page;
    },
    count: ({ items }) => items,
    whole: ({ totals, items }) => ({ totals, items }),
    cells: (row) => [row.name, row.sku, ...cells(row, row.decimals, isWorthKnown)],
    closing: (page) => [itemCount(page.items), null, ...cells(page.totals, page.isWhole ? 0 : null, page.isWorthKnown)],
  });
}
