/** Accounts that are made as they are needed: one for each channel, bank account, card and cash box. */
import { sql } from "drizzle-orm";
import { accounts } from "../../db/schema";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";

/** Channels' accounts stand between 1150 and 1179; a business with more channels than that goes on at 11500. */
const channelCodes = Array.from({ length: 30 }, (_, i) => String(1150 + i)).concat(
  Array.from({ length: 300 }, (_, i) => String(11_500 + i)),
);

/** Adds the account of what a channel holds for the seller, in the books' currency; gives its code: the next free one from 1150 on. */
export async function addChannelAccount(tx: Tx, scope: InBusiness, channelName: string): Promise<string> {
  return addAccount(
    tx,
    scope,
    { name: `${channelName} balance`, type: "asset", holds: "channel", bankNumber: null },
    channelCodes,
  );
}

type NewAccount = Readonly<{
  name: string;
  type: "asset" | "liability";
  holds: "bank" | "card" | "cash" | "channel";
  bankNumber: string | null;
}>;

/** Adds an account with the first code of `codes` that is free. */
export async function addAccount(
  tx: Tx,
  scope: InBusiness,
  wanted: NewAccount,
  codes: readonly string[],
): Promise<string> {
  const rows = await rowsOf<{ code: string; currency: string | null }>(
    tx,
    sql`select a.code, b.currency from app.businesses b left join app.accounts a on a.business_id = ${scope.businessId} where b.business_id = ${scope.businessId}`,
  );
  const taken = new Set(rows.map((row) => row.code));
  const code = codes.find((one) => !taken.has(one));
  if (code === undefined) throw new Refusal("out_of_range", "There is no room for another account of this kind.");
  await tx.insert(accounts).values({
    businessId: scope.businessId,
    code,
    name: wanted.name,
    type: wanted.type,
    holds: wanted.holds,
    currency: rows[0]?.currency ?? "USD",
    taxLine: null,
    bankNumber: wanted.bankNumber,
    isArchived: false,
  });
  return code;
}
