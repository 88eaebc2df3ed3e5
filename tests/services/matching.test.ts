/** Choose item: one line, many, those like it; new products; taken back. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
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

describe("lines of one listing", () => {
  /** An order of one line of listing L, sold as what its SKU says. */
  const listed = (id: string, on: string, sku: string | null, listing: string | null = "L") => {
    const { lines, ...rest } = order(id, on, [["Whatever", 1n, 3800n, sku]]);
    return { ...rest, lines: lines.map((line) => ({ ...line, listing })) };
  };
  const two = [
    item("cup", "Cup", "CUP"),
    item("pot", "Pot", "POT"),
    purchase("more", "2026-01-03", [["pot", 9n, 900n]]),
  ];
  const itemsOf = async (of: Scope, ...orders: string[]) =>
    (
      await soldLinesById(
        of,
        orders.map((id) => `${id}-1`),
      )
    ).map((line) => line.item);

  it("are of nothing until one of them is of an item, and then those after it are of that", async () => {
    await give(scope, [...two, listed("e", "2026-03-01", null), listed("f", "2026-03-05", null)]);
    await give(scope, [listed("g", "2026-03-07", null)]);
    expect(await itemsOf(scope, "e", "f", "g")).toEqual([null, null, null]);
    await give(scope, [listed("h", "2026-03-03", "POT")]);
    expect(await itemsOf(scope, "e", "f", "g", "h")).toEqual([null, "pot", "pot", "pot"]);
    await give(scope, [listed("i", "2026-03-09", null)]);
    expect(await itemsOf(scope, "i")).toEqual(["pot"]);
    await give(other, [
      ...two,
      ...["e", "f", "g", "i"].map((id, n) =>
        listed(id, ["2026-03-01", "2026-03-05", "2026-03-07", "2026-03-09"][n] ?? "", null),
      ),
      listed("h", "2026-03-03", "POT"),
    ]);
    expect(await booksNow(scope)).toEqual(await booksNow(other));
    await proved(scope, other);
  });

  it.each([
    [
      "says nothing else of the listing",
      { ...listed("e", "2026-03-01", "CUP"), shipping: 500n },
      ["cup", "cup", "cup"],
    ],
    ["is of another product", listed("e", "2026-03-01", "POT"), ["pot", "pot", "pot"]],
    ["is later than another", listed("e", "2026-03-04", "CUP"), ["pot", "pot", "pot"]],
    ["is of no product", listed("e", "2026-03-01", null), [null, "pot", "pot"]],
    ["is of another listing", listed("e", "2026-03-01", "CUP", "other"), ["cup", "pot", "pot"]],
    ["has no line of it any more", order("e", "2026-03-01", [["Jar, one quart", 1n, 3800n]]), ["jar-1", "pot", "pot"]],
  ])("are what the earliest of them is, where a new version of its order %s", async (_, version, expected) => {
    const later = [listed("f", "2026-03-02", "POT"), listed("g", "2026-03-03", null)];
    const renamed = {
      ...version,
      lines: version.lines.map((line) => ({ ...line, id: line.listing === null ? "e-2" : line.id })),
    };
    await give(scope, [...two, listed("e", "2026-03-01", "CUP"), ...later]);
    expect(await itemsOf(scope, "e", "f", "g")).toEqual(["cup", "cup", "cup"]);
    await give(scope, [renamed]);
    const own = renamed.lines[0]?.id ?? "";
    expect((await soldLinesById(scope, [own, "f-1", "g-1"])).map((line) => line.item)).toEqual(expected);
    await give(other, [...two, ...later, renamed]);
    expect(await booksNow(scope)).toEqual(await booksNow(other));
    await proved(scope, other);
  });

  it("keep what a person chose when its order comes in a new version", async () => {
    await give(scope, [...two, listed("e", "2026-03-01", "CUP"), listed("f", "2026-03-02", null)]);
    await chooseItem(scope, { lines: ["f-1"], item: { id: "pot", name: "Pot" }, alsoSame: false });
    expect(await itemsOf(scope, "e", "f")).toEqual(["pot", "pot"]);
    await give(scope, [{ ...listed("f", "2026-03-02", null), shipping: 300n }]);
    expect(await itemsOf(scope, "e", "f")).toEqual(["pot", "pot"]);
    // In another listing the choice is for that one, and the line that is left says for itself what it is.
    await give(scope, [listed("f", "2026-03-02", null, "other")]);
    expect(await itemsOf(scope, "e", "f")).toEqual(["cup", "pot"]);
    await proved(scope);
  });

  it("are proved by the rule: a line that says otherwise is named, and a listing that would decide otherwise", async () => {
    await give(scope, [...two, listed("e", "2026-03-01", "CUP"), listed("f", "2026-03-02", null)]);
    await proved(scope);
    const owner = postgres((await testDatabase()).url, { max: 1 });
    const found = async () =>
      (await verifyBooks(scope)).checks.find((check) => check.name.startsWith("Every sold line"))?.findings;
    const of = scope.businessId;
    try {
      await owner`update app.order_lines set matched_by = 'sku' where business_id = ${of} and id = 'f-1'`;
      expect(await found()).toEqual([
        { what: "what the sold line f-1 is", expected: "cup by listing", found: "cup by sku" },
      ]);
      await owner`update app.order_lines set matched_by = 'listing' where business_id = ${of} and id = 'f-1'`;
      await owner`update app.listings set item_id = 'pot' where business_id = ${of}`;
      expect(await found()).toEqual([
        {
          what: "what decides the listing shop L",
          expected: "cup by e-1 of 2026-03-01",
          found: "pot by e-1 of 2026-03-01",
        },
      ]);
      await owner`delete from app.listings where business_id = ${of}`;
      expect(await found()).toMatchObject([{ found: "nothing" }]);
    } finally {
      await owner.end();
    }
  });
});
