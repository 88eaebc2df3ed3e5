/** "All like this": rules that say what transactions are by themselves. Read from top to bottom, the first that fits is taken. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rules as rulesTable } from "../../db/schema";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { type Rule as CoreRule, fits, ruleFor } from "../core/categorising";
import { Refusal } from "../core/errors";
import { normalise } from "../core/matching";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { newId } from "../system/ids";
import type { Sorting, Transaction } from "./transactions";

export type RuleState = "categorised" | "inventory" | "personal" | "hidden";
export type NewRule = Readonly<{
  /** Words that payee or memo must hold, each of them; as a person typed them. */
  words: string;
  direction: "in" | "out" | null;
  /** The bank account, card or cash box that it is for; null: any. */
  account: string | null;
  state: RuleState;
  category: string | null;
}>;
export type Rule = NewRule &
  Readonly<{ id: string; place: number; isOff: boolean; categoryName: string | null; used: number }>;

/** All rules in their order, with how many transactions each has sorted. */
export async function listRules(scope: Scope): Promise<readonly Rule[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const rules = await rulesIn(tx, scope);
    const used = new Map(
      (
        await rowsOf<{ id: string; n: number }>(
          tx,
          sql`select rule_id as id, count(*)::int as n from app.transactions where business_id = ${scope.businessId} and rule_id is not null and not is_undone
              group by rule_id`,
        )
      ).map((row) => [row.id, row.n]),
    );
    return rules.map((rule) => ({ ...rule, used: used.get(rule.id) ?? 0 }));
  });
}

export async function rulesIn(tx: Tx, scope: InBusiness): Promise<readonly Rule[]> {
  const rows = await rowsOf<Omit<Rule, "used">>(
    tx,
    sql`select r.id, r.place, r.words, r.direction, r.account_code as account, r.state, r.category_code as category, r.is_off as "isOff", a.name as "categoryName"
        from app.rules r left join app.accounts a on a.business_id = ${scope.businessId} and a.code = r.category_code
        where r.business_id = ${scope.businessId} order by r.place, r.id`,
  );
  return rows.map((row) => ({ ...row, used: 0 }));
}

const coreRule = (rule: Pick<Rule, "id" | "place" | "words" | "direction" | "account" | "category">): CoreRule => ({
  id: rule.id,
  priority: rule.place,
  words: rule.words.split(" "),
  atLeast: null,
  atMost: null,
  direction: rule.direction ?? "either",
  account: rule.account,
  category: rule.category ?? "",
});

/** What the rules say each transaction is; those that none fits are left out. Money that came in is never a purchase. */
export function sortByRules(
  transactions: readonly Pick<Transaction, "id" | "account" | "amount" | "payee" | "memo">[],
  rules: readonly Rule[],
): readonly Readonly<{ id: string; to: Sorting }>[] {
  const live = rules.filter((rule) => !rule.isOff);
  const byId = new Map(live.map((rule) => [rule.id, rule]));
  const core = live.map(coreRule);
  const outOnly = core.filter((rule) => byId.get(rule.id)?.state !== "inventory");
  return transactions.flatMap((transaction) => {
    const found = ruleFor(transaction, transaction.amount < 0n ? core : outOnly);
    const rule = found === null ? undefined : byId.get(found.id);
    if (rule === undefined || transaction.amount === 0n) return [];
    return [
      {
        id: transaction.id,
        to: { state: rule.state, category: rule.category, matched: null, rule: rule.id, parts: [] },
      },
    ];
  });
}

/** How a rule's words are kept: normalised, each word once. Refuses a rule that would take everything. */
export function keptWords(typed: string): string {
  const words = [...new Set(normalise(typed).split(" "))].filter((word) => word !== "");
  if (words.join("").length < 2)
    throw new Refusal("field_missing", "Say which words the payee holds, such as: usps.", { field: "words" });
  const text = words.join(" ");
  if ([...text].length > 200)
    throw new Refusal("text_too_long", "The words have at most 200 letters.", { field: "words" });
  return text;
}

/** Adds a rule after the others, in the caller's transaction. Gives its id. */
export async function addRuleIn(tx: Tx, scope: Scope, wanted: NewRule): Promise<string> {
  const words = keptWords(wanted.words);
  const id = newId();
  const [last] = await rowsOf<{ place: number }>(
    tx,
    sql`select coalesce(max(place), 0)::int as place from app.rules where business_id = ${scope.businessId}`,
  );
  await tx.insert(rulesTable).values({
    businessId: scope.businessId,
    id,
    place: (last?.place ?? 0) + 1,
    words,
    direction: wanted.direction,
    accountCode: wanted.account,
    state: wanted.state,
    categoryCode: wanted.category,
    createdAt: new Date().toISOString(),
    isOff: false,
  });
  await recordAudit(tx, scope, { what: "rule.add", about: id, after: { ...wanted, words } });
  return id;
}

/** Open transactions that a rule of these words would take. */
export async function openLike(
  tx: Tx,
  scope: InBusiness,
  wanted: Pick<NewRule, "words" | "direction" | "account">,
): Promise<readonly string[]> {
  const words = keptWords(wanted.words);
  const rule = coreRule({
    id: "",
    place: 0,
    words,
    direction: wanted.direction,
    account: wanted.account,
    category: null,
  });
  const rows = await rowsOf<{ id: string; account: string; amount: string; payee: string; memo: string }>(
    tx,
    sql`select id, account_code as account, amount_minor::text as amount, payee, memo from app.transactions
        where business_id = ${scope.businessId} and state = 'open' and not is_undone order by on_date, id limit 20000`,
  );
  return rows.filter((row) => fits({ ...row, amount: BigInt(row.amount) }, rule)).map((row) => row.id);
}

/** Switches a rule off or on. What it has sorted stays. */
export async function switchRule(scope: Scope, id: string, isOff: boolean): Promise<void> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ id: string }>(
      tx,
      sql`update app.rules set is_off = ${isOff} where business_id = ${scope.businessId} and id = ${id} returning id`,
    );
    if (rows.length === 0) throw new Refusal("not_found", "There is no such rule any more.");
    await recordAudit(tx, scope, { what: "rule.switch", about: id, before: { isOff: !isOff }, after: { isOff } });
  });
}

/** Puts a rule one place up or down. */
export async function moveRule(scope: Scope, id: string, way: "up" | "down"): Promise<void> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
    const ids = (await rulesIn(tx, scope)).map((rule) => rule.id);
    const at = ids.indexOf(id);
    if (at < 0) throw new Refusal("not_found", "There is no such rule any more.");
    const to = Math.min(Math.max(at + (way === "up" ? -1 : 1), 0), ids.length - 1);
    ids.splice(at, 1);
    ids.splice(to, 0, id);
    await tx.execute(sql`
      update app.rules r set place = u.place from unnest(${list("uuid", ids)}, ${list(
        "integer",
        ids.map((_, i) => i + 1),
      )}) as u(id, place) where r.business_id = ${scope.businessId} and r.id = u.id`);
    await recordAudit(tx, scope, { what: "rule.move", about: id, before: { place: at + 1 }, after: { place: to + 1 } });
  });
}

/** Removes a rule. What it has sorted stays sorted. */
export async function removeRule(scope: Scope, id: string): Promise<void> {
  require(scope, "write");
  return inBusiness(scope, (tx) => removeRuleIn(tx, scope, id));
}

/** The same in the caller's transaction. */
export async function removeRuleIn(tx: Tx, scope: Scope, id: string): Promise<void> {
  const rows = await rowsOf<Record<"words" | "direction" | "account" | "state" | "category", string | null>>(
    tx,
    sql`delete from app.rules where business_id = ${scope.businessId} and id = ${id}
        returning words, direction, account_code as account, state, category_code as category`,
  );
  if (rows[0] === undefined) throw new Refusal("not_found", "There is no such rule any more.");
  await tx.execute(
    sql`update app.transactions set rule_id = null where business_id = ${scope.businessId} and rule_id = ${id}`,
  );
  await recordAudit(tx, scope, { what: "rule.remove", about: id, before: rows[0] });
}
