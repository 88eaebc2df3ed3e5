/**
 * Setting input tax against output tax at the end of a month: one entry, on its last day, as the law orders it (lib/core/gst/set-off.ts),
 * from what stands on the accounts then. What was set off is a row of the desk; taken back, its entry is offset.
 */
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { gstSetOffs } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { lockBooks, post } from "../books/ledger";
import { endOfMonth } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { outputAccounts, type SetOff, setOff, setOffPostings, type TaxParts } from "../core/gst";
import { inputAccounts } from "../core/posting";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { todayOf } from "../system/clock";
import { requireGst } from "./gst-settings";

/**
 * A month's set-off. `made`: what was set off, none where it was not; `offered`: what would be, none once it was. `owed` and `credit` are
 * what stands on the accounts at the month's end. `why`: what keeps it from being made, or taken back; null where nothing does.
 */
export type MonthSetOff = Readonly<{
  month: string;
  owed: TaxParts;
  credit: TaxParts;
  made: readonly SetOff[];
  offered: readonly SetOff[];
  why: string | null;
}>;

const parts = ["igst", "cgst", "sgst"] as const;
const firstOf = (month: string): LocalDate => {
  if (!/^[0-9]{4}-(0[1-9]|1[0-2])$/.test(month)) throw new Refusal("bad_date", "Choose a month.");
  return `${month}-01`;
};
const documentOf = (month: string) => ({ kind: "gst_set_off", id: month });

/** What may be, or was, set off for a month (`2026-04`). Refuses `not_found` outside India. */
export function setOffOf(scope: Scope, month: string): Promise<MonthSetOff> {
  require(scope, "read");
  requireGst(scope);
  return inBusiness(scope, (tx) => monthIn(tx, scope, month));
}

async function monthIn(tx: Tx, scope: Scope, month: string): Promise<MonthSetOff> {
  const b = scope.businessId;
  const first = firstOf(month);
  const end = endOfMonth(first);
  const rows = await rowsOf<{ code: string; amount: string }>(
    tx,
    sql`select code, sum(debit_minor - credit_minor)::text as amount from app.account_months
        where business_id = ${b} and code in ('1221', '1222', '1223', '2221', '2222', '2223') and month <= ${first}::date group by code`,
  );
  const on = (code: string) => BigInt(rows.find((row) => row.code === code)?.amount ?? "0");
  const floor = (amount: bigint) => (amount < 0n ? 0n : amount);
  const all = (of: (part: keyof TaxParts) => bigint): TaxParts => ({
    igst: of("igst"),
    cgst: of("cgst"),
    sgst: of("sgst"),
  });
  const [owed, credit] = [
    all((part) => floor(-on(outputAccounts[part]))),
    all((part) => floor(on(inputAccounts[part]))),
  ];
  const made = (
    await rowsOf<{ credit: string; owed: string; amount: string }>(
      tx,
      sql`select credit, owed, amount_minor::text as amount from app.gst_set_offs where business_id = ${b} and month = ${first}::date
          order by credit <> 'igst', credit, owed <> credit, owed`,
    )
  ).flatMap((row) => {
    const [from, to] = [parts.find((part) => part === row.credit), parts.find((part) => part === row.owed)];
    return from === undefined || to === undefined ? [] : [{ credit: from, owed: to, amount: BigInt(row.amount) }];
  });
  const [other] = await rowsOf<{ later: string | null; registrations: number }>(
    tx,
    sql`select (select to_char(max(month), 'YYYY-MM') from app.gst_set_offs where business_id = ${b} and month > ${first}::date) as later,
          (select count(*)::int from (select tax_number from app.letterheads where business_id = ${b} and tax_number <> ''
            union select tax_number from app.locations where business_id = ${b} and tax_number <> '') r) as registrations`,
  );
  const later = other?.later ?? null;
  const why =
    later !== null
      ? `${later} was set off after it: take that back first.`
      : (other?.registrations ?? 0) > 1
        ? "Each registration sets off its own tax, and the accounts do not tell yours apart."
        : todayOf(scope.timeZone) <= end
          ? "This month is not over."
          : null;
  return { month, owed, credit, made, offered: made.length > 0 ? [] : setOff(owed, credit), why };
}

/** What stands for an offer that somebody has seen. */
export const offerKey = (used: readonly SetOff[]): string =>
  used.map(({ credit, owed, amount }) => `${credit}-${owed}-${amount}`).join(" ");

/** Sets a month's tax off. Refuses `not_ready` with the reason, and `stale` where the accounts offer something else than was `seen`. */
export async function makeSetOff(scope: Scope, input: Readonly<{ month: string; seen: string }>): Promise<void> {
  require(scope, "write");
  requireGst(scope);
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const { offered, made, why } = await monthIn(tx, scope, input.month);
    if (made.length > 0) throw new Refusal("stale", "It is set off already.");
    if (why !== null) throw new Refusal("not_ready", why);
    if (offered.length === 0) throw new Refusal("not_ready", "There is nothing to set off.");
    if (offerKey(offered) !== input.seen)
      throw new Refusal("stale", "The accounts have changed meanwhile. See what would be set off now.");
    const first = firstOf(input.month);
    await recordAudit(tx, scope, { what: "gst.set_off", about: input.month, after: { used: offerKey(offered) } });
    await bulkInsert(
      tx,
      gstSetOffs,
      offered.map(({ credit, owed, amount }) => ({
        businessId: scope.businessId,
        month: first,
        credit,
        owed,
        amountMinor: amount,
      })),
    );
    const postings = setOffPostings(input.month, endOfMonth(first), offered);
    const name = `the set-off of ${input.month}`;
    await post(tx, scope, books, [{ document: documentOf(input.month), postings, isFresh: false, name }]);
  });
}

/** Takes a month's set-off back. Refuses `stale` where there is none, `not_ready` while a later month stands. */
export async function takeSetOffBack(scope: Scope, input: Readonly<{ month: string }>): Promise<void> {
  require(scope, "write");
  requireGst(scope);
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const { made, why } = await monthIn(tx, scope, input.month);
    if (made.length === 0) throw new Refusal("stale", "It was taken back already.");
    if (why !== null) throw new Refusal("not_ready", why);
    await recordAudit(tx, scope, { what: "gst.set_off_back", about: input.month, before: { used: offerKey(made) } });
    await tx.execute(
      sql`delete from app.gst_set_offs where business_id = ${scope.businessId} and month = ${firstOf(input.month)}::date`,
    );
    const name = `the set-off of ${input.month}`;
    await post(tx, scope, books, [{ document: documentOf(input.month), postings: [], isFresh: false, name }]);
  });
}
