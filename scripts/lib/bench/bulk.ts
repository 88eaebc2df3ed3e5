/** Many lines that are recorded and not yet costed: read, folded, written and posted in one transaction, beside COPY of the same rows. */
import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { removeBusiness } from "../../../lib/people/businesses";
import { analyze, asOwner, copyOf, now } from "./bare";
import { against, median, type Row, round } from "./figures";
import { aBusiness, aYear, leaveYear, recordAll } from "./histories";

/** What the process that costs says of itself. */
export type Costed = Readonly<{ seconds: number; peakMb: number }>;

/** Tables in which costing changes rows that were there. */
const changed = new Set(["movements", "order_lines", "businesses", "journal_heads", "account_months", "dirty_marks"]);

export async function benchBulk(most: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const lines of [...new Set([Math.min(most, 10_000), most])]) {
    const scope = await aBusiness();
    await recordAll(scope, aYear(lines), false);
    await analyze();
    const since = await asOwner(now);
    const tries: Costed[] = [];
    for (let left = lines > 200_000 ? 1 : 5; left > 0; left -= 1) {
      tries.push(await costApart(scope.businessId, left === 1 ? "kept" : "undone"));
      // What is undone leaves its place taken: each try is to find the tables as the first did.
      if (left > 1) await asOwner((sql) => sql.unsafe("vacuum"));
    }
    const seconds = tries.map((one) => one.seconds);
    const peakMb = Math.max(...tries.map((one) => one.peakMb));
    const copy = await copyOf(scope.businessId, since, changed);
    const s = median(seconds);
    rows.push({
      what: "bulk",
      lines,
      n: seconds.length,
      s: round(s),
      "µs a line": round((s * 1e6) / lines, 1),
      rows: copy.rows,
      "COPY s": round(copy.seconds),
      "COPY rows/s": Math.round(copy.rows / copy.seconds),
      "÷ COPY of new rows alone": round(s / copy.newSeconds),
      ...against(s / copy.seconds, 2, 1.3),
    });
    rows.push({ what: "bulk-memory", lines, ...against(peakMb, 600, 300) });
    if (lines === most) leaveYear(lines, scope);
    else await removeBusiness(scope);
  }
  return rows;
}

/** Costs a business in a process of its own, whose memory is then that of costing alone. */
async function costApart(business: string, fate: "kept" | "undone"): Promise<Costed> {
  const child = fork(path.join(import.meta.dirname, "bulk-child.ts"), [business, fate]);
  const [message] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => {
      throw new Error(`the process that costs ended with ${code}`);
    }),
  ])) as [Costed];
  await once(child, "exit");
  return message;
}
