/** What the addresses of In Stock and of its registers say, for the pages and their files alike. */

import { Refusal } from "@/lib/core/errors";
import { type CoverBand, coverBands } from "@/lib/core/registers";
import { type RegisterAsked, readRegister } from "@/lib/exports/registers";
import type { Scope } from "@/lib/people/access";
import { abcSorts, ageingSorts, coverSorts } from "@/lib/stock/analysis";
import { deadSorts } from "@/lib/stock/dead-stock";
import { buySorts } from "@/lib/stock/minimums";
import { type StockState, stockStates, usualDeadDays } from "@/lib/stock/register";
import { summarySorts } from "@/lib/stock/summary";
import { filterOf, type ListAddress, readAddress, type SearchParams } from "../../../ui/address";
import { type Chosen, dayOf, periodOf } from "../../reports/period";
import { ledgerHref, todayOf } from "../balances/state";

export const stateNames: Readonly<Record<StockState, string>> = {
  in: "in stock",
  out: "out of stock",
  low: "low stock",
  dead: "dead stock",
  below: "below zero",
  short: "needs cost",
};

/** The registers, as tabs; `path` under In Stock. */
export const registers = [
  { name: "stock", label: "In stock", path: "" },
  { name: "summary", label: "Movement summary", path: "/summary" },
  { name: "ageing", label: "Ageing", path: "/ageing" },
  { name: "abc", label: "ABC", path: "/abc" },
  { name: "cover", label: "Days of cover", path: "/cover" },
  { name: "dead", label: "Dead stock", path: "/dead" },
  { name: "buy", label: "Buy again", path: "/buy" },
] as const;
export type RegisterName = (typeof registers)[number]["name"];

const kept = ["state", "location", "on", "period", "from", "to", "whole", "days", "a", "b", "class", "band"];
const sorts: Readonly<Record<RegisterName, readonly string[]>> = {
  stock: ["name", "sku", "qty", "value", "oldest", "sold"],
  summary: summarySorts,
  ageing: ageingSorts,
  abc: abcSorts,
  cover: coverSorts,
  dead: deadSorts,
  buy: buySorts,
};

export type RegisterState<Asked extends RegisterAsked> = Readonly<{
  address: ListAddress;
  asked: Asked;
  chosen: Chosen;
  today: string;
  /** Why the day that is asked for cannot be read. */
  problem: string | null;
}>;

/** Which register an address asks for; another word is In Stock. */
export function registerNamed(text: string | undefined): RegisterName {
  return registers.find(({ name }) => name === text)?.name ?? "stock";
}

const whole = (text: string | null, usual: number, least: number, most: number): number => {
  const value = text !== null && /^\d{1,4}$/.test(text) ? Number(text) : usual;
  return value < least || value > most ? usual : value;
};

/** Reads what the address of a register says. What cannot be read is left out, a day with its reason. */
export function registerState<Name extends RegisterName>(
  scope: Scope,
  register: Name,
  params: SearchParams,
): RegisterState<Extract<RegisterAsked, { register: Name }>> {
  const address = readAddress(params, { filters: kept, sorts: sorts[register] });
  const today = todayOf(scope);
  const of = (name: string) => filterOf(address, name);
  const chosen = periodOf(params, scope, today);
  const day = readDay(of("on"), scope, today);
  const location = of("location") ?? undefined;
  const listed = { q: address.q, sort: address.sort?.key, isDown: address.sort?.down };
  const days = { from: chosen.period.from, to: chosen.period.to };
  const a = whole(of("a"), 80, 1, 99);
  const asked: Readonly<Record<RegisterName, unknown>> = {
    stock: {
      ...listed,
      on: day.on,
      location,
      state: stockStates.find((state) => state === of("state")),
    },
    summary: { ...listed, period: days, location, isWhole: of("whole") === "yes" },
    ageing: { ...listed, location },
    abc: {
      ...listed,
      location,
      period: days,
      a,
      b: Math.max(a, whole(of("b"), 95, 1, 100)),
      class: (["A", "B", "C"] as const).find((one) => one === of("class")),
    },
    cover: {
      ...listed,
      location,
      days: of("days") === "90" ? 90 : 30,
      band: coverBands.find((band: CoverBand) => band === of("band")),
    },
    buy: { ...listed, location },
    dead: { ...listed, location, days: whole(of("days"), usualDeadDays, 1, 3_650) },
  };
  return {
    address,
    chosen,
    today,
    problem: day.problem ?? chosen.problem,
    asked: readRegister({ register, ...(asked[register] as object) }) as Extract<RegisterAsked, { register: Name }>,
  };
}

function readDay(
  text: string | null,
  scope: Scope,
  today: string,
): Readonly<{ on: string | undefined; problem: string | null }> {
  if (text === null) return { on: undefined, problem: null };
  try {
    return { on: dayOf(text, scope, today), problem: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { on: undefined, problem: error.message };
  }
}

/** The address of an item's ledger, on the days of a register. */
export function itemHref(
  base: string,
  item: string,
  filter: Readonly<{ from?: string; to?: string | undefined; location?: string | undefined; type?: string }> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, value);
  const text = query.toString();
  return `${ledgerHref(base, item)}${text === "" ? "" : `?${text}`}`;
}

/** What files of a register are about, among all that workers make. */
export const aboutRegister = (register: RegisterName): string => `register/${register}`;
