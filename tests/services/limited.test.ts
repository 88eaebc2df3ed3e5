/** A person who is limited to some locations sees and moves what is there, in quantities, and nothing else of the books. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { balanceReport, profitReport } from "../../lib/books/reports";
import { adjustmentView, latestAdjustments } from "../../lib/desk/adjustment-reads";
import { type AdjustmentInput, recordAdjustment, takeBackAdjustment } from "../../lib/desk/adjustments";
import { changeCosting } from "../../lib/desk/costing-settings";
import { approveCount } from "../../lib/desk/count-approval";
import { handIn } from "../../lib/desk/count-entries";
import { countHistory } from "../../lib/desk/count-history";
import { endCounting, startCount } from "../../lib/desk/count-plans";
import { countingView, countRows, countView } from "../../lib/desk/count-reads";
import { limitMember } from "../../lib/desk/limits";
import { retireLocation, saveLocation, setMemberLocation } from "../../lib/desk/locations";
import { movementRows, movementTotals } from "../../lib/desk/movements";
import { cancelTransfer, saveTransfer } from "../../lib/desk/transfer-drafts";
import { onItsWay, transferView } from "../../lib/desk/transfer-reads";
import { placeShortage, receiveTransfer, sendTransfer, undoTransferStep } from "../../lib/desk/transfers";
import { askForFile, fileAtOnce, filesAbout, makeFile, refuseOthersRun, takeFile } from "../../lib/exports/made";
import { tellLowStock } from "../../lib/low-stock";
import { can, openBusiness, type Role, rights, type Scope, type Verb } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { teamOf } from "../../lib/people/members";
import { MovesCosts } from "../../lib/preview";
import { orderView } from "../../lib/sales/order-reads";
import { stockAgeing } from "../../lib/stock/analysis";
import { type LedgerPage, ledgerPage, ledgerSpan, stockDocument } from "../../lib/stock/item-ledger";
import { itemView, searchItems, whereIs } from "../../lib/stock/item-reads";
import { ledgerParties, ledgerReasons } from "../../lib/stock/ledger-names";
import { locationChoices, locationGoals, locationRows, ownLocation, stockAt } from "../../lib/stock/location-reads";
import { buyAgain, minimumsAt, saveMinimums } from "../../lib/stock/minimums";
import { locationsOf } from "../../lib/stock/purchase-reads";
import { inStock } from "../../lib/stock/register";
import { movementSummary } from "../../lib/stock/summary";
import { newId } from "../../lib/system/ids";
import { aPerson } from "../../scripts/lib/sellers";
import { plan, seen } from "../support/counting";
import { testDatabase } from "../support/database";
import { aMember } from "../support/members";
import { aShop, give, item, order, proved, purchase, refused } from "../support/trading";

let owner: Scope;
let east: string;
let barn: string;
/** A helper of the team, limited to East. */
let helper: Scope;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

const place = (name: string) => saveLocation(owner, { id: null, name, kind: "warehouse", address: "", taxNumber: "" });

const member = (role: Role) => aMember(owner, role);

async function limited(role: Role, locations: readonly string[]): Promise<Scope> {
  const user = await member(role);
  await limitMember(owner, { user, locations });
  return openBusiness(user, owner.slug);
}

const moved = (id: string, to: string, on: string, of: string, qty: bigint, from = "main") => ({
  kind: "transfer" as const,
  id,
  date: on,
  arrives: null,
  from,
  to,
  lines: [{ id: `${id}-1`, item: of, qty }],
});

beforeEach(async () => {
  owner = await aShop("Alder");
  east = await place("East");
  barn = await place("Barn");
  await give(owner, [
    item("mug", "Mug", "MUG"),
    item("vase", "Secret Vase", "VASE"),
    item("bowl", "Barn Bowl", "BOWL"),
    purchase("p1", "2026-01-02", [
      ["mug", 20n, 2000n],
      ["vase", 9n, 9900n],
      ["bowl", 6n, 600n],
    ]),
    moved("t1", east, "2026-01-05", "mug", 8n),
    moved("t2", barn, "2026-01-06", "mug", 3n),
    moved("t3", barn, "2026-01-06", "bowl", 6n),
    moved("t4", barn, "2026-01-09", "mug", 2n, east),
    order("o1", "2026-01-10", [["mug", 1n, 900n]]),
  ]);
  helper = await limited("helper", [east]);
});

describe("a limit", () => {
  it("stands in the membership, acts from the next request on, and is taken back", async () => {
    expect(helper.places).toEqual([east]);
    expect((await teamOf(owner)).find(({ userId }) => userId === helper.userId)?.limitedTo).toEqual([east]);
    const user = helper.userId ?? "";
    expect(await limitMember(owner, { user, locations: [barn, east, barn] })).toMatchObject({ before: [east] });
    expect((await openBusiness(user, owner.slug)).places).toEqual([barn, east]);
    expect(await limitMember(owner, { user, locations: [] })).toMatchObject({ isLimited: false });
    const free = await openBusiness(user, owner.slug);
    expect(free.places).toBeUndefined();
    expect((await locationChoices(free)).length).toBe(3);
    const { rows } = await auditRows(owner, { about: `member/${user}` });
    expect(rows.map(({ what }) => what)).toEqual(["location.limit", "location.limit", "location.limit"]);
    expect(rows[0]).toMatchObject({ before: { limitedTo: [barn, east] }, after: { limitedTo: [] } });
    // Said again, nothing changes and nothing is written.
    await limitMember(owner, { user, locations: [] });
    expect((await auditRows(owner, { about: `member/${user}` })).rows.length).toBe(3);
    await proved(owner);
  });

  it("is an owner's to set, of helpers and viewers alone, in locations that are there", async () => {
    const book = await member("bookkeeper");
    expect(await refused(limitMember(owner, { user: book, locations: [east] }))).toEqual({
      code: "does_not_fit",
      field: "locations",
    });
    const user = helper.userId ?? "";
    expect(await refused(limitMember(owner, { user, locations: ["nowhere"] }))).toMatchObject({ code: "unknown_id" });
    expect(await refused(limitMember(owner, { user, locations: ["in-transit"] }))).toMatchObject({
      code: "unknown_id",
    });
    expect(await refused(limitMember(owner, { user: await aPerson(), locations: [east] }))).toMatchObject({
      code: "not_found",
    });
    for (const role of ["bookkeeper", "helper", "viewer"] as const)
      await expect(async () => limitMember({ ...owner, role }, { user, locations: [] })).rejects.toMatchObject({
        code: "not_allowed",
      });
    await expect(async () => limitMember(helper, { user, locations: [] })).rejects.toMatchObject({
      code: "not_allowed",
    });
    // The database itself holds it, were a service to forget it.
    const wrong = (change: ReturnType<typeof sql>) =>
      inBusiness(owner, (tx) =>
        tx.execute(
          sql`update app.members set ${change} where business_id = ${owner.businessId} and user_id = ${user}::uuid`,
        ),
      );
    await expect(wrong(sql`limited_to = '{}'`)).rejects.toThrow();
    await expect(wrong(sql`role = 'owner'`)).rejects.toThrow();
  });

  it("keeps where a person begins among theirs, and what was retired since for them to see", async () => {
    const user = await member("helper");
    await setMemberLocation(owner, { user, location: "main" });
    await limitMember(owner, { user, locations: [barn, east] });
    const two = await openBusiness(user, owner.slug);
    expect(await ownLocation(two)).toBeNull();
    expect(await refused(setMemberLocation(owner, { user, location: "main" }))).toEqual({
      code: "does_not_fit",
      field: "location",
    });
    await setMemberLocation(owner, { user, location: barn });
    expect(await ownLocation(two)).toBe(barn);
    await limitMember(owner, { user, locations: [barn] });
    expect(await ownLocation(two)).toBe(barn);
    const empty = await place("Empty");
    await limitMember(owner, { user, locations: [barn, empty] });
    await retireLocation(owner, { id: empty });
    await limitMember(owner, { user, locations: [empty] });
    const at = await openBusiness(user, owner.slug);
    expect((await locationsOf(at)).map(({ name }) => name)).toEqual(["Empty"]);
    expect(await locationChoices(at)).toEqual([]);
  });

  it("leaves two rights of all there are, of each role that can be limited", () => {
    const left = (role: Role) =>
      (Object.keys(rights) as Verb[]).filter((verb) => can({ role, places: [east] }, verb)).sort();
    expect(left("helper")).toEqual(["move", "stock"]);
    expect(left("viewer")).toEqual(["stock"]);
  });
});

describe("what a limited person sees", () => {
  it("is what is or was at their locations, in quantities", async () => {
    const page = await inStock(helper);
    expect(page.rows.map(({ id, qty, valueMinor }) => [id, qty, valueMinor])).toEqual([["mug", 6n, null]]);
    expect(page.rows[0]).toMatchObject({ places: [{ location: east, qty: 6n }], short: 0n, oldestOn: null });
    expect(page.totals).toMatchObject({ items: 1, qty: 6n, valueMinor: null, places: [{ location: east, qty: 6n }] });
    for (const location of ["main", barn, "in-transit"])
      expect(await inStock(helper, { location })).toMatchObject({ rows: [{ id: "mug", qty: 0n, places: [] }] });
    expect((await inStock(helper, { on: "2026-01-05" })).rows.map(({ qty }) => qty)).toEqual([8n]);
    expect((await inStock(helper, { q: "vase" })).rows).toEqual([]);
    expect(await inStock(helper, { sort: "value" })).toEqual({
      ...(await inStock(helper)),
    });
    expect((await locationChoices(helper)).map(({ name }) => name)).toEqual(["East"]);
    expect((await locationsOf(helper)).map(({ name }) => name)).toEqual(["East"]);
    expect((await stockAt(helper, east, ["mug", "vase"])).map(({ id, qty }) => [id, qty])).toEqual([["mug", 6n]]);
    await expect(async () => stockAt(helper, "main", ["mug"])).rejects.toMatchObject({ code: "not_found" });
    expect((await searchItems(helper, "")).map(({ id }) => id)).toEqual(["mug"]);
    expect(await searchItems(helper, "mug")).toMatchObject([{ soldOn: [], last: null }]);
    expect(await whereIs(helper, "mug")).toEqual([{ id: east, name: "East", qty: 6n }]);
    expect(await whereIs(helper, "vase")).toEqual([]);
  });

  it("is the ledger of their locations, with the running balance, opening and closing of these", async () => {
    const own = await ledgerPage(helper, { item: "mug" });
    const same = await ledgerPage(owner, { item: "mug", location: east });
    expect(own.rows.map(({ qty, runningQty }) => [qty, runningQty])).toEqual([
      [8n, 8n],
      [-2n, 6n],
    ]);
    expect(own.rows.map(({ key, party }) => [key, party])).toEqual(same.rows.map(({ key, party }) => [key, party]));
    expect(own.rows.every((row) => row.valueMinor === 0n && row.runningMinor === null && row.short === 0n)).toBe(true);
    expect(await ledgerSpan(helper, { item: "mug", from: "2026-01-06" })).toEqual({
      opening: { qty: 8n, valueMinor: null },
      closing: { qty: 6n, valueMinor: null },
      inQty: 0n,
      outQty: 2n,
      valueMinor: 0n,
      rows: 1,
    });
    for (const location of ["main", barn, "in-transit"]) {
      expect((await ledgerPage(helper, { item: "mug", location })).rows).toEqual([]);
      expect(await ledgerSpan(helper, { item: "mug", location })).toMatchObject({ rows: 0, closing: { qty: 0n } });
    }
    expect(await itemView(helper, "mug")).toMatchObject({ qty: 6n, valueMinor: 0n, movements: 2 });
    expect(await refused(itemView(helper, "vase"))).toMatchObject({ code: "not_found" });
    expect((await ledgerPage(helper, { item: "vase" })).rows).toEqual([]);
    expect(await ledgerParties(helper, "mug")).toEqual([]);
    expect(await ledgerReasons(helper, "mug")).toEqual([]);
    // Of a transfer with an end that is theirs its lines, of another nothing.
    expect(await stockDocument(helper, "transfer", "t1")).toMatchObject({ lines: [{ item: "mug", amountMinor: 0n }] });
    expect(await stockDocument(helper, "transfer", "t3")).toBeNull();
    expect(await stockDocument(helper, "purchase", "p1")).toBeNull();
  });

  it("adds up over several locations, in both pools", async () => {
    const two = await limited("viewer", [east, barn]);
    for (const pool of ["business", "location"] as const) {
      await changeCosting(owner, { pool, graceDays: 0 }, null);
      const own = await ledgerPage(two, { item: "mug" });
      expect(own.rows.map(({ qty, runningQty }) => [qty, runningQty])).toEqual([
        [8n, 8n],
        [3n, 11n],
        [-2n, 9n],
        [2n, 11n],
      ]);
      // With only a part shown, the balance after each row is still that of all that is theirs.
      const sent = await ledgerPage(two, { item: "mug", kinds: ["transfer"], from: "2026-01-09" });
      expect(sent.rows.map(({ runningQty }) => runningQty)).toEqual([9n, 11n]);
      expect((await inStock(two)).rows.map(({ id, qty, valueMinor }) => [id, qty, valueMinor])).toEqual([
        ["bowl", 6n, null],
        ["mug", 11n, null],
      ]);
      expect((await inStock(two, { location: barn })).rows.map(({ id, qty }) => [id, qty])).toEqual([
        ["bowl", 6n],
        ["mug", 5n],
      ]);
      const summary = await movementSummary(two, { period: { from: "2026-01-06", to: "2026-01-31" } });
      expect(summary).toMatchObject({ isWorthKnown: false, proof: null, items: 2 });
      expect(summary.rows.find(({ id }) => id === "mug")).toMatchObject({
        beginning: { qty: 8n, minor: 0n },
        movedIn: { qty: 5n, minor: 0n },
        movedOut: { qty: 2n, minor: 0n },
        ending: { qty: 11n, minor: 0n },
      });
    }
  });

  it("turns pages both ways over several locations as one list, whole and in part", async () => {
    const two = await limited("viewer", ["main", barn]);
    const all = await ledgerPage(owner, { item: "mug" });
    const own = all.rows.filter(({ location }) => location === "Main" || location === "Barn");
    let sum = 0n;
    const wanted = own.map(({ key, qty }) => {
      sum += qty;
      return [key, sum] as const;
    });
    for (const kinds of [undefined, ["transfer", "sale"], ["purchase", "transfer"]] as const) {
      const filter = { item: "mug", ...(kinds === undefined ? {} : { kinds }) };
      const fits = new Set(
        own.filter(({ kind }) => kinds === undefined || kinds.some((one) => one === kind)).map(({ key }) => key),
      );
      const expected = wanted.filter(([key]) => fits.has(key));
      const forwards: (readonly [string, bigint])[] = [];
      for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
        const page: LedgerPage = await ledgerPage(two, filter, { after, fromStart: true, limit: 2 });
        forwards.push(...page.rows.map(({ key, runningQty }) => [key, runningQty] as const));
        after = page.later;
      }
      expect(forwards).toEqual(expected);
      const backwards: (readonly [string, bigint])[] = [];
      for (let before: string | null = null, isFirst = true; isFirst || before !== null; isFirst = false) {
        const page: LedgerPage = await ledgerPage(two, filter, { before, limit: 2 });
        backwards.unshift(...page.rows.map(({ key, runningQty }) => [key, runningQty] as const));
        before = page.earlier;
      }
      expect(backwards).toEqual(expected);
      expect((await ledgerSpan(two, filter)).rows).toBe(expected.length);
    }
  });

  it("is told in files as on pages, without a column of money, and a file that was made before goes", async () => {
    const text = async (of: Scope, report: "ledger" | "register", asked: unknown) =>
      new TextDecoder().decode((await fileAtOnce(of, { report, format: "csv", asked })).bytes);
    const ledger = await text(helper, "ledger", { item: "mug" });
    expect(ledger).toContain("East");
    expect(ledger).not.toMatch(/Rate|Value|Worth|USD|Barn Bowl/);
    expect(await text(owner, "ledger", { item: "mug" })).toMatch(/Rate.*Value USD.*Worth/s);
    const stock = await text(helper, "register", { register: "stock" });
    expect(stock).toContain("Mug");
    expect(stock).not.toMatch(/Vase|Bowl|Value|USD|cost/);
    const summary = await text(helper, "register", {
      register: "summary",
      period: { from: "2026-01-01", to: "2026-01-31" },
    });
    expect(summary).not.toMatch(/Vase|USD/);
    for (const register of ["ageing", "abc", "cover", "dead", "buy"])
      await expect(
        text(helper, "register", {
          register,
          ...(register === "abc" ? { period: { from: "2026-01-01", to: "2026-01-31" }, a: 80, b: 95 } : {}),
          ...(register === "cover" ? { days: 30 } : {}),
          ...(register === "dead" ? { days: 180 } : {}),
        }),
        register,
      ).rejects.toMatchObject({ code: "not_allowed" });
    const free = await openBusiness(await member("helper"), owner.slug);
    const asked = { report: "ledger", format: "csv", asked: { item: "vase" }, about: "ledger/vase" } as const;
    const run = await askForFile(free, asked);
    await makeFile(owner, run, new AbortController().signal);
    expect((await takeFile(free, run)).size).toBeGreaterThan(0);
    expect(await filesAbout(helper, "ledger/vase")).toEqual([]);
    expect(await refused(takeFile(helper, run))).toMatchObject({ code: "not_found" });
    expect(await refused(refuseOthersRun(helper, run))).toMatchObject({ code: "not_found" });
    await refuseOthersRun(owner, run);
    await limitMember(owner, { user: free.userId ?? "", locations: [east] });
    const bound = await openBusiness(free.userId ?? "", owner.slug);
    expect(await refused(takeFile(bound, run))).toMatchObject({ code: "not_found" });
    await expect(askForFile(bound, asked)).rejects.toMatchObject({ code: "not_found" });
    const ownRun = await askForFile(bound, { ...asked, asked: { item: "mug" }, about: "ledger/mug" });
    await makeFile(owner, ownRun, new AbortController().signal);
    await refuseOthersRun(bound, ownRun);
    expect((await takeFile(bound, ownRun)).size).toBeGreaterThan(0);
  });

  it("is nothing of the rest of the books", async () => {
    const closed: Readonly<Record<string, () => unknown>> = {
      balance: () => balanceReport(helper, "2026-01-31"),
      profit: () => profitReport(helper, { from: "2026-01-01", to: "2026-01-31" }),
      orders: () => orderView(helper, "o1"),
      ageing: () => stockAgeing(helper),
      buy: () => buyAgain(helper),
      locations: () => locationRows(helper),
      team: () => teamOf(helper),
      audit: () => auditRows(helper),
    };
    for (const [name, read] of Object.entries(closed))
      await expect((async () => read())(), name).rejects.toMatchObject({ code: "not_allowed" });
  });
});

const adjustment = (over: Partial<AdjustmentInput> = {}): AdjustmentInput => ({
  id: newId(),
  way: "out",
  location: east,
  on: "2026-02-01",
  reason: "damaged",
  note: "",
  lines: [{ row: 0, item: "mug", text: "", qty: "1", worth: "" }],
  ...over,
});

describe("what a limited person moves", () => {
  it("is removed and found at their locations, of what is or was there", async () => {
    const done = await recordAdjustment(helper, adjustment());
    expect(done.costMinor).toBeNull();
    expect(done.says).toBe("1 × Mug out of East, damaged.");
    expect(await adjustmentView(helper, done.id)).toMatchObject({
      account: null,
      lines: [{ qty: -1n, valueMinor: 0n }],
    });
    expect((await adjustmentView(owner, done.id)).lines[0]?.valueMinor).toBe(-100n);
    expect((await latestAdjustments(helper)).map(({ id, valueMinor }) => [id, valueMinor])).toEqual([[done.id, 0n]]);
    const elsewhere = await recordAdjustment(owner, adjustment({ location: "main" }));
    expect((await latestAdjustments(helper)).map(({ id }) => id)).toEqual([done.id]);
    expect(await refused(adjustmentView(helper, elsewhere.id))).toMatchObject({ code: "not_found" });
    expect(await refused(takeBackAdjustment(helper, { id: elsewhere.id }))).toMatchObject({ code: "nothing_to_undo" });
    for (const location of ["main", barn])
      expect(await refused(recordAdjustment(helper, adjustment({ location })))).toEqual({
        code: "unknown_id",
        field: "location",
      });
    for (const way of ["in", "out"] as const)
      for (const line of [
        { item: "vase", text: "" },
        { item: "", text: "VASE" },
      ])
        expect(
          await refused(
            recordAdjustment(
              helper,
              adjustment({
                way,
                reason: way === "in" ? "count" : "lost",
                lines: [{ row: 0, qty: "1", worth: "", ...line }],
              }),
            ),
          ),
        ).toMatchObject({ code: "unknown_id", field: "lines.0.item" });
    await takeBackAdjustment(helper, { id: done.id });
    await expect(async () => recordAdjustment({ ...helper, role: "viewer" }, adjustment())).rejects.toMatchObject({
      code: "not_allowed",
    });
    await proved(owner);
  });

  it("is asked for without a figure of money, in pool location too", async () => {
    await changeCosting(owner, { pool: "location", graceDays: 0 }, null);
    const sold = order("o2", "2026-02-10", [["mug", 1n, 900n]]);
    await give(owner, [{ ...sold, lines: sold.lines.map((line) => ({ ...line, location: east })) }]);
    const asked = await recordAdjustment(
      helper,
      adjustment({ on: "2026-01-07", lines: [{ row: 0, item: "mug", text: "", qty: "6", worth: "" }] }),
      "",
    ).catch((error: unknown) => error);
    if (!(asked instanceof MovesCosts)) throw new Error("it was not asked");
    expect(asked.changes).toBeNull();
    expect(asked.detail.seen).toBe("unseen");
    expect(asked.message).toMatch(/6 × Mug out of East, damaged\./);
    expect(asked.message).not.toMatch(/USD|\d\.\d\d|000/);
  });

  it("is sent from their locations to any, and received at theirs", async () => {
    expect((await locationGoals(helper)).map(({ name }) => name)).toEqual(["Main", "East", "Barn"]);
    const draft = { id: null, version: null, on: "2026-02-01", note: "", lines: [{ row: 0, item: "mug", qty: "2" }] };
    const away = await saveTransfer(helper, { ...draft, from: east, to: barn });
    expect((await transferView(helper, away)).lines[0]?.there).toBe(6n);
    for (const from of ["main", barn])
      expect(await refused(saveTransfer(helper, { ...draft, from, to: east }))).toEqual({
        code: "unknown_id",
        field: "from",
      });
    expect(
      await refused(
        saveTransfer(helper, { ...draft, from: east, to: barn, lines: [{ row: 0, item: "vase", qty: "1" }] }),
      ),
    ).toMatchObject({ code: "unknown_id" });
    const gone = await sendTransfer(helper, { id: away, version: 1, on: "2026-02-01" });
    // It arrives where others are.
    const items = [{ row: 0, item: "mug", qty: "1" }];
    expect(await refused(receiveTransfer(helper, { ...gone, on: "2026-02-02", items, isAll: true }))).toMatchObject({
      code: "not_allowed",
    });
    const short = await receiveTransfer(owner, { ...gone, on: "2026-02-02", items, isAll: true });
    for (const fate of ["found", "lost"] as const)
      expect(await refused(placeShortage(helper, { ...short, on: "2026-02-03", fate, items }))).toMatchObject({
        code: "not_allowed",
      });
    const step = (await transferView(helper, away)).steps.find(({ kind }) => kind === "arrived")?.key ?? "";
    expect(await refused(undoTransferStep(helper, { ...short, step }))).toMatchObject({ code: "not_allowed" });
    await placeShortage(helper, { ...short, on: "2026-02-03", fate: "back", items });
    expect((await inStock(helper)).rows.map(({ qty }) => qty)).toEqual([5n]);

    // What is sent to them they see from its sending on; what has no end that is theirs, never.
    const comes = await saveTransfer(owner, { ...draft, from: "main", to: east });
    expect(await refused(transferView(helper, comes))).toMatchObject({ code: "not_found" });
    expect(await refused(cancelTransfer(helper, { id: comes, version: 1 }))).toMatchObject({ code: "not_allowed" });
    const sent = await sendTransfer(owner, { id: comes, version: 1, on: "2026-02-04" });
    expect(await transferView(helper, comes)).toMatchObject({ state: "sent", lines: [{ there: null }] });
    const all = [{ row: 0, item: "mug", qty: "2" }];
    await receiveTransfer(helper, { ...sent, on: "2026-02-05", items: all, isAll: true });
    expect((await inStock(helper)).rows.map(({ qty }) => qty)).toEqual([7n]);
    const foreign = await saveTransfer(owner, { ...draft, from: "main", to: barn });
    const seenByOwner = await sendTransfer(owner, { id: foreign, version: 1, on: "2026-02-06" });
    expect(await refused(transferView(helper, foreign))).toMatchObject({ code: "not_found" });
    expect(
      await refused(receiveTransfer(helper, { ...seenByOwner, on: "2026-02-06", items: all, isAll: true })),
    ).toMatchObject({ code: "not_found" });
    const shown = await movementRows(helper);
    expect(shown.rows.map(({ id }) => id).sort()).toEqual([away, comes, "t1", "t4"].sort());
    expect(await movementTotals(helper)).toEqual({ documents: 4, isEmpty: false });
    expect((await movementRows(helper, { location: "main" })).rows).toEqual([]);
    expect(await onItsWay(helper)).toEqual({ transfers: 0, short: 0, items: null, valueMinor: null });
    expect(await onItsWay(owner)).toMatchObject({ transfers: 1 });
    await proved(owner);
  });

  it("is counted at their locations; reasons and approving are for who sees costs", async () => {
    const here = await plan(helper, { location: east });
    expect(await refused(plan(helper, { location: "main" }))).toEqual({ code: "unknown_id", field: "location" });
    expect(await refused(plan(helper, { location: east, plan: "items", items: ["VASE"] }))).toMatchObject({
      code: "unknown_id",
    });
    await startCount(helper, await seen(helper, here));
    const entry = (of: string, text = "") => ({ id: newId(), item: of, text, qty: "5", mode: "recount", at: "1" });
    const { outcomes } = await handIn(helper, {
      count: here,
      now: "1",
      entries: [entry("mug"), entry("vase"), entry("", "VASE")],
    });
    expect(outcomes.map(({ taken }) => taken)).toEqual([true, false, false]);
    await endCounting(helper, { ...(await seen(helper, here)), isAll: true });
    const view = await countView(helper, here);
    expect(view.lines).toMatchObject([{ item: "mug", difference: -1n, worthMinor: 0n }]);
    expect((await countView(owner, here)).lines[0]?.worthMinor).not.toBe(0n);
    await expect(async () => approveCount(helper, { ...(await seen(helper, here)), lines: [] })).rejects.toMatchObject({
      code: "not_allowed",
    });
    const elsewhere = await plan(owner, { location: "main" });
    await startCount(owner, await seen(owner, elsewhere));
    for (const work of [
      () => countView(helper, elsewhere),
      () => countingView(helper, elsewhere),
      () => startCount(helper, { id: elsewhere, version: 1 }),
      () => handIn(helper, { count: elsewhere, now: "1", entries: [entry("mug")] }),
      () => endCounting(helper, { id: elsewhere, version: 2, isAll: true }),
    ])
      expect(await refused(work())).toMatchObject({ code: "not_found" });
    expect((await countRows(helper)).rows.map(({ id }) => id)).toEqual([here]);
    expect((await countRows(helper, { location: "main" })).rows).toEqual([]);
    await approveCount(owner, {
      ...(await seen(owner, here)),
      lines: [{ place: view.lines[0]?.place ?? 0, item: "mug", reason: "count", worth: "", takesDay: false }],
    });
    const approved = await countView(helper, here);
    expect(approved.documents.map(({ valueMinor }) => valueMinor)).toEqual([0n]);
    expect((await countHistory(helper)).rows.map(({ location }) => location.name)).toEqual(["East"]);
    expect((await countHistory(helper, { location: "main" })).rows).toEqual([]);
    await proved(owner);
  });

  it("has its minimums at their locations, and is told by mail of what falls there alone", async () => {
    const set = (of: Scope, location: string, minimum: string) =>
      saveMinimums(of, { location, items: [{ item: "mug", minimum, target: "" }] });
    await set(helper, east, "3");
    expect(await refused(set(helper, "main", "3"))).toEqual({ code: "unknown_id", field: "location" });
    expect(
      await refused(saveMinimums(helper, { location: east, items: [{ item: "vase", minimum: "1", target: "" }] })),
    ).toMatchObject({ code: "unknown_id" });
    expect((await minimumsAt(helper, { location: east })).rows.map(({ id }) => id)).toEqual(["mug"]);
    await expect(async () => minimumsAt(helper, { location: "main" })).rejects.toMatchObject({ code: "not_found" });
    await set(owner, "main", "1");
    const [row] = await inBusiness(owner, (tx) =>
      rowsOf<{ n: number }>(
        tx,
        sql`select count(*)::int as n from app.stock_minimums where business_id = ${owner.businessId}`,
      ),
    );
    expect(row?.n).toBe(2);
    expect(await tellLowStock(owner, false)).toEqual({ told: 0 });
  });
});
