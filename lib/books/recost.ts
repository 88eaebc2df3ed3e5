/** Costing as a job: what was too long to be folded while a form waits. */
import { type InBusiness, inBusiness } from "../../db/scope";
import { type Settled, settle } from "./costing";
import { lockBooks } from "./ledger";

/** Brings costs and entries in line with the facts, from the marks that wait. Safe to run any number of times. */
export function recost(scope: InBusiness): Promise<Settled> {
  return inBusiness(scope, async (tx) => settle(tx, scope, await lockBooks(tx, scope)));
}
