/** What is taken away of an item's ledger: the three formats read back and held against the page's rows; files that a worker makes. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { addDays } from "../../lib/core/dates";
import type { Fact } from "../../lib/core/facts";
import {
  askForFile,
  fileAtOnce,
  fileStopped,
  filesAbout,
  makeFile,
  removeFile,
  takeFile,
} from "../../lib/exports/made";
import { type Cell, contentTypes, type Format, fileOf, type Line, type Sheet } from "../../lib/exports/sheet";
import { openBusiness, type Scope, systemScope } from "../../lib/people/access";
import { removeBusiness } from "../../lib/people/businesses";
import { record } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { type LedgerRow, ledgerPage, ledgerSpan } from "../../lib/stock/item-ledger";
import type { LedgerFilter } from "../../lib/stock/ledger-filter";
import { movementNames } from "../../lib/stock/ledger-words";
import { newId } from "../../lib/system/ids";
import { cancelRun, runOf } from "../../lib/system/runs";
import { aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";
import { fromCsv, fromPdf, fromXlsx } from "../support/files";

let alder: Scope;
let birch: Scope;
const never = new AbortController().signal;
const evil = '=HYPERLINK("http://x","y")';

const order = (id: string, on: string, number: string): Fact => ({
  kind: "order",
  id,
  channel: "stall",
  when: { on, at: null },
  number,
  lines: [{ id: `${id}/1`, sku: "MUG", name: "Mug", listing: null, qty: 1n, amount: 1_000n, location: null }],
  shipping: 0n,
  tax: 0n,
  taxBy: "seller",
  discount: 0n,
  fees: [],
});

beforeAll(async () => {
  await testDatabase();
  alder = await aSeller("Alder Street");
  birch = await aSeller("Birch Lane");
  await inBusiness(alder, (tx) =>
    addChannel(tx, alder, { id: "stall", kind: "hand", name: "Étsy ₹ € Лавка", state: "file" }),
  );
  const facts: Fact[] = [{ kind: "item", id: "mug", name: "Enamel mug", sku: "MUG", decimals: 0, aliases: [] }];
  for (let n = 0; n < 12; n += 1)
    facts.push({
      kind: "purchase",
      id: `p-${n}`,
      date: addDays("2026-01-01", n * 10),
      amount: 123_457n,
      lines: [{ id: `p-${n}/1`, item: "mug", qty: 10n, amount: 123_457n, location: null }],
      extras: [],
      account: "1000",
      supplier: n % 2 === 0 ? evil : "Mill",
    });
  for (let n = 0; n < 110; n += 1) facts.push(order(`o-${n}`, addDays("2026-01-02", n), n === 5 ? "+1+2" : `#${n}`));
  await record(
    alder,
    facts.map((fact) => ({ fact, version: newId() })),
    { source: null, userId: alder.userId },
  );
});
afterAll(() => closeDatabase());

async function pageRows(filter: LedgerFilter): Promise<readonly LedgerRow[]> {
  return (await ledgerPage(alder, filter, { fromStart: true, limit: 1_000 })).rows;
}

const plain = (units: bigint, decimals: number): string => {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  return `${units < 0n ? "-" : ""}${whole}${decimals === 0 ? "" : `.${digits.slice(-decimals)}`}`;
};

/** What a row of the page must read as, whatever the format: numbers without grouping. */
const wanted = (row: LedgerRow): readonly string[] => [
  row.on,
  movementNames[row.kind],
  row.number,
  row.party,
  row.location,
  row.qty > 0n ? plain(row.qty, 0) : "",
  row.qty < 0n ? plain(-row.qty, 0) : "",
  plain(row.valueMinor, 2),
  plain(row.runningQty, 0),
  row.runningMinor === null ? "" : plain(row.runningMinor, 2),
];
/** Those columns of a file. */
const picked = (cells: readonly string[]): readonly string[] =>
  [0, 1, 2, 3, 4, 5, 6, 8, 9, 10].map((i) => cells[i] ?? "");

/** A line of the PDF as it must be: what is empty has no text, figures are grouped as on the page. */
const onPaper = (row: LedgerRow): string =>
  wanted(row)
    .filter((text) => text !== "")
    .map((text) => (text.startsWith("=") ? text.slice(0, 9) : text))
    .join("|");

const at = (format: Format, asked: LedgerFilter) => fileAtOnce(alder, { report: "ledger", format, asked });

describe("a short ledger", () => {
  for (const asked of [
    { item: "mug" },
    { item: "mug", from: "2026-02-01", to: "2026-03-15" },
    { item: "mug", kinds: ["purchase"] },
    { item: "mug", party: { kind: "supplier", id: evil }, from: "2026-01-11" },
    { item: "mug", document: "+1+2" },
    { item: "mug", kinds: ["transfer"] },
  ] satisfies LedgerFilter[])
    it(`has in each format the page's rows between opening and closing: ${JSON.stringify(asked)}`, async () => {
      const rows = await pageRows(asked);
      const span = await ledgerSpan(alder, asked);
      const csv = fromCsv((await at("csv", asked)).bytes);
      const xlsx = await fromXlsx((await at("xlsx", asked)).bytes);
      for (const [name, read] of [
        ["csv", csv],
        ["xlsx", xlsx],
      ] as const) {
        expect(read.head.slice(0, 6), name).toEqual(["Date", "Type", "Document", "Party", "Location", "In"]);
        expect([read.rows[0]?.[1], read.rows.at(-1)?.[1]], name).toEqual(["Opening", "Closing"]);
        expect([read.rows[0]?.[9], read.rows.at(-1)?.[9]], name).toEqual([
          plain(span.opening.qty, 0),
          plain(span.closing.qty, 0),
        ]);
        expect([read.rows.at(-1)?.[5], read.rows.at(-1)?.[6]], name).toEqual([
          plain(span.inQty, 0),
          plain(span.outQty, 0),
        ]);
        expect(
          read.rows
            .slice(1, -1)
            .map(picked)
            .map((cells) => cells.map((text) => text.replace(/^'(?=[=+])/, ""))),
          name,
        ).toEqual(rows.map(wanted));
      }
      expect(xlsx.formulas).toBe(0);
      expect(xlsx.about).toContain("Alder Street");
      expect(xlsx.rows.flat().filter((text) => text.startsWith("'"))).toEqual([]);
      for (const text of csv.rows.flat()) expect(text).not.toMatch(/^[=+@\t\r]/);
      if (rows.some((row) => row.party === evil)) expect(csv.rows.flat()).toContain(`'${evil}`);
      const pages = await fromPdf((await at("pdf", asked)).bytes);
      const body = pages.flatMap((lines) => lines.map((line) => line.join("|")));
      pages.forEach((lines, i) => {
        expect(lines.map((line) => line.join(" "))).toContain("Alder Street");
        expect(lines.flat()).toContain(`Page ${i + 1}`);
        expect(lines.flat()).toContain("Item ledger of Enamel mug (MUG)");
      });
      const shown = body.filter((line) => /^\d{4}-\d\d-\d\d\|(Purchase|Sale)\|/.test(line));
      expect(shown).toHaveLength(rows.length);
      rows.forEach((row, i) => {
        const line = (shown[i] ?? "").replaceAll(",", "").replaceAll("\u2212", "-").split("|");
        const whole = wanted(row).filter((text) => text !== "");
        // What is too wide ends in an ellipsis; the rate stands between quantity and value.
        const cells = line.filter((_, n) => n !== line.length - 4);
        expect(cells.length, onPaper(row)).toBe(whole.length);
        cells.forEach((cell, n) => {
          if (cell.endsWith("…")) expect(whole[n]?.replaceAll(",", "").startsWith(cell.slice(0, -1))).toBe(true);
          else expect(cell).toBe(whole[n]?.replaceAll(",", ""));
        });
      });
      const closing = body.find((line) => line.includes("Closing|"));
      expect(closing?.replaceAll(",", "")).toContain(plain(span.closing.qty, 0));
    });

  it("says in words what it is of, and is refused for what is no item or no filter", async () => {
    const pages = await fromPdf((await at("pdf", { item: "mug", from: "2026-02-01", kinds: ["sale"] })).bytes);
    expect(pages[0]?.map((line) => line.join(" ")).join("\n")).toMatch(/From 2026-02-01 · type Sale · /);
    await expect(at("csv", { item: "none" })).rejects.toThrow("no such product");
    await expect(fileAtOnce(birch, { report: "ledger", format: "csv", asked: { item: "mug" } })).rejects.toThrow(
      "no such product",
    );
    await expect(
      fileAtOnce(alder, { report: "ledger", format: "csv", asked: { item: "mug", where: 1 } }),
    ).rejects.toThrow("not a filter");
  });
});

async function bytesOf(scope: Scope, run: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of (await takeFile(scope, run)).parts) parts.push(part);
  return Buffer.concat(parts);
}

describe("a file that a worker makes", () => {
  const wantedFile = {
    report: "ledger",
    format: "xlsx",
    asked: { item: "mug", kinds: ["sale"] },
    about: "ledger/mug",
  } as const;

  it("is made as the page's rows are, counted while it is made, kept for a week, and taken away by a job", async () => {
    const run = await askForFile(alder, wantedFile);
    await expect(askForFile(alder, wantedFile)).rejects.toThrow("running already");
    await expect(takeFile(alder, run)).rejects.toThrow("no such file");
    expect((await filesAbout(alder, "ledger/mug")).map((file) => [file.run.state, file.size])).toEqual([
      ["waiting", null],
    ]);
    await makeFile(await systemScope(alder.businessId), run, never);
    expect(await runOf(alder, run)).toMatchObject({
      state: "done",
      done: 110,
      total: 110,
      label: "alder-street-ledger-MUG.xlsx",
    });
    const read = await fromXlsx(await bytesOf(alder, run));
    expect(read.rows.slice(1, -1).map(picked)).toEqual((await pageRows(wantedFile.asked)).map(wanted));
    const [file] = await filesAbout(alder, "ledger/mug");
    expect(Date.parse(file?.expiresAt ?? "") - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    const [due] = await inBusiness(alder, (tx) =>
      rowsOf<{ days: number }>(
        tx,
        sql`select extract(epoch from not_before - now())::float8 / 86400 as days from app.outbox where job = 'removeExport' and key = ${run}`,
      ),
    );
    expect(due?.days).toBeGreaterThan(6.9);
    expect(due?.days).toBeLessThan(7.1);
    // Run again, as after a worker that was killed at its last word: nothing changes.
    await makeFile(await systemScope(alder.businessId), run, never);
    expect(await bytesOf(alder, run)).not.toHaveLength(0);
    await removeFile(alder, run);
    await expect(takeFile(alder, run)).rejects.toThrow("no such file");
    expect(await filesAbout(alder, "ledger/mug")).toEqual([]);
  });

  it("is begun anew where a worker left it half made", async () => {
    const run = await askForFile(alder, { ...wantedFile, format: "csv" });
    await inBusiness(alder, (tx) =>
      tx.execute(
        sql`insert into app.export_parts (business_id, run_id, part, bytes) values (${alder.businessId}, ${run}, 0, '\\x00'), (${alder.businessId}, ${run}, 7, '\\x00')`,
      ),
    );
    await makeFile(await systemScope(alder.businessId), run, never);
    expect(fromCsv(await bytesOf(alder, run)).rows).toHaveLength(112);
  });

  it("is taken by who asked for it and by an owner, and by nobody else", async () => {
    const run = await askForFile(alder, wantedFile);
    await makeFile(await systemScope(alder.businessId), run, never);
    const other: Scope = { ...alder, userId: newId(), role: "helper" };
    await expect(takeFile(other, run)).rejects.toThrow("no such file");
    expect((await filesAbout(other, "ledger/mug")).filter((file) => file.run.id === run)).toEqual([]);
    expect((await takeFile({ ...other, role: "owner" }, run)).size).toBeGreaterThan(1_000);
    await expect(takeFile(birch, run)).rejects.toThrow("no such file");
    await expect(takeFile(alder, "x")).rejects.toThrow("no such file");
  });

  it("stops where it was cancelled, before it began or after, and keeps nothing", async () => {
    const before = await askForFile(alder, wantedFile);
    await cancelRun(alder, before);
    await makeFile(await systemScope(alder.businessId), before, never);
    expect((await runOf(alder, before)).state).toBe("cancelled");
    const run = await askForFile(alder, wantedFile);
    await inBusiness(alder, (tx) =>
      tx.execute(sql`update app.runs set is_cancelled = 1 where business_id = ${alder.businessId} and id = ${run}`),
    );
    await makeFile(await systemScope(alder.businessId), run, never);
    expect(await runOf(alder, run)).toMatchObject({ state: "cancelled", note: "Stopped. No file was kept." });
    await expect(takeFile(alder, run)).rejects.toThrow("no such file");
    const failed = await askForFile(alder, wantedFile);
    await fileStopped(alder, failed, "failed", "No room.");
    expect((await filesAbout(alder, "ledger/mug"))[0]?.run).toMatchObject({ state: "failed", note: "No room." });
    const aborted = await askForFile(alder, wantedFile);
    const stop = new AbortController();
    stop.abort(new Error("the worker ends"));
    await expect(makeFile(await systemScope(alder.businessId), aborted, stop.signal)).rejects.toThrow(
      "the worker ends",
    );
    await fileStopped(alder, aborted, "failed", "");
  });

  it("is made with what the person may see, and goes with the business", async () => {
    const scope = await openBusiness(alder.userId ?? "", alder.slug);
    const run = await askForFile(scope, wantedFile);
    await inBusiness(alder, (tx) =>
      tx.execute(
        sql`update app.exports set user_id = ${newId()} where business_id = ${alder.businessId} and run_id = ${run}`,
      ),
    );
    await expect(makeFile(await systemScope(alder.businessId), run, never)).rejects.toThrow("no such business");
    await removeBusiness(alder);
    const [left] = await inBusiness(alder, (tx) =>
      rowsOf<{ n: number }>(
        tx,
        sql`select ((select count(*) from app.exports where business_id = ${alder.businessId}) + (select count(*) from app.export_parts where business_id = ${alder.businessId})
              + (select count(*) from app.item_days where business_id = ${alder.businessId}))::int as n`,
      ),
    );
    expect(left?.n).toBe(0);
  });
});

describe("the writers", () => {
  const sheetOf = (lines: AsyncIterable<Line>): Sheet => ({
    business: "B",
    title: "T",
    notes: [],
    columns: [
      { head: "Day", kind: "day", share: 10 },
      { head: "Text", kind: "text", share: 20 },
      { head: "Figure", kind: "figure", share: 10 },
    ],
    lines,
  });
  async function* of(...rows: readonly (readonly Cell[])[]): AsyncGenerator<Line> {
    for (const cells of rows) yield { kind: "row", cells };
  }
  async function whole(format: Format, lines: AsyncIterable<Line>): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of fileOf(format, sheetOf(lines))) parts.push(part);
    return Buffer.concat(parts);
  }

  it("keep figures exact to the last digit, and long ones as the text that they are", async () => {
    const big = 123_456_789_012_345_678n;
    const rows: readonly (readonly Cell[])[] = [
      ["2024-02-29", "a", { units: -5n, decimals: 2 }],
      ["", null, { units: big, decimals: 2 }],
    ];
    expect(fromCsv(await whole("csv", of(...rows))).rows).toEqual([
      ["2024-02-29", "a", "-0.05"],
      ["", "", "1234567890123456.78"],
    ]);
    const read = await fromXlsx(await whole("xlsx", of(...rows)));
    expect(read.rows.map((row) => row.slice(0, 3))).toEqual([
      ["2024-02-29", "a", "-0.05"],
      ["", "", "1234567890123456.78"],
    ]);
  });

  it("take any text for text", async () => {
    const texts = [
      "=1+1",
      "+cmd|'/c calc'!A1",
      "-2+3",
      "@SUM(1)",
      "\tx",
      "\rx",
      "a\u0001b",
      'q"u,o\nte',
      "<b>&",
      "नमस्ते ₹",
    ];
    const cells = texts.map((text): readonly Cell[] => [null, text, null]);
    const csv = fromCsv(await whole("csv", of(...cells))).rows.map((row) => row[1]);
    expect(csv).toEqual(texts.map((text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)));
    const xlsx = await fromXlsx(await whole("xlsx", of(...cells)));
    expect(xlsx.formulas).toBe(0);
    expect(xlsx.rows.map((row) => row[1]?.trim())).toEqual(texts.map((text) => text.replace("\u0001", "").trim()));
    const pdf = (await fromPdf(await whole("pdf", of(...cells)))).flat(2);
    for (const text of ["=1+1", "<b>&", "ab"]) expect(pdf.map((one) => one.replace(" b", "b"))).toContain(text);
  });

  it("make a file of no rows, stop where nobody takes it, and give on what goes wrong", async () => {
    for (const format of ["csv", "xlsx", "pdf"] as const) {
      expect((await whole(format, of())).length, format).toBeGreaterThan(10);
      expect(contentTypes[format]).not.toBe("");
      let made = 0;
      let isOver = false;
      const endless = (async function* (): AsyncGenerator<Line> {
        try {
          for (; ; made += 1) yield { kind: "row", cells: [null, `row ${made}`, { units: 1n, decimals: 0 }] };
        } finally {
          isOver = true;
        }
      })();
      for await (const part of fileOf(format, sheetOf(endless))) if (part.length > 0) break;
      await expect.poll(() => isOver, { message: format }).toBe(true);
      const broken = (async function* (): AsyncGenerator<Line> {
        yield { kind: "row", cells: [] };
        throw new Error("the database is away");
      })();
      await expect(whole(format, broken), format).rejects.toThrow("the database is away");
    }
  });
});
