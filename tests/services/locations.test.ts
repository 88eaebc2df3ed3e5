/** Locations: made, renamed, retired, taken back into use, and whose sales and documents begin where. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import {
  makeFirst,
  retireLocation,
  saveLocation,
  setChannelLocation,
  setMemberLocation,
  useLocationAgain,
} from "../../lib/desk/locations";
import { saveTransfer } from "../../lib/desk/transfer-drafts";
import { receiveTransfer, sendTransfer } from "../../lib/desk/transfers";
import type { Scope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { resultOf } from "../../lib/replay/run";
import { locationChoices, locationDefaults, locationRows, ownLocation, stockAt } from "../../lib/stock/location-reads";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;
beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  scope = await aShop("One");
  other = await aShop("Two");
});

const place = (name: string, over: Partial<Parameters<typeof saveLocation>[1]> = {}, of = scope) =>
  saveLocation(of, { id: null, name, kind: "warehouse", address: "", taxNumber: "", ...over });
const called = async () => (await locationRows(scope)).map(({ name }) => name);
const mugs = [item("mug", "Mug", "MUG"), purchase("p1", "2026-01-02", [["mug", 10n, 1000n]])];
const soldFrom = async () =>
  inBusiness(scope, (tx) =>
    rowsOf<{ id: string; location_id: string }>(
      tx,
      sql`select id, location_id from app.order_lines where business_id = ${scope.businessId} and not is_undone order by id`,
    ),
  ).then((rows) => Object.fromEntries(rows.map((row) => [row.id, row.location_id])));

describe("a location", () => {
  it("is made and changed, with an audit row each, under a name of its own", async () => {
    const east = await place(" East   Street ", { kind: "godown", address: "1 East St\r\nTown", taxNumber: "T 1" });
    expect((await locationRows(scope)).find(({ id }) => id === east)).toMatchObject({
      name: "East Street",
      kind: "godown",
      address: "1 East St\nTown",
      taxNumber: "T 1",
      isFirst: false,
      items: 0,
    });
    expect(await refused(place("EAST street"))).toEqual({ code: "in_use", field: "name" });
    expect(await refused(place(" "))).toEqual({ code: "field_missing", field: "name" });
    expect(await refused(place("x".repeat(81)))).toEqual({ code: "text_too_long", field: "name" });
    expect(await refused(place("West", { kind: "in_transit" }))).toEqual({ code: "bad_field", field: "kind" });
    await place("East Road", { id: east });
    // Renaming the first one does not move it in their order.
    await place("Garage", { id: "main" });
    expect(await called()).toEqual(["Garage", "East Road", "In transit"]);
    expect((await locationRows(scope))[0]).toMatchObject({ id: "main", isFirst: true });
    expect(await refused(place("Elsewhere", { id: "in-transit" }))).toMatchObject({ code: "does_not_fit" });
    expect(await refused(place("Mine", { id: east }, other))).toMatchObject({ code: "not_found" });
    const { rows } = await auditRows(scope, { about: `location/${east}` });
    expect(rows.map(({ what }) => what)).toEqual(["location.change", "location.add"]);
    await proved(scope, other);
  });

  it("in India has a registration whose check digit holds", async () => {
    const india: Scope = { ...scope, country: "IN" };
    const id = await place("Pune", { taxNumber: "27aapfu0939f1zv" }, india);
    expect((await locationRows(india)).find((row) => row.id === id)?.taxNumber).toBe("27AAPFU0939F1ZV");
    expect(await refused(place("Delhi", { taxNumber: "27AAPFU0939F1ZW" }, india))).toEqual({
      code: "bad_field",
      field: "taxNumber",
    });
    await place("Lyon", { taxNumber: "27AAPFU0939F1ZW" });
  });

  it("is retired only once nothing is there, goes there or takes from there, and comes back", async () => {
    await give(scope, mugs);
    const east = await place("East");
    const retire = async (id: string) => retireLocation(scope, { id });
    expect(await refused(retire("main"))).toMatchObject({ code: "in_use" });
    expect(await refused(retire("in-transit"))).toMatchObject({ code: "does_not_fit" });
    const draft = { note: "", id: null, version: null, on: "2026-02-01" };
    const lines = [{ row: 0, item: "mug", qty: "2" }];
    const id = await saveTransfer(scope, { ...draft, from: "main", to: east, lines });
    expect(await refused(retire(east))).toMatchObject({ code: "in_use" });
    const sent = await sendTransfer(scope, { id, version: 1, on: "2026-02-01" });
    expect(await refused(retire(east))).toMatchObject({ code: "in_use" });
    const items = [{ row: 0, item: "mug", qty: "2" }];
    await receiveTransfer(scope, { id, version: sent.version, on: "2026-02-02", items, isAll: false });
    expect(await refused(retire(east))).toMatchObject({ code: "in_use" });
    expect(await stockAt(scope, east, ["mug"])).toEqual([{ id: "mug", decimals: 0, qty: 2n }]);
    const home = await saveTransfer(scope, { ...draft, from: east, to: "main", lines });
    const away = await sendTransfer(scope, { id: home, version: 1, on: "2026-02-03" });
    await receiveTransfer(scope, { id: home, version: away.version, on: "2026-02-03", items, isAll: false });
    await setChannelLocation(scope, { channel: "shop", location: east });
    expect(await refused(retire(east))).toMatchObject({ code: "in_use" });
    await setChannelLocation(scope, { channel: "shop", location: null });
    await setMemberLocation(scope, { user: scope.userId ?? "", location: east });
    await retire(east);
    expect(await ownLocation(scope)).toBeNull();
    expect((await locationChoices(scope)).map((one) => one.id)).toEqual(["main"]);
    expect(await refused(saveTransfer(scope, { ...draft, from: "main", to: east, lines }))).toEqual({
      code: "does_not_fit",
      field: "to",
    });
    // Another may have its name meanwhile; then it comes back only under another.
    const again = await place("East");
    expect(await refused(useLocationAgain(scope, { id: east }))).toMatchObject({ code: "in_use" });
    await place("East two", { id: again });
    await useLocationAgain(scope, { id: east });
    expect(await called()).toEqual(["Main", "East", "East two", "In transit"]);
    await proved(scope, other);
  });
});

describe("where things begin", () => {
  it("a channel's sales take from its default, and another default is for what comes after", async () => {
    const east = await place("East");
    await give(scope, [...mugs, order("o1", "2026-02-01", [["Mug", 1n, 500n, "MUG"]])]);
    expect(await setChannelLocation(scope, { channel: "shop", location: east })).toEqual({ before: null });
    await give(scope, [order("o2", "2026-02-02", [["Mug", 1n, 500n, "MUG"]])]);
    // The channel tells of the first one again: it was sold from where it was sold from. A line it had not is new.
    await give(scope, [
      order("o1", "2026-02-01", [
        ["Mug", 2n, 900n, "MUG"],
        ["Mug", 1n, 500n, "MUG"],
      ]),
    ]);
    expect(await soldFrom()).toEqual({ "o1-1": "main", "o1-2": east, "o2-1": east });
    expect((await resultOf(scope)).on_hand).toEqual(
      [
        { item: "mug", location: east, qty: -2 },
        { item: "mug", location: "main", qty: 8 },
      ].sort((a, b) => (a.location < b.location ? -1 : 1)),
    );
    expect((await locationDefaults(scope)).channels).toMatchObject([{ id: "shop", location: east }]);
    expect(await refused(setChannelLocation(scope, { channel: "shop", location: "in-transit" }))).toEqual({
      code: "unknown_id",
      field: "location",
    });
    expect(await refused(setChannelLocation(other, { channel: "shop", location: east }))).toEqual({
      code: "unknown_id",
      field: "location",
    });
    await proved(scope, other);
  });

  it("the usual one is where what says nothing goes, from then on", async () => {
    const east = await place("East");
    await give(scope, mugs);
    expect(await makeFirst(scope, { id: east })).toEqual({ before: "main" });
    await give(scope, [purchase("p2", "2026-01-05", [["mug", 3n, 300n]])]);
    expect(await stockAt(scope, east, ["mug"])).toMatchObject([{ qty: 3n }]);
    expect(await stockAt(scope, "main", ["mug"])).toMatchObject([{ qty: 10n }]);
    expect((await locationRows(scope))[0]).toMatchObject({ id: east, isFirst: true });
    await proved(scope, other);
  });

  it("a person sets their own, an owner anybody's", async () => {
    const east = await place("East");
    const helper: Scope = { ...scope, role: "helper" };
    const own = scope.userId ?? "";
    expect(await setMemberLocation(helper, { user: own, location: east })).toEqual({ before: null });
    expect(await ownLocation(scope)).toBe(east);
    const stranger: Scope = { ...helper, userId: "00000000-0000-4000-8000-000000000000" };
    expect(await refused((async () => setMemberLocation(stranger, { user: own, location: null }))())).toMatchObject({
      code: "not_allowed",
    });
    expect(await refused(setMemberLocation(scope, { user: "nobody", location: null }))).toMatchObject({
      code: "not_found",
    });
    const viewer: Scope = { ...scope, role: "viewer" };
    for (const work of [
      async () => place("Else", {}, viewer),
      async () => retireLocation(viewer, { id: east }),
      async () => useLocationAgain(viewer, { id: east }),
      async () => makeFirst(viewer, { id: east }),
      async () => setChannelLocation(viewer, { channel: "shop", location: null }),
    ])
      expect(await refused(work())).toMatchObject({ code: "not_allowed" });
  });
});
