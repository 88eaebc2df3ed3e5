/**
 * Invoices of all orders of some days, issued by a worker: order by order, some in one transaction, each only where none stands. So a job
 * that is killed goes on where it was, and a second one issues nothing twice.
 */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import { parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import { openBusiness, require, type Scope } from "../people/access";
import { request } from "../system/outbox";
import {
  beginRun,
  countIn,
  finishRun,
  isCancelled,
  progressIn,
  type Run,
  runsAbout,
  type Step,
  startRun,
} from "../system/runs";
import { issueInvoicesIn, wordsOfMany } from "./issuing";

const about = "invoices";
const inOneGo = 20;

/** Which orders: of these days, both included, and of one channel or all. */
export type OrdersOf = Readonly<{ from: string; to: string; channel: string | null }>;

/** Asks a worker for the invoices of all these orders that have none. Refuses `running_already` while it does. */
export async function invoiceMany(scope: Scope, of: OrdersOf): Promise<string> {
  require(scope, "write");
  const user = scope.userId;
  if (user === null) throw new Refusal("not_signed_in", "Only a person asks for invoices.");
  const [from, to] = [parseLocalDate(of.from), parseLocalDate(of.to)];
  return inBusiness(scope, async (tx) => {
    await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
    const run = await startRun(tx, scope, { job: "issueInvoices", about, label: "Invoices" });
    await request(tx, "issueInvoices", { business: scope.businessId, run, user, from, to, channel: of.channel });
    return run;
  });
}

/** The runs that are under way. */
export function issuingRuns(scope: Scope): Promise<readonly Run[]> {
  require(scope, "read");
  return runsAbout(scope, { job: ["issueInvoices"], about, isOpen: true });
}

/** The newest run, where it has ended and there is something to say of what it issued. */
export async function lastIssuing(scope: Scope): Promise<Run | null> {
  require(scope, "read");
  const [run] = await runsAbout(scope, { job: ["issueInvoices"], about, limit: 1 });
  return run !== undefined && run.endedAt !== null && run.note !== null ? run : null;
}

/** How many took the seller's own state: kept with the run, since an invoice that is issued is not counted a second time. */
const ownStep = (done: number): Step => ({ key: "own", label: "Took your own state", state: "done", done });

/** The job: issues until no order is left, as the person who asked, with the right that they have now. */
export async function runInvoices(
  business: Scope,
  payload: OrdersOf & Readonly<{ run: string; user: string }>,
  signal: AbortSignal,
): Promise<void> {
  const { run } = payload;
  const begun = await beginRun(business, run);
  if (begun === null) return;
  const scope = await openBusiness(payload.user, business.slug);
  require(scope, "write");
  const b = scope.businessId;
  let [day, id] = ["0001-01-01", ""];
  // What is left out is met again by a job that begins again; what was issued is not.
  let [abroad, own] = [0, begun.steps.find(({ key }) => key === "own")?.done ?? 0];
  for (;;) {
    signal.throwIfAborted();
    if (await isCancelled(scope, run)) {
      const note = ["Stopped. What was issued stays.", wordsOfMany({ abroad, own })].join(" ").trim();
      await finishRun(scope, run, { state: "cancelled", note });
      return;
    }
    const next = await inBusiness(scope, async (tx) => {
      const rows = await rowsOf<{ id: string; day: string }>(
        tx,
        sql`select h.id, h.on_date::text as day from app.orders h
            where h.business_id = ${b} and not h.is_undone and h.on_date >= ${payload.from}::date and h.on_date <= ${payload.to}::date
              and (h.on_date, h.id) > (${day}::date, ${id}) ${payload.channel === null ? sql`` : sql`and h.channel_id = ${payload.channel}`}
            order by h.on_date, h.id limit ${inOneGo}`,
      );
      const many = await issueInvoicesIn(
        tx,
        scope,
        rows.map((row) => row.id),
      );
      await countIn(tx, scope, run, { done: many.issued, skipped: rows.length - many.issued });
      if (many.own > 0) await progressIn(tx, scope, run, { steps: [ownStep(own + many.own)] });
      return { last: rows.at(-1) ?? null, many };
    });
    if (next.last === null) break;
    [day, id] = [next.last.day, next.last.id];
    [abroad, own] = [abroad + next.many.abroad, own + next.many.own];
  }
  const note = wordsOfMany({ abroad, own });
  await finishRun(scope, run, { state: "done", ...(note === "" ? {} : { note }) });
}
