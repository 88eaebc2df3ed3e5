/** Choose item: one line, many, those like it; new products; taken back. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { takeBackCosts } from "../../lib/desk/costs";
import { chooseItem, previewMatch, toMatch } from "../../lib/desk/matching";
import type { Scope } from "../../lib/people/access";
import { soldLinesById } from "../../lib/sales/sold-reads";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  scope = await aShop("One");
  other = await aShop("Two");
  for (const of of [scope, other])
    await give(of, [
      item("jar-1", "Jar, one quart", "JAR"),
      item("jar-2", "Jar, two quarts", "JAR"),
      purchase("stock", "2026-01-02", [["jar-1", 5n, 5000n]]),
      order("a", "2026-02-01", [["Jar", 1n, 3800n, "JAR"]]),
      order("b", "2026-02-02", [["Jar", 1n, 3800n, "jar "]]),
      order("c", "2026-02-03", [["Old jar", 1n, 3800n]]),
      order("d", "2026-02-04", [["old  JAR", 1n, 3800n]]),
    ]);
});
const items = async (of: Scope) => (await soldLinesById(of, ["a-1", "b-1", "c-1", "d-1"])).map((line) => line.item);

describe("choosing an item", () => {
  it("says what fits and how many are alike, costs the line, and is taken back", async () => {
    expect(await toMatch(scope, ["a-1"])).toMatchObject({
      others: 1,
      candidates: [{ id: "jar-1" }, { id: "jar-2" }],
      lines: [{ candidates: 2 }],
    });
    expect(await toMatch(scope, ["c-1"])).toMatchObject({ others: 1, candidates: [] });
    const before = await booksNow(scope);
    const input = { lines: ["a-1"], item: { id: "jar-1", name: "" }, alsoSame: false };
    expect((await previewMatch(scope, input)).cost.change).toBe(1000n);
    expect(await booksNow(scope)).toEqual(before);
    const saved = await chooseItem(scope, input);
    expect(await items(scope)).toEqual(["jar-1", null, null, null]);
    expect(await items(other)).toEqual([null, null, null, null]);
    await proved(scope);
    await takeBackCosts(scope, { source: saved.source });
    expect(await booksNow(scope)).toEqual(before);
    await proved(scope, other);
  });

  it("holds for the others with the same SKU, or the same name where there is no SKU", async () => {
    expect(
      await chooseItem(scope, { lines: ["a-1"], item: { id: "jar-1", name: "Jar, one quart" }, alsoSame: true }),
    ).toMatchObject({ lines: 2 });
    expect(await items(scope)).toEqual(["jar-1", "jar-1", null, null]);
    const made = await chooseItem(scope, { lines: ["c-1"], item: { id: null, name: "Antique jar" }, alsoSame: true });
    expect(made.lines).toBe(2);
    expect(await items(scope)).toEqual(["jar-1", "jar-1", made.item, made.item]);
    await chooseItem(scope, { lines: ["a-1"], item: { id: "jar-2", name: "" }, alsoSame: false });
    expect(await items(scope)).toEqual(["jar-2", "jar-1", made.item, made.item]);
    await takeBackCosts(scope, { source: made.source });
    expect(await items(scope)).toEqual(["jar-2", "jar-1", null, null]);
    await proved(scope, other);
  });

  it("takes a known product by its name, and counts the typed name where the id is another's", async () => {
    expect(
      await chooseItem(scope, { lines: ["c-1"], item: { id: null, name: " jar, ONE quart" }, alsoSame: false }),
    ).toMatchObject({ item: "jar-1" });
    expect(
      await chooseItem(scope, { lines: ["d-1"], item: { id: "jar-1", name: "Jar, two quarts" }, alsoSame: false }),
    ).toMatchObject({ item: "jar-2" });
    expect(
      await refused(chooseItem(scope, { lines: ["c-1"], item: { id: null, name: " " }, alsoSame: false })),
    ).toEqual({ code: "field_missing", field: "itemText" });
    expect(
      await refused(chooseItem(scope, { lines: ["c-1"], item: { id: "nobody", name: "" }, alsoSame: false })),
    ).toMatchObject({ code: "unknown_id" });
    expect(
      await refused(chooseItem(scope, { lines: ["zz"], item: { id: "jar-1", name: "" }, alsoSame: false })),
    ).toMatchObject({ code: "not_found" });
    await proved(scope, other);
  });
});
