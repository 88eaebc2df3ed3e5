/** A workshop with wax, wicks and jars on its shelf, and forms of recipes and productions: what tests of making begin with. */
import type { ProductionInput } from "../../lib/desk/production";
import type { TypedPart } from "../../lib/desk/recipe-lines";
import type { RecipeInput } from "../../lib/desk/recipes";
import type { Scope } from "../../lib/people/access";
import { newId } from "../../lib/system/ids";
import { aShop, give, item, purchase } from "./trading";

/** Wax by the kilogram (3 decimals) 5.000 for 50.00, 20 wicks for 4.00, 12 jars for 18.00, all on 1 March 2026; a shed; a bundle. */
export async function aWorkshop(name: string): Promise<Scope> {
  const scope = await aShop(name);
  await give(scope, [
    { kind: "location", id: "shed", name: "Shed" },
    { kind: "item", id: "wax", name: "Wax", sku: "WAX", decimals: 3, aliases: [] },
    item("wick", "Wick", "WICK"),
    item("jar", "Jar", "JAR"),
    item("candle", "Candle", "CAN-1"),
    item("box", "Gift box", "BOX"),
    {
      kind: "item",
      id: "set",
      name: "Set",
      sku: null,
      decimals: 0,
      aliases: [],
      components: [{ item: "jar", qty: 2n }],
    },
    purchase("p1", "2026-03-01", [
      ["wax", 5_000n, 5_000n],
      ["wick", 20n, 400n],
      ["jar", 12n, 1_800n],
    ]),
  ]);
  return scope;
}

/** Rows of a grid: [item, quantity, waste or share]. */
export const parts = (
  side: "in" | "out",
  rows: readonly (readonly [item: string, qty: string, more?: string])[],
): readonly TypedPart[] =>
  rows.map(([of, qty, more = ""], row) => ({
    row,
    item: of,
    text: "",
    qty,
    waste: side === "in" ? more : "",
    share: side === "out" ? more : "",
  }));

type Rows = readonly (readonly [item: string, qty: string, more?: string])[];

/** A recipe's form: 4 candles of 0.8 kg of wax, 4 wicks and 4 jars, unless said. */
export const recipe = (
  over: Partial<Omit<RecipeInput, "ins" | "outs">> & Readonly<{ ins?: Rows; outs?: Rows }> = {},
): RecipeInput => {
  const { ins, outs, ...rest } = over;
  return {
    id: null,
    version: null,
    way: "make",
    name: "",
    labour: "",
    labourPer: "batch",
    overhead: "",
    overheadPer: "batch",
    account: "6200",
    note: "",
    ...rest,
    ins: parts(
      "in",
      ins ?? [
        ["wax", "0.8"],
        ["wick", "4"],
        ["jar", "4"],
      ],
    ),
    outs: parts("out", outs ?? [["candle", "4"]]),
  };
};

/** A production's form: 4 candles of what the recipe says, on 10 March at the first place, unless said. */
export const production = (
  over: Partial<Omit<ProductionInput, "ins" | "outs">> & Readonly<{ ins?: Rows; outs?: Rows }> = {},
): ProductionInput => {
  const { ins, outs, ...rest } = over;
  return {
    id: newId(),
    way: "make",
    recipe: null,
    location: "main",
    on: "2026-03-10",
    overhead: "",
    account: "6200",
    note: "",
    ...rest,
    ins: parts(
      "in",
      ins ?? [
        ["wax", "0.8"],
        ["wick", "4"],
        ["jar", "4"],
      ],
    ),
    outs: parts("out", outs ?? [["candle", "4"]]),
  };
};
