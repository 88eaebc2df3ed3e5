/**
 * Telling people by mail that something fell below its minimum: once for each fall, not for each sale. A job looks every hour while there are
 * minimums (it asks for itself again); what came back above its minimum may be told again when it falls the next time.
 */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../db/scope";
import { Refusal } from "./core/errors";
import { formatQuantity } from "./core/quantity";
import { type Role, require, rights, type Scope } from "./people/access";
import { recordAudit } from "./people/audit";
import { teamOf } from "./people/members";
import { isBelow, lookEveryMs } from "./stock/minimums";
import { env } from "./system/env";
import { log } from "./system/log";
import { canMail, sendMail } from "./system/mail";
import { request } from "./system/outbox";

/** An item that a place has less of than it shall have; `key` names the minimum. */
type Fallen = Readonly<{ item: string; location: string; text: string }>;

/**
 * Looks once: mails what fell since it was last looked, if mail can be sent (`reaches`) and the business wants it, and asks to look again. What
 * nobody could be told of stays to be told.
 */
export async function tellLowStock(scope: Scope, reaches: boolean = canMail()): Promise<Readonly<{ told: number }>> {
  const { fallen, wants } = await inBusiness(scope, async (tx) => {
    await forgetRisen(tx, scope);
    return { fallen: await fallenIn(tx, scope), wants: await wantsMail(tx, scope) };
  });
  const told = wants && reaches && fallen.length > 0 ? await mail(scope, fallen) : false;
  await inBusiness(scope, async (tx) => {
    if (told) await rememberTold(tx, scope, fallen);
    const [row] = await rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from (select 1 from app.stock_minimums where business_id = ${scope.businessId} limit 1) k`,
    );
    if ((row?.n ?? 0) > 0) await request(tx, "tellLowStock", { business: scope.businessId }, lookEveryMs);
  });
  return { told: told ? fallen.length : 0 };
}

async function forgetRisen(tx: Tx, scope: Scope): Promise<void> {
  const b = scope.businessId;
  const risen = await rowsOf<{ n: number }>(
    tx,
    sql`select 1 as n from app.stock_minimums k where k.business_id = ${b} and k.told_at is not null and not (${isBelow(b)}) limit 1`,
  );
  if (risen.length === 0) return;
  await recordAudit(tx, scope, { what: "minimum.risen", about: "minimums" });
  await tx.execute(
    sql`update app.stock_minimums k set told_at = null where k.business_id = ${b} and k.told_at is not null and not (${isBelow(b)})`,
  );
}

async function fallenIn(tx: Tx, scope: Scope): Promise<readonly Fallen[]> {
  const b = scope.businessId;
  const rows = await rowsOf<{
    item: string;
    location: string;
    name: string;
    place: string;
    decimals: number;
    qty: string;
    minimum: string;
  }>(
    tx,
    sql`select k.item_id as item, k.location_id as location, i.name, l.name as place, i.decimals, k.min_qty::text as minimum,
          coalesce((select p.qty from app.item_places p where p.business_id = ${b} and p.item_id = k.item_id and p.location_id = k.location_id), 0)::text as qty
        from app.stock_minimums k
        join app.items i on i.business_id = ${b} and i.id = k.item_id and not i.is_undone
        join app.locations l on l.business_id = ${b} and l.id = k.location_id
        where k.business_id = ${b} and k.told_at is null and ${isBelow(b)} order by i.name_key, k.item_id, k.location_id`,
  );
  return rows.map(({ item, location, name, place, decimals, qty, minimum }) => ({
    item,
    location,
    text: `${name}, ${place}: ${formatQuantity(BigInt(qty), decimals)} left, at least ${formatQuantity(BigInt(minimum), decimals)} wanted`,
  }));
}

async function rememberTold(tx: Tx, scope: Scope, fallen: readonly Fallen[]): Promise<void> {
  const after = fallen.map(({ item, location }) => ({ item, location }));
  await recordAudit(tx, scope, { what: "minimum.told", about: "minimums", after });
  for (const { item, location } of fallen)
    await tx.execute(
      sql`update app.stock_minimums set told_at = now() where business_id = ${scope.businessId} and item_id = ${item} and location_id = ${location}`,
    );
}

const mostLines = 50;

/** One mail to each person who may write; true where one of them got it. Throws what the server said where nobody did. */
async function mail(scope: Scope, fallen: readonly Fallen[]): Promise<boolean> {
  const may: readonly Role[] = rights.write;
  // Who is limited to some locations is told of those alone.
  const people = (await teamOf(scope))
    .filter(({ role }) => may.includes(role))
    .map(({ email, limitedTo }) => ({
      email,
      where: limitedTo === null ? "What to buy: %/buy" : "What is low: %?state=low",
      own: limitedTo === null ? fallen : fallen.filter(({ location }) => limitedTo.includes(location)),
    }))
    .filter(({ own }) => own.length > 0);
  let sent = 0;
  let failed: unknown = null;
  for (const { email, own, where } of people) {
    const { subject, text } = mailOf(scope, own, where);
    try {
      await sendMail({ to: email, subject, text });
      sent += 1;
    } catch (error) {
      log().warn({ err: error, subject }, "a mail about low stock could not be sent");
      failed = error;
    }
  }
  if (sent === 0 && failed !== null) throw failed;
  return sent > 0;
}

function mailOf(scope: Scope, fallen: readonly Fallen[], where: string): Readonly<{ subject: string; text: string }> {
  const lines = fallen.slice(0, mostLines).map(({ text }) => `- ${text}`);
  if (fallen.length > mostLines) lines.push(`- and ${fallen.length - mostLines} more`);
  return {
    subject: `${scope.name}: ${fallen.length === 1 ? "1 item is" : `${fallen.length} items are`} below the minimum`,
    text: [
      `${scope.name} has less of these than it shall have:`,
      lines.join("\n"),
      where.replace("%", `${env().AUTH_URL ?? "http://localhost:3000"}/${scope.slug}/inventory/in-stock`),
      "An owner switches these mails off under Settings.",
    ].join("\n\n"),
  };
}

async function wantsMail(tx: Tx, scope: Scope): Promise<boolean> {
  const [row] = await rowsOf<{ wants: boolean }>(
    tx,
    sql`select mails_low_stock as wants from app.businesses where business_id = ${scope.businessId}`,
  );
  return row?.wants ?? false;
}

/** Are mails about low stock sent, and could they be? */
export function lowStockMail(scope: Scope): Promise<Readonly<{ isOn: boolean; canMail: boolean }>> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => ({ isOn: await wantsMail(tx, scope), canMail: canMail() }));
}

/** Switches them on or off; owners only. Gives what it was. */
export async function changeLowStockMail(
  scope: Scope,
  { isOn }: Readonly<{ isOn: boolean }>,
): Promise<Readonly<{ before: boolean }>> {
  require(scope, "settings");
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ before: boolean }>(
      tx,
      sql`select mails_low_stock as before from app.businesses where business_id = ${scope.businessId} for update`,
    );
    if (row === undefined) throw new Refusal("not_found", "This business is gone.");
    if (row.before !== isOn) {
      await recordAudit(tx, scope, {
        what: "minimum.mail",
        about: scope.businessId,
        before: { mailsLowStock: row.before },
        after: { mailsLowStock: isOn },
      });
      await tx.execute(
        sql`update app.businesses set mails_low_stock = ${isOn} where business_id = ${scope.businessId}`,
      );
    }
    return { before: row.before };
  });
}
