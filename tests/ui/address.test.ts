import { describe, expect, it } from "vitest";
import { filterOf, hrefOf, readAddress, sortOf } from "../../app/ui/address";

const known = { filters: ["channel", "missing"], sorts: ["on", "price"] };

describe("the state of a list in its address", () => {
  it("reads what is known and keeps the rest apart", () => {
    const address = readAddress(
      { q: " mug ", channel: ["ebay", "etsy"], missing: "", sort: "-price", after: "c1", why: "7" },
      known,
    );
    expect(address).toEqual({
      q: "mug",
      filters: { channel: ["ebay", "etsy"] },
      sort: { key: "price", down: true },
      after: "c1",
      before: null,
      rest: { why: "7" },
    });
    expect(filterOf(address, "channel")).toBe("ebay");
    expect(filterOf(address, "missing")).toBeNull();
  });

  it("does not take a sort that the list does not have", () => {
    expect(readAddress({ sort: "password" }, known).sort).toBeNull();
  });

  it("writes what it read", () => {
    const params = { channel: ["ebay", "etsy"], q: "mug", sort: "-price", after: "c1", why: "7" };
    const href = hrefOf("/sold", readAddress(params, known));
    const query = new URL(href, "http://x").searchParams;
    expect(query.getAll("channel")).toEqual(["ebay", "etsy"]);
    expect([query.get("q"), query.get("sort"), query.get("after"), query.get("why")]).toEqual([
      "mug",
      "-price",
      "c1",
      "7",
    ]);
  });

  it("goes back to the first page when a filter, the words or the order change, and keeps it for an opened row", () => {
    const address = readAddress({ after: "c9", channel: "ebay" }, known);
    expect(hrefOf("/sold", address, { filters: { missing: "1" } })).toBe("/sold?channel=ebay&missing=1");
    expect(hrefOf("/sold", address, { q: "mug" })).toBe("/sold?channel=ebay&q=mug");
    expect(hrefOf("/sold", address, { sort: { key: "on", down: false } })).toBe("/sold?channel=ebay&sort=on");
    expect(hrefOf("/sold", address, { rest: { why: "7" } })).toBe("/sold?why=7&channel=ebay&after=c9");
  });

  it("takes a filter off, turns the page the other way, and opens and closes a row", () => {
    const address = readAddress({ channel: "ebay", after: "c1", why: "7" }, known);
    expect(hrefOf("/sold", address, { filters: { channel: null } })).toBe("/sold?why=7");
    expect(hrefOf("/sold", address, { before: "c1" })).toBe("/sold?why=7&channel=ebay&before=c1");
    expect(hrefOf("/sold", address, { rest: { why: null } })).toBe("/sold?channel=ebay&after=c1");
  });

  it("turns a column's order round and says how it stands", () => {
    const none = readAddress({}, known);
    expect(sortOf("/sold", none, "on", true)).toEqual({ href: "/sold?sort=-on", direction: null });
    const down = readAddress({ sort: "-on" }, known);
    expect(sortOf("/sold", down, "on", true)).toEqual({ href: "/sold?sort=on", direction: "descending" });
  });
});
