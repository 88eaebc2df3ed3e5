/** Invoices, credit notes and debit notes: numbered without gaps, frozen as issued, cancelled with their numbers; their PDFs and mails. */
import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { recordAdjustment } from "../../lib/desk/adjustments";
import { invoiceMany, issuingRuns, runInvoices } from "../../lib/desk/issue-many";
import { issuedOf, issuedPaper, issuedRows, issuedView } from "../../lib/desk/issued-reads";
import {
  cancelIssued,
  issueCreditNote,
  issueDebitNote,
  issueInvoice,
  issueInvoices,
  mostInvoicesAtOnce,
} from "../../lib/desk/issuing";
import { saveLetterhead } from "../../lib/desk/letterhead";
import { saveLocation } from "../../lib/desk/locations";
import { noteOf, paperFile, paperOf } from "../../lib/desk/notes";
import { mostMailsADay, sendPaper } from "../../lib/desk/sending";
import { saveTransfer } from "../../lib/desk/transfer-drafts";
import { sendTransfer } from "../../lib/desk/transfers";
import { paperPdf } from "../../lib/exports/paper-pdf";
import type { Scope } from "../../lib/people/access";
import { auditRows, recordAudit } from "../../lib/people/audit";
import { cancelRun, runOf } from "../../lib/system/runs";
import { undoFacts } from "../../lib/undo";
import { input } from "../support/adjusting";
import { fromPdf } from "../support/files";
import { type Mailbox, openMailbox } from "../support/mailbox";
import { openRaces, outcomes, twoShops } from "../support/races";
import { give, order, proved, refused } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
let other: Scope;
let mailbox: Mailbox;
beforeAll(async () => {
  // The environment is read at its first use.
  mailbox = await openMailbox();
  process.env.SMTP_URL = mailbox.url;
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

const to = { name: "Ada Long", address: "1 Mill Lane\nLeeds", taxNumber: "GB 1" };
const nobody = { name: "", address: "", taxNumber: "" };
const on = "2026-03-05";
const back = (id: string, of: string, amount: bigint) =>
  ({
    kind: "return",
    id,
    date: "2026-03-09",
    order: of,
    lines: [
      {
        id: `${id}-1`,
        line: `${of}-1`,
        qty: 1n,
        amount,
        restock: true,
        writeOff: false,
        location: null,
        placed: true,
      },
    ],
  }) as const;

beforeEach(async () => {
  [scope, other] = await twoShops();
  await give(scope, [
    order(
      "o1",
      "2026-03-02",
      [
        ["Mug", 2n, 5_000n, "MUG"],
        ["A strange lamp", 1n, 1_000n],
      ],
      { shipping: 500n, discount: 600n, tax: 440n, taxBy: "channel" },
    ),
    order("o2", "2026-03-03", [["Mug", 1n, 2_500n, "MUG"]], { tax: 200n, taxBy: "seller" }),
    back("r1", "o1", 2_400n),
    {
      kind: "purchase_return",
      id: "pr1",
      date: "2026-03-06",
      purchase: "p1",
      lines: [{ id: "pr1-1", line: "p1-1", qty: 2n, amount: 190n }],
    },
  ]);
});

describe("an invoice", () => {
  it("says what was sold, to whom, with its taxes, and stays as it was issued", async () => {
    await saveLetterhead(scope, {
      legalName: "Mugs & Co. LLC",
      address: "5 Quay St\nPortland",
      taxNumber: "OR-77",
      foot: "Thank you.",
    });
    const { id, number } = await issueInvoice(scope, { order: "o1", on, to });
    expect(number).toBe("INV-2026-0001");
    const view = await issuedView(scope, id);
    expect(view).toMatchObject({ kind: "invoice", on, totalMinor: 6_340n, party: to, why: null, parent: "order/o1" });
    expect(view.who).not.toBeNull();
    const before = issuedPaper(view);
    // What changes later changes nothing of it: the head, the order, that it was taken back.
    await saveLetterhead(scope, { legalName: "Other", address: "", taxNumber: "", foot: "" });
    await undoFacts(scope, ["return/r1"], { source: null, userId: scope.userId });
    await undoFacts(scope, ["order/o1"], { source: null, userId: scope.userId });
    expect(issuedPaper(await issuedView(scope, id))).toEqual(before);
    const [lines = []] = await fromPdf(await paperPdf(issuedPaper(view)));
    const text = lines.map((line) => line.join(" | ")).join("\n");
    for (const said of [
      "Mugs & Co. LLC",
      "Portland",
      "Tax registration OR-77",
      "INVOICE",
      "INV-2026-0001",
      "5 March 2026",
      "N-o1",
      "Ada Long",
      "Leeds",
      "Thank you.",
      "Page 1 of 1",
    ])
      expect(text).toContain(said);
    expect(lines).toContainEqual(["Mug", "MUG", "2", "−5.00", "50.00"]);
    expect(lines).toContainEqual(["Discount", "−6.00"]);
    expect(lines).toContainEqual(["Shipping", "5.00"]);
    expect(lines).toContainEqual(["Total USD", "63.40"]);
    expect(text).toContain("Tax, collected and remitted by Etsy");
    expect(paperFile(issuedPaper(view))).toBe("Invoice-INV-2026-0001.pdf");
    await proved(scope, other);
  });

  it("is one for its order: another is refused until it was cancelled, which keeps its number", async () => {
    const first = await issueInvoice(scope, { order: "o1", on, to });
    expect((await refused(issueInvoice(scope, { order: "o1", on, to }))).code).toBe("in_use");
    expect(await refused(cancelIssued(scope, { id: first.id, why: "  " }))).toEqual({
      code: "field_missing",
      field: "why",
    });
    await cancelIssued(scope, { id: first.id, why: "Wrong name" });
    expect((await refused(cancelIssued(scope, { id: first.id, why: "again" }))).code).toBe("stale");
    const second = await issueInvoice(scope, { order: "o1", on, to: { ...to, name: "Ada Short" } });
    expect([first.number, second.number]).toEqual(["INV-2026-0001", "INV-2026-0002"]);
    expect((await issuedOf(scope, "order/o1")).map(({ number, why, to: name }) => [number, why, name])).toEqual([
      ["INV-2026-0001", "Wrong name", "Ada Long"],
      ["INV-2026-0002", null, "Ada Short"],
    ]);
    const paper = issuedPaper(await issuedView(scope, first.id));
    expect([paper.mark, paper.notes]).toEqual(["CANCELLED", ["Cancelled: Wrong name"]]);
    expect((await auditRows(scope)).rows.map(({ what }) => what).filter((what) => what.startsWith("document"))).toEqual(
      ["document.issue", "document.cancel", "document.issue"],
    );
    await proved(scope, other);
  });

  it("is refused for what is not there, on a day before the order, and on one still to come", async () => {
    expect((await refused(issueInvoice(scope, { order: "nothing", on, to }))).code).toBe("not_found");
    expect((await refused(issueInvoice(other, { order: "o1", on, to }))).code).toBe("not_found");
    expect(await refused(issueInvoice(scope, { order: "o1", on: "2026-03-01", to }))).toEqual({
      code: "bad_date",
      field: "on",
    });
    expect(await refused(issueInvoice(scope, { order: "o1", on: "2999-01-01", to }))).toEqual({
      code: "future_date",
      field: "on",
    });
    expect(await refused(issueInvoice(scope, { order: "o1", on, to: { ...to, name: "x".repeat(121) } }))).toEqual({
      code: "text_too_long",
      field: "name",
    });
    expect(
      await refused(
        issueInvoice({ ...scope, country: "IN" }, { order: "o1", on, to: { ...to, taxNumber: "27AAPFU0939F1ZX" } }),
      ),
    ).toEqual({ code: "bad_field", field: "taxNumber" });
    await issueInvoice({ ...scope, country: "IN" }, { order: "o1", on, to: { ...to, taxNumber: "27AAPFU0939F1ZV" } });
    expect((await issuedRows(scope, {}, null)).rows.map(({ number }) => number)).toEqual(["INV-2026-0001"]);
    expect((await refused(issueInvoice({ ...scope, role: "viewer" }, { order: "o2", on, to }))).code).toBe(
      "not_allowed",
    );
    await proved(scope, other);
  });

  it("of another business is not there", async () => {
    const { id } = await issueInvoice(scope, { order: "o1", on, to });
    expect((await refused(issuedView(other, id))).code).toBe("not_found");
    expect((await refused(cancelIssued(other, { id, why: "x" }))).code).toBe("not_found");
    expect((await refused(issuedView(scope, "----"))).code).toBe("not_found");
    expect((await issuedRows(other, {}, null)).rows).toEqual([]);
  });
});

test("two who issue at once get consecutive numbers; two for one order, one does", async () => {
  const both = [issueInvoice(scope, { order: "o1", on, to }), issueInvoice(scope, { order: "o2", on, to: nobody })];
  expect((await Promise.all(both)).map(({ number }) => number).sort()).toEqual(["INV-2026-0001", "INV-2026-0002"]);
  const [one] = await issuedOf(scope, "order/o2");
  await cancelIssued(scope, { id: one?.id ?? "", why: "again" });
  const again = Array.from({ length: 5 }, () => issueInvoice(scope, { order: "o2", on, to }));
  expect(await outcomes(again)).toEqual({ done: 1, in_use: 4 });
  expect((await issuedOf(scope, "order/o2")).map(({ number }) => number)).toEqual([one?.number, "INV-2026-0003"]);
  await proved(scope, other);
});

test("many at once: those that have one keep it; what is not there issues none", async () => {
  await issueInvoice(scope, { order: "o2", on, to });
  expect(await issueInvoices(scope, ["o1", "o2", "o1"])).toEqual({ issued: 1, abroad: 0, own: 0 });
  expect(await issueInvoices(scope, ["o1", "o2"])).toEqual({ issued: 0, abroad: 0, own: 0 });
  expect((await refused(issueInvoices(scope, ["o1", "gone"]))).code).toBe("not_found");
  const tooMany = Array.from({ length: mostInvoicesAtOnce + 1 }, (_, n) => `o${n}`);
  expect((await refused(issueInvoices(scope, tooMany))).code).toBe("too_many_rows");
  expect((await issuedRows(scope, { kind: "invoice" }, null)).rows.length).toBe(2);
  expect((await issuedRows(scope, { kind: "credit_note" }, null)).rows).toEqual([]);
  expect((await issuedRows(scope, { words: "ada" }, null)).rows.length).toBe(1);
  await proved(scope, other);
});

describe("invoices of all orders of some days", () => {
  const of = { from: "2026-03-01", to: "2026-03-31", channel: null };
  const job = async (run: string, more: Partial<typeof of> = {}) =>
    runInvoices(scope, { ...of, ...more, run, user: scope.userId ?? "" }, new AbortController().signal);

  it("are issued by a worker in the order of their days, once, also when it is asked for again", async () => {
    await give(
      scope,
      Array.from({ length: 55 }, (_, n) => order(`b${n}`, "2026-03-20", [["Mug", 1n, 100n]])),
    );
    await issueInvoice(scope, { order: "o2", on, to });
    const run = await invoiceMany(scope, of);
    expect((await issuingRuns(scope)).map(({ id }) => id)).toEqual([run]);
    expect((await refused(invoiceMany(scope, of))).code).toBe("running_already");
    await job(run);
    expect(await runOf(scope, run)).toMatchObject({ state: "done", done: 56, skipped: 1 });
    expect((await issuedOf(scope, "order/o1"))[0]?.number).toBe(
      "INV-2026-0002".replace("2026", String(new Date().getUTCFullYear())),
    );
    const again = await invoiceMany(scope, of);
    await job(again);
    expect(await runOf(scope, again)).toMatchObject({ state: "done", done: 0, skipped: 57 });
    await proved(scope, other);
  });

  it("are issued by nobody who may not, and stop when they are asked to", async () => {
    expect((await refused(invoiceMany({ ...scope, role: "viewer" }, of))).code).toBe("not_allowed");
    const run = await invoiceMany(scope, of);
    await cancelRun(scope, run);
    await job(run);
    expect((await issuedRows(scope, {}, null)).rows).toEqual([]);
    expect(await issuingRuns(scope)).toEqual([]);
  });
});

describe("a document that is mailed", () => {
  it("has its PDF with it, is written down, and goes to few", async () => {
    const { id } = await issueInvoice(scope, { order: "o1", on, to });
    const one = { of: "issued", id, to: "ada@example.com; bo@example.com", message: "Hello\nAda" } as const;
    expect(await sendPaper(scope, one)).toEqual({ sent: 2 });
    const mail = await mailbox.newest("ada@example.com");
    expect(mail).toContain("Invoice-INV-2026-0001.pdf");
    expect(mail).toContain("application/pdf");
    const [, after = ""] = mail.split("Content-Disposition: attachment");
    const pdf = Buffer.from(after.slice(after.indexOf("\r\n\r\n")).split("\r\n--")[0] ?? "", "base64");
    expect((await fromPdf(pdf)).flat(2)).toContain("INVOICE");
    const { rows } = await auditRows(scope, { what: "document.send" });
    expect(rows[0]).toMatchObject({ about: "INV-2026-0001", after: { to: ["ada@example.com", "bo@example.com"] } });
    for (const [typed, code] of [
      ["", "field_missing"],
      ["nobody", "bad_field"],
      ["a@b", "bad_field"],
      ["a@example.com\r\nBcc: b@example.com", "bad_field"],
      ["a@x.co b@x.co c@x.co d@x.co e@x.co f@x.co", "too_many_rows"],
    ] as const)
      expect(await refused(sendPaper(scope, { ...one, to: typed }))).toEqual({ code, field: "to" });
    expect((await refused(sendPaper(other, one))).code).toBe("not_found");
    expect((await refused(sendPaper({ ...scope, role: "viewer" }, one))).code).toBe("not_allowed");
    await proved(scope, other);
  });

  it("goes to a hundred addresses a day at most", async () => {
    const { id } = await issueInvoice(scope, { order: "o1", on, to });
    await inBusiness(scope, (tx) =>
      recordAudit(tx, scope, {
        what: "document.send",
        about: "x",
        after: { to: Array.from({ length: mostMailsADay - 1 }, (_, n) => `${n}@example.com`) },
      }),
    );
    const one = { of: "issued", id, to: "a@example.com", message: "" } as const;
    expect((await refused(sendPaper(scope, { ...one, to: "a@example.com b@example.com" }))).code).toBe(
      "too_many_requests",
    );
    await sendPaper(scope, one);
    expect((await refused(sendPaper(scope, one))).code).toBe("too_many_requests");
  });
});

test("a credit note is of a return and names the invoice, which stands while it does", async () => {
  expect((await refused(issueCreditNote(scope, { return: "r1", on: null }))).code).toBe("not_ready");
  const invoice = await issueInvoice(scope, { order: "o1", on, to });
  const note = await issueCreditNote(scope, { return: "r1", on: "2026-03-10" });
  expect(note.number).toBe("CN-2026-0001");
  const view = await issuedView(scope, note.id);
  expect(view).toMatchObject({ kind: "credit_note", totalMinor: 2_400n, party: to, parent: "order/o1" });
  expect(view.body.about[0]).toEqual(["Of invoice", "INV-2026-0001"]);
  expect((await refused(cancelIssued(scope, { id: invoice.id, why: "x" }))).code).toBe("in_use");
  await cancelIssued(scope, { id: note.id, why: "Not back yet" });
  await cancelIssued(scope, { id: invoice.id, why: "Anew" });
  await proved(scope, other);
});

test("a debit note is of what went back to a supplier", async () => {
  const { id, number } = await issueDebitNote(scope, { document: "pr1", on: "2026-03-07", to: nobody });
  expect(number).toBe("DN-2026-0001");
  expect(await issuedView(scope, id)).toMatchObject({
    totalMinor: 190n,
    party: { name: "Seller of p1" },
    parent: "purchase/p1",
  });
  await proved(scope, other);
});

test("nothing that was issued can be changed or deleted by the application, and a deleted row is named by the proof", async () => {
  const { id } = await issueInvoice(scope, { order: "o1", on, to });
  const privileges = await owner<{ table: string; may: string }[]>`
    select table_name as table, string_agg(privilege_type, ' ' order by privilege_type) as may
    from information_schema.role_table_grants where grantee = 'lotbook_app'
      and table_name in ('issued_documents', 'issued_cancellations', 'series_numbers') group by 1 order by 1`;
  expect(privileges.map(({ may }) => may)).toEqual(["INSERT SELECT", "INSERT SELECT", "INSERT SELECT"]);
  await owner.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`delete from issued_documents where id = ${id}`;
  });
  const { checks } = await verifyBooks(scope);
  expect(checks.flatMap((check) => check.findings.map(({ what }) => what))).toEqual([
    "the number INV-2026-0001 stands on its invoice",
  ]);
});

describe("a paper", () => {
  it("goes on over pages, with its heads again and page n of m, on A4 or Letter", async () => {
    const lines = Array.from({ length: 90 }, (_, n) => [`Thing ${n + 1} ${"with a long name ".repeat(4)}`, `${n}`]);
    const paper = await noteOf(
      { ...scope, country: "DE" },
      {
        title: "Count sheet",
        number: "CS-2026-0001",
        on,
        mark: null,
        to: null,
        about: [],
        columns: [
          { head: "Item", kind: "text", share: 3 },
          { head: "Counted", kind: "figure", share: 1 },
        ],
        lines,
        sums: [],
        notes: ["चाय and ₹, Ω, Ж"],
        signs: ["Counted by"],
      },
    );
    expect(paper.size).toBe("A4");
    expect((await noteOf(scope, paper)).size).toBe("LETTER");
    const pages = await fromPdf(await paperPdf(paper));
    expect(pages.length).toBeGreaterThan(2);
    pages.forEach((page, at) => {
      const text = page.map((line) => line.join(" ")).join("\n");
      expect(text).toContain(`Page ${at + 1} of ${pages.length}`);
      expect(page.filter((line) => line[0] === "Item" && line[1] === "Counted").length).toBe(1);
    });
    const all = pages.flat(2).join(" ");
    for (let n = 1; n <= 90; n += 1) expect(all).toContain(`Thing ${n} `);
  });

  it("of a transfer and of an adjustment says what moved, where and why", async () => {
    const east = await saveLocation(scope, {
      id: null,
      name: "East",
      kind: "warehouse",
      address: "7 Harbor Lane",
      taxNumber: "",
    });
    const form = { id: null, version: null, from: "main", to: east, on, note: "Fragile", lines: [] };
    const id = await saveTransfer(scope, { ...form, lines: [{ row: 0, item: "mug", qty: "3" }] });
    expect((await refused(paperOf(scope, "transfer", id))).code).toBe("not_ready");
    await sendTransfer(scope, { id, version: 1, on });
    const moved = (await fromPdf(await paperPdf(await paperOf(scope, "transfer", id)))).flat(2).join("\n");
    for (const said of [
      "TRANSFER NOTE",
      "TR-2026-0001",
      "East",
      "7 Harbor Lane",
      "Main",
      "Fragile",
      "Received by, and on",
    ])
      expect(moved).toContain(said);
    const gone = await recordAdjustment(scope, input({ lines: [["mug", "1"]], reason: "gift", note: "Raffle" }));
    const paper = (await fromPdf(await paperPdf(await paperOf(scope, "adjustment", gone.id)))).flat(2).join("\n");
    for (const said of ["STOCK REMOVED", "ADJ-2026-0001", "Gift", "Raffle", "−1"]) expect(paper).toContain(said);
    expect((await refused(paperOf(other, "transfer", id))).code).toBe("not_found");
    expect((await refused(paperOf(other, "adjustment", gone.id))).code).toBe("not_found");
    await proved(scope, other);
  });
});
