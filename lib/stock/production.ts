/** Production: what goes in leaves, what comes out arrives, and the items that it joins are costed together from then on (rule 9). */
import { type Batch, type Incoming, locationOf } from "../books/batch";
import { joinGroups } from "../books/groups";
import { addMovements, type NewMovement } from "../books/movements";
import type { AssemblyFact } from "../core/facts";
import { type Header, headerOf, type Line, writeDocuments } from "./documents";
import { checkAccounts, checkItems, checkLineIds } from "./lines";

/** Records productions with their lines and movements: inputs negative, outputs positive, all on one day at one place. */
export async function recordAssemblies(batch: Batch, incoming: readonly Incoming<AssemblyFact>[]): Promise<void> {
  if (incoming.length === 0) return;
  const named = incoming.flatMap((one) =>
    [...one.fact.inputs, ...one.fact.outputs].map(({ id, item }) => ({
      incoming: one,
      id,
      item,
      owner: `assembly/${one.fact.id}`,
    })),
  );
  await checkItems(batch, named);
  await checkLineIds(batch, named);
  await checkAccounts(
    batch,
    incoming.map((one) => ({ incoming: one, account: one.fact.account })),
    "Overhead goes into Inventory: it is taken from another account.",
  );
  const headers: Header[] = [];
  const lines: Line[] = [];
  const moved: NewMovement[] = [];
  for (const one of incoming) {
    const { fact } = one;
    const location = locationOf(batch, one, fact.location);
    headers.push({
      ...headerOf(batch, "assembly", fact),
      fromLocationId: location,
      overheadMinor: fact.overhead,
      accountCode: fact.account,
      note: fact.note ?? null,
      number: fact.number ?? null,
    });
    const inputs = fact.inputs.map((input) => ({ ...input, qty: -input.qty, share: null }));
    [...inputs, ...fact.outputs].forEach(({ id, item, qty, share }, place) => {
      lines.push({
        businessId: batch.scope.businessId,
        id,
        documentKind: "assembly",
        documentId: fact.id,
        place,
        itemId: item,
        qty,
        amountMinor: 0n,
        locationId: location,
        purchaseLineId: null,
        share,
      });
      const what = { id, leg: 0, group: item, location, kind: "assembly", document: fact.id } as const;
      moved.push({ ...what, on: fact.date, phase: 1, at: null, qty, value: 0n });
    });
  }
  await writeDocuments(batch, headers, lines);
  await joinGroups(
    batch.tx,
    batch.scope,
    incoming.map(({ fact }) => [...fact.inputs, ...fact.outputs].map((line) => line.item)),
  );
  await addMovements(batch, moved);
}
