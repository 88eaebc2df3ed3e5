/** Many rows at once, by way of staging: all of them arrive, whoever else is at it. */
import { afterAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { aShop, give, item, order, proved } from "../support/trading";

afterAll(closeDatabase);

it("of several businesses in one process at the same moment, none loses a row to another", async () => {
  const shops = await Promise.all(["Alder", "Birch", "Cedar", "Dogwood"].map((name) => aShop(name)));
  const sales = Array.from({ length: 450 }, (_, n) => order(`o${n}`, "2025-01-03", [["Mug", 1n, 500n, "MUG"]]));
  const recorded = await Promise.all(shops.map((scope) => give(scope, [item("mug", "Mug", "MUG"), ...sales])));
  expect(recorded.map(({ added }) => added)).toEqual(shops.map(() => 451));
  await proved(...shops);
});
