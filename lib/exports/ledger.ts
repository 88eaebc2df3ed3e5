/** An item's ledger as a list to take away: the very rows of its page, between opening and closing. */

import { z } from "zod";
import { Refusal } from "../core/errors";
import { decimalsOf } from "../core/money";
import { reasonWithin } from "../core/reasons";
import { isLimited, type Scope } from "../people/access";
import { type LedgerPage, type LedgerSpan, ledgerPage, ledgerSpan } from "../stock/item-ledger";
import { type ItemView, itemView } from "../stock/item-reads";
import { isNarrow, type LedgerFilter, movementKinds } from "../stock/ledger-filter";
import { movementNames, rateOf } from "../stock/ledger-words";
import { locationsOf } from "../stock/purchase-reads";
import { localMoment } from "./moment";
import type { List } from "./reports";
import { type Cell, type Column, type Figure, type Line, quantitiesOf } from "./sheet";

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
/** A filter as it is kept with what was asked for. */
export const LedgerAsked = z.strictObject({
  item: z.string().min(1),
  from: day.optional(),
  to: day.optional(),
  kinds: z.array(z.enum(movementKinds)).optional(),
  reason: z.string().optional(),
  location: z.string().optional(),
  party: z.strictObject({ kind: z.enum(["supplier", "channel"]), id: z.string() }).optional(),
  document: z.string().optional(),
});

const pageRows = 1_000;

/** The list of a filter. Refuses `not_found` where there is no such item. */
export async function ledgerList(scope: Scope, filter: LedgerFilter): Promise<List> {
  const item = await itemView(scope, filter.item);
  const [span, notes] = await Promise.all([ledgerSpan(scope, filter), wordsOf(scope, item, filter)]);
  const sheet = {
    business: scope.name,
    title: `Item ledger of ${item.name}${item.sku === null ? "" : ` (${item.sku})`}`,
    notes,
    columns: columnsOf(scope),
    lines: linesOf(scope, item, filter, span),
  };
  return {
    rows: span.rows,
    stem: `${scope.slug}-ledger-${item.sku ?? item.name}`,
    sheet: isLimited(scope) ? quantitiesOf(sheet) : sheet,
    isStill: async () => sameSpan(span, await ledgerSpan(scope, filter)),
  };
}

const sameSpan = (a: LedgerSpan, b: LedgerSpan): boolean =>
  a.rows === b.rows &&
  a.inQty === b.inQty &&
  a.outQty === b.outQty &&
  a.valueMinor === b.valueMinor &&
  a.opening.qty === b.opening.qty &&
  a.opening.valueMinor === b.opening.valueMinor &&
  a.closing.qty === b.closing.qty &&
  a.closing.valueMinor === b.closing.valueMinor;

function columnsOf(scope: Scope): readonly Column[] {
  const text = (head: string, share: number): Column => ({ head, kind: "text", share });
  const figure = (head: string, share: number): Column => ({ head, kind: "figure", share });
  const worth = (head: string, share: number): Column => ({ ...figure(head, share), isWorth: true });
  return [
    { head: "Date", kind: "day", share: 9 },
    text("Type", 11),
    text("Document", 13),
    text("Party", 16),
    text("Location", 11),
    figure("In", 7),
    figure("Out", 7),
    worth("Rate", 9),
    worth(`Value ${scope.currency}`, 11),
    figure("On hand", 9),
    worth("Worth", 12),
    worth("Without a cost", 10),
    text("Recorded later", 13),
    text("By", 10),
  ];
}

async function* linesOf(scope: Scope, item: ItemView, filter: LedgerFilter, span: LedgerSpan): AsyncGenerator<Line> {
  const decimals = decimalsOf(scope.currency);
  const money = (units: bigint | null): Figure | null => (units === null ? null : { units, decimals });
  const units = (qty: bigint): Figure => ({ units: qty, decimals: item.decimals });
  const bare = (on: string | undefined, says: string): readonly Cell[] => [on ?? null, says, null, null, null];
  yield {
    kind: "opening",
    cells: [
      ...bare(filter.from, "Opening"),
      ...[null, null, null, null],
      units(span.opening.qty),
      money(span.opening.valueMinor),
      ...[null, null, null],
    ],
  };
  let after: string | null = null;
  for (let isFirst = true; isFirst || after !== null; isFirst = false) {
    const page: LedgerPage = await ledgerPage(scope, filter, { after, fromStart: true, limit: pageRows });
    for (const row of page.rows) {
      yield {
        kind: "row",
        cells: [
          row.on,
          movementNames[row.kind],
          row.number,
          row.party,
          row.location,
          row.qty > 0n ? units(row.qty) : null,
          row.qty < 0n ? units(-row.qty) : null,
          money(rateOf(row, item.decimals)),
          money(row.valueMinor),
          units(row.runningQty),
          money(row.runningMinor),
          row.short > 0n ? units(row.short) : null,
          row.late === null ? null : localMoment(row.late.at, scope.timeZone),
          row.late === null ? null : (row.late.by ?? "a channel or a file"),
        ],
      };
    }
    after = page.later;
  }
  yield {
    kind: "closing",
    cells: [
      ...bare(filter.to, "Closing"),
      units(span.inQty),
      units(span.outQty),
      null,
      money(span.valueMinor),
      units(span.closing.qty),
      money(span.closing.valueMinor),
      ...[null, null, null],
    ],
  };
}

/** The filter in words, a line each. */
async function wordsOf(scope: Scope, item: ItemView, filter: LedgerFilter): Promise<readonly string[]> {
  const days =
    filter.from === undefined && filter.to === undefined
      ? "All days"
      : `${filter.from === undefined ? "" : `From ${filter.from} `}${filter.to === undefined ? "" : `${filter.from === undefined ? "Up to" : "to"} ${filter.to}`}`.trim();
  const parts = [days];
  if (filter.kinds !== undefined && filter.kinds.length > 0)
    parts.push(`type ${filter.kinds.map((kind) => movementNames[kind]).join(", ")}`);
  if (filter.reason !== undefined)
    parts.push(filter.reason === "" ? "without a reason" : `reason ${reasonWithin(filter.reason)}`);
  if (filter.party !== undefined) parts.push(`party ${filter.party.id}`);
  if (filter.location !== undefined) {
    const place = (await locationsOf(scope)).find(({ id }) => id === filter.location);
    parts.push(`location ${place?.name ?? filter.location}`);
  } else if (isLimited(scope)) parts.push(`locations ${(await locationsOf(scope)).map(({ name }) => name).join(", ")}`);
  if (filter.document !== undefined) parts.push(`document ${filter.document}`);
  if (isNarrow(filter)) parts.push("in, out and value are of these rows; on hand is of all");
  const unit = item.decimals === 0 ? "" : `, quantities to ${item.decimals} decimals`;
  return [
    parts.join(" · "),
    `${isLimited(scope) ? "Quantities alone" : `Amounts in ${scope.currency}`}${unit}, made ${localMoment(new Date().toISOString(), scope.timeZone)}`,
  ];
}

/** What was asked for, as it is kept. Refuses `bad_field` for what is no filter. */
export function readAsked(asked: unknown): LedgerFilter {
  const read = LedgerAsked.safeParse(asked);
  if (!read.success) throw new Refusal("bad_field", "This is not a filter of an item's ledger.");
  return read.data;
}
