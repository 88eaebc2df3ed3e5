import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { lockBooks } from "../../lib/books/ledger";
import { verifyBooks } from "../../lib/books/verify";
import { Refusal } from "../../lib/core/errors";
import { previewUndoImport, undoImport } from "../../lib/desk/import-undo";
import { acceptImport, importStopped, runImport } from "../../lib/desk/imports";
import { makeRule, sortAs } from "../../lib/desk/transactions";
import { chooseFor, cleanName, importOf, listImports, takeFile } from "../../lib/money/imports";
import { moneyAccounts } from "../../lib/money/money-accounts";
import type { Scope } from "../../lib/people/access";
import { auditRows, recordAudit } from "../../lib/people/audit";
import { createBusiness } from "../../lib/people/businesses";
import { recordIn } from "../../lib/record";
import { newId } from "../../lib/system/ids";
import { cancelRun, startRun } from "../../lib/system/runs";
import { testDatabase } from "../support/database";

const usual = { name: "Alder", country: "US", currency: "USD", timeZone: "America/New_York", taxYearStartMonth: 1 };
const never = new AbortController().signal;
let alder: Scope;
let birch: Scope;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

/** Two new businesses: what happens in the first must not be seen in the second. */
async function twoBusinesses(): Promise<void> {
  alder = await createBusiness({ id: newId() }, usual);
  birch = await createBusiness({ id: newId() }, { ...usual, name: "Birch" });
}

const file = (name: string, text: string) => ({ name, bytes: Buffer.from(text, "utf8") });
const csv = (...rows: readonly string[]) => `Date,Description,Amount\n${rows.join("\n")}\n`;
const january = csv(
  "2026-01-05,USPS PO 4471,-12.40",
  "2026-01-06,Blue Cup Coffee,-4.50",
  "2026-01-06,Blue Cup Coffee,-4.50",
  "2026-01-09,Redwood Supply Co.,-310.00",
  "2026-01-20,Etsy deposit,250.00",
);
const overlapping = csv(
  "2026-01-06,Blue Cup Coffee,-4.50",
  "2026-01-06,Blue Cup Coffee,-4.50",
  "2026-01-20,Etsy deposit,250.00",
  "2026-02-02,Rent February,-900.00",
);

const rowsIn = (scope: Scope) =>
  inBusiness(scope, (tx) =>
    rowsOf<{ day: string; amount: string; payee: string; state: string; account: string; undone: boolean }>(
      tx,
      sql`select on_date::text as day, amount_minor::text as amount, payee, state, account_code as account, is_undone as undone
          from app.transactions where business_id = ${scope.businessId} order by on_date, id`,
    ),
  );
const live = async (scope: Scope) => (await rowsIn(scope)).filter((row) => !row.undone);
async function balance(scope: Scope, code: string): Promise<bigint> {
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ amount: string }>(
      tx,
      sql`select coalesce(sum(debit_minor - credit_minor), 0)::text as amount from app.account_months where business_id = ${scope.businessId} and code = ${code}`,
    ),
  );
  return BigInt(row?.amount ?? 0);
}
async function clean(): Promise<void> {
  for (const scope of [alder, birch]) {
    const proof = await verifyBooks(scope);
    expect(proof.checks.flatMap((check) => check.findings)).toEqual([]);
  }
}
async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Refusal)) throw new Error(`not refused, but ${String(error)}`);
  return error.code;
}
async function take(scope: Scope, name: string, text: string) {
  const { id } = await takeFile(scope, file(name, text));
  const { result } = await acceptImport(scope, id, { takesLayout: true });
  return { id, result };
}

describe("a bank's file", () => {
  it("writes nothing before it is accepted, then every line posts", async () => {
    await twoBusinesses();
    const { id } = await takeFile(alder, file("january.csv", january));
    const seen = await importOf(alder, id);
    expect([seen.state, seen.result.new, seen.result.already, seen.result.doubtful]).toEqual(["preview", 5, 0, 0]);
    expect(await rowsIn(alder)).toEqual([]);
    expect(await balance(alder, "1000")).toBe(0n);

    const { state, result } = await acceptImport(alder, id);
    expect([state, result.new]).toEqual(["accepted", 5]);
    // Twins are both there, and the account's balance is the bank's at once.
    expect((await live(alder)).map((row) => [row.day, row.amount, row.payee, row.state])).toEqual([
      ["2026-01-05", "-1240", "USPS PO 4471", "open"],
      ["2026-01-06", "-450", "Blue Cup Coffee", "open"],
      ["2026-01-06", "-450", "Blue Cup Coffee", "open"],
      ["2026-01-09", "-31000", "Redwood Supply Co.", "open"],
      ["2026-01-20", "25000", "Etsy deposit", "open"],
    ]);
    expect(await balance(alder, "1000")).toBe(-8140n);
    expect([await balance(alder, "9990"), await balance(alder, "9991")]).toEqual([-25000n, 33140n]);
    expect(await rowsIn(birch)).toEqual([]);
    expect(await refusal(importOf(birch, id))).toBe("not_found");
    expect(await refusal(acceptImport(birch, id))).toBe("not_found");
    await clean();
  });

  it("adds of the same file nothing, of an overlapping one what is new, twins kept", async () => {
    await twoBusinesses();
    await take(alder, "january.csv", january);
    const again = await take(alder, "january again.csv", january);
    expect([again.result.new, again.result.already]).toEqual([0, 5]);
    const shuffled = january.split("\n").slice(1, 6).reverse();
    const turned = await take(alder, "turned.csv", csv(...shuffled));
    expect([turned.result.new, turned.result.already]).toEqual([0, 5]);
    const more = await take(alder, "february.csv", overlapping);
    expect([more.result.new, more.result.already]).toEqual([1, 3]);
    expect(await live(alder)).toHaveLength(6);
    const three = csv(...Array.from({ length: 3 }, () => "2026-01-06,Blue Cup Coffee,-4.50"));
    const third = await take(alder, "three coffees.csv", three);
    expect([third.result.new, third.result.already]).toEqual([1, 2]);
    expect(await balance(alder, "1000")).toBe(-8140n - 90000n - 450n);
    await clean();
  });

  it("knows the account again by its number, and doubts what another kind of file tells in other words", async () => {
    await twoBusinesses();
    const ofx = (...rows: readonly string[]) =>
      `OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>1<ACCTID>000999871234<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST>${rows.join("")}</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`;
    const line = (id: string, day: string, amount: string, name: string) =>
      `<STMTTRN><TRNTYPE>OTHER<DTPOSTED>${day}<TRNAMT>${amount}<FITID>${id}<NAME>${name}</STMTTRN>`;
    const first = await take(
      alder,
      "a.ofx",
      ofx(line("1", "20260105", "-12.40", "USPS"), line("2", "20260106", "-4.50", "COFFEE")),
    );
    expect(first.result.account).toBe("000999871234");
    expect((await moneyAccounts(alder)).map((one) => [one.code, one.bankNumber])).toEqual([["1000", "1234"]]);
    // The bank's own ids: two payments of one day and amount are two.
    const second = await take(
      alder,
      "b.ofx",
      ofx(line("2", "20260106", "-4.50", "COFFEE"), line("3", "20260106", "-4.50", "COFFEE")),
    );
    expect([second.result.new, second.result.already, second.result.doubtful]).toEqual([1, 1, 0]);

    const { id } = await takeFile(
      alder,
      file("export.csv", csv("2026-01-05,US Postal Service,-12.40", "2026-01-07,Blue Cup,-5.00")),
    );
    await chooseFor(alder, id, { accounts: [{ code: "1000" }] });
    const told = (await importOf(alder, id)).result;
    expect([told.new, told.already, told.doubtful]).toEqual([1, 0, 1]);
    expect(told.first.find((row) => row.status === "doubtful")?.payee).toBe("US Postal Service");
    const accepted = await acceptImport(alder, id);
    expect([accepted.result.new, accepted.result.doubtful]).toEqual([1, 1]);
    expect(await live(alder)).toHaveLength(4);
    await clean();
  });

  it("asks how dates are written where the file leaves it open, and remembers the answer for that bank", async () => {
    await twoBusinesses();
    const { id } = await takeFile(alder, file("a.csv", csv("03/04/2026,USPS,-12.40", "05/06/2026,Coffee,-4.50")));
    expect(await refusal(acceptImport(alder, id))).toBe("ambiguous_date");
    const { layout } = (await importOf(alder, id)).choices;
    if (layout === null) throw new Error("a CSV has a layout");
    await chooseFor(alder, id, { layout: { ...layout, dateStyle: "dmy", doubts: [] } });
    await acceptImport(alder, id);
    expect((await live(alder)).map((row) => row.day)).toEqual(["2026-04-03", "2026-06-05"]);
    // Another file of that bank is read the same way, without being asked.
    const next = await takeFile(alder, file("b.csv", csv("07/08/2026,USPS,-12.40")));
    await acceptImport(alder, next.id);
    expect((await live(alder)).at(-1)?.day).toBe("2026-08-07");
    await clean();
  });

  it("is not taken in another currency, nor when it does not agree with itself without a person's word", async () => {
    await twoBusinesses();
    const foreign = `OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>77</BANKACCTFROM><BANKTRANLIST><STMTTRN><DTPOSTED>20260105<TRNAMT>1.00<FITID>1<NAME>X</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`;
    const one = await takeFile(alder, file("eur.ofx", foreign));
    expect((await importOf(alder, one.id)).result).toMatchObject({ accepted: false });
    expect(await refusal(acceptImport(alder, one.id, { takesAnyway: true }))).toBe("unknown_currency");
    const wrong =
      "Date,Description,Amount,Balance\n2026-01-05,A,-10.00,90.00\n2026-01-06,B,-10.00,80.00\n2026-01-07,C,-10.00,75.00\n2026-01-08,D,-10.00,65.00\n";
    const two = await takeFile(alder, file("wrong.csv", wrong));
    expect((await importOf(alder, two.id)).result).toMatchObject({ agrees: false, accepted: false });
    expect(await refusal(acceptImport(alder, two.id, { takesLayout: true }))).toBe("does_not_reconcile");
    expect(await rowsIn(alder)).toEqual([]);
    const { result } = await acceptImport(alder, two.id, { takesLayout: true, takesAnyway: true });
    expect([result.new, result.accepted]).toEqual([4, undefined]);
    await clean();
  });

  it("is taken back with all that it posted, and comes in again", async () => {
    await twoBusinesses();
    const { id } = await take(alder, "january.csv", january);
    const rows = await inBusiness(alder, (tx) =>
      rowsOf<{ id: string; payee: string }>(
        tx,
        sql`select id, payee from app.transactions where business_id = ${alder.businessId}`,
      ),
    );
    const redwood = rows.find((row) => row.payee.startsWith("Redwood"))?.id ?? "";
    await sortAs(alder, [{ id: redwood, version: 1 }], { kind: "inventory" });
    expect(await balance(alder, "1200")).toBe(31000n);
    const changes = await previewUndoImport(alder, id);
    expect(changes.inventory).toEqual({ before: 31000n, change: -31000n, after: 0n });
    expect(await live(alder)).toHaveLength(5);
    expect(await undoImport(alder, id)).toBe(5);
    expect([await balance(alder, "1000"), await balance(alder, "1200"), await balance(alder, "9991")]).toEqual([
      0n,
      0n,
      0n,
    ]);
    expect(await refusal(undoImport(alder, id))).toBe("nothing_to_undo");
    await clean();

    const again = await take(alder, "january.csv", january);
    expect([again.result.new, again.result.already]).toEqual([5, 0]);
    expect(await balance(alder, "1000")).toBe(-8140n);
    await sortAs(alder, [{ id: redwood, version: null }], { kind: "inventory" });
    expect(await balance(alder, "1200")).toBe(31000n);
    await clean();
  });

  it("cut off half way and taken up again ends the same; two at once are one", async () => {
    await twoBusinesses();
    const many = csv(
      ...Array.from({ length: 2_600 }, (_, i) => {
        const day = String(1 + (i % 28)).padStart(2, "0");
        return `2026-${String(1 + (Math.floor(i / 28) % 12)).padStart(2, "0")}-${day},Payee ${i % 7},-${1 + (i % 90)}.25`;
      }),
    );
    const { id } = await takeFile(alder, file("many.csv", many));
    const begun = await acceptImport(alder, id);
    expect(begun.state).toBe("accepting");
    expect(await refusal(acceptImport(alder, id))).toBe("running_already");
    const run = begun.run ?? "";
    // Killed after the first batch: what is committed stays, nothing else does.
    const stop = new AbortController();
    const first = runImport(alder, { id, run, signal: stop.signal });
    const watch = setInterval(() => {
      void rowsIn(alder).then((rows) => (rows.length > 0 ? stop.abort(new Error("killed")) : undefined));
    }, 5);
    await expect(first).rejects.toThrow("killed");
    clearInterval(watch);
    const half = (await rowsIn(alder)).length;
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(2_600);
    // Two workers at once: each row comes once.
    await Promise.all([runImport(alder, { id, run, signal: never }), runImport(alder, { id, run, signal: never })]);
    expect(await rowsIn(alder)).toHaveLength(2_600);
    const done = await importOf(alder, id);
    expect([done.state, done.result.new, done.result.already]).toEqual(["accepted", 2_600, 0]);
    expect(await runImport(alder, { id, run, signal: never })).toBe("done");
    expect(await refusal(acceptImport(alder, id))).toBe("already_imported");

    // An undisturbed one in another business has the same balances.
    const other = await takeFile(birch, file("many.csv", many));
    await acceptImport(birch, other.id, { atOnce: true });
    expect(await balance(birch, "1000")).toBe(await balance(alder, "1000"));
    const twice = await takeFile(birch, file("many.csv", many));
    expect((await importOf(birch, twice.id)).result).toMatchObject({ new: 0, already: 2_600 });
    await clean();
  });

  it("of a given-up job can be accepted once more", async () => {
    await twoBusinesses();
    const { id } = await takeFile(alder, file("january.csv", january));
    await inBusiness(alder, async (tx) => {
      await recordAudit(tx, alder, { what: "import.begin", about: id });
      await tx.execute(
        sql`update app.imports set state = 'accepting' where business_id = ${alder.businessId} and id = ${id}`,
      );
      await startRun(tx, alder, { job: "acceptImport", about: id, label: "january.csv" });
    });
    await importStopped(alder, id);
    const { result } = await acceptImport(alder, id);
    expect(result.new).toBe(5);
    await clean();
  });

  it("of one that was stopped before it began can be accepted again, and has a job of its own", async () => {
    await twoBusinesses();
    const many = csv(...Array.from({ length: 2_001 }, (_, i) => `2026-01-05,Payee ${i},-1.25`));
    const { id } = await takeFile(alder, file("many.csv", many));
    const first = await acceptImport(alder, id);
    await cancelRun(alder, first.run ?? "");
    await importStopped(alder, id);
    const second = await acceptImport(alder, id);
    expect(second.run).not.toBe(first.run);
    const asked = await asSystem("a test looks at what waits", (tx) =>
      rowsOf<{ run: string }>(
        tx,
        sql`select payload ->> 'run' as run from app.outbox where business_id = ${alder.businessId} and job = 'acceptImport' order by id`,
      ),
    );
    expect(asked.map(({ run }) => run)).toEqual([first.run, second.run]);
    expect(await runImport(alder, { id, run: second.run ?? "", signal: never })).toBe("done");
    expect(await rowsIn(alder)).toHaveLength(2_001);
    await clean();
  });

  it("is sorted by the rules that stand", async () => {
    await twoBusinesses();
    await makeRule(alder, { words: "usps", direction: "out", account: null, state: "categorised", category: "6030" });
    await makeRule(alder, {
      words: "redwood supply",
      direction: null,
      account: null,
      state: "inventory",
      category: null,
    });
    await take(alder, "january.csv", january);
    expect((await live(alder)).map((row) => row.state)).toEqual(["categorised", "open", "open", "inventory", "open"]);
    expect([await balance(alder, "6030"), await balance(alder, "1200")]).toEqual([1240n, 31000n]);
    expect(await balance(alder, "1000")).toBe(-8140n);
    await clean();
  });

  it("joins deposits with payouts that wait, once each", async () => {
    await twoBusinesses();
    await inBusiness(alder, async (tx) => {
      const books = await lockBooks(tx, alder);
      const { addChannel } = await import("../../lib/sales/channel-accounts");
      await addChannel(tx, alder, { id: "etsy", kind: "etsy", name: "Etsy", state: "file" });
      const payout = (id: string, date: string, amount: bigint) => ({
        fact: { kind: "payout" as const, id, channel: "etsy", date, amount },
        version: "1",
      });
      await recordIn(
        tx,
        alder,
        books,
        [payout("p1", "2026-01-19", 25000n), payout("p2", "2026-02-19", 9000n), payout("p3", "2026-02-20", 9000n)],
        {
          source: null,
          userId: null,
        },
      );
    });
    const { id } = await take(
      alder,
      "a.csv",
      csv("2026-01-20,ETSY INC,250.00", "2026-02-21,ETSY INC,90.00", "2026-01-30,Sale,250.00"),
    );
    expect((await live(alder)).map((row) => row.state)).toEqual(["payout", "open", "open"]);
    expect(await balance(alder, "1180")).toBe(18000n);
    await clean();
    await undoImport(alder, id);
    expect(await balance(alder, "1180")).toBe(43000n);
    await clean();
  });
});

const header = "Date,Type,Title,Info,Currency,Amount,Fees & Taxes,Net,Tax Details";
const etsy = (...rows: readonly string[]) => `${header}\n${rows.join("\n")}\n`;
const sale = (order: string, amount: string) =>
  [
    `"October 3, 2025",Sale,"Payment for Order #${order}",,USD,$${amount},--,$${amount},--`,
    `"October 3, 2025",Fee,"Transaction fee: Linen towel","Order #${order}",USD,--,-$1.00,-$1.00,--`,
  ] as const;

describe("a channel's file", () => {
  it("comes into a channel of its own, once, and goes with its facts when it is taken back", async () => {
    await twoBusinesses();
    const text = etsy(...sale("111", "20.00"), ...sale("222", "30.00"));
    const { id, kind } = await takeFile(alder, file("etsy.csv", text));
    expect(kind).toBe("channel");
    expect((await importOf(alder, id)).result).toMatchObject({ channel: "etsy", new: 4, orders: 2 });
    await acceptImport(alder, id);
    const held = await balance(alder, "1150");
    expect(held).toBe(4800n);
    expect(await refusal(acceptImport(alder, id))).toBe("already_imported");

    const again = await takeFile(alder, file("etsy again.csv", etsy(...sale("333", "5.00"), ...sale("111", "20.00"))));
    expect((await importOf(alder, again.id)).result).toMatchObject({ new: 2, already: 2 });
    await acceptImport(alder, again.id);
    expect(await balance(alder, "1150")).toBe(5200n);
    await clean();

    await undoImport(alder, id);
    // What the file's documents said is named beside the row of the file; a corrected cost follows the file's row, which comes last.
    const [file1, facts1] = (await auditRows(alder, { about: id }, { limit: 2 })).rows;
    expect([file1?.what, facts1?.what]).toEqual(["import.undo", "facts.undo"]);
    expect(Object.keys(facts1?.before as object)).toContain("order/etsy/order/111");
    // Order 111 is told by the first file alone as far as the second one brought nothing new of it.
    expect(await balance(alder, "1150")).toBe(400n);
    await clean();
    const third = await takeFile(alder, file("etsy.csv", text));
    expect((await importOf(alder, third.id)).result).toMatchObject({ new: 4, already: 0 });
    await acceptImport(alder, third.id);
    expect(await balance(alder, "1150")).toBe(5200n);
    expect((await listImports(alder)).rows.map((one) => one.state)).toEqual(["accepted", "accepted", "undone"]);
    expect((await listImports(birch)).rows).toEqual([]);
    await clean();
  });
});

describe("any other channel's list of sales", () => {
  it("is read as a person says once, and so again the next time", async () => {
    await twoBusinesses();
    const rows = "Nr,Wann,Was,Stück,Geld,Kosten\n1,03/14/2026,Mug,2,10.00,1.00\n2,03/15/2026,Print,1,8.00,0.50\n";
    const bring = (name: string, text: string) => takeFile(alder, { ...file(name, text), isSales: true });
    // Words that suggest no day: nothing is guessed.
    expect(await refusal(bring("fair.csv", rows.replace("Wann", "X").replace("Geld", "Y")))).toBe("missing_column");
    const text = rows.replace("Wann", "Datum").replace("Geld", "Betrag");
    const { id, kind } = await bring("fair.csv", text);
    expect(kind).toBe("channel");
    const { choices } = await importOf(alder, id);
    const sales = choices.sales;
    if (sales == null) throw new Error("no columns to choose");
    await chooseFor(alder, id, {
      sales: {
        ...sales,
        isChosen: true,
        amountIs: "each",
        columns: { ...sales.columns, order: "nr", item: "was", quantity: "stück", fee: "kosten" },
      },
    });
    await acceptImport(alder, id);
    expect(await balance(alder, "1150")).toBe(2000n - 100n + 800n - 50n);
    const next = await bring("fair 2.csv", `${text}3,03/16/2026,Mug,3,10.00,1.50\n`);
    const one = await importOf(alder, next.id);
    expect(one.choices.sales).toMatchObject({ isChosen: true, amountIs: "each" });
    expect(one.result).toMatchObject({ channel: "other", new: 1, already: 2, units: 6 });
    await acceptImport(alder, next.id);
    expect(await balance(alder, "1150")).toBe(2650n + 3000n - 150n);
    await clean();
    await undoImport(alder, next.id);
    expect(await balance(alder, "1150")).toBe(2650n);
    await clean();
  });
});

describe("a file's name", () => {
  it("is shown without folders and invisible letters", () => {
    expect(cleanName("../../etc/passwd")).toBe("passwd");
    expect(cleanName("C:\\x\\a\r\nX: y.csv")).toBe("aX: y.csv");
    expect(cleanName("\u202egpj.csv")).toBe("gpj.csv");
    expect(cleanName("")).toBe("file");
    expect([...cleanName("ä".repeat(300))]).toHaveLength(120);
  });
});
