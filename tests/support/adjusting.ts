/** A shelf of mugs and cloth, and forms of what leaves it or is found: what tests of adjustments begin with. */
import type { AdjustmentInput } from "../../lib/desk/adjustments";
import type { Scope } from "../../lib/people/access";
import type { MovesCosts } from "../../lib/preview";
import { newId } from "../../lib/system/ids";
import { aShop, booksNow, give, item, purchase } from "./trading";

/** A shop with ten mugs for 10.00 and 5.00 of cloth for 33.33 at its first place, an empty shed, and a bundle of mugs. */
export async function aShelf(name: string): Promise<Scope> {
  const scope = await aShop(name);
  await give(scope, [
    { kind: "location", id: "shed", name: "Shed" },
    item("mug", "Mug", "M-1"),
    { kind: "item", id: "cloth", name: "Cloth", sku: null, decimals: 2, aliases: [] },
    {
      kind: "item",
      id: "set",
      name: "Set",
      sku: null,
      decimals: 0,
      aliases: [],
      components: [{ item: "mug", qty: 2n }],
    },
    purchase("p1", "2026-03-01", [
      ["mug", 10n, 1000n],
      ["cloth", 500n, 3333n],
    ]),
  ]);
  return scope;
}

/** A form: 3 mugs lost, unless said. Lines are [item, quantity, worth]. */
export const input = (
  over: Partial<Omit<AdjustmentInput, "lines">> &
    Readonly<{ lines?: readonly (readonly [item: string, qty: string, worth?: string])[] }> = {},
): AdjustmentInput => {
  const { lines = [["mug", "3"]], ...rest } = over;
  return {
    id: newId(),
    way: "out",
    location: "main",
    on: "2026-03-10",
    reason: "lost",
    note: "",
    ...rest,
    lines: lines.map(([of, qty, worth = ""], row) => ({ row, item: of, text: "", qty, worth })),
  };
};
/** Balances by account, in minor units. */
export const accountsNow = async (of: Scope) =>
  Object.fromEntries((await booksNow(of)).trial_balance.map((row) => [row.code, row.amount]));
/** The refusal that shows what it would do, and what accepts it. */
export const asked = async (
  work: Promise<unknown>,
): Promise<Readonly<{ says: string; seen: string; error: MovesCosts }>> => {
  const error = (await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )) as MovesCosts | null;
  if (error?.code !== "moves_costs") throw error ?? new Error("it was not asked");
  return { says: error.message, seen: error.detail.seen ?? "", error };
};
