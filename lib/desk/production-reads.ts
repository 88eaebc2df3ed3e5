/** A production as its page shows it: what went in and came out, at what cost, opened down to what was bought; and what Make begins with. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { namesOf } from "../people/users";
import { type Opened, openLots } from "../stock/lots";
import type { RecipeWay } from "./recipes";

/**
 * A line, in smallest units: what went in with what of it no lot covers, what came out with its lot, what is left of that, and its share of
 * the cost. Costs in minor units; of one that was taken back there are none.
 */
export type ProductionLine = Readonly<{
  id: string;
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  qty: bigint;
  costMinor: bigint;
  short: bigint;
  share: bigint;
  lot: string | null;
  left: bigint;
}>;

export type ProductionView = Readonly<{
  id: string;
  number: string | null;
  on: LocalDate;
  way: RecipeWay;
  location: Readonly<{ id: string; name: string }>;
  note: string;
  overheadMinor: bigint;
  account: Readonly<{ code: string; name: string }>;
  recipe: Readonly<{ id: string; name: string; version: number; latest: number }> | null;
  /** When it was recorded, and by whom; null: by a file of facts or a person who is gone. */
  at: string;
  who: string | null;
  isUndone: boolean;
  inputs: readonly ProductionLine[];
  outputs: readonly ProductionLine[];
  /** What its inputs cost, without the overhead. */
  inputMinor: bigint;
  isComplete: boolean;
  /** What the lots of its outputs were made of, by lot, and those in turn; not all of it where it `isCut`. */
  opened: ReadonlyMap<string, Opened>;
  isCut: boolean;
}>;

/** So many lots are opened on a production's page; the others have their own pages. */
const mostOpened = 200;

/** Refuses `not_found` for what is not there or is somebody else's. One that was taken back is shown as it was said, without costs. */
export function productionView(scope: Scope, id: string, most = mostOpened): Promise<ProductionView> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [head] = await rowsOf<
      Record<string, string | null> & { undone: boolean; version: number | null; latest: number | null }
    >(
      tx,
      sql`select d.on_date::text as on, d.number, d.note, d.overhead_minor::text as overhead, d.account_code as code, a.name as account,
            d.from_location_id as location, l.name as place, d.recorded_at::text as at, f.user_id, d.is_undone as undone,
            p.way, p.recipe_id as recipe, p.version, r.name as recipe_name, r.version as latest
          from app.stock_documents d
          join app.facts f on f.business_id = ${b} and f.id = 'assembly/' || d.id
          left join app.accounts a on a.business_id = ${b} and a.code = d.account_code
          left join app.locations l on l.business_id = ${b} and l.id = d.from_location_id
          left join app.productions p on p.business_id = ${b} and p.document_id = d.id
          left join app.recipes r on r.business_id = ${b} and r.id = p.recipe_id
          where d.business_id = ${b} and d.kind = 'assembly' and d.id = ${id}`,
    );
    if (head === undefined) throw new Refusal("not_found", "There is no such production.");
    const rows = await rowsOf<Record<string, string | null> & { decimals: number }>(
      tx,
      sql`select s.id, s.item_id as item, i.name, i.sku, i.decimals, s.qty::text, s.share::text, coalesce(m.value_minor, 0)::text as value,
            coalesce(m.short_qty, 0)::text as short, o.id as lot, coalesce(o.cost_minor, 0)::text as cost, coalesce(o.left_qty, 0)::text as left
          from app.stock_lines s
          join app.items i on i.business_id = ${b} and i.id = s.item_id
          left join app.movements m on m.business_id = ${b} and m.id = s.id and m.leg = 0
          left join app.lots o on o.business_id = ${b} and o.line_id = s.id and s.qty > 0
          where s.business_id = ${b} and s.document_kind = 'assembly' and s.document_id = ${id} order by s.place, s.id`,
    );
    const lines = rows.map((row): ProductionLine => {
      const of = (name: string) => BigInt(row[name] ?? "0");
      const isInput = of("qty") < 0n;
      return {
        id: row.id ?? "",
        item: row.item ?? "",
        name: row.name ?? "",
        sku: row.sku ?? null,
        decimals: row.decimals,
        qty: isInput ? -of("qty") : of("qty"),
        costMinor: isInput ? -of("value") : of("cost"),
        short: of("short"),
        share: of("share"),
        lot: row.lot ?? null,
        left: of("left"),
      };
    });
    const inputs = lines.filter((_line, at) => rows[at]?.qty?.startsWith("-") === true);
    const outputs = lines.filter((line) => !inputs.includes(line));
    const { opened, isCut } = await openLots(
      tx,
      scope,
      outputs.flatMap(({ lot }) => (lot === null ? [] : [{ id: lot, source: "made" }])),
      most,
    );
    const names = await namesOf(tx, [head.user_id ?? null]);
    const isUndone = head.undone;
    const known = head.way === "make" || head.way === "unmake" ? head.way : null;
    return {
      id,
      number: head.number ?? null,
      on: head.on ?? "",
      // What came from a file does not say which it is: one thing that becomes several was taken apart.
      way: known ?? (inputs.length === 1 && outputs.length > 1 ? "unmake" : "make"),
      location: { id: head.location ?? "", name: head.place ?? "" },
      note: head.note ?? "",
      overheadMinor: BigInt(head.overhead ?? "0"),
      account: { code: head.code ?? "", name: head.account ?? "" },
      recipe:
        head.recipe == null || head.version === null || head.latest === null
          ? null
          : { id: head.recipe, name: head.recipe_name ?? "", version: head.version, latest: head.latest },
      at: head.at ?? "",
      who: head.user_id == null ? null : (names.get(head.user_id) ?? null),
      isUndone,
      inputs,
      outputs,
      inputMinor: inputs.reduce((sum, line) => sum + line.costMinor, 0n),
      isComplete: inputs.every((line) => line.short === 0n),
      opened,
      isCut,
    };
  });
}
