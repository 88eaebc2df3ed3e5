/**
 * Who a paper is made out to: kept apart from it, sealed with a key of its own, so that it can be erased and the paper stays. Erasing takes
 * the key and the text; the ledger holds neither (docs/decisions/0008-papers.md). A registration is no part of it: returns must tell it.
 */
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { partyPii } from "../../db/schema";
import type { InBusiness, Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { open, type Place, seal } from "../system/secrets";

/** A name and an address; both empty where nobody was named. */
export type Party = Readonly<{ name: string; address: string }>;

/** The columns of a paper's party, `y`, left joined to the paper `d`. */
export const partyColumns = sql`y.name as party_name, y.address as party_address, y.key_id as party_key, y.nonce as party_nonce,
  y.ciphertext as party_text, y.tag as party_tag, y.erased_at::text as erased_at`;
export const partyFrom = (b: string) => sql`left join app.party_pii y on y.business_id = ${b} and y.document_id = d.id`;
export type PartyRow = Readonly<
  Record<
    "party_name" | "party_address" | "party_key" | "party_nonce" | "party_text" | "party_tag" | "erased_at",
    string | null
  >
>;

const placeOf = (scope: InBusiness, document: string): Place => ({
  businessId: scope.businessId,
  owner: `issued/${document}`,
  field: "party",
});

/** Keeps the party of a paper that was just issued; nothing where nobody is named. */
export async function keepParty(tx: Tx, scope: InBusiness, document: string, { name, address }: Party): Promise<void> {
  if (name === "" && address === "") return;
  const sealed = seal(placeOf(scope, document), JSON.stringify({ name, address }));
  await bulkInsert(tx, partyPii, [
    { businessId: scope.businessId, documentId: document, name: null, address: null, ...sealed, erasedAt: null },
  ]);
}

/** The party of a paper's row: empty where nobody was named, or where it was erased. Refuses `connect_failed` as `open` does. */
export function partyOf(scope: InBusiness, document: string, row: PartyRow): Party {
  const { party_key: keyId, party_nonce: nonce, party_text: ciphertext, party_tag: tag } = row;
  if (keyId === null || nonce === null || ciphertext === null || tag === null)
    return { name: row.party_name ?? "", address: row.party_address ?? "" };
  const kept: unknown = JSON.parse(open(placeOf(scope, document), { keyId, nonce, ciphertext, tag }));
  const text = (name: string): string => {
    const value = typeof kept === "object" && kept !== null ? (kept as Record<string, unknown>)[name] : undefined;
    return typeof value === "string" ? value : "";
  };
  return { name: text("name"), address: text("address") };
}

/** The name for a list: one that does not open (its key was lost) says so, and hides no other row. */
export function nameOf(scope: InBusiness, document: string, row: PartyRow): string {
  try {
    return partyOf(scope, document, row).name;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return "cannot be read: its key is not here";
  }
}
