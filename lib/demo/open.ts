/** The demo: a business of its own with a year of trade, opened with one click and thrown away with one. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import { lockBooks } from "../books/ledger";
import { localDateOf } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { type Scope, systemScope } from "../people/access";
import { recordAudit } from "../people/audit";
import { createBusiness } from "../people/businesses";
import { recordIn } from "../record";
import { addChannel } from "../sales/channel-accounts";
import { loadBank } from "./bank";
import { tradeUntil } from "./trade";

const demoZone = "America/New_York";

/** Makes the demo business for a person and loads its year, which ends today. Gives its scope. */
export async function openDemo(
  userId: string,
  today: LocalDate = localDateOf(BigInt(Date.now()) * 1000n, demoZone),
): Promise<Scope> {
  const scope = await createBusiness(
    { id: userId },
    {
      name: "Alder Street Goods",
      country: "US",
      currency: "USD",
      timeZone: demoZone,
      taxYearStartMonth: 1,
      isDemo: true,
    },
  );
  await loadTrade(scope, today);
  return scope;
}

/** Loads the year into an empty demo business; one that has facts already is left as it is. */
export async function loadDemo(businessId: string): Promise<void> {
  const scope = await systemScope(businessId);
  await loadTrade(scope, localDateOf(BigInt(Date.now()) * 1000n, demoZone));
}

async function loadTrade(scope: Scope, today: LocalDate): Promise<void> {
  const trade = tradeUntil(today);
  await inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const [row] = await rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from (select 1 from app.facts where business_id = ${scope.businessId} limit 1) f`,
    );
    if ((row?.n ?? 0) > 0) return;
    await recordAudit(tx, scope, { what: "business.load-demo", about: scope.businessId, after: { until: today } });
    for (const channel of trade.channels) await addChannel(tx, scope, { ...channel, state: "file" });
    await recordIn(tx, scope, books, trade.facts, { source: "demo", userId: scope.userId });
    await loadBank(tx, scope, books, trade, today);
  });
}
