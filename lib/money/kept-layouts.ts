/** How files are read, as a person said once: kept by a fingerprint of their columns, so that it is found again. */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { CsvLayout, SalesLayout } from "../../integrations/index";

/** A layout that was kept under a fingerprint, in whatever shape it was kept. */
export async function keptLayout<Kept>(tx: Tx, scope: InBusiness, fingerprint: string): Promise<Kept | null> {
  const [row] = await rowsOf<{ layout: Kept }>(
    tx,
    sql`select layout from app.bank_layouts where business_id = ${scope.businessId} and fingerprint = ${fingerprint}`,
  );
  return row?.layout ?? null;
}

/** Remembers how this bank's files are read, and into which account they go. */
export function rememberLayout(tx: Tx, scope: InBusiness, layout: CsvLayout, account: string): Promise<void> {
  return keepLayout(tx, scope, layout.fingerprint, { layout: { ...layout, doubts: [] }, account });
}

/** Remembers how lists of sales with these columns are read. */
export function rememberSales(tx: Tx, scope: InBusiness, sales: SalesLayout): Promise<void> {
  return keepLayout(tx, scope, sales.fingerprint, { sales: { ...sales, isChosen: true } });
}

async function keepLayout(tx: Tx, scope: InBusiness, fingerprint: string, layout: object): Promise<void> {
  await tx.execute(sql`
    insert into app.bank_layouts (business_id, fingerprint, layout, updated_at)
    values (${scope.businessId}, ${fingerprint}, ${JSON.stringify(layout)}::jsonb, now())
    on conflict (business_id, fingerprint) do update set layout = excluded.layout, updated_at = excluded.updated_at`);
}
