/** Setting input tax against output tax at the end of a month: in the order of the law, posted, proved, and taken back. */
import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { savePurchaseTax } from "../../lib/desk/gst-purchases";
import { gstr1View, gstr3bView } from "../../lib/desk/gst-reads";
import { makeSetOff, offerKey, setOffOf, takeSetOffBack } from "../../lib/desk/gst-set-off";
import { saveLocation } from "../../lib/desk/locations";
import type { Scope } from "../../lib/people/access";
import { anIndianShop, april, gstin, issueAll, theirs } from "../support/india";
import { openRaces, outcomes, times } from "../support/races";
import { aShop, give, proved, refused } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
beforeAll(async () => {
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  scope = await anIndianShop();
  // Owed: 18.00 of IGST, 9.00 each of CGST and SGST. To be set off: 30.00 of IGST.
  await issueAll(scope);
  await savePurchaseTax(
    scope,
    {
      purchase: "p2",
      number: "S-9",
      supplier: theirs,
      nature: "taxable",
      isImport: false,
      isReverseCharge: false,
      isBlocked: false,
      taxable: "166.67",
      igst: "30",
      cgst: "",
      sgst: "",
      cess: "",
    },
    "rows",
    "unseen",
  );
});

/** What stands on the accounts of tax: debits less credits. */
const standing = async () =>
  Object.fromEntries(
    (
      await owner<{ code: string; amount: string }[]>`
        select code, sum(debit_minor - credit_minor)::text as amount from account_months where business_id = ${scope.businessId}
          and code in ('1221', '1222', '1223', '2221', '2222', '2223') group by code having sum(debit_minor - credit_minor) <> 0`
    ).map(({ code, amount }) => [code, BigInt(amount)]),
  );

test("a month is set off once, as the law orders it, and taken back", async () => {
  const view = await setOffOf(scope, "2026-04");
  expect(view).toMatchObject({
    owed: { igst: 1_800n, cgst: 900n, sgst: 900n },
    credit: { igst: 3_000n, cgst: 0n, sgst: 0n },
    made: [],
    why: null,
  });
  expect(offerKey(view.offered)).toBe("igst-igst-1800 igst-cgst-900 igst-sgst-300");
  const before = await standing();
  const seen = offerKey(view.offered);
  expect((await refused(makeSetOff(scope, { month: "2026-04", seen: "" }))).code).toBe("stale");
  expect(await outcomes(times(4, () => makeSetOff(scope, { month: "2026-04", seen })))).toEqual({ done: 1, stale: 3 });
  expect(await standing()).toEqual({ "2222": -600n });
  const posted = await owner<{ on: string; memo: string }[]>`select posted_on::text as on, memo from journal_entries
    where business_id = ${scope.businessId} and document_kind = 'gst_set_off'`;
  expect(posted.map((row) => ({ ...row }))).toEqual([{ on: "2026-04-30", memo: "GST of 2026-04 set off" }]);
  // The returns say what documents put there, and not what was set off.
  expect((await gstr1View(scope, gstin, april)).beside.taxes.every(({ books, documents }) => books === documents)).toBe(
    true,
  );
  expect((await gstr3bView(scope, gstin, april)).beside.taxes[0]).toEqual({
    part: "igst",
    books: 3_000n,
    documents: 3_000n,
  });
  await proved(scope);
  await takeSetOffBack(scope, { month: "2026-04" });
  expect(await standing()).toEqual(before);
  expect((await refused(takeSetOffBack(scope, { month: "2026-04" }))).code).toBe("stale");
  await proved(scope);
});

test("what is left goes on to the next month, in order; a closed month counts on the first open day", async () => {
  const first = await setOffOf(scope, "2026-04");
  await makeSetOff(scope, { month: "2026-05", seen: offerKey((await setOffOf(scope, "2026-05")).offered) });
  expect((await refused(makeSetOff(scope, { month: "2026-04", seen: offerKey(first.offered) }))).code).toBe(
    "not_ready",
  );
  await takeSetOffBack(scope, { month: "2026-05" });
  await give(scope, [{ kind: "close", through: "2026-04-30" }]);
  await makeSetOff(scope, { month: "2026-04", seen: offerKey(first.offered) });
  const [row] = await owner<
    { on: string; day: string }[]
  >`select posted_on::text as on, effective_on::text as day from journal_entries
    where business_id = ${scope.businessId} and document_kind = 'gst_set_off' order by entry_no desc limit 1`;
  expect({ ...row }).toEqual({ on: "2026-05-01", day: "2026-04-30" });
  await proved(scope);
});

test("it is refused for a month that is not over, with a second registration, and outside India", async () => {
  expect((await refused(makeSetOff(scope, { month: "2999-01", seen: "" }))).code).toBe("not_ready");
  expect((await refused(setOffOf(scope, "2026-13"))).code).toBe("bad_date");
  const kind = "godown";
  await saveLocation(scope, { id: null, name: "Bengaluru", kind, address: "", taxNumber: theirs });
  const { why, offered } = await setOffOf(scope, "2026-04");
  expect(why).toMatch(/Each registration/);
  expect((await refused(makeSetOff(scope, { month: "2026-04", seen: offerKey(offered) }))).code).toBe("not_ready");
  const other = await aShop("Elsewhere");
  const outside = await Promise.resolve()
    .then(() => setOffOf(other, "2026-04"))
    .catch((error: unknown) => error);
  expect(outside).toMatchObject({ code: "not_found" });
  await proved(scope);
});

test("the proof names a month whose entry is another", async () => {
  await makeSetOff(scope, { month: "2026-04", seen: offerKey((await setOffOf(scope, "2026-04")).offered) });
  await owner.begin(async (wrong) => {
    await wrong`set local session_replication_role = replica`;
    await wrong`update gst_set_offs set amount_minor = 299 where business_id = ${scope.businessId} and owed = 'sgst'`;
  });
  const found = (await verifyBooks(scope)).checks
    .filter(({ name }) => name.includes("set-off"))
    .flatMap(({ looked, findings }) => [looked, findings]);
  expect(found).toEqual([
    1,
    [
      { what: "the set-off of 2026-04 on 1223", expected: "-2999", found: "-3000" },
      { what: "the set-off of 2026-04 on 2222", expected: "299", found: "300" },
    ],
  ]);
});
