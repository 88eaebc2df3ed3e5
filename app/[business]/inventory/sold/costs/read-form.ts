/** What the form of Add costs says: read alike for what it would change and for saving it. */
import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import type { CostInput, ManyCosts } from "@/lib/desk/costs";
import type { Scope } from "@/lib/people/access";
import { typedDay, typedMoney } from "../../../../ui/typed";
import { dayOrder, todayOf } from "../state";

const text = z.string().max(2_000).optional();

/** `from` is `lot:…`, `part:…` or `outside`. */
export const CostForm = z.strictObject({
  line: z.string().min(1).max(1_000),
  from: z.string().max(1_100).optional(),
  q: text,
  part: text,
  amount: text,
  on: text,
  account: text,
  item: text,
  itemText: text,
  next: text,
  /** Which preview the page showed beside it (`acceptedField`). */
  accepted: text,
});
export type CostFields = z.output<typeof CostForm>;

/** @throws Refusal with the field: nothing chosen, no amount, no day */
export function readCost(scope: Scope, fields: CostFields): CostInput {
  const from = fields.from ?? "";
  const item =
    (fields.itemText ?? "") === "" && (fields.item ?? "") === ""
      ? null
      : { id: fields.item === "" || fields.item === undefined ? null : fields.item, name: fields.itemText ?? "" };
  const { line } = fields;
  if (from.startsWith("lot:")) return { line, how: { way: "lot", lot: from.slice(4) }, item };
  if (from.startsWith("part:"))
    return {
      line,
      how: {
        way: "part",
        purchase: from.slice(5),
        amount: moneyIn(scope, fields.part, "part", "Which part of the purchase did it cost?"),
      },
      item,
    };
  if (from !== "outside")
    throw new Refusal("field_missing", "Choose the purchase, or say what was paid.", { field: "from" });
  const day = typedDay(fields.on ?? "", todayOf(scope), dayOrder(scope));
  if ((fields.on ?? "") === "") throw new Refusal("field_missing", "When was it bought?", { field: "on" });
  if ("wrong" in day) throw new Refusal("bad_date", day.wrong, { field: "on" });
  return {
    line,
    how: {
      way: "outside",
      amount: moneyIn(scope, fields.amount, "amount", "What did you pay for it?"),
      on: day.value,
      account: fields.account ?? "3000",
    },
    item,
  };
}

function moneyIn(scope: Scope, typed: string | undefined, field: string, missing: string): bigint {
  if (typed === undefined || typed.trim() === "") throw new Refusal("field_missing", missing, { field });
  const read = typedMoney(typed, scope.currency);
  if ("wrong" in read) throw new Refusal("bad_number", read.wrong, { field });
  return read.value;
}

/** Many lines: `line` once for each, `amount.3` and `on.3` for the fourth. */
export const ManyForm = z.record(
  z.string().max(40),
  z.union([z.string().max(2_000), z.array(z.string().max(2_000)).max(200)]),
);
export type ManyFields = z.output<typeof ManyForm>;

/** The lines with an amount; the others are left as they are. @throws Refusal with the field of the row */
export function readCosts(scope: Scope, fields: ManyFields): ManyCosts {
  const named = fields.line ?? [];
  const lines = typeof named === "string" ? [named] : named;
  const one = (name: string) => {
    const value = fields[name];
    return typeof value === "string" ? value.trim() : "";
  };
  const rows = lines.flatMap((line, at) => {
    const field = `amount.${at}`;
    if (one(field) === "") return [];
    const amount = moneyIn(scope, one(field), field, "");
    const typed = one(`on.${at}`);
    const day = typed === "" ? null : typedDay(typed, todayOf(scope), dayOrder(scope));
    if (day !== null && "wrong" in day) throw new Refusal("bad_date", day.wrong, { field: `on.${at}` });
    return [{ line, amount, on: day === null ? null : day.value, field }];
  });
  if (rows.length === 0) throw new Refusal("field_missing", "Type what at least one of them cost.");
  return { rows, account: one("account") || "3000" };
}
