/** The registers on the real database: ages, classes, cover, dead stock, minimums and what to buy, the mail once for each fall, and their files. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { addDays } from "../../lib/core/dates";
import type { Fact } from "../../lib/core/facts";
import { saveTransfer } from "../../lib/desk/transfer-drafts";
import { sendTransfer } from "../../lib/desk/transfers";
import { fileAtOnce } from "../../lib/exports/made";
import { changeLowStockMail, tellLowStock } from "../../lib/low-stock";
import { needsOf } from "../../lib/needs";
import type { Scope } from "../../lib/people/access";
import { abcList, coverList, stockAgeing } from "../../lib/stock/analysis";
import { deadStock } from "../../lib/stock/dead-stock";
import { buyAgain, minimumsAt, saveMinimums } from "../../lib/stock/minimums";
import { inStock } from "../../lib/stock/register";
import { movementSummary } from "../../lib/stock/summary";
import { todayOf } from "../../lib/system/clock";
import { testDatabase } from "../support/database";
import { fromCsv, fromXlsx } from "../support/files";
import { openMailbox } from "../support/mailbox";
import { aShop, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;
let mailbox: Awaited<ReturnType<typeof openMailbox>>;
let today: string;
const ago = (days: number) => addDays(today, -days);

beforeAll(async () => {
  await testDatabase();
  mailbox = await openMailbox();
  process.env.SMTP_URL = mailbox.url;
  process.env.MAIL_FROM = "books@example.test";
  scope = await aShop("Register");
  other = await aShop("Other");
  today = todayOf(scope.timeZone);
  const barn: Fact = { kind: "location", id: "barn", name: "Barn" };
  await give(scope, [
    barn,
    item("mug", "Mug", "MUG"),
    item("cup", "Cup", "CUP"),
    item("jar", "=Jar", "JAR"),
    item("new", "New thing", "NEW"),
    purchase("p1", ago(400), [
      ["mug", 10n, 1_000n],
      ["jar", 4n, 401n],
    ]),
    purchase("p2", ago(100), [["mug", 10n, 2_000n]], { supplier: "Potters" }),
    purchase("p3", ago(20), [
      ["cup", 6n, 600n],
      ["new", 2n, 50n],
    ]),
    order("o1", ago(95), [["Mug", 12n, 9_000n, "MUG"]]),
    order("o2", ago(10), [["Mug", 2n, 1_500n, "MUG"]]),
    order("o3", ago(5), [["Cup", 3n, 900n, "CUP"]]),
  ]);
  await give(other, [item("mug", "Mug of others", "MUG"), purchase("p1", ago(400), [["mug", 1n, 100n]])]);
});
afterAll(async () => {
  await proved(scope, other);
  await closeDatabase();
});

describe("ageing", () => {
  it("puts what is left into the ages of its lots, to the unit and the cent", async () => {
    const page = await stockAgeing(scope);
    const ages = Object.fromEntries(page.rows.map((row) => [row.id, row.ages.map(({ qty, minor }) => [qty, minor])]));
    expect(ages).toEqual({
      mug: [
        [0n, 0n],
        [0n, 0n],
        [6n, 1_200n],
        [0n, 0n],
        [0n, 0n],
      ],
      cup: [
        [3n, 300n],
        [0n, 0n],
        [0n, 0n],
        [0n, 0n],
        [0n, 0n],
      ],
      jar: [
        [0n, 0n],
        [0n, 0n],
        [0n, 0n],
        [0n, 0n],
        [4n, 401n],
      ],
      new: [
        [2n, 50n],
        [0n, 0n],
        [0n, 0n],
        [0n, 0n],
        [0n, 0n],
      ],
    });
    expect(page.total).toEqual({ qty: 15n, minor: 1_951n });
    expect(page.total.minor).toBe((await inStock(scope)).totals.valueMinor);
  });

  it("turns a lot older on its day", async () => {
    const at = async (days: number) =>
      (await stockAgeing(scope, { q: "cup", today: addDays(ago(20), days) })).rows[0]?.ages.findIndex(
        ({ qty }) => qty > 0n,
      );
    expect(await Promise.all([0, 30, 31, 90, 91, 180, 181, 365, 366, 900].map(at))).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3, 4, 4,
    ]);
  });
});

describe("ABC", () => {
  const year = () => ({ from: ago(364), to: today });
  it("ranks by the cost of what was sold in the period", async () => {
    const page = await abcList(scope, { period: year() });
    expect(page.rows.map((row) => [row.id, row.class, row.value, row.before])).toEqual([
      ["mug", "A", 1_800n, 0n],
      ["cup", "B", 300n, 1_800n],
      ["new", "C", 0n, 2_100n],
      ["jar", "C", 0n, 2_100n],
    ]);
    expect(page.total).toBe(2_100n);
    expect(page.groups.map(({ class: own, items }) => [own, items])).toEqual([
      ["A", 1],
      ["B", 1],
      ["C", 2],
    ]);
    // The classes are of all items, whatever is looked for.
    const cups = await abcList(scope, { period: year(), q: "cup" });
    expect(cups.rows.map((row) => [row.id, row.class])).toEqual([["cup", "B"]]);
    const lately = await abcList(scope, { period: { from: ago(9), to: today } });
    expect(lately.rows[0]).toMatchObject({ id: "cup", class: "A", value: 300n });
  });
});

describe("days of cover", () => {
  it("is what is on hand by the pace of the last days, of one place alone where it is chosen", async () => {
    const of = async (filter: Parameters<typeof coverList>[1]) =>
      Object.fromEntries(
        (await coverList(scope, filter)).rows.map((row) => [row.id, [row.qty, row.sold, row.cover, row.band]]),
      );
    expect(await of({})).toEqual({
      mug: [6n, 2n, 90n, "quarter"],
      cup: [3n, 3n, 30n, "month"],
      jar: [4n, 0n, null, "unsold"],
      new: [2n, 0n, null, "unsold"],
    });
    expect((await of({ days: 90 })).mug).toEqual([6n, 2n, 270n, "longer"]);
    expect(await of({ location: "barn" })).toEqual({});
    expect(Object.keys(await of({ band: "unsold" }))).toEqual(
      ["jar", "new"].sort((a, b) => (a === "jar" ? -1 : b === "jar" ? 1 : 0)),
    );
  });
});

describe("dead stock", () => {
  it("is what was there and not sold all that time; what came lately is not", async () => {
    const page = await deadStock(scope, { days: 180 });
    expect(page.rows.map((row) => row.id)).toEqual(["jar"]);
    expect([page.minor, page.stockMinor]).toEqual([401n, 1_951n]);
    expect((await deadStock(scope, { days: 15 })).rows.map((row) => row.id).sort()).toEqual(["jar", "new"]);
    expect((await inStock(scope, { state: "dead" })).rows.map((row) => row.id)).toEqual(["jar"]);
    // On the day of the first sale nothing had been there for half a year.
    expect((await inStock(scope, { state: "dead", on: ago(300) })).rows).toEqual([]);
    expect((await inStock(scope, { state: "dead", on: ago(150) })).rows.map((row) => row.id).sort()).toEqual([
      "jar",
      "mug",
    ]);
  });

  it("knows the oldest lot of another day", async () => {
    const of = async (on: string) => (await inStock(scope, { on, q: "mug" })).rows[0]?.oldestOn;
    expect(await of(ago(96))).toBe(ago(400));
    expect(await of(ago(94))).toBe(ago(100));
    expect(await of(ago(401))).toBe(null);
  });
});

describe("minimums", () => {
  const set = (items: readonly (readonly [string, string, string])[], location = "main") =>
    saveMinimums(scope, { location, items: items.map(([of, minimum, target]) => ({ item: of, minimum, target })) });

  it("are set for many at once, shown, and taken back", async () => {
    const { changed, before } = await set([
      ["mug", "8", "20"],
      ["cup", "2", ""],
      ["jar", "", ""],
    ]);
    expect(changed).toBe(2);
    const { rows } = await minimumsAt(scope, { location: "main" });
    expect(rows.filter(({ minimum }) => minimum !== null).map((row) => [row.id, row.minimum, row.target])).toEqual([
      ["cup", 2n, 2n],
      ["mug", 8n, 20n],
    ]);
    expect((await set([["mug", "8", "20"]])).changed).toBe(0);
    await saveMinimums(scope, { location: "main", items: before });
    expect((await buyAgain(scope)).minimums).toBe(0);
    await set([
      ["mug", "8", "20"],
      ["cup", "2", ""],
    ]);
  });

  it("refuses what is no minimum, at its field, and changes nothing", async () => {
    expect(await refused(set([["mug", "x", ""]]))).toMatchObject({ field: "minimum-0" });
    expect(
      await refused(
        set([
          ["cup", "3", ""],
          ["mug", "8", "7"],
        ]),
      ),
    ).toEqual({ code: "bad_number", field: "target-1" });
    expect(await refused(set([["mug", "", "7"]]))).toEqual({ code: "bad_number", field: "minimum-0" });
    expect(await refused(set([["mug", "-1", ""]]))).toMatchObject({ field: "minimum-0" });
    expect(await refused(set([["gone", "1", ""]]))).toEqual({ code: "unknown_id", field: "minimum-0" });
    expect(await refused(set([["mug", "1", ""]], "in-transit"))).toEqual({ code: "unknown_id", field: "location" });
    expect(await refused(saveMinimums({ ...scope, role: "viewer" }, { location: "main", items: [] }))).toMatchObject({
      code: "not_allowed",
    });
    const { rows } = await minimumsAt(scope, { location: "main", q: "cup" });
    expect(rows[0]?.minimum).toBe(2n);
  });

  it("mark what is low, say what to buy, and stand in Needs you", async () => {
    const { rows, totals } = await inStock(scope, { state: "low" });
    expect(rows.map((row) => [row.id, row.minimum, row.isLow])).toEqual([["mug", 8n, true]]);
    expect(totals.lowItems).toBe(1);
    const list = await buyAgain(scope);
    expect(list.rows).toMatchObject([
      { item: "mug", location: "main", qty: 6n, minimum: 8n, target: 20n, buy: 14n, inTransit: 0n, cover: 90n },
    ]);
    expect(list.rows[0]?.last).toEqual({ supplier: "Potters", on: ago(100), eachMinor: 200n });
    expect([list.minimums, list.costMinor]).toEqual([2, 2_800n]);
    expect((await needsOf(scope)).find(({ kind }) => kind === "lowStock")).toMatchObject({ count: 1, about: "Mug" });
    expect((await buyAgain(other)).minimums).toBe(0);
  });
});

describe("the mail", () => {
  const waiting = async () =>
    inBusiness(scope, (tx) =>
      rowsOf<{ item: string; told: boolean }>(
        tx,
        sql`select item_id as item, told_at is not null as told from app.stock_minimums where business_id = ${scope.businessId} order by 1`,
      ),
    );

  it("is sent once for each fall, and again after what rose fell again", async () => {
    // What was low when its minimum was set was seen then.
    expect(await waiting()).toEqual([
      { item: "cup", told: false },
      { item: "mug", told: true },
    ]);
    expect(await tellLowStock(scope)).toEqual({ told: 0 });
    await give(scope, [order("o4", ago(2), [["Cup", 2n, 600n, "CUP"]])]);
    expect(await tellLowStock(scope)).toEqual({ told: 1 });
    const mail = await mailbox.newest(`${scope.userId}@example.test`);
    expect(mail).toContain("Cup, Main: 1 left, at least 2 wanted");
    expect(mail).not.toContain("Mug, Main");
    await give(scope, [order("o5", ago(1), [["Cup", 1n, 300n, "CUP"]])]);
    expect(await tellLowStock(scope)).toEqual({ told: 0 });
    await give(scope, [purchase("p9", ago(1), [["cup", 5n, 500n]])]);
    expect(await tellLowStock(scope)).toEqual({ told: 0 });
    await give(scope, [order("o6", today, [["Cup", 4n, 1_200n, "CUP"]])]);
    expect(await tellLowStock(scope)).toEqual({ told: 1 });
    // It asked to look again.
    const rows = await inBusiness(scope, (tx) =>
      rowsOf<{ n: number }>(
        tx,
        sql`select count(*)::int as n from app.outbox where job = 'tellLowStock' and business_id = ${scope.businessId}`,
      ),
    );
    expect(rows[0]?.n).toBe(1);
  });

  it("is quiet where it is switched off, and tells then when it is switched on", async () => {
    expect(await changeLowStockMail(scope, { isOn: false })).toEqual({ before: true });
    await saveMinimums(scope, { location: "main", items: [{ item: "new", minimum: "1", target: "" }] });
    await give(scope, [order("o7", today, [["New thing", 2n, 600n, "NEW"]])]);
    expect(await tellLowStock(scope)).toEqual({ told: 0 });
    await changeLowStockMail(scope, { isOn: true });
    expect(await tellLowStock(scope)).toEqual({ told: 1 });
    expect(await refused(changeLowStockMail({ ...scope, role: "helper" }, { isOn: false }))).toMatchObject({
      code: "not_allowed",
    });
  });

  it("is quiet where no mail can be sent", async () => {
    await saveMinimums(scope, { location: "main", items: [{ item: "jar", minimum: "1", target: "" }] });
    await give(scope, [order("o8", today, [["=Jar", 4n, 600n, "JAR"]])]);
    expect(await tellLowStock(scope, false)).toEqual({ told: 0 });
    expect(await tellLowStock(scope)).toEqual({ told: 1 });
  });
});

describe("files", () => {
  const take = async (asked: object, format: "csv" | "xlsx" | "pdf" = "csv") =>
    (await fileAtOnce(scope, { report: "register", format, asked })).bytes;

  it("have the rows of the page and its totals", async () => {
    const page = await inStock(scope);
    const csv = fromCsv(await take({ register: "stock" }));
    expect(csv.rows.length).toBe(page.rows.length + 1);
    expect(csv.rows.slice(0, -1).map(([name]) => name?.replace(/^'/, ""))).toEqual(page.rows.map(({ name }) => name));
    // What a spreadsheet would run stays text.
    expect(csv.rows.flat()).toContain("'=Jar");
    expect(csv.rows.at(-1)?.[0]).toBe("4 items");
    const xlsx = await fromXlsx(await take({ register: "stock", on: ago(50) }, "xlsx"));
    expect(xlsx.formulas).toBe(0);
    expect(xlsx.rows.find(([name]) => name === "Mug")?.[2]).toBe("8");
  });

  it("are made of every register, in every format", async () => {
    const period = { from: ago(364), to: today };
    for (const asked of [
      { register: "summary", period },
      { register: "ageing" },
      { register: "abc", period, a: 80, b: 95 },
      { register: "cover", days: 30 },
      { register: "dead", days: 30 },
      { register: "buy" },
    ]) {
      const csv = fromCsv(await take(asked));
      expect(new Set(csv.rows.map((row) => row.length))).toEqual(new Set([csv.head.length]));
      expect(csv.rows.length).toBeGreaterThan(asked.register === "dead" ? 0 : 1);
      expect((await take(asked, "xlsx")).length).toBeGreaterThan(1_000);
      expect(
        Buffer.from(await take(asked, "pdf"))
          .subarray(0, 5)
          .toString(),
      ).toBe("%PDF-");
    }
    expect(await refused(take({ register: "stock", sort: "colour" }))).toMatchObject({ code: "bad_field" });
  });
});

describe("the movement summary", () => {
  it("adds up to the accounts, and says what is still to detail", async () => {
    const period = { from: ago(30), to: today };
    await give(scope, [purchase("p10", ago(3), [["mug", 1n, 100n]], { amount: 350n })]);
    const { proof, totals } = await movementSummary(scope, { period });
    expect(proof?.ending).toMatchObject({ items: totals.ending.minor, toDetail: 250n, other: 0n });
    expect(proof?.beginning).toMatchObject({ toDetail: 0n, other: 0n });
    expect(proof?.cost).toMatchObject({ account: totals.sold.minor - totals.back.minor, other: 0n });
  });

  it("turns pages both ways, and keeps to its own business", async () => {
    const period = { from: ago(500), to: today };
    const whole = (await movementSummary(scope, { period })).rows.map(({ id }) => id);
    const one = await movementSummary(scope, { period }, { limit: 3 });
    const two = await movementSummary(scope, { period }, { limit: 3, after: one.after });
    expect([...one.rows, ...two.rows].map(({ id }) => id)).toEqual(whole);
    const back = await movementSummary(scope, { period }, { limit: 3, before: two.before });
    expect(back.rows.map(({ id }) => id)).toEqual(one.rows.map(({ id }) => id));
    expect((await movementSummary(other, { period })).rows.map(({ name }) => name)).toEqual(["Mug of others"]);
  });

  it("shows what is between two places there", async () => {
    const lines = [{ row: 0, item: "mug", qty: "2" }];
    const id = await saveTransfer(scope, {
      id: null,
      version: null,
      from: "main",
      to: "barn",
      on: today,
      note: "",
      lines,
    });
    await sendTransfer(scope, { id, version: 1, on: today });
    const { rows } = await inStock(scope, { q: "mug" });
    expect(rows[0]?.places).toEqual([
      { location: "in-transit", qty: 2n },
      { location: "main", qty: 5n },
    ]);
    expect((await buyAgain(scope, { q: "mug" })).rows[0]).toMatchObject({ qty: 5n, inTransit: 2n });
  });
});
