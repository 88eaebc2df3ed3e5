/** A channel comes with an account in the books: what it holds for the seller. */
import { channels } from "../../db/schema";
import type { Tx } from "../../db/scope";
import { addChannelAccount } from "../books/accounts";
import type { Scope } from "../people/access";
import { recordAudit } from "../people/audit";

export type NewChannel = Readonly<{ id: string; kind: string; name: string; state: "file" | "connected" }>;

/** Adds a channel with its account (1150, 1151, …) and the audit row, in the caller's transaction. Gives the account's code. */
export async function addChannel(
  tx: Tx,
  scope: Pick<Scope, "businessId" | "userId">,
  wanted: NewChannel,
): Promise<string> {
  await recordAudit(tx, scope, {
    what: "channel.add",
    about: wanted.id,
    after: { kind: wanted.kind, name: wanted.name },
  });
  const accountCode = await addChannelAccount(tx, scope, wanted.name);
  await tx.insert(channels).values({
    businessId: scope.businessId,
    id: wanted.id,
    kind: wanted.kind,
    name: wanted.name,
    accountCode,
    locationId: null,
    state: wanted.state,
    note: null,
    lastSyncedAt: null,
    nextSyncAt: null,
    createdAt: new Date().toISOString(),
    answers: {},
    isTrial: false,
  });
  return accountCode;
}
