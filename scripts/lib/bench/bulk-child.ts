/** Costs what is recorded of a business in one transaction, which is rolled back if told so. Says what it took, by IPC. */
import { closeDatabase, inBusiness } from "../../../db/scope";
import { settle } from "../../../lib/books/costing";
import { lockBooks } from "../../../lib/books/ledger";
import { keepHeapSmall } from "../../../lib/system/heap";
import type { Costed } from "./bulk";

class Undone extends Error {}

const [businessId = "", fate] = process.argv.slice(2);
const scope = { businessId };
// As a worker does, whose work this is.
keepHeapSmall();
const began = performance.now();
try {
  await inBusiness(scope, async (tx) => {
    await settle(tx, scope, await lockBooks(tx, scope));
    if (fate === "undone") throw new Undone();
  });
} catch (error) {
  if (!(error instanceof Undone)) throw error;
}
const said: Costed = {
  seconds: (performance.now() - began) / 1000,
  peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
};
process.send?.(said);
await closeDatabase();
