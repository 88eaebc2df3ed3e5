/** The real thing that the commands work on: a business on real PostgreSQL, its channel's documents, and what its books say. */
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { expect } from "vitest";
import { jsonText, list } from "../../../db/bulk";
import { asSystem, inBusiness, rowsOf } from "../../../db/scope";
import type { RawDocument } from "../../../integrations/connector";
import { balanceReport, profitReport } from "../../../lib/books/reports";
import { verifyBooks } from "../../../lib/books/verify";
import { type ErrorCode, Refusal } from "../../../lib/core/errors";
import type { Fact, LocalDate } from "../../../lib/core/facts";
import { digestChannel } from "../../../lib/digest";
import type { Scope } from "../../../lib/people/access";
import { record } from "../../../lib/record";
import { type ReplayResult, resultOf } from "../../../lib/replay/run";
import { addChannel } from "../../../lib/sales/channel-accounts";
import { storeDocuments } from "../../../lib/sales/pull";
import { begin, request, takeDue, takeOverdue } from "../../../lib/system/outbox";
import { startRun } from "../../../lib/system/runs";
import { aSeller } from "../../../scripts/lib/sellers";
import { makeRunner } from "../../../workers/run";
import { testDatabase } from "../../support/database";
import { sumsAgree } from "../../support/sums";
import { item } from "../../support/trading";
import { channel, type Delivery, type Expected, expectedOf, type Model } from "./state";

const never = new AbortController().signal;

export type Settings = Readonly<{ pool: "business" | "location"; graceDays: number }>;
type Sealed = Readonly<{ from: LocalDate; through: LocalDate; text: string }>;

export class Shop {
  /** Reports of closed periods as they were when they were closed. */
  private sealed: Sealed[] = [];
  private entries = 0;
  private baseFacts: Readonly<Record<string, number>> = {};
  private constructor(
    readonly scope: Scope,
    readonly settings: Settings,
    /** A business that nothing happens to. */
    private readonly neighbour: Readonly<{ scope: Scope; books: ReplayResult }>,
  ) {}

  static async open(settings: Settings): Promise<Shop> {
    const [scope, neighbour] = [await begun("The shop", settings), await begun("Its neighbour", settings)];
    const shop = new Shop(scope, settings, { scope: neighbour, books: await resultOf(neighbour) });
    shop.baseFacts = await factCounts(scope);
    return shop;
  }

  /** Records facts as a form does, and settles. */
  record(...facts: readonly Fact[]): Promise<unknown> {
    return record(
      this.scope,
      facts.map((fact) => ({ fact, version: null })),
      { source: null, userId: this.scope.userId },
    );
  }

  /** Rows of the shop's own business. */
  rows<T extends Record<string, unknown>>(query: ReturnType<typeof sql>): Promise<T[]> {
    return inBusiness(this.scope, (tx) => rowsOf<T>(tx, query));
  }

  /** What brought a fact that is in the books: a run, an import. */
  async sourceOf(key: string): Promise<string> {
    const [row] = await this.rows<{ source: string | null }>(
      sql`select source from app.facts where business_id = ${this.scope.businessId} and id = ${key} and undone_at is null`,
    );
    if (row === undefined || row.source === null) throw new Error(`${key} was brought by nothing`);
    return row.source;
  }

  /** Brings documents of the channel and reads them by a worker, whatever happens to the queue and to the worker. Gives the run. */
  async deliver(how: Delivery, ...documents: readonly RawDocument[]): Promise<string> {
    const { scope } = this;
    const run = await inBusiness(scope, async (tx) => {
      const id = await startRun(tx, scope, { job: "digestChannel", about: channel, label: "Market" });
      await storeDocuments(tx, scope, channel, documents, id);
      await request(tx, "digestChannel", { business: scope.businessId, channel, run: id });
      return id;
    });
    const handed = await takeDue(100);
    const work = async (rows: readonly Readonly<{ id: string }>[]) => {
      for (const row of rows) await makeRunner(never).run(row.id);
    };
    if (how === "whole") await work(handed);
    else {
      // The queue forgets the rows, or the worker dies with them: the sweep finds them, and they are run from the beginning.
      if (how === "died at its beginning") for (const row of handed) await begin(row.id);
      if (how === "died after its work") await digestChannel(scope, { channelId: channel, run, signal: never });
      await work(await takeOverdue(-1, 100));
    }
    const left = await asSystem("a test looks at what waits", (tx) =>
      rowsOf<{ n: number }>(
        tx,
        sql`select count(*)::int as n from app.outbox where business_id = ${scope.businessId} and job = 'digestChannel'`,
      ),
    );
    expect(left[0]?.n, "a job that was done is gone from the outbox").toBe(0);
    return run;
  }

  /** The newest version of each document that was read, by `feed/id`, and the ids of those that are parked. */
  async documents(): Promise<Readonly<{ read: ReadonlyMap<string, string>; parked: ReadonlySet<string> }>> {
    const rows = await this.rows<{ name: string; version: string; state: string }>(
      sql`select feed || '/' || external_id as name, version, state from app.raw_documents where business_id = ${this.scope.businessId} order by version`,
    );
    expect(
      rows.filter((row) => row.state === "unreadable"),
      "the connector reads what the market says",
    ).toEqual([]);
    return {
      read: new Map(rows.filter((row) => row.state === "read").map((row) => [row.name, row.version])),
      parked: new Set(rows.filter((row) => row.state === "refused").map((row) => row.name)),
    };
  }

  /** Ends every connection of the database, as a restart does. */
  async restart(): Promise<void> {
    const owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
    try {
      await owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    } finally {
      await owner.end();
    }
    // The pool hears of it with the next turn of the event loop.
    await new Promise((done) => setTimeout(done, 20));
  }

  /** Remembers the reports of what was just closed. */
  async seal(from: LocalDate, through: LocalDate): Promise<void> {
    this.sealed.push({ from, through, text: await this.reportsOf(from, through) });
  }
  /** What was opened again may change. */
  unseal(through: LocalDate | null): void {
    this.sealed = this.sealed.filter((one) => through !== null && one.through <= through);
  }
  private async reportsOf(from: LocalDate, through: LocalDate): Promise<string> {
    const { whole, months } = await profitReport(this.scope, { from, to: through });
    return jsonText([whole, months, await balanceReport(this.scope, through)]);
  }

  /** After each command: the books are proved, agree with the model, and closed periods say what they said. */
  async agrees(m: Model): Promise<void> {
    const proof = await verifyBooks(this.scope);
    expect(proof.checks.filter((check) => check.findings.length > 0)).toEqual([]);
    const now = await resultOf(this.scope);
    expect(await this.sums(now)).toEqual(await this.expected(m));
    if (m.isUnchanged) expect(now.entries, "what changes nothing adds no entry").toBe(this.entries);
    expect(now.entries, "entries are only ever added").toBeGreaterThanOrEqual(this.entries);
    this.entries = now.entries;
    await sumsAgree(this.scope);
    for (const { from, through, text } of this.sealed)
      expect(await this.reportsOf(from, through), `the reports of ${from} to ${through} stay as they were`).toBe(text);
  }

  /** At the end: nothing happened next door. */
  async closes(): Promise<void> {
    expect(await resultOf(this.neighbour.scope)).toEqual(this.neighbour.books);
    expect((await verifyBooks(this.neighbour.scope)).findings).toBe(0);
  }

  private async expected(m: Model): Promise<Expected> {
    const wanted = expectedOf(m);
    const facts = { ...this.baseFacts };
    for (const [kind, n] of Object.entries(wanted.facts)) facts[kind] = (facts[kind] ?? 0) + n;
    return { ...wanted, facts };
  }

  private async sums(now: ReplayResult): Promise<Expected> {
    const at = (...codes: readonly string[]) =>
      now.trial_balance.filter(({ code }) => codes.includes(code)).reduce((sum, row) => sum + BigInt(row.amount), 0n);
    return {
      onHand: Object.fromEntries(now.on_hand.map((row) => [`${row.item}@${row.location}`, BigInt(row.qty)])),
      toDetail: BigInt(now.to_detail),
      costIn: at("1200", "5000", "5100", "5110"),
      // The market's account, and that of sales by hand.
      channel: at("1150", "1151"),
      transit: at("1180"),
      bank: at("1000"),
      facts: await factCounts(this.scope),
      sales: now.sales.map((row) => `${row.line} ${row.item} ${row.qty}`).sort(),
    };
  }
}

async function begun(name: string, settings: Settings): Promise<Scope> {
  const scope = await aSeller(name);
  await inBusiness(scope, async (tx) => {
    await addChannel(tx, scope, { id: channel, kind: "practice", name: "Market", state: "connected" });
    await tx.execute(
      sql`update app.businesses set pool = ${settings.pool}, grace_days = ${settings.graceDays} where business_id = ${scope.businessId}`,
    );
  });
  const bundle: Fact = {
    kind: "item",
    id: "k",
    name: "Item k",
    sku: "K",
    decimals: 0,
    aliases: [],
    components: [
      { item: "a", qty: 2n },
      { item: "b", qty: 1n },
    ],
  };
  const facts: readonly Fact[] = [
    { kind: "location", id: "depot", name: "Depot" },
    item("a", "Item a", "A"),
    item("b", "Item b", "B"),
    item("c", "Item c"),
    bundle,
  ];
  await record(
    scope,
    facts.map((fact) => ({ fact, version: "1" })),
    { source: null, userId: scope.userId },
  );
  return scope;
}

async function factCounts(scope: Scope): Promise<Readonly<Record<string, number>>> {
  const rows = await inBusiness(scope, (tx) =>
    rowsOf<{ kind: string; n: number }>(
      tx,
      sql`select kind, count(*)::int as n from app.facts where business_id = ${scope.businessId} and undone_at is null group by kind`,
    ),
  );
  return Object.fromEntries(rows.map((row) => [row.kind, row.n]));
}

/** The facts that a save or a sync brought and that are in the books, by their keys. */
export async function factsOf(
  shop: Shop,
  source: string,
): Promise<readonly Readonly<{ key: string; body: Readonly<Record<string, unknown>> }>[]> {
  return shop.rows(
    sql`select id as key, body from app.facts where business_id = ${shop.scope.businessId} and source = ${source} and undone_at is null order by id`,
  );
}

/** What bank lines are now: the payout that each is matched to. */
export async function readLines(m: Model, shop: Shop): Promise<void> {
  const rows = await shop.rows<{ id: string; payout: string | null }>(
    sql`select id, case when state = 'payout' then matched_id end as payout from app.transactions
        where business_id = ${shop.scope.businessId} and not is_undone and id = any(${list("text", [...m.lines.keys()])})`,
  );
  expect(rows.length, "every bank line is there").toBe(m.lines.size);
  const taken = new Set<string>();
  for (const { id, payout } of rows) {
    const line = m.lines.get(id);
    if (line === undefined) continue;
    if (line.payout !== payout) m.hasJoined = true;
    line.payout = payout;
    if (payout === null) continue;
    expect(taken.has(payout), `payout ${payout} became one deposit`).toBe(false);
    taken.add(payout);
    const paid = m.livePayouts().find((one) => one.key === payout);
    expect(paid?.amount, `bank line ${id} is a payout of its amount`).toBe(line.amount);
  }
}

/** Does the work or is refused, as the model says; a refusal changes nothing. Null where it was refused. */
export async function attempt<T>(
  m: Model,
  wanted: "done" | "refused" | "either",
  codes: readonly ErrorCode[],
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    const done = await work();
    if (wanted === "refused") throw new Error(`it was taken, where it is to be refused with ${codes.join(" or ")}`);
    return done;
  } catch (error) {
    if (!(error instanceof Refusal) || wanted === "done" || !codes.includes(error.code)) throw error;
    m.isUnchanged = true;
    return null;
  }
}
