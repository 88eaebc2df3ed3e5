/** The stock registers as lists to take away: the very rows of their pages, with a last line for all of them. */
import { z } from "zod";
import { Refusal } from "../core/errors";
import { decimalsOf } from "../core/money";
import { ageBounds } from "../core/registers";
import type { Scope } from "../people/access";
import {
  abcList,
  abcSorts,
  ageingSorts,
  coverList,
  coverSorts,
  deadSorts,
  deadStock,
  stockAgeing,
} from "../stock/analysis";
import { locationsOf } from "../stock/purchase-reads";
import { inStock, stockStates } from "../stock/register";
import { type Figures, movementSummary, summarySorts, type Term, terms } from "../stock/summary";
import { localMoment } from "./moment";
import type { List } from "./reports";
import type { Cell, Column, Figure, Line } from "./sheet";

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const words = z.string().optional();
const isDown = z.boolean().optional();
const location = z.string().optional();
const period = z.strictObject({ from: day, to: day });
const percent = z.number().int().min(1).max(100);

/** A register and its filter, as they are kept with what was asked for. */
export const RegisterAsked = z.discriminatedUnion("register", [
  z.strictObject({
    register: z.literal("stock"),
    q: words,
    state: z.enum(stockStates).optional(),
    location,
    on: day.optional(),
    sort: z.enum(["name", "sku", "qty", "value", "oldest", "sold"]).optional(),
    isDown,
  }),
  z.strictObject({
    register: z.literal("summary"),
    q: words,
    location,
    period,
    isWhole: z.boolean().optional(),
    sort: z.enum(summarySorts).optional(),
    isDown,
  }),
  z.strictObject({ register: z.literal("ageing"), q: words, sort: z.enum(ageingSorts).optional(), isDown }),
  z.strictObject({
    register: z.literal("abc"),
    q: words,
    period,
    a: percent,
    b: percent,
    class: z.enum(["A", "B", "C"]).optional(),
    sort: z.enum(abcSorts).optional(),
    isDown,
  }),
  z.strictObject({
    register: z.literal("cover"),
    q: words,
    location,
    days: z.union([z.literal(30), z.literal(90)]),
    band: z.enum(["out", "week", "month", "quarter", "longer", "unsold"]).optional(),
    sort: z.enum(coverSorts).optional(),
    isDown,
  }),
  z.strictObject({
    register: z.literal("dead"),
    q: words,
    days: z.number().int().min(1).max(3_650),
    sort: z.enum(deadSorts).optional(),
    isDown,
  }),
]);
export type RegisterAsked = z.output<typeof RegisterAsked>;
type Of<Name extends RegisterAsked["register"]> = Extract<RegisterAsked, { register: Name }>;

const text = (head: string, share: number): Column => ({ head, kind: "text", share });
const figure = (head: string, share: number): Column => ({ head, kind: "figure", share });
const days = (head: string, share: number): Column => ({ head, kind: "day", share });
const item: readonly Column[] = [text("Item", 22), text("SKU", 11)];
const pageRows = 5_000;

/** How a register is read for a file: a page of rows, what a row says, and what all rows say. */
type Paged = Readonly<{ rows: readonly unknown[]; after: string | null }>;
type Reading<Page extends Paged> = Readonly<{
  title: string;
  stem: string;
  notes: readonly string[];
  columns: readonly Column[];
  page: (after: string | null) => Promise<Page>;
  count: (page: Page) => number;
  /** What must stay the same while it is read. */
  whole: (page: Page) => unknown;
  cells: (row: Page["rows"][number]) => readonly Cell[];
  closing: (page: Page) => readonly Cell[];
}>;

async function listOf<Page extends Paged>(scope: Scope, read: Reading<Page>): Promise<List> {
  const first = await read.page(null);
  const same = (page: Page) =>
    JSON.stringify(read.whole(page), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  async function* lines(): AsyncGenerator<Line> {
    let page = first;
    for (;;) {
      for (const row of page.rows) yield { kind: "row", cells: read.cells(row) };
      if (page.after === null) break;
      page = await read.page(page.after);
    }
    yield { kind: "closing", cells: read.closing(first) };
  }
  return {
    rows: read.count(first),
    stem: `${scope.slug}-${read.stem}`,
    sheet: {
      business: scope.name,
      title: read.title,
      notes: [
        ...read.notes,
        `Amounts in ${scope.currency}, made ${localMoment(new Date().toISOString(), scope.timeZone)}`,
      ],
      columns: read.columns,
      lines: lines(),
    },
    isStill: async () => same(first) === same(await read.page(null)),
  };
}

/** What was asked for, as it is kept. Refuses `bad_field` for what is no register. */
export function readRegister(asked: unknown): RegisterAsked {
  const read = RegisterAsked.safeParse(asked);
  if (!read.success) throw new Refusal("bad_field", "This is not a filter of a stock register.");
  return read.data;
}

/** The list of a register. */
export async function registerList(scope: Scope, asked: RegisterAsked): Promise<List> {
  const places = new Map((await locationsOf(scope)).map(({ id, name }) => [id, name]));
  const notes = [
    "location" in asked && asked.location !== undefined
      ? `Location ${places.get(asked.location) ?? asked.location}`
      : "All locations",
    ...(asked.q === undefined || asked.q === "" ? [] : [`items with “${asked.q}”`]),
  ];
  const money = (units: bigint | null): Figure | null =>
    units === null ? null : { units, decimals: decimalsOf(scope.currency) };
  switch (asked.register) {
    case "stock":
      return stockList(scope, asked, notes, places, money);
    case "summary":
      return summaryList(scope, asked, notes, money);
    case "ageing":
      return ageingList(scope, asked, notes, money);
    case "abc":
      return classesList(scope, asked, notes, money);
    case "cover":
      return coverFile(scope, asked, notes, money);
    case "dead":
      return deadFile(scope, asked, notes, money);
  }
}

type Money = (units: bigint | null) => Figure | null;
const pieces = (units: bigint | null, decimals = 0): Figure | null => (units === null ? null : { units, decimals });

const stateWords = {
  in: "in stock",
  out: "out of stock",
  below: "below zero",
  short: "needs a cost",
  low: "low stock",
  dead: "dead stock",
} as const;

async function stockList(
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
      figure(`Value ${scope.currency}`, 10),
      days("Oldest lot", 9),
      days("Last sold", 9),
      ...(asked.on === undefined ? [figure("Minimum", 7), text("Mark", 8), figure("Without a cost", 8)] : []),
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
            pieces(row.minimum, row.decimals),
            row.isLow ? "low stock" : null,
            row.short === 0n ? null : pieces(row.short, row.decimals),
          ]
        : []),
    ],
    closing: ({ totals }) => [
      `${totals.items} items`,
      null,
      pieces(totals.qty),
      ...shown.map((id) => (totals.qty === null ? null : pieces(at(totals.places, id)))),
      money(totals.valueMinor),
      null,
      null,
      ...(asked.on === undefined ? [null, null, null] : []),
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

function summaryList(scope: Scope, asked: Of<"summary">, notes: readonly string[], money: Money): Promise<List> {
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
      ...terms.map((term) => figure(`${termHeads[term]} ${scope.currency}`, 9)),
    ],
    page: async (after) => {
      const page = await movementSummary(scope, filter, { after, limit: pageRows });
      isWorthKnown = page.isWorthKnown;
      return page;
    },
    count: ({ items }) => items,
    whole: ({ totals, items }) => ({ totals, items }),
    cells: (row) => [row.name, row.sku, ...cells(row, row.decimals, isWorthKnown)],
    closing: (page) => [`${page.items} items`, null, ...cells(page.totals, page.isWhole ? 0 : null, page.isWorthKnown)],
  });
}

/** The ages' names: `0–30 days`, …, `over a year`. */
export const ageNames: readonly string[] = [
  ...ageBounds.map((bound, i) => `${i === 0 ? 0n : (ageBounds[i - 1] ?? 0n) + 1n}–${bound} days`),
  "over a year",
];

function ageingList(scope: Scope, asked: Of<"ageing">, notes: readonly string[], money: Money): Promise<List> {
  const { register: _, ...filter } = asked;
  return listOf(scope, {
    title: "Stock ageing",
    stem: "stock-ageing",
    notes: [[...notes, "by the day on which each lot was acquired"].join(" · ")],
    columns: [
      ...item,
      ...ageNames.map((name) => figure(name, 8)),
      figure("In lots", 8),
      ...ageNames.map((name) => figure(`${name} ${scope.currency}`, 10)),
      figure(`Value ${scope.currency}`, 10),
    ],
    page: (after) => stockAgeing(scope, filter, { after, limit: pageRows }),
    count: ({ items }) => items,
    whole: ({ ages, items }) => ({ ages, items }),
    cells: (row) => [
      row.name,
      row.sku,
      ...[...row.ages, row.total].map(({ qty }) => pieces(qty, row.decimals)),
      ...[...row.ages, row.total].map(({ minor }) => money(minor)),
    ],
    closing: (page) => [
      `${page.items} items`,
      null,
      ...[...page.ages, page.total].map(({ qty }) => (page.isWhole ? pieces(qty) : null)),
      ...[...page.ages, page.total].map(({ minor }) => money(minor)),
    ],
  });
}

function classesList(scope: Scope, asked: Of<"abc">, notes: readonly string[], money: Money): Promise<List> {
  const { register: _, a, b, ...filter } = asked;
  const bounds = { a: BigInt(a), b: BigInt(b) };
  return listOf(scope, {
    title: `ABC by value sold, ${asked.period.from} to ${asked.period.to}`,
    stem: `abc-${asked.period.from}-${asked.period.to}`,
    notes: [
      [...notes, `A up to ${a} %, B up to ${b} %, C the rest; by the cost of what was sold less what came back`].join(
        " · ",
      ),
    ],
    columns: [
      text("Class", 5),
      ...item,
      figure("Sold", 8),
      figure(`Value sold ${scope.currency}`, 11),
      figure(`Those before ${scope.currency}`, 11),
      figure("On hand", 8),
      figure(`Worth ${scope.currency}`, 10),
    ],
    page: (after) => abcList(scope, { ...filter, bounds }, { after, limit: pageRows }),
    count: ({ items }) => items,
    whole: ({ groups, items }) => ({ groups, items }),
    cells: (row) => [
      row.class,
      row.name,
      row.sku,
      pieces(row.sold, row.decimals),
      money(row.value),
      money(row.before),
      pieces(row.onHand, row.decimals),
      money(row.onHandMinor),
    ],
    closing: (page) => [null, `${page.items} items`, null, null, money(page.total), null, null, null],
  });
}

function coverFile(scope: Scope, asked: Of<"cover">, notes: readonly string[], money: Money): Promise<List> {
  const { register: _, ...filter } = asked;
  return listOf(scope, {
    title: `Days of cover, at the pace of the last ${asked.days} days`,
    stem: "days-of-cover",
    notes: [notes.join(" · ")],
    columns: [
      ...item,
      figure("On hand", 8),
      figure(`Value ${scope.currency}`, 10),
      figure(`Sold in ${asked.days} days`, 9),
      figure("Days of cover", 9),
    ],
    page: (after) => coverList(scope, filter, { after, limit: pageRows }),
    count: ({ items }) => items,
    whole: ({ groups, items }) => ({ groups, items }),
    cells: (row) => [
      row.name,
      row.sku,
      pieces(row.qty, row.decimals),
      money(row.minor),
      pieces(row.sold, row.decimals),
      pieces(row.cover),
    ],
    closing: (page) => [`${page.items} items`, null, null, money(page.minor), null, null],
  });
}

function deadFile(scope: Scope, asked: Of<"dead">, notes: readonly string[], money: Money): Promise<List> {
  const { register: _, ...filter } = asked;
  return listOf(scope, {
    title: `Dead stock: nothing sold for ${asked.days} days`,
    stem: "dead-stock",
    notes: [notes.join(" · ")],
    columns: [
      ...item,
      figure("On hand", 8),
      figure(`Value ${scope.currency}`, 10),
      days("Last sold", 9),
      days("Oldest lot", 9),
    ],
    page: (after) => deadStock(scope, filter, { after, limit: pageRows }),
    count: ({ items }) => items,
    whole: ({ groups, items }) => ({ groups, items }),
    cells: (row) => [row.name, row.sku, pieces(row.qty, row.decimals), money(row.minor), row.lastSoldOn, row.oldestOn],
    closing: (page) => [`${page.items} items`, null, null, money(page.minor), null, null],
  });
}
