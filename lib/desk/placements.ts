/** Back on the shelf, or gone? Where a person says that goods went which a channel only knows as refunded. */
import { sql } from "drizzle-orm";
import { rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { formerOf } from "../people/audit-facts";
import { changeBooks, type Seen } from "../preview";
import { recordIn } from "../record";
import { newId } from "../system/ids";
import { undoIn } from "../undo";

export type Place = "restock" | "write off" | "keep";

/** Says where a returned line is. Gives the line, whose answer can be taken back. Refuses `moves_costs` where that is to be seen first. */
export function placeReturn(
  scope: Scope,
  input: Readonly<{ line: string; place: Place }>,
  seen: Seen = null,
): Promise<string> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const [row] = await rowsOf<{ is_placed: boolean }>(
      tx,
      sql`select r.is_placed from app.return_lines r join app.returns t on t.business_id = ${scope.businessId} and t.id = r.return_id and not t.is_undone
          where r.business_id = ${scope.businessId} and r.id = ${input.line}`,
    );
    if (row === undefined) throw new Refusal("not_found", "This return is not there any more.");
    if (row.is_placed) throw new Refusal("does_not_fit", "Where it is was said already. Take that back first.");
    const fact = {
      kind: "placement" as const,
      line: input.line,
      restock: input.place === "restock",
      writeOff: input.place === "write off",
      location: null,
    };
    await recordAudit(tx, scope, {
      what: "return.place",
      about: `return_line/${input.line}`,
      after: { place: input.place },
    });
    await recordIn(tx, scope, books, [{ fact, version: newId() }], {
      source: null,
      userId: scope.userId,
      revives: true,
    });
    return input.line;
  });
}

/** The line waits again. Refuses `nothing_to_undo`, and `moves_costs` where that is to be seen first. */
export function takeBackPlacement(scope: Scope, line: string, seen: Seen = null): Promise<void> {
  require(scope, "write");
  return changeBooks(scope, seen, async (tx, books) => {
    const origin = { source: null, userId: scope.userId, revives: true };
    const key = `placement/${line}`;
    const before = (await formerOf(tx, scope, books.currency, [key])).get(key);
    await recordAudit(tx, scope, { what: "return.place.undo", about: `return_line/${line}`, before });
    const undone = await undoIn(tx, scope, books, [key], origin);
    if (undone === 0) throw new Refusal("nothing_to_undo", "It was taken back already.");
    await recordIn(tx, scope, books, [], origin);
  });
}
