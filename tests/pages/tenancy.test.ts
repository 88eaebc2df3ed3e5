/**
 * Two businesses share nothing: every page and endpoint that the file tree has is visited with one's session and the other's ids. The
 * addresses are found by walking the other's own pages, so that a new page, link or form is covered by being there.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { channels } from "../../integrations/index";
import { limitMember } from "../../lib/desk/limits";
import { saveLocation } from "../../lib/desk/locations";
import { recordPurchase } from "../../lib/desk/purchases";
import { askForFile } from "../../lib/exports/made";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { beginConnect, finishConnect, redirectUriOf } from "../../lib/sales/connect";
import { aSeller, connect, pressAllow, syncDone } from "../../scripts/lib/sellers";
import { type App, startApp } from "../support/app";
import { anIndianShop, issueAll } from "../support/india";
import { aMember } from "../support/members";
import { pathOf, type Route, routeOf, routesOf } from "../support/pages-routes";
import { aBusySeller, businessTables, rowsAs, stateOf } from "../support/pages-sellers";
import {
  type Asked,
  addressesIn,
  bodyOf,
  eachOf,
  formsIn,
  type SentForm,
  sessionFor,
  type Visitor,
  visitorOf,
} from "../support/pages-visits";

/** Addresses that belong to no business: what they give is anybody's, or the person's own. */
const ofNobody: Readonly<Record<string, string>> = {
  "/": "the front page",
  "/kit": "the components, without data; closed but in development",
  "/sign-in": "for who is not signed in",
  "/sign-in/link": "for who is not signed in; a link is good for its own address",
  "/sign-in/mail": "for who is not signed in",
  "/sign-in/sent": "for who is not signed in",
  "/sign-up": "for who is not signed in",
  "/invite/[slug]/[token]":
    "for who was sent the link, who is in no team yet: tests/pages/team.test.ts, tests/services/team.test.ts",
  "/start": "the person's own businesses; that it names no other's is tested below",
  "/api/auth/[...nextauth]": "the person's own session",
  "/api/health": "says only that the process lives",
  "/api/ready": "says only that the parts are ready",
  "/api/hooks/[channel]": "proved by the channel's own signature: tests/pages/live-channels.test.ts",
  "/api/channels/[channel]/return": "has no business in its address: tested below with the other's sign-in",
};

/** What is asked by scripts, which no link leads to. `asked` makes the request of the owner. */
const byScript: Readonly<Record<string, (slug: string, ids: Ids) => readonly [path: string, asked?: Asked][]>> = {
  "/[business]/inventory": (slug) => [[`/${slug}/inventory`]],
  "/[business]/inventory/details/preview": (slug, { purchase, version, item }) => [
    [
      `/${slug}/inventory/details/preview`,
      {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({
          purchase,
          version,
          "lines.0.product": item,
          "lines.0.productText": "x",
          "lines.0.qty": "1",
          "lines.0.all": "1.00",
        }).toString(),
      },
    ],
  ],
  "/[business]/transactions/import/upload": (slug) => [
    [`/${slug}/transactions/import/upload`, { method: "POST", body: upload("uploaded-by-script.csv") }],
  ],
  "/[business]/settings/rates/upload": (slug) => [
    [
      `/${slug}/settings/rates/upload`,
      { method: "POST", body: upload("rates-by-script.csv", "2026-01-06,EUR,1.08\n") },
    ],
  ],
  "/[business]/attachments/upload": (slug, { purchase }) => [
    [`/${slug}/attachments/upload`, { method: "POST", body: photoOf(purchase) }],
  ],
  "/[business]/inventory/movements/counts/[count]/entries": (slug, { count, item }) => [
    [
      `/${slug}/inventory/movements/counts/${count}/entries`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          now: "1",
          entries: [{ id: `handed-in-by-${slug}`, item, text: "", qty: "1", mode: "add", at: "1" }],
        }),
      },
    ],
  ],
  "/[business]/attachments/[attachment]": (slug, { attachment }) => [[`/${slug}/attachments/${attachment}`]],
  "/[business]/exports/[run]": (slug, { file }) => [[`/${slug}/exports/${file}`]],
  "/api/runs/[run]/events": (slug, { run }) => [[`/api/runs/${run}/events?business=${slug}`]],
  "/api/items": (slug, { item }) => [
    [`/api/items?business=${slug}&q=a`],
    [`/api/items?business=${slug}&q=a&only=items`],
    [`/api/items?business=${slug}&q=a&from=main`],
    [`/api/items?business=${slug}&at=main&item=${encodeURIComponent(item)}`],
  ],
};

function upload(name: string, text = "Date,Description,Amount\n2026-01-05,Somebody,-12.40\n"): FormData {
  const data = new FormData();
  data.append("from", "transactions");
  data.append("file", new File([text], name));
  return data;
}

let photos = 0;
function photoOf(purchase: string): FormData {
  const data = new FormData();
  photos += 1;
  data.append("of", `purchase/${purchase}`);
  data.append("file", new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0, photos])], "photo.jpg"));
  return data;
}

type Ids = Readonly<{
  purchase: string;
  version: string;
  item: string;
  run: string;
  file: string;
  attachment: string;
  count: string;
}>;
/** `of`: whose page it is. */
type Visit = Readonly<{ of: Scope; path: string; asked: Asked; route: Route; status: number; said: string }>;

const routes = routesOf();
const ofBusiness = routes.filter(({ pattern }) => !(pattern in ofNobody));

let app: App;
/** Whose session asks, and whose ids are asked for. */
let own: Scope;
let other: Scope;
/** Another one, in India: pages of GST are nobody else's. */
let india: Scope;
let asOwn: Visitor;
let asOther: Visitor;
let asIndia: Visitor;
let asNobody: Visitor;
/** Somebody of the other's team who is limited to the loft, and what of the other's books is not theirs to see. */
let limited: string;
let hidden: readonly string[];
let blank: Page;
/** Texts that stand nowhere but in the other's books. */
let marks: readonly string[];
/** What the other can reach, each with the owner's own answer. */
const visits: Visit[] = [];
const forms: Readonly<{ of: Scope; path: string; form: SentForm }>[] = [];
const formsSeen = new Set<string>();
let before: Readonly<Record<string, string>>;
let beforeInIndia: Readonly<Record<string, string>>;

/** Pages that differ only in what they are about are visited twice, not a thousand times. */
const most = 2;

beforeAll(async () => {
  app = await startApp({ environment: { PRACTICE_ORDERS: "40" } });
  process.env.PRACTICE_URL = app.practiceUrl;
  process.env.AUTH_URL = app.url;
  own = await aSeller("Plain House");
  await recordPurchase(own, { on: "2026-01-20", supplier: "Own Supplier", amount: 12_345n, account: "1000" });
  other = await aBusySeller();
  india = await anIndianShop();
  await issueAll(india);
  ({ limited, hidden } = await aLimitedHelper(other));
  const connected = await connect(other);
  await syncDone(other, connected.run ?? "");
  asOwn = visitorOf(app.url, await sessionFor(own.userId ?? ""));
  asOther = visitorOf(app.url, await sessionFor(other.userId ?? ""));
  asIndia = visitorOf(app.url, await sessionFor(india.userId ?? ""));
  asNobody = visitorOf(app.url, null);
  blank = await app.newPage();
  marks = [...(await marksOf(other)), ...(await marksOf(india))];
  await walk(other, asOther, await scriptedOf(other));
  const known = new Set(visits.map(({ route }) => route));
  await walk(india, asIndia, []);
  // Of the second one's pages those are asked for that the first one's links do not lead to.
  visits.splice(0, visits.length, ...visits.filter(({ of, route }) => of === other || !known.has(route)));
  before = await stateOf(other.businessId);
  beforeInIndia = await stateOf(india.businessId);
});
afterAll(closeDatabase);

/** A helper who sees a loft, where one thing of the shop is; and the names of all else that the shop has. */
async function aLimitedHelper(scope: Scope): Promise<Readonly<{ limited: string; hidden: readonly string[] }>> {
  const b = scope.businessId;
  const loft = await saveLocation(scope, { id: null, name: "The loft", kind: "warehouse", address: "", taxNumber: "" });
  const [some] = await rowsAs<{ id: string }>(
    (
      sql,
    ) => sql`select p.item_id as id from item_places p join items i on i.business_id = ${b} and i.id = p.item_id and not i.is_undone
      where p.business_id = ${b} and p.location_id = 'main' and p.qty > 3 order by p.item_id desc limit 1`,
  );
  if (some === undefined) throw new Error("the demo has nothing on its shelves");
  const lines = [{ id: "to-the-loft-1", item: some.id, qty: 2n }];
  const fact = {
    kind: "transfer",
    id: "to-the-loft",
    date: "2025-12-20",
    arrives: null,
    from: "main",
    to: loft,
  } as const;
  await record(scope, [{ fact: { ...fact, lines }, version: null }], { source: null, userId: scope.userId });
  const user = await aMember(scope, "helper");
  await limitMember(scope, { user, locations: [loft] });
  const rows = await rowsAs<{ mark: string }>(
    (sql) => sql`
      (select name as mark from items i where business_id = ${b} and not exists (select 1 from item_places p
        where p.business_id = ${b} and p.item_id = i.id and p.location_id = ${loft}) order by name limit 60)
      union (select number from orders where business_id = ${b} order by on_date desc limit 60)
      union (select supplier from purchases where business_id = ${b} limit 40)
      union (select payee from transactions where business_id = ${b} limit 20)
      union (select file_name from imports where business_id = ${b})
      union (select note from transfers where business_id = ${b})
      union (select number from counts where business_id = ${b} and number is not null)`,
  );
  const seen = await rowsAs<{ name: string }>(
    (sql) => sql`select name from items where business_id = ${b} and id = ${some.id}`,
  );
  return {
    limited: user,
    hidden: rows
      .map(({ mark }) => mark)
      .filter((mark) => mark.length >= 6 && !/[&<>"']/.test(mark) && !seen.some(({ name }) => name.includes(mark))),
  };
}

/** Long texts of every kind of the other's rows, such as a page would show. */
async function marksOf(scope: Scope): Promise<readonly string[]> {
  const b = scope.businessId;
  const rows = await rowsAs<{ mark: string }>(
    (sql) => sql`
      (select name as mark from items where business_id = ${b} order by name limit 60)
      union (select number from orders where business_id = ${b} order by on_date desc limit 60)
      union (select name from order_lines where business_id = ${b} limit 60)
      union (select supplier from purchases where business_id = ${b} limit 40)
      union (select payee from transactions where business_id = ${b} limit 20)
      union (select file_name from imports where business_id = ${b})
      union (select name from locations where business_id = ${b} and id not in ('main', 'in-transit'))
      union (select tax_number from letterheads where business_id = ${b})
      union (select name from businesses where business_id = ${b})`,
  );
  // Every business has accounts of these names.
  const common = await rowsAs<{ name: string }>(
    (sql) => sql`select name from accounts where business_id = ${own.businessId}`,
  );
  return rows
    .map(({ mark }) => mark)
    .filter((mark) => mark.length >= 8 && !/[&<>"']/.test(mark) && !common.some(({ name }) => name.includes(mark)));
}

/** The first mark that an answer shows and the question did not say itself. */
function markIn(body: string, question: string): string | null {
  return marks.find((mark) => body.includes(mark) && !question.includes(mark)) ?? null;
}

/** An address as it is meant: what it says in `%20` and `+` is said as well. */
const plain = (path: string) =>
  path
    .replaceAll("+", " ")
    .replace(/(%[0-9A-F]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString());

/** What scripts ask for of a business's own ids. */
async function scriptedOf(scope: Scope): Promise<readonly (readonly [path: string, asked?: Asked])[]> {
  const b = scope.businessId;
  const [some] = await rowsAs<Omit<Ids, "file">>(
    (
      sql,
    ) => sql`select p.id as purchase, p.version::text as version, i.id as item, r.id::text as run, a.id::text as attachment, c.id as count
      from purchases p, items i, runs r, attachments a, counts c
      where c.business_id = ${b} and c.state = 'counting' and p.business_id = ${b} and i.business_id = ${b} and r.business_id = ${b} and a.business_id = ${b} order by p.detailed_minor, p.id limit 1`,
  );
  if (some === undefined) throw new Error("there is nothing in the other's books");
  const ids: Ids = { ...some, file: await aFile(scope, some.item) };
  return Object.values(byScript).flatMap((asks) => asks(scope.slug, ids));
}

/** Visits all that a business's pages lead to, beginning at their first page, and keeps the forms on the way. */
async function walk(
  of: Scope,
  visitor: Visitor,
  scripted: readonly (readonly [path: string, asked?: Asked])[],
): Promise<void> {
  const waiting: (readonly [path: string, asked?: Asked])[] = [[`/${of.slug}`], ...scripted];
  const asked = new Set<string>();
  const seen = new Map<string, number>();
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [path, how = {}] = next;
    const url = new URL(path, app.url);
    const found = routeOf(routes, url.pathname);
    if (found === null || found.route.pattern in ofNobody || (asked.has(path) && how.method === undefined)) continue;
    // Each word of a query once at each route: all their combinations would be without end.
    const { pattern } = found.route;
    const keys = [pattern, ...[...url.searchParams.keys()].map((name) => `${pattern}?${name}`)];
    if (keys.every((key) => (seen.get(key) ?? 0) >= (key === pattern ? most : 1)) && how.method === undefined) continue;
    asked.add(path);
    const answer = await visitor(path, how);
    if (answer.status < 400) for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1);
    const said = answer.status < 400 ? "" : answer.body.slice(0, 200);
    visits.push({ of, path, asked: how, route: found.route, status: answer.status, said });
    for (const address of addressesIn(answer.body, of.slug)) waiting.push([address]);
    if (found.route.kind !== "page") continue;
    for (const form of await formsIn(blank, answer.body)) {
      const names = form.fields.map(([name]) => name).filter((name) => !name.startsWith("$"));
      const key = `${form.action} ${form.says} ${[...new Set(names)].sort().join(" ")}`;
      if (formsSeen.has(key)) continue;
      formsSeen.add(key);
      forms.push({ of, path, form });
    }
  }
}

/** A file that the worker has made of an item's ledger. */
async function aFile(scope: Scope, item: string): Promise<string> {
  const run = await askForFile(scope, { report: "ledger", format: "csv", asked: { item }, about: `ledger/${item}` });
  await syncDone(scope, run);
  return run;
}

/** The same address in one's own business. */
const mine = (path: string) =>
  path
    .replace(new RegExp(`^/(${other.slug}|${india.slug})(?=[/?]|$)`), `/${own.slug}`)
    .replace(new RegExp(`([?&]business=)(${other.slug}|${india.slug})(?=&|$)`), `$1${own.slug}`);

/** A page as the script of another page asks for it; Next first tells such a request to carry its mark. */
async function asScript(visit: Visitor, path: string) {
  const asked = { headers: { rsc: "1" } };
  const answer = await visit(path, asked);
  const marked = answer.status === 307 && answer.location !== null && /[?&]_rsc\b/.test(answer.location);
  return marked ? visit(answer.location, asked) : answer;
}

describe("one's session and the other's ids", () => {
  it("meets every page and endpoint: the owner's own links lead to all of them", () => {
    const reached = new Set(visits.filter(({ status }) => status < 400).map(({ route }) => route.pattern));
    expect(visits.filter(({ status }) => status >= 400).map(({ path, status, said }) => [path, status, said])).toEqual(
      [],
    );
    expect(ofBusiness.map(({ pattern }) => pattern).filter((pattern) => !reached.has(pattern))).toEqual([]);
    expect(Object.keys(ofNobody).filter((pattern) => !routes.some((route) => route.pattern === pattern))).toEqual([]);
  });

  it("finds the other's texts where their owner is shown them, so that what follows can fail", async () => {
    const { body } = await asOther(`/${other.slug}/inventory/balances`);
    expect(markIn(body, "")).not.toBeNull();
    const inside = await asScript(asOther, `/${other.slug}/inventory/balances`);
    expect(markIn(inside.body, "")).not.toBeNull();
    expect(marks.length).toBeGreaterThan(50);
  });

  it("is asked to sign in where there is no session", async () => {
    const wrong: string[] = [];
    await eachOf(visits, async ({ path, asked, route }) => {
      const answer = await asNobody(path, asked);
      const isShut =
        route.kind === "page" || answer.status === 307
          ? answer.location?.includes("/sign-in?next=") === true
          : answer.status === 401;
      if (!isShut || markIn(answer.body, plain(path)) !== null) wrong.push(`${path} ${answer.status}`);
    });
    expect(wrong).toEqual([]);
  });

  it("finds nothing at any address of the other's, as a page, as a script asks for it, or as an endpoint", async () => {
    const wrong: string[] = [];
    await eachOf(visits, async ({ path, asked, route }) => {
      const { status, body } = await asOwn(path, asked);
      if (status !== 404 || markIn(body, plain(path)) !== null) wrong.push(`${path} ${status} ${markIn(body, "")}`);
      if (route.kind === "route") return;
      // To a script Next says "not found" inside an answer of 200.
      const inside = await asScript(asOwn, path);
      if (inside.status >= 500 || markIn(inside.body, plain(path)) !== null)
        wrong.push(`${path} by script ${inside.status} ${markIn(inside.body, "")}`);
    });
    expect(wrong).toEqual([]);
  });

  it("finds nothing of the other's behind their ids at one's own address", async () => {
    const wrong: string[] = [];
    await eachOf(visits, async ({ path, asked }) => {
      const { status, body } = await asOwn(mine(path), asked);
      if (status >= 500 || markIn(body, plain(path)) !== null)
        wrong.push(`${mine(path)} ${status} ${markIn(body, plain(path))}`);
    });
    expect(wrong).toEqual([]);
  });

  it("finds nothing with any id of any of the other's tables in any place of an address", async () => {
    const ids = new Set([...(await idsOf(other)), ...(await idsOf(india))]);
    const wrong: string[] = [];
    for (const route of ofBusiness) {
      const places = route.params.filter((name) => name !== "business");
      if (places.length === 0 || !route.methods.includes("GET")) continue;
      await eachOf(ids, async (id) => {
        const values = Object.fromEntries(places.map((name) => [name, id]));
        const path = pathOf(route, { ...values, business: own.slug });
        const asked = route.params.includes("business") ? path : `${path}?business=${own.slug}`;
        const { status, body } = await asOwn(asked);
        if (status >= 500 || markIn(body, asked) !== null) wrong.push(`${asked} ${status} ${markIn(body, asked)}`);
      });
    }
    expect(wrong).toEqual([]);
  });

  it("cannot finish what the other began at a channel", async () => {
    const back = await pressAllow(await beginConnect(other, "practice", redirectUriOf("practice")));
    const answer = await asOwn(`/api/channels/practice/return?${new URLSearchParams(back)}`);
    expect(markIn(answer.body, "")).toBeNull();
    expect(answer.location ?? "").not.toContain(`/${other.slug}`);
    await expect(
      finishConnect({ ...back, userId: other.userId ?? "", redirectUri: redirectUriOf("practice") }),
    ).rejects.toMatchObject({ code: "connect_failed" });
    expect(await rowsAs((sql) => sql`select id from channels where business_id = ${own.businessId}`)).toEqual([]);
  });

  it("is shown no business but one's own to choose from", async () => {
    for (const path of ["/", "/start", `/${own.slug}`, `/${own.slug}/settings`, "/api/auth/session"]) {
      const { body } = await asOwn(path);
      expect(markIn(body, plain(path)), path).toBeNull();
      expect(body, path).not.toContain(other.slug);
      expect(body, path).not.toContain(india.slug);
    }
  });

  it("sends the other's forms in vain: to the other's pages, and with their ids to one's own", async () => {
    const theirs = new Set([...(await idsOf(other, 100_000)), ...(await idsOf(india, 100_000))]);
    for (const id of await idsOf(own, 100_000)) theirs.delete(id);
    // A channel's first connection is named like its kind, which everybody may name.
    for (const kind of Object.keys(channels)) theirs.delete(kind);
    expect(forms.length).toBeGreaterThan(10);
    const wrong: string[] = [];
    const carries = ({ form }: (typeof forms)[number]) =>
      form.fields.filter(([field, value]) => !field.startsWith("$") && holdsId(value, theirs));
    // First those that name something of the other's, which may change nothing: one look after each is enough.
    let state = await stateOf(own.businessId);
    const naming = forms.filter((one) => carries(one).length > 0);
    for (const one of [...naming, ...forms.filter((other) => !naming.includes(other))]) {
      const { of, path, form } = one;
      // A form may sign out, or end all other sessions: each comes with a session of its own.
      const visitor = visitorOf(app.url, await sessionFor(own.userId ?? ""));
      const name = `${path} “${form.says}”`;
      const sent = form.fields.map(([, value]) => value).join("\n");
      const across = await visitor(path, { method: "POST", body: bodyOf(form.fields) });
      if (across.status < 400 && across.status !== 303) wrong.push(`${name} to the other's page: ${across.status}`);
      if (across.location?.includes(of.slug) === true) wrong.push(`${name} leads to the other's: ${across.location}`);
      const shown = markIn(across.body, `${plain(path)} ${sent}`);
      if (shown !== null) wrong.push(`${name} shows ${shown}`);

      const fields = form.fields.map(
        ([field, value]) => [field, marks.includes(value) ? "Something else" : value] as const,
      );
      const answer = await visitorOf(app.url, await sessionFor(own.userId ?? ""))(mine(path), {
        method: "POST",
        body: bodyOf(fields),
      });
      if (answer.status >= 500) wrong.push(`${name} at one's own: ${answer.status}`);
      const back = markIn(answer.body, `${plain(path)} ${sent}`);
      if (back !== null) wrong.push(`${name} at one's own shows ${back}`);
      if (!naming.includes(one)) continue;
      const now = await stateOf(own.businessId);
      const named = carries(one).map(([field, value]) => `${field}=${value}`);
      if (changed(state, now).length > 0) wrong.push(`${name} was taken with ${named.join(", ")}`);
      state = now;
    }
    expect(wrong).toEqual([]);
  });

  describe("and somebody of the other's own team who is limited to one location", () => {
    /** What is there for them; all else answers as if it were not. */
    const open = new Set([
      "/[business]/inventory/in-stock",
      "/[business]/inventory/in-stock/summary",
      "/[business]/inventory/in-stock/minimums",
      "/[business]/inventory/in-stock/export",
      "/[business]/inventory/ledger",
      "/[business]/inventory/movements",
      "/[business]/inventory/movements/export",
      "/[business]/inventory/movements/counts",
      "/[business]/inventory/movements/counts/new",
      "/[business]/inventory/movements/counts/export",
      "/[business]/inventory/movements/counts/history",
      "/[business]/inventory/movements/counts/history/export",
      "/[business]/inventory/movements/transfers/new",
      "/[business]/inventory/remove",
      "/[business]/settings/security",
      "/api/items",
    ]);
    /** These lead to their first page. */
    const first = ["/[business]", "/[business]/inventory"];
    const hiddenIn = (body: string, question: string) =>
      hidden.find((mark) => body.includes(mark) && !question.includes(mark)) ?? null;
    /** What people read of a page: its words, without the scripts and the styles. */
    const readable = (body: string) => body.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, " ").replace(/<[^>]*>/g, " ");
    const money = (body: string) => /\d\.\d{2}\b|\bUSD\b/.exec(readable(body))?.[0] ?? null;

    it("finds nothing that is elsewhere, and no figure of money, on any page and endpoint", async () => {
      expect(hidden.length).toBeGreaterThan(50);
      const visitor = visitorOf(app.url, await sessionFor(limited));
      const wrong: string[] = [];
      await eachOf(visits, async ({ of, path, asked, route }) => {
        if (of !== other) return;
        const { status, body, location } = await visitor(path, asked);
        const says = `${path} ${status}`;
        if (first.includes(route.pattern)) {
          if (status !== 307 || location?.endsWith("/inventory/in-stock") !== true) wrong.push(`${says} ${location}`);
          return;
        }
        const isThere = status === 200;
        // An endpoint that is open may refuse a part of what it is asked for: a register that ranks by cost.
        const isRefused = status === 404 || (status === 403 && open.has(route.pattern) && route.kind === "route");
        if (!isThere && !isRefused) wrong.push(says);
        if (isThere && route.params.every((name) => name === "business") && !open.has(route.pattern))
          wrong.push(`${says} is open`);
        if (hiddenIn(body, plain(path)) !== null) wrong.push(`${says} shows ${hiddenIn(body, plain(path))}`);
        if (isThere && money(body) !== null) wrong.push(`${says} tells ${money(body)}`);
        if (route.kind === "route") return;
        const inside = await asScript(visitor, path);
        if (inside.status >= 500 || hiddenIn(inside.body, plain(path)) !== null)
          wrong.push(`${path} by script ${inside.status} shows ${hiddenIn(inside.body, plain(path))}`);
      });
      expect(wrong).toEqual([]);
    });

    it("sees what is theirs: so that what is hidden could be seen", async () => {
      const visitor = visitorOf(app.url, await sessionFor(limited));
      const { status, body } = await visitor(`/${other.slug}/inventory/in-stock`);
      expect(status).toBe(200);
      expect(body).toContain("The loft");
      expect(body).toContain("View Item");
      const owners = await asOther(`/${other.slug}/inventory/in-stock`);
      expect(hiddenIn(owners.body, "")).not.toBeNull();
      expect(money(owners.body)).not.toBeNull();
    });

    it("changes nothing by any form of the owner's pages", async () => {
      const state = await stateOf(other.businessId);
      const wrong: string[] = [];
      for (const { of, path, form } of forms) {
        if (of !== other || /sign out/i.test(form.says)) continue;
        const visitor = visitorOf(app.url, await sessionFor(limited));
        const answer = await visitor(path, { method: "POST", body: bodyOf(form.fields) });
        const sent = form.fields.map(([, value]) => value).join("\n");
        const name = `${path} “${form.says}” ${answer.status}`;
        if (answer.status >= 500) wrong.push(name);
        const shown = hiddenIn(answer.body, `${plain(path)} ${sent}`);
        if (shown !== null) wrong.push(`${name} shows ${shown}`);
      }
      expect(wrong).toEqual([]);
      expect(changed(state, await stateOf(other.businessId))).toEqual([]);
    });
  });

  it("leaves the other's books as they were, to the row", async () => {
    expect(changed(before, await stateOf(other.businessId))).toEqual([]);
    expect(changed(beforeInIndia, await stateOf(india.businessId))).toEqual([]);
  });

  it("would not: the same forms, sent by their owner, do change the books", async () => {
    for (const { of, path, form } of forms) {
      if (/throw|sign out|end the session/i.test(form.says)) continue;
      await visitorOf(app.url, await sessionFor(of.userId ?? ""))(path, {
        method: "POST",
        body: bodyOf(form.fields),
      });
    }
    const tables = changed(before, await stateOf(other.businessId));
    expect(tables).toEqual(expect.arrayContaining(["audit_trail", "facts", "postings", "runs"]));
    const inIndia = changed(beforeInIndia, await stateOf(india.businessId));
    expect(inIndia).toEqual(expect.arrayContaining(["audit_trail", "item_taxes"]));
  });
});

const changed = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>) =>
  Object.keys(a).filter((table) => a[table] !== b[table]);

/** A field's value is an id of theirs, or a list or a document that names one. */
function holdsId(value: string, ids: ReadonlySet<string>): boolean {
  return ids.has(value) || value.split(/[\s",:[\]{}\p{Cc}]+/u).some((word) => ids.has(word));
}

/** Ids out of every table of a business: of each column that is or ends in `id`, some; those that many tables name, once. */
async function idsOf(scope: Scope, each = 1): Promise<readonly string[]> {
  const ids = new Set<string>();
  const known = new Set<string>();
  for (const table of await businessTables()) {
    const columns = await rowsAs<{ name: string }>(
      (
        sql,
      ) => sql`select attname as name from pg_attribute where attrelid = ${`app.${table}`}::regclass and attnum > 0 and not attisdropped
        and (attname = 'id' or attname like '%\\_id') and attname not in ('business_id', 'user_id')`,
    );
    for (const { name } of columns) {
      if (each === 1 && name !== "id" && known.has(name)) continue;
      known.add(name);
      const rows = await rowsAs<{ id: string }>(
        (sql) => sql`select distinct ${sql(name)}::text as id from ${sql(table)}
          where business_id = ${scope.businessId} and ${sql(name)} is not null limit ${each}`,
      );
      // Short ones ("etsy", "1000") may be any business's.
      for (const { id } of rows) if (id.length >= 8) ids.add(id);
    }
  }
  return [...ids];
}
