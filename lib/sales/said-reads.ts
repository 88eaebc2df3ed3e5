/** What a document said in another currency, with the rate at which it is in the books: for its page. */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Rate } from "../core/facts";

/** As it was said, in minor units of `currency`, and the rate: of which day, by whose word. */
export type SaidAbroad = Rate & Readonly<{ said: bigint }>;

/** Of a fact in the books by its key (`order/…`, `payout/…`), whose document said `said`; null for one in the books' own currency. */
export async function saidAbroad(
  tx: Tx,
  scope: InBusiness,
  key: string,
  said: bigint | null,
): Promise<SaidAbroad | null> {
  if (said === null) return null;
  const [row] = await rowsOf<{ currency: string; rate: string; on: string; source: string }>(
    tx,
    sql`select body->'foreign'->>'currency' as currency, body->'foreign'->>'rate' as rate, body->'foreign'->>'on' as "on",
          body->'foreign'->>'source' as source
        from app.facts where business_id = ${scope.businessId} and id = ${key} and undone_at is null and body ? 'foreign'`,
  );
  return row === undefined ? null : { ...row, rate: BigInt(row.rate), said };
}
