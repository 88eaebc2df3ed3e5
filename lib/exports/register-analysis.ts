/** Ageing, ABC, cover, dead stock and what to buy again as lists to take away. */
import { ageBounds } from "../core/registers";
import type { Scope } from "../people/access";
import { abcList, coverList, stockAgeing } from "../stock/analysis";
import { deadStock } from "../stock/dead-stock";
import { buyAgain, costOf } from "../stock/minimums";
import { days, figure, item, itemCount, listOf, type Money, pageRows, pieces, text } from "./register-parts";
import type { Of } from "./registers";
import type { List } from "./reports";

/** The ages' names: `0–30 days`, …, `over a year`. */
export const ageNames: readonly string[] = [
  ...ageBounds.map((bound, i) => `${i === 0 ? 0n : (ageBounds[i - 1] ?? 0n) + 1n}–${bound} days`),
  "over a year",
];

/** The same under a bar of a chart, where there is little room. */
export const shortAge = (name: string): string => (name === "over a year" ? "1 year +" : name.replace(" days", ""));

export function ageingList(scope: Scope, asked: Of<"ageing">, notes: readonly string[], money: Money): Promise<List> {
  const { register: _, ...filter } = asked;
  let worth = money;
  return listOf(scope, {
    title: "Stock ageing",
    stem: "stock-ageing",
    notes: [
      [
        ...notes,
        "by the day on which each lot was acquired; at one place whose lots are those of all places, by the day on which it came there, without a worth",
      ].join(" · "),
    ],
    columns: [
      ...item,
      ...ageNames.map((name) => figure(name, 8)),
      figure("In lots", 8),
      ...ageNames.map((name) => figure(`${name} ${scope.currency}`, 10)),
      figure(`Value ${scope.currency}`, 10),
    ],
    page: async (after) => {
      const page = await stockAgeing(scope, filter, { after, limit: pageRows });
      worth = (minor) => (page.isWorthKnown ? money(minor) : null);
      return page;
    },
    count: ({ items }) => items,
    whole: ({ ages, items }) => ({ ages, items }),
    cells: (row) => [
      row.name,
      row.sku,
      ...[...row.ages, row.total].map(({ qty }) => pieces(qty, row.decimals)),
      ...[...row.ages, row.total].map(({ minor }) => worth(minor)),
    ],
    closing: (page) => [
      itemCount(page.items),
      null,
      ...[...page.ages, page.total].map(({ qty }) => (page.isWhole ? pieces(qty) : null)),
      ...[...page.ages, page.total].map(({ minor }) => worth(minor)),
    ],
  });
}

export function classesList(scope: Scope, asked: Of<"abc">, notes: readonly string[], money: Money): Promise<List> {
  const { register: _, a, b, ...filter } = asked;
  const bounds = { a: BigInt(a), b: BigInt(b) };
  let worth = money;
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
    page: async (after) => {
      const page = await abcList(scope, { ...filter, bounds }, { after, limit: pageRows });
      worth = (minor) => (page.isWorthKnown ? money(minor) : null);
      return page;
    },
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
      worth(row.onHandMinor),
    ],
    closing: (page) => [null, itemCount(page.items), null, null, money(page.total), null, null, null],
  });
}

export function coverFile(scope: Scope, asked: Of<"cover">, notes: readonly string[], money: Money): Promise<List> {
  const { register: _, ...filter } = asked;
  let worth = money;
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
    page: async (after) => {
      const page = await coverList(scope, filter, { after, limit: pageRows });
      worth = (minor) => (page.isWorthKnown ? money(minor) : null);
      return page;
    },
    count: ({ items }) => items,
    whole: ({ groups, items }) => ({ groups, items }),
    cells: (row) => [
      row.name,
      row.sku,
      pieces(row.qty, row.decimals),
      worth(row.minor),
      pieces(row.sold, row.decimals),
      pieces(row.cover),
    ],
    closing: (page) => [itemCount(page.items), null, null, worth(page.minor), null, null],
  });
}

export function deadFile(scope: Scope, asked: Of<"dead">, notes: readonly string[], money: Money): Promise<List> {
  const { register: _, ...filter } = asked;
  let worth = money;
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
    page: async (after) => {
      const page = await deadStock(scope, filter, { after, limit: pageRows });
      worth = (minor) => (page.isWorthKnown ? money(minor) : null);
      return page;
    },
    count: ({ items }) => items,
    whole: ({ groups, items }) => ({ groups, items }),
    cells: (row) => [row.name, row.sku, pieces(row.qty, row.decimals), worth(row.minor), row.lastSoldOn, row.oldestOn],
    closing: (page) => [itemCount(page.items), null, null, worth(page.minor), null, null],
  });
}

export function buyFile(scope: Scope, asked: Of<"buy">, notes: readonly string[], money: Money): Promise<List> {
  const { register: _, ...filter } = asked;
  return listOf(scope, {
    title: "Buy again: below the minimum",
    stem: "buy-again",
    notes: [notes.join(" · ")],
    columns: [
      ...item,
      text("Location", 12),
      figure("On hand", 7),
      figure("In transit", 7),
      figure("On order", 7),
      figure("Minimum", 7),
      figure("Buy", 7),
      figure(`About ${scope.currency}`, 10),
      text("Last supplier", 14),
      days("Bought", 9),
      figure(`Last price ${scope.currency}`, 9),
      figure("Days of cover", 7),
    ],
    page: (after) => buyAgain(scope, filter, { after, limit: pageRows }),
    count: ({ items }) => items,
    whole: ({ items, costMinor }) => ({ items, costMinor }),
    cells: (row) => [
      row.name,
      row.sku,
      row.locationName,
      pieces(row.qty, row.decimals),
      row.inTransit === 0n ? null : pieces(row.inTransit, row.decimals),
      row.onOrder === 0n ? null : pieces(row.onOrder, row.decimals),
      pieces(row.minimum, row.decimals),
      pieces(row.buy, row.decimals),
      money(costOf(row)),
      row.last?.supplier ?? null,
      row.last?.on ?? null,
      money(row.last?.eachMinor ?? null),
      pieces(row.cover),
    ],
    closing: (page) => [
      itemCount(page.items),
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      money(page.costMinor),
      null,
      null,
      null,
      null,
    ],
  });
}
