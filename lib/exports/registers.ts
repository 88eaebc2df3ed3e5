/** The stock registers as lists to take away: the very rows of their pages, with a last line for all of them. */
import { z } from "zod";
import { Refusal } from "../core/errors";
import { decimalsOf } from "../core/money";
import { isLimited, type Scope } from "../people/access";
import { abcSorts, ageingSorts, coverSorts } from "../stock/analysis";
import { deadSorts } from "../stock/dead-stock";
import { buySorts } from "../stock/minimums";
import { locationsOf } from "../stock/purchase-reads";
import { stockStates } from "../stock/register";
import { summarySorts } from "../stock/summary";
import { ageingList, buyFile, classesList, coverFile, deadFile } from "./register-analysis";
import { stockList, summaryList } from "./register-stock";
import type { List } from "./reports";
import type { Figure } from "./sheet";

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
  z.strictObject({ register: z.literal("ageing"), q: words, location, sort: z.enum(ageingSorts).optional(), isDown }),
  z.strictObject({
    register: z.literal("abc"),
    q: words,
    location,
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
    location,
    days: z.number().int().min(1).max(3_650),
    sort: z.enum(deadSorts).optional(),
    isDown,
  }),
  z.strictObject({ register: z.literal("buy"), q: words, location, sort: z.enum(buySorts).optional(), isDown }),
]);
export type RegisterAsked = z.output<typeof RegisterAsked>;
export type Of<Name extends RegisterAsked["register"]> = Extract<RegisterAsked, { register: Name }>;

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
      : isLimited(scope)
        ? `Locations ${[...places.values()].join(", ")}`
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
    case "buy":
      return buyFile(scope, asked, notes, money);
  }
}
