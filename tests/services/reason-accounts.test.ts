/** The account that bears a reason: a business's choice, what a fact says, and a proof that finds it anywhere else. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { adjustmentView } from "../../lib/desk/adjustment-reads";
import { recordAdjustment } from "../../lib/desk/adjustments";
import { changeReasonAccounts, reasonSettings } from "../../lib/desk/reason-accounts";
import type { Scope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { record } from "../../lib/record";
import { accountsNow, aShelf, input } from "../support/adjusting";
import { testDatabase } from "../support/database";
import { give, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;
let owner: postgres.Sql;

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = [await aShelf("One"), await aShelf("Two")];
});

describe("the account of a reason", () => {
  it("can be chosen, holds for what comes after, leaves what was before, and can be taken back", async () => {
    const first = await recordAdjustment(scope, input({ reason: "gift" }));
    const { before } = await changeReasonAccounts(scope, { gift: "6040", lost: "5000" });
    expect([before.gift, before.lost]).toEqual(["6020", "5100"]);
    expect((await reasonSettings(scope)).accounts).toMatchObject({ gift: "6040", lost: "5000", sample: "6020" });
    expect((await reasonSettings(other)).accounts).toMatchObject({ gift: "6020", lost: "5100" });
    await recordAdjustment(scope, input({ reason: "gift", lines: [["mug", "1"]] }));
    // What comes late to the first one goes to its own account still.
    await give(scope, [purchase("p0", "2026-02-01", [["mug", 3n, 900n]])]);
    expect(await accountsNow(scope)).toMatchObject({ "6020": 900, "6040": 100 });
    expect((await adjustmentView(scope, first.id)).account?.code).toBe("6020");
    await changeReasonAccounts(scope, before);
    expect((await reasonSettings(scope)).accounts).toEqual(before);
    const [row] = await owner<
      { n: number }[]
    >`select count(*)::int as n from app.reason_accounts where business_id = ${scope.businessId}`;
    expect(row?.n).toBe(0);
    const { rows } = await auditRows(scope, {}, { limit: 5 });
    expect(rows[0]).toMatchObject({
      what: "reason.account",
      before: { gift: "6040", lost: "5000" },
      after: { gift: "6020", lost: "5100" },
    });
    await proved(scope, other);
  });

  it("is one of costs, income or the owner, of this business, and chosen by an owner", async () => {
    for (const code of ["1000", "1150", "1200", "2200", "7777"])
      expect(await refused(changeReasonAccounts(scope, { gift: code }))).toEqual({ code: "unknown_id", field: "gift" });
    const { choices } = await reasonSettings(scope);
    expect(choices.map(({ code }) => code)).toEqual(expect.arrayContaining(["3010", "4100", "5000", "5100", "6020"]));
    expect(choices.filter(({ code }) => code < "3000")).toEqual([]);
    const bookkeeper = { ...scope, role: "bookkeeper" } as const;
    expect((await refused(changeReasonAccounts(bookkeeper, { gift: "6040" }))).code).toBe("not_allowed");
  });
});

describe("an adjustment's fact", () => {
  const fact = (account: string) =>
    ({
      kind: "adjustment",
      id: `a${account}`,
      date: "2026-03-10",
      location: null,
      reason: null,
      account,
      lines: [{ id: `a${account}-1`, item: "mug", qty: -1n, amount: 0n }],
    }) as const;
  it("names an account that is there, and not Inventory", async () => {
    expect((await refused(give(scope, [fact("7777")]))).code).toBe("unknown_id");
    expect((await refused(give(scope, [fact("1200")]))).code).toBe("does_not_fit");
    await give(scope, [fact("3010")]);
    expect((await accountsNow(scope))["3010"]).toBe(100);
    await proved(scope, other);
  });

  it("taken back and told again with another account takes its cost along", async () => {
    await give(scope, [fact("3010")]);
    await give(scope, [{ kind: "undo", of: "adjustment", key: "adjustment/a3010" }]);
    const again = { ...fact("6020"), id: "a3010", lines: fact("3010").lines };
    await record(scope, [{ fact: again, version: null }], { source: null, userId: null, revives: true });
    const now = await accountsNow(scope);
    expect([now["3010"], now["6020"]]).toEqual([undefined, 100]);
    await proved(scope);
  });
});

describe("the proof", () => {
  const findings = async () =>
    (await verifyBooks(scope)).checks.flatMap((check) => check.findings.map(({ what }) => [check.name, what]));
  /** Behind the product's back, as only the database's owner can. */
  const forge = (change: (tx: postgres.TransactionSql) => Promise<unknown>) =>
    owner.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`alter table app.postings disable trigger user`;
      await change(tx);
      await tx`alter table app.postings enable trigger user`;
      await tx`alter table app.postings enable always trigger append_only`;
      await tx`alter table app.postings enable always trigger no_truncate`;
    });

  it("names a cost that stands on another account than its adjustment says", async () => {
    const { id } = await recordAdjustment(scope, input({ reason: "own_use" }));
    await forge(
      (tx) => tx`update app.postings set debit = '6020' where business_id = ${scope.businessId} and debit = '3010'`,
    );
    const found = await findings();
    const name = "What is posted for each cost is the cost";
    expect(found).toContainEqual([name, `what is posted for the cost of ${id}/1 to 3010 is what it wants`]);
    expect(found).toContainEqual([name, `what is posted for the cost of ${id}/1 to 6020 is what it wants`]);
  });

  it("names a sale's cost on another account than cost of goods sold", async () => {
    await give(scope, [order("o1", "2026-03-20", [["Mug", 1n, 900n, "M-1"]])]);
    await forge(
      (tx) => tx`update app.postings set debit = '5100' where business_id = ${scope.businessId} and debit = '5000'`,
    );
    expect(await findings()).toContainEqual([
      "What is posted for each cost is the cost",
      "what is posted for the cost of o1-1 to 5000 is what it wants",
    ]);
  });

  it.each([
    ["account", "account_code = '6020'"],
    ["reason", "reason = 'gift'"],
    ["note", "note = 'given away'"],
  ])("names a document whose %s is not its fact's", async (field, change) => {
    const { id } = await recordAdjustment(scope, input({ reason: "own_use", note: "for the kitchen" }));
    await owner.unsafe(
      `update app.stock_documents set ${change} where business_id = '${scope.businessId}' and kind = 'adjustment'`,
    );
    expect(await findings()).toContainEqual([
      "Documents say what their facts say",
      `${field} of adjustment ${id} is what its fact says`,
    ]);
  });
});
