/** A command of the model: whether it can be given now, and what it does to the model and to the shop. */
import type { AsyncCommand } from "fast-check";
import { addDays } from "../../../lib/core/dates";
import type { LocalDate } from "../../../lib/core/facts";
import type { Shop } from "./shop";
import type { Args, Model } from "./state";

/** `can` looks at the model alone, so that a run can be made shorter without the database. */
export type Kind = Readonly<{
  can: (m: Model, args: Args) => boolean;
  run: (m: Model, shop: Shop, args: Args) => Promise<void>;
}>;
/** A command as it is written down, to be given again. */
export type Step = readonly [
  name: string,
  at: number,
  of: number,
  day: number,
  qty: number,
  amount: number,
  way: number,
];

export class Given implements AsyncCommand<Model, Shop> {
  constructor(
    private readonly name: string,
    private readonly kind: Kind,
    private readonly args: Args,
  ) {}
  check(m: Readonly<Model>): boolean {
    return this.kind.can(m as Model, this.args);
  }
  async run(m: Model, shop: Shop): Promise<void> {
    m.isUnchanged = false;
    m.hasJoined = false;
    try {
      await this.kind.run(m, shop, this.args);
      await shop.agrees(m);
    } catch (error) {
      throw new Error(`after ${this}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
  toString(): string {
    const { at, of, day, qty, amount, way } = this.args;
    const step: Step = [this.name, at, of, day, qty, amount, way];
    return JSON.stringify(step);
  }
}

/** One of what there is, by a number that may be larger than that; undefined where there is nothing. */
export function pick<T>(from: readonly T[], at: number): T | undefined {
  return from.length === 0 ? undefined : from[at % from.length];
}
/** The same where the command's `can` has seen that there is one. */
export function must<T>(from: readonly T[], at: number): T {
  const one = pick(from, at);
  if (one === undefined) throw new Error("a command was given that cannot be given now");
  return one;
}
export const dayOf = (n: number): LocalDate => addDays("2025-03-01", n);
export const stocked = ["a", "b", "c"] as const;
export const places = ["main", "depot"] as const;
