/** Costing as a job: what was too long to be folded while a form waits. */
import { expectRows, type InBusiness, inBusiness } from "../../db/scope";
import { type Settled, settle } from "./costing";
import { lockBooks } from "./ledger";

/** Brings costs and entries in line with the facts, from the marks that wait. Safe to run any number of times. */
export function recost(scope: InBusiness): Promise<Settled> {
  return inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    await expectRows(tx, false);
    return settle(tx, scope, books);
  });
}
