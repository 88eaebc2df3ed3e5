import { readFileSync } from "node:fs";
import { and, eq, sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accounts } from "../../db/schema/books";
import { members } from "../../db/schema/people";
import { locations } from "../../db/schema/stock";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { startingChart } from "../../lib/core/chart";
import { Refusal } from "../../lib/core/errors";
import {
  businessesOf,
  can,
  limitable,
  openBusiness,
  type Role,
  require,
  rights,
  type Scope,
  systemScope,
  type Verb,
} from "../../lib/people/access";
import { auditRows, recordAudit } from "../../lib/people/audit";
import { createBusiness, dropRows, removeBusiness, slugOf, updateBusiness } from "../../lib/people/businesses";
import { teamOf } from "../../lib/people/members";
import type { Person } from "../../lib/people/sessions";
import { createPerson } from "../../lib/people/users";
import { record } from "../../lib/record";
import { takeDue } from "../../lib/system/outbox";
import { makeRunner } from "../../workers/run";
import { testDatabase } from "../support/database";
import { deliberate } from "../support/statement-check";
import { item, purchase } from "../support/trading";

const usual = {
  name: "Alder Street Goods",
  country: "US",
  currency: "USD",
  timeZone: "America/New_York",
  taxYearStartMonth: 1,
};
const indian = { country: "IN", currency: "INR", timeZone: "Asia/Kolkata", taxYearStartMonth: 4 };
const roles: readonly Role[] = ["owner", "bookkeeper", "helper", "viewer"];

let dana: Person;
let omar: Person;
let alder: Scope;
let birch: Scope;

const person = (name: string) =>
  createPerson({ email: `${name}@example.com`, name, passwordHash: null, isVerified: false });

/** What a refusal says, for comparing two of them. */
async function refusal(work: Promise<unknown>): Promise<Pick<Refusal, "code" | "message" | "detail">> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Refusal)) throw new Error(`not refused, but ${String(error)}`);
  return { code: error.code, message: error.message, detail: error.detail };
}

async function giveRole(scope: Scope, user: Person, role: Role): Promise<void> {
  await asSystem("a test puts a person into a team", (tx) =>
    tx.execute(sql`insert into app.user_businesses values (${user.id}, ${scope.businessId}) on conflict do nothing`),
  );
  await inBusiness(scope, async (tx) => {
    await tx
      .insert(members)
      .values({ businessId: scope.businessId, userId: user.id, role, createdAt: new Date().toISOString() })
      .onConflictDoUpdate({ target: [members.businessId, members.userId], set: { role } });
    await recordAudit(tx, scope, { what: "account.hide", about: user.id, after: { role } });
  });
}

beforeAll(async () => {
  await testDatabase();
  dana = await person("dana");
  omar = await person("omar");
  alder = await createBusiness(dana, usual);
  birch = await createBusiness(omar, { name: "Birch & Söhne", ...indian });
});
afterAll(closeDatabase);

describe("a new business", () => {
  it("has its settings, its owner, and a scope that is the same when it is opened again", async () => {
    expect(alder).toMatchObject({ ...usual, slug: "alder-street-goods", role: "owner", userId: dana.id, graceDays: 0 });
    expect(await openBusiness(dana.id, "alder-street-goods")).toEqual(alder);
    expect(await systemScope(alder.businessId)).toEqual({ ...alder, userId: null });
  });

  it("has the starting chart of its country, one bank account, and two locations", async () => {
    const chart = await inBusiness(birch, (tx) =>
      tx.select().from(accounts).where(eq(accounts.businessId, birch.businessId)),
    );
    const wanted = startingChart("IN").map(({ code }) => code);
    expect(chart.map(({ code }) => code).sort()).toEqual([...new Set(["1000", ...wanted])].sort());
    expect(chart.every(({ currency }) => currency === "INR")).toBe(true);
    const holding = chart.filter(({ holds }) => holds !== null);
    expect(holding).toMatchObject([{ code: "1000", name: "Checking", type: "asset", holds: "bank" }]);
    const places = await inBusiness(birch, (tx) =>
      tx.select().from(locations).where(eq(locations.businessId, birch.businessId)).orderBy(locations.place),
    );
    expect(places.map(({ id, isInTransit }) => [id, isInTransit])).toEqual([
      ["main", false],
      ["in-transit", true],
    ]);
  });

  it("has an address of its own, also when many of one name begin at once", async () => {
    const same = await Promise.all(Array.from({ length: 8 }, () => createBusiness(omar, { ...usual, name: "Twins" })));
    expect(new Set(same.map(({ slug }) => slug)).size).toBe(8);
    expect(same.every(({ slug }) => /^twins(-[0-9a-f]+)?$/.test(slug))).toBe(true);
    for (const one of same) await removeBusiness(one);
  });

  it.each([
    ["Alder Street Goods", "alder-street-goods"],
    ["Émile’s Œuvres", "emiles-uvres"],
    ["  --  ", "business"],
    ["商店", "business"],
    ["Sign in", "sign-in-books"],
    ["API", "api-books"],
  ])("named %j is called %j in addresses", (name, slug) => expect(slugOf(name)).toBe(slug));

  it.each([
    ["name", { name: " \n " }, "field_missing"],
    ["name", { name: "x".repeat(121) }, "text_too_long"],
    ["country", { country: "QX" }, "bad_field"],
    ["country", { country: "USA" }, "bad_field"],
    ["currency", { currency: "BTC" }, "unknown_currency"],
    ["timeZone", { timeZone: "Mars/Olympus" }, "unknown_time_zone"],
    ["taxYearStartMonth", { taxYearStartMonth: 13 }, "out_of_range"],
    ["taxYearStartMonth", { taxYearStartMonth: Number.NaN }, "out_of_range"],
  ])("is not made with a wrong %s %j, and leaves nothing behind", async (field, wrong, code) => {
    const before = await businessesOf(dana.id);
    expect(await refusal(createBusiness(dana, { ...usual, ...wrong }))).toMatchObject({ code, detail: { field } });
    expect(await businessesOf(dana.id)).toEqual(before);
  });
});

describe("a business of others", () => {
  it("is refused in the very words of one that is not there", async () => {
    const other = await refusal(openBusiness(omar.id, alder.slug));
    expect(other.code).toBe("not_found");
    expect(await refusal(openBusiness(omar.id, "no-such-business"))).toEqual(other);
    expect(await refusal(systemScope("00000000-0000-7000-8000-000000000000"))).toEqual(other);
  });

  it("is refused also where only the list of businesses names the person: the membership decides", async () => {
    await asSystem("a test plants a stale line", (tx) =>
      tx.execute(sql`insert into app.user_businesses values (${omar.id}, ${alder.businessId})`),
    );
    expect((await refusal(openBusiness(omar.id, alder.slug))).code).toBe("not_found");
    expect((await businessesOf(omar.id)).map(({ slug }) => slug)).toEqual([birch.slug]);
    await asSystem("and takes it away", (tx) =>
      tx.execute(sql`delete from app.user_businesses where user_id = ${omar.id} and business_id = ${alder.businessId}`),
    );
  });

  it("shows none of its rows, team or trail", async () => {
    const seen = await inBusiness(birch, (tx) =>
      rowsOf(tx, sql`select business_id as id from app.businesses ${sql.raw(deliberate)}`),
    );
    expect(seen).toEqual([{ id: birch.businessId }]);
    expect((await teamOf(birch)).map(({ email }) => email)).toEqual(["omar@example.com"]);
    expect((await auditRows(birch)).rows.map(({ about }) => about)).toEqual([birch.businessId]);
  });
});

describe("roles", () => {
  it.each(roles)("a %s may do what the matrix says, and nothing else", (role) => {
    for (const verb of Object.keys(rights) as Verb[]) {
      const allowed: readonly Role[] = rights[verb];
      expect(can({ role }, verb)).toBe(allowed.includes(role));
      if (allowed.includes(role)) expect(() => require({ role }, verb)).not.toThrow();
      else expect(() => require({ role }, verb)).toThrow(Refusal);
    }
  });

  it.each(limitable)("a %s who is limited to some locations has what is of stock, and nothing else", (role) => {
    for (const verb of Object.keys(rights) as Verb[]) {
      const allowed: readonly Role[] = rights[verb];
      const isOpen = (verb === "stock" || verb === "move") && allowed.includes(role);
      expect(can({ role, places: ["main"] }, verb)).toBe(isOpen);
      if (isOpen) expect(() => require({ role, places: ["main"] }, verb)).not.toThrow();
      else expect(() => require({ role, places: ["main"] }, verb)).toThrow(Refusal);
    }
  });

  it("are written in docs/security.md as they are in the code", () => {
    const lines = readFileSync("docs/security.md", "utf8").split("\n");
    const cellsOf = (line: string | undefined) =>
      (line ?? "")
        .split("|")
        .slice(2, -1)
        .map((cell) => cell.trim());
    expect(cellsOf(lines.find((line) => /^\| *may/.test(line)))).toEqual([...roles]);
    for (const [verb, allowed] of Object.entries(rights)) {
      const row = lines.find((line) => line.startsWith(`| \`${verb}\``));
      const wanted = roles.map((role) => ((allowed as readonly Role[]).includes(role) ? "yes" : "–"));
      expect(cellsOf(row), `the row of ${verb}`).toEqual(wanted);
    }
  });

  it("change at once, and end at once", async () => {
    await giveRole(alder, omar, "viewer");
    const asViewer = await openBusiness(omar.id, alder.slug);
    expect(asViewer.role).toBe("viewer");
    expect((await refusal(updateBusiness(asViewer, usual))).code).toBe("not_allowed");
    expect((await refusal(auditRows(asViewer))).code).toBe("not_allowed");
    expect((await refusal(removeBusiness(asViewer))).code).toBe("not_allowed");
    await giveRole(alder, omar, "bookkeeper");
    expect((await openBusiness(omar.id, alder.slug)).role).toBe("bookkeeper");
    await inBusiness(alder, async (tx) => {
      await recordAudit(tx, alder, { what: "account.hide", about: omar.id });
      await tx.delete(members).where(and(eq(members.businessId, alder.businessId), eq(members.userId, omar.id)));
    });
    expect((await refusal(openBusiness(omar.id, alder.slug))).code).toBe("not_found");
  });
});

describe("the audit trail", () => {
  it("has what changed in the transaction of the change, newest first, with who", async () => {
    await updateBusiness(alder, { ...usual, name: "Alder Street" });
    const rows = (await auditRows(alder)).rows.filter(({ what }) => what !== "account.hide");
    expect(rows.map(({ what, who }) => [what, who])).toEqual([
      ["business.update", "dana"],
      ["business.create", "dana"],
    ]);
    expect(rows[0]).toMatchObject({ before: { name: "Alder Street Goods" }, after: { name: "Alder Street" } });
    expect((await openBusiness(dana.id, alder.slug)).name).toBe("Alder Street");
  });

  it("has no row of what was rolled back", async () => {
    const before = (await auditRows(alder)).rows.length;
    const work = inBusiness(alder, async (tx) => {
      await recordAudit(tx, alder, { what: "account.rename", about: "x" });
      throw new Error("the change failed");
    });
    await expect(work).rejects.toThrow("the change failed");
    expect((await auditRows(alder)).rows).toHaveLength(before);
  });

  it("is read page by page without a gap or a double, while rows are added", async () => {
    const add = (about: string) =>
      inBusiness(birch, (tx) => recordAudit(tx, birch, { what: "rule.move", about, after: { amountMinor: 12n } }));
    for (let i = 0; i < 7; i += 1) await add(String(i));
    const seen: string[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await auditRows(birch, { what: "rule.move" }, { after, limit: 3 });
      seen.push(...page.rows.map(({ about }) => about));
      await add("late");
      if (page.next === null) break;
      after = page.next;
    }
    expect(seen).toEqual(["6", "5", "4", "3", "2", "1", "0"]);
    const { rows } = await auditRows(birch, { about: "3" });
    expect(rows).toMatchObject([{ after: { amountMinor: "12" } }]);
  });

  it("can be changed by nobody: not by the application, not by the superuser", async () => {
    const change = inBusiness(alder, (tx) =>
      tx.execute(sql`update app.audit_trail set what = 'nothing' where business_id = ${alder.businessId}`),
    );
    await expect(change).rejects.toThrow();
    const admin = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
    await expect(admin`delete from app.audit_trail`).rejects.toThrow("append-only");
    await admin.end();
  });
});

it("a business that is thrown away is gone, and the others are as they were", async () => {
  const gone = await createBusiness(dana, { ...usual, name: "Passing Trade", isDemo: true });
  const others = await businessesOf(omar.id);
  await removeBusiness(gone);
  expect((await refusal(openBusiness(dana.id, gone.slug))).code).toBe("not_found");
  const left = await inBusiness(gone, (tx) =>
    rowsOf(tx, sql`select 1 from app.accounts where business_id = ${gone.businessId}`),
  );
  expect(left).toEqual([]);
  expect(await businessesOf(omar.id)).toEqual(others);
  expect((await openBusiness(dana.id, alder.slug)).businessId).toBe(alder.businessId);
});

it("a large business that is thrown away is gone at once, and its rows with the job that takes them away", async () => {
  const gone = await createBusiness(dana, { ...usual, name: "Passing Trade" });
  await record(
    gone,
    [
      { fact: item("mug", "Mug", "MUG"), version: null },
      { fact: purchase("p1", "2025-03-01", [["mug", 5n, 1_003n]]), version: null },
    ],
    { source: null, userId: dana.id },
  );
  await removeBusiness(gone, 1);
  expect((await refusal(openBusiness(dana.id, gone.slug))).code).toBe("not_found");
  const left = () =>
    inBusiness(gone, (tx) =>
      rowsOf<{ n: number }>(
        tx,
        sql`select (select count(*) from app.postings where business_id = ${gone.businessId})::int
          + (select count(*) from app.facts where business_id = ${gone.businessId})::int
          + (select count(*) from app.audit_trail where business_id = ${gone.businessId})::int as n`,
      ),
    );
  expect((await left())[0]?.n).toBeGreaterThan(4);
  // Twice is as once.
  for (let n = 0; n < 2; n += 1) {
    const runner = makeRunner(new AbortController().signal);
    for (const { id, job } of await takeDue(100)) if (job === "dropRows") await runner.run(id);
    expect(await left()).toEqual([{ n: 0 }]);
    await dropRows(gone.businessId);
  }
  expect((await openBusiness(dana.id, alder.slug)).businessId).toBe(alder.businessId);
});
