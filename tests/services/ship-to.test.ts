/** Orders that know where they were delivered to, and the place of supply of their invoices. */
import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import type { OrderFact } from "../../lib/core/facts";
import { invoiceMany, lastIssuing, runInvoices } from "../../lib/desk/issue-many";
import { issuedOf, issuedView } from "../../lib/desk/issued-reads";
import { issueInvoice, issueInvoices, wordsOfMany } from "../../lib/desk/issuing";
import { saveOrder } from "../../lib/desk/orders";
import type { Scope } from "../../lib/people/access";
import { orderView } from "../../lib/sales/order-reads";
import { runOf } from "../../lib/system/runs";
import { anIndianShop, theirs } from "../support/india";
import { openRaces } from "../support/races";
import { aShop, give, order, proved, refused } from "../support/trading";

const nobody = { name: "", address: "", taxNumber: "" };
const on = "2026-04-10";

let owner: postgres.Sql;
let scope: Scope;
let other: Scope;
beforeAll(async () => {
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = [await anIndianShop(), await anIndianShop()];
});

/** A mug with its tax on top. */
const mug = (id: string, shipTo?: OrderFact["shipTo"], over: Partial<OrderFact> = {}): OrderFact =>
  order(id, on, [["Mug", 1n, 10_000n, "MUG"]], {
    tax: 1_800n,
    taxBy: "seller",
    ...(shipTo === undefined ? {} : { shipTo }),
    ...over,
  });
const india = (region: string) => ({ country: "IN", region });
const abroad = { country: "US", region: "CA" };

const placed = async (id: string) => {
  const [issued] = await issuedOf(scope, `order/${id}`);
  if (issued === undefined) return null;
  const { body } = await issuedView(scope, issued.id);
  return [
    body.about.find(([name]) => name === "Place of supply")?.[1],
    ...body.sums.flatMap(([name]) => (/GST$/.test(name) ? [name] : [])),
  ];
};

describe("an order's row", () => {
  it("has it, and follows each new version, also to nothing", async () => {
    await give(scope, [mug("s1", india("Karnataka")), mug("s2")]);
    await give(other, [mug("s1", india("Goa"))]);
    const to = async (id: string) => (await orderView(scope, id)).shipTo;
    expect([await to("s1"), await to("s2")]).toEqual([{ country: "IN", region: "Karnataka" }, null]);
    await give(scope, [mug("s1", abroad), mug("s2", india(""))]);
    expect([await to("s1"), await to("s2")]).toEqual([abroad, { country: "IN", region: "" }]);
    await give(scope, [mug("s1")]);
    expect(await to("s1")).toBeNull();
    expect((await orderView(other, "s1")).shipTo).toEqual(india("Goa"));
    await proved(scope, other);
  });

  it("that says another place than its fact is found by the proof", async () => {
    await give(scope, [mug("s1", india("Karnataka"))]);
    await owner.begin(async (sql) => {
      await sql`set local session_replication_role = replica`;
      await sql`update orders set ship_region = 'Goa' where business_id = ${scope.businessId} and id = 's1'`;
    });
    const findings = (await verifyBooks(scope)).checks.flatMap((check) => check.findings);
    expect(findings).toEqual([
      {
        what: "the region that it went to of order s1 is what its fact says",
        expected: "Karnataka",
        found: "Goa",
      },
    ]);
  });
});

describe("one invoice", () => {
  it("is of the place that the order went to, where neither the form nor a registration says another", async () => {
    await give(
      scope,
      ["i1", "i2", "i3", "i4"].map((id) => mug(id, india("IN-KA"))),
    );
    await issueInvoice(scope, { order: "i1", on, to: nobody });
    await issueInvoice(scope, { order: "i2", on, to: { ...nobody, address: "12 Main Road" } });
    const supply = { pos: "33", supply: "regular" };
    await issueInvoice(scope, { order: "i3", on, to: nobody, supply });
    await issueInvoice(scope, { order: "i4", on, to: { ...nobody, name: "Ada", taxNumber: theirs } });
    expect(await Promise.all(["i1", "i2", "i3", "i4"].map(placed))).toEqual([
      ["29 Karnataka", "IGST"],
      ["29 Karnataka", "IGST"],
      ["33 Tamil Nadu", "IGST"],
      ["29 Karnataka", "IGST"],
    ]);
    await proved(scope);
  });

  it("of what left the country is an export, and somebody says which", async () => {
    await give(scope, [mug("x1", abroad), mug("x2", abroad)]);
    expect(await refused(issueInvoice(scope, { order: "x1", on, to: nobody }))).toEqual({
      code: "bad_field",
      field: "supply",
    });
    await issueInvoice(scope, { order: "x1", on, to: nobody, supply: { pos: "", supply: "export_with" } });
    expect(await placed("x1")).toEqual(["96 Other country", "IGST"]);
    await issueInvoice(scope, { order: "x2", on, to: nobody, supply: { pos: "27", supply: "regular" } });
    expect(await placed("x2")).toEqual(["27 Maharashtra", "CGST", "SGST"]);
    await proved(scope);
  });
});

describe("many at once", () => {
  const five = [
    mug("m1", india("Maharashtra")),
    mug("m2", india("TN")),
    mug("m3", abroad),
    mug("m4"),
    mug("m5", india("Somewhere")),
  ];
  const places = [
    ["27 Maharashtra", "CGST", "SGST"],
    ["33 Tamil Nadu", "IGST"],
    null,
    ["27 Maharashtra", "CGST", "SGST"],
    ["27 Maharashtra", "CGST", "SGST"],
  ];
  const ids = five.map(({ id }) => id);

  it("each takes the place of its own order; what left the country is left out, and it is said", async () => {
    await give(scope, five);
    const many = await issueInvoices(scope, ids);
    expect(many).toEqual({ issued: 4, abroad: 1, own: 2 });
    expect(await Promise.all(ids.map(placed))).toEqual(places);
    expect(wordsOfMany(many)).toBe(
      "1 left out: delivered out of India. Issue it on its order's page, as an export. " +
        "2 took your own state as place of supply: the orders do not say one.",
    );
    expect(await issueInvoices(scope, ids)).toEqual({ issued: 0, abroad: 1, own: 0 });
    await proved(scope, other);
  });

  it("by a worker likewise, counted once where the job is done again", async () => {
    await give(scope, five);
    const run = await invoiceMany(scope, { from: on, to: on, channel: null });
    const job = () =>
      runInvoices(
        scope,
        { from: on, to: on, channel: null, run, user: scope.userId ?? "" },
        new AbortController().signal,
      );
    expect(await lastIssuing(scope)).toBeNull();
    await job();
    expect(await Promise.all(ids.map(placed))).toEqual(places);
    const ended = await runOf(scope, run);
    expect(ended).toMatchObject({ state: "done", done: 4, skipped: 1 });
    expect(ended.note).toBe(wordsOfMany({ abroad: 1, own: 2 }));
    expect((await lastIssuing(scope))?.note).toBe(ended.note);
    expect(await lastIssuing(other)).toBeNull();
    await owner`update runs set state = 'running', note = null, ended_at = null where business_id = ${scope.businessId}`;
    await job();
    expect((await runOf(scope, run)).note).toBe(wordsOfMany({ abroad: 1, own: 2 }));
    await proved(scope);
  });

  it("of a business that has no such tax all are issued", async () => {
    const american = await aShop("Mugs");
    await give(american, [order("u1", on, [["Mug", 1n, 100n]], { shipTo: { country: "DE", region: "" } })]);
    expect(await issueInvoices(american, ["u1"])).toEqual({ issued: 1, abroad: 0, own: 0 });
    await proved(american);
  });
});

test("a sale by hand says its state in its form, and keeps it where the form has no such field", async () => {
  const sale = {
    id: null,
    channel: null,
    number: "",
    on,
    lines: [{ row: 0, id: null, item: { id: "mug", name: "Mug" }, qty: "1", amount: 11_800n }],
    shipping: 0n,
    discount: 0n,
    tax: 1_800n,
    fees: 0n,
  };
  for (const state of ["96", "x"])
    expect(await refused(saveOrder(scope, { ...sale, state }))).toEqual({ code: "bad_field", field: "state" });
  const { id } = await saveOrder(scope, { ...sale, state: "29" });
  expect((await orderView(scope, id)).shipTo).toEqual(india("Karnataka"));
  await saveOrder(scope, { ...sale, id });
  expect((await orderView(scope, id)).shipTo).toEqual(india("Karnataka"));
  await saveOrder(scope, { ...sale, id, state: "" });
  expect((await orderView(scope, id)).shipTo).toBeNull();
  await proved(scope);
});
