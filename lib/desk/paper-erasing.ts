/** Erasing whom a paper is made out to, once no law asks to keep it (docs/decisions/0008-papers.md). */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import { dayInWords } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { keptUntil } from "../core/paper-terms";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { todayOf } from "../system/clock";
import { issuedId } from "./issued-reads";
import { partyFrom } from "./paper-party";

/**
 * Erases the name and the address on a paper, for good. Refuses `not_found`, `stale` where there is nothing to erase, and `not_ready` while
 * the law of the seller's country asks to keep it, with the day and the law.
 */
export async function eraseParty(scope: Scope, document: string): Promise<void> {
  require(scope, "connect");
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ number: string; on: LocalDate; has: boolean }>(
      tx,
      sql`select d.number, d.on_date::text as on, y.document_id is not null and y.erased_at is null as has
          from app.issued_documents d ${partyFrom(scope.businessId)}
          where d.business_id = ${scope.businessId} and d.id = ${issuedId(document)}::uuid`,
    );
    if (row === undefined) throw new Refusal("not_found", "There is no such document.");
    if (!row.has) throw new Refusal("stale", "No name and no address stand on it.");
    const kept = keptUntil(scope.country, row.on);
    if (kept !== null && todayOf(scope.timeZone) <= kept.until)
      throw new Refusal(
        "not_ready",
        `The law asks to keep it through ${dayInWords(kept.until)} (${kept.source}). It can be erased after that.`,
      );
    await recordAudit(tx, scope, { what: "document.erase", about: row.number, after: { id: document } });
    await tx.execute(
      sql`update app.party_pii set name = null, address = null, key_id = null, nonce = null, ciphertext = null, tag = null, erased_at = now()
          where business_id = ${scope.businessId} and document_id = ${document}::uuid and erased_at is null`,
    );
  });
}
