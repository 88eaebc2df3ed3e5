/** Costs what is recorded of a business, in one transaction; all tries but the last are rolled back. Says what it took, by IPC. */
import { closeDatabase, inBusiness } from "../../../db/scope";
import { settle } from "../../../lib/books/costing";
import { lockBooks } from "../../../lib/books/ledger";
import type { Costed } from "./bulk";

class Again extends Error {}

const [businessId = "", times = "1"] = process.argv.slice(2);
const scope = { businessId };
const seconds: number[] = [];
let entries = 0;
for (let n = Number(times); n > 0; n -= 1) {
  const began = performance.now();
  try {
    await inBusiness(scope, async (tx) => {
      ({ entries } = await settle(tx, scope, await lockBooks(tx, scope)));
      if (n > 1) {
        seconds.push((performance.now() - began) / 1000);
        throw new Again();
      }
    });
    seconds.push((performance.now() - began) / 1000);
  } catch (error) {
    if (!(error instanceof Again)) throw error;
  }
}
const said: Costed = { seconds, peakMb: Math.round(process.resourceUsage().maxRSS / 1024), entries };
process.send?.(said);
await closeDatabase();
