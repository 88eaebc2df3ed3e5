/** Whether a fact may be recorded beside others: what it names is there, and nothing is promised twice. */
import { type KnownFact, type PinFact, Wrong } from "./facts";
import { backfilled, isBundle, type Live, locationOf, partsOf, salesOf, sourcesOf } from "./live";
import { matchLines } from "./match";
import { isAccount } from "./post";

/** Every id that a new fact names is known, and is of the right sort. */
export function checkNames(fact: KnownFact, live: Live): void {
  const known = (yes: boolean, what: string) => {
    if (!yes) throw new Wrong("unknown_id", what);
  };
  const item = (id: string) =>
    known(
      live.items.some((i) => i.id === id),
      `item ${id}`,
    );
  // A bundle is never stocked: it cannot be bought, moved, adjusted, made or used (rule 9).
  const stocked = (id: string) => {
    item(id);
    if (isBundle(live, id)) throw new Wrong("does_not_fit", `${id} is a bundle, which is only sold`);
  };
  const location = (id: string | null) => known(id === null || live.locations.includes(id), `location ${id}`);
  const sales = salesOf(live);
  switch (fact.kind) {
    case "item":
      for (const component of fact.components) item(component.item);
      return;
    case "opening":
    case "purchase":
      for (const line of fact.lines) {
        stocked(line.item);
        location(line.location);
      }
      return;
    case "order":
      for (const line of fact.lines) location(line.location);
      return;
    case "return":
      if (fact.order === null) {
        for (const line of fact.lines) {
          stocked(line.item);
          location(line.location);
        }
        return;
      }
      known(
        live.orders.some((o) => o.id === fact.order),
        `order ${fact.order}`,
      );
      for (const line of fact.lines) {
        const sale = sales.get(line.line);
        if (sale === undefined || sale.order.id !== fact.order)
          throw new Wrong("unknown_id", `line ${line.line} of order ${fact.order}`);
        if (fact.date < sale.date) throw new Wrong("return_before_sale", line.id);
        location(line.location);
      }
      return;
    case "purchase_return": {
      const purchase = live.purchases.find((p) => p.id === fact.purchase);
      known(purchase !== undefined, `purchase ${fact.purchase}`);
      for (const line of fact.lines)
        known(
          purchase?.lines.some((l) => l.id === line.line) ?? false,
          `line ${line.line} of purchase ${fact.purchase}`,
        );
      return;
    }
    case "transfer":
      location(fact.from);
      location(fact.to);
      for (const line of fact.lines) stocked(line.item);
      return;
    case "adjustment":
      location(fact.location);
      for (const line of fact.lines) stocked(line.item);
      return;
    case "assembly":
      location(fact.location);
      for (const line of [...fact.inputs, ...fact.outputs]) stocked(line.item);
      known(isAccount(fact.account), `account ${fact.account}`);
      return;
    case "pin":
      checkPin(fact, live);
      return;
    case "backfill":
      known(sales.has(fact.sale), `sale ${fact.sale}`);
      return;
    case "match":
      known(sales.has(fact.sale), `sale ${fact.sale}`);
      item(fact.item);
      return;
    default:
      return;
  }
}

/** Rule 4: which lots a pin may name. */
function checkPin(pin: PinFact, live: Live): void {
  const sale = salesOf(live).get(pin.sale);
  if (sale === undefined) throw new Wrong("unknown_id", `sale ${pin.sale}`);
  const lot = sourcesOf(live).get(pin.lot);
  if (lot === undefined) {
    const lines = [...live.returns, ...live.strayReturns, ...live.transfers].flatMap((fact) =>
      fact.lines.map((l) => l.id),
    );
    if (lines.includes(pin.lot) || live.backfills.some((b) => b.id === pin.lot))
      throw new Wrong("does_not_fit", `${pin.lot} is a lot that no pin may name`);
    throw new Wrong("unknown_id", `lot ${pin.lot}`);
  }
  if (lot.madeOn !== null && lot.madeOn > sale.date)
    throw new Wrong("does_not_fit", `${pin.lot} is made after ${pin.sale} is sold`);
  if (live.pool === "location" && lot.location !== locationOf(live, sale.line.location))
    throw new Wrong("does_not_fit", `${pin.lot} is at another location than ${pin.sale}`);
}

/** What must hold for the facts together: nothing is promised twice. */
export function checkSet(live: Live): void {
  const sales = salesOf(live);
  const sources = sourcesOf(live);
  // Refuses a pin whose lot is not of its line's item.
  const matches = matchLines(live);

  // What pins and backfills promise of each component of a line, and pins and purchase returns of each lot.
  const promised = new Map<string, { sale: string; item: string | null; qty: bigint }>();
  const ofLots = new Map<string, bigint>();
  const returned = new Map<string, bigint>();
  const grow = (of: Map<string, bigint>, id: string, by: number) => of.set(id, (of.get(id) ?? 0n) + BigInt(by));
  const promise = (sale: string, item: string | null, qty: number) => {
    const id = JSON.stringify([sale, item]);
    promised.set(id, { sale, item, qty: (promised.get(id)?.qty ?? 0n) + BigInt(qty) });
  };
  for (const pin of live.pins) {
    promise(pin.sale, sources.get(pin.lot)?.item ?? null, pin.qty);
    grow(ofLots, pin.lot, pin.qty);
  }
  for (const backfill of live.backfills) {
    const sale = sales.get(backfill.sale);
    if (sale === undefined) throw new Error(`no sale ${backfill.sale}`);
    const item = matches.get(backfill.sale)?.item ?? null;
    if (item !== null && isBundle(live, item))
      throw new Wrong("does_not_fit", `${backfill.sale} is a bundle's line and cannot be backfilled`);
    promise(backfill.sale, item, backfilled(backfill, sale));
  }
  for (const fact of live.purchaseReturns) for (const line of fact.lines) grow(ofLots, line.line, line.qty);
  for (const fact of live.returns) for (const line of fact.lines) grow(returned, line.line, line.qty);

  for (const { sale, item, qty } of promised.values()) {
    const sold = matches.get(sale)?.item ?? null;
    const each = sold === null || item === null ? 1n : (partsOf(live, sold).get(item) ?? 0n);
    if (qty > each * BigInt(sales.get(sale)?.line.qty ?? 0))
      throw new Wrong("does_not_fit", `pins and backfills of ${sale} come to more than its quantity`);
  }
  for (const [id, qty] of ofLots)
    if (qty > BigInt(sources.get(id)?.qty ?? 0))
      throw new Wrong("does_not_fit", `pins and purchase returns of ${id} come to more than its quantity`);
  for (const [id, qty] of returned)
    if (qty > BigInt(sales.get(id)?.line.qty ?? 0))
      throw new Wrong("too_many_returned", `returns of ${id} come to more than its quantity`);
}
