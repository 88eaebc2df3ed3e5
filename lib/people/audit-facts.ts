/**
 * Facts as the audit trail tells of them: what a document said, in a few figures and in its lines as people read them. Nothing else keeps
 * what a fact said before: its row is overwritten by its next version. So it is in words that stay true (a product's name as it was then),
 * and it is bounded, so that no change writes more than a page of them.
 *
 * Products, suppliers, places and amounts are told, never a buyer: the trail is for ever, and names of buyers can be erased. Memos, in which
 * banks and channels name people, are left out for the same reason.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { dayOf, type Fact, factKey, type LocalDate } from "../core/facts";
import { formatMinor } from "../core/money";
import { formatQuantity } from "../core/quantity";
import { reviveFact } from "../core/revive";

/** What a document says: text, a list of texts, or nothing where it says nothing of it. */
export type Said = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** So many documents of one change are named; the others are counted. */
export const mostNamed = 50;
const mostLines = 50;
/** Of many documents each says less. */
const mostLinesOfMany = 10;
const mostLetters = 80;

type Named = Readonly<{ name: string; decimals: number }>;
type Names = Readonly<{
  item: (id: string) => Named;
  /** A line of a sale, which names its product by the channel's own words. */
  sold: (id: string) => Named | undefined;
}>;

/** The first of them, and how many more there are. */
export function bounded(lines: readonly string[], most: number = mostLines): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), `and ${lines.length - most} more`];
}

/** What the facts say, in their order. `beside`: facts of the same change that say what new items are called and what new lines are of. */
export async function toldOf(
  tx: Tx,
  scope: InBusiness,
  currency: string,
  facts: readonly Fact[],
  beside: readonly Fact[] = [],
): Promise<readonly Said[]> {
  const names = await namesIn(tx, scope, facts, beside);
  const most = facts.length > 1 ? mostLinesOfMany : mostLines;
  return facts.map((fact) => saidBy(fact, names, (amount) => formatMinor(amount, currency), most));
}

/**
 * What the facts of these keys said until now, by their keys: the first of them, read before they are written over. What was taken back
 * already says nothing.
 */
export async function formerOf(
  tx: Tx,
  scope: InBusiness,
  currency: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Said>> {
  const named = keys.slice(0, mostNamed);
  const rows = await rowsOf<{ id: string; body: unknown }>(
    tx,
    sql`select id, body from app.facts where business_id = ${scope.businessId} and id = any(${list("text", named)}) and undone_at is null`,
  );
  const said = await toldOf(
    tx,
    scope,
    currency,
    rows.map(({ body }) => reviveFact(body)),
  );
  const byKey = new Map(rows.map(({ id }, at) => [id, said[at] ?? {}]));
  // In the order of the keys, whichever way the rows came.
  return new Map(named.flatMap((key) => (byKey.has(key) ? [[shownKey(key), byKey.get(key) ?? {}] as const] : [])));
}

/** A key as it is shown: a control character parts a pin's two ids. */
const shownKey = (key: string): string => key.replace("\u001f", " ");

/** Lines as people read them, "2 × Mug, 29.00", of what is no fact: a draft's, a recipe's. `more` stands after the name. */
export function linesSaid(
  lines: readonly Readonly<{ name: string; qty: bigint; decimals: number; more?: readonly string[] }>[],
): readonly string[] {
  return bounded(lines.map(({ name, qty, decimals, more = [] }) => lineText({ name, decimals }, qty, ...more)));
}

/** The same for lines that name their items by id, each with its amount where it has one. */
export async function linesNamed(
  tx: Tx,
  scope: InBusiness & Readonly<{ currency: string }>,
  lines: readonly Readonly<{ item: string; qty: bigint; amount?: bigint | null }>[],
): Promise<readonly string[]> {
  const nameOf = await itemsNamed(
    tx,
    scope,
    lines.map((line) => line.item),
  );
  return bounded(
    lines.map(({ item, qty, amount = null }) =>
      lineText(nameOf(item), qty, amount === null ? null : formatMinor(amount, scope.currency)),
    ),
  );
}

/** What new facts say, each under its key as `formerOf` gives the former ones: the first of them, and how many more there are. */
export async function namedFacts(
  tx: Tx,
  scope: InBusiness,
  currency: string,
  facts: readonly Fact[],
  beside: readonly Fact[] = [],
): Promise<Readonly<Record<string, Said | number>>> {
  const named = facts.slice(0, mostNamed);
  const said = await toldOf(tx, scope, currency, named, beside);
  return {
    ...Object.fromEntries(named.map((fact, at) => [shownKey(factKey(fact)), said[at] ?? {}])),
    ...moreThan(facts.length),
  };
}

/** How many there are beside those that are named, where there are more. */
export const moreThan = (count: number): Readonly<{ more?: number }> =>
  count > mostNamed ? { more: count - mostNamed } : {};

/** What items are called, by their ids; one that is not there by its id. */
export async function itemsNamed(tx: Tx, scope: InBusiness, ids: readonly string[]): Promise<(id: string) => Named> {
  const rows = await rowsOf<{ id: string; name: string; decimals: number }>(
    tx,
    sql`select id, name, decimals from app.items where business_id = ${scope.businessId} and id = any(${list("text", [...new Set(ids)])})`,
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  return (id) => known.get(id) ?? { name: id, decimals: 0 };
}

function lineText({ name, decimals }: Named, qty: bigint, ...more: readonly (string | null | undefined)[]): string {
  const short = name.length > mostLetters ? `${name.slice(0, mostLetters)}…` : name;
  const rest = more.flatMap((part) => (part === null || part === undefined || part === "" ? [] : [`, ${part}`]));
  return `${formatQuantity(qty, decimals)} × ${short}${rest.join("")}`;
}

function saidBy(fact: Fact, names: Names, money: (amount: bigint) => string, most: number): Said {
  const rest = (amount: bigint | undefined) => (amount === undefined || amount === 0n ? undefined : money(amount));
  const total = (lines: readonly Readonly<{ amount: bigint }>[]) =>
    money(lines.reduce((sum, line) => sum + line.amount, 0n));
  const lines = <T>(all: readonly T[], say: (line: T) => string) => bounded(all.map(say), most);
  const at = (location: string | null) => (location === null ? null : `at ${location}`);
  const inward = (line: Readonly<{ item: string; qty: bigint; amount: bigint; location: string | null }>) =>
    lineText(names.item(line.item), line.qty, money(line.amount), at(line.location));
  const on: LocalDate | undefined = dayOf(fact) === "" ? undefined : dayOf(fact);
  switch (fact.kind) {
    case "location":
      return { name: fact.name };
    case "item":
      return {
        name: fact.name,
        sku: fact.sku ?? undefined,
        decimals: fact.decimals,
        aliases: fact.aliases.length === 0 ? undefined : bounded(fact.aliases, most),
        parts: fact.components && lines(fact.components, (part) => lineText(names.item(part.item), part.qty)),
      };
    case "opening":
      return { on, lines: lines(fact.lines, inward) };
    case "purchase":
      return {
        on,
        supplier: fact.supplier ?? undefined,
        amount: money(fact.amount),
        account: fact.account,
        lines: lines(fact.lines, (line) =>
          lineText(
            names.item(line.item),
            line.qty,
            money(line.amount),
            at(line.location),
            line.weight === undefined ? null : `weight ${line.weight}`,
          ),
        ),
        extras:
          fact.extras.length === 0
            ? undefined
            : lines(fact.extras, ({ label, amount, by }) =>
                [label, money(amount), ...(by === undefined ? [] : [`by ${by}`])].join(", "),
              ),
        igst: rest(fact.input?.igst),
        cgst: rest(fact.input?.cgst),
        sgst: rest(fact.input?.sgst),
      };
    case "order":
      return {
        on,
        number: fact.number,
        lines: lines(fact.lines, (line) =>
          lineText(
            { name: line.name, decimals: names.sold(line.id)?.decimals ?? 0 },
            line.qty,
            money(line.amount),
            at(line.location),
          ),
        ),
        amount: total(fact.lines),
        shipping: rest(fact.shipping),
        discount: rest(fact.discount),
        tax: rest(fact.tax),
        taxBy: fact.tax === 0n ? undefined : fact.taxBy,
        fees: fact.fees.length === 0 ? undefined : lines(fact.fees, (fee) => `${fee.kind}, ${money(fee.amount)}`),
        deliveredTo: fact.shipTo && [fact.shipTo.country, fact.shipTo.region].join(" ").trim(),
        currency: fact.foreign?.currency,
      };
    case "return":
      return {
        on,
        order: fact.order ?? undefined,
        refunded: money(
          [...fact.lines].reduce((sum, line) => sum + line.amount, 0n) +
            ("tax" in fact ? (fact.tax ?? 0n) : 0n) +
            ("shipping" in fact ? (fact.shipping ?? 0n) : 0n),
        ),
        lines:
          fact.order === null
            ? lines(fact.lines, (line) =>
                lineText(
                  names.item(line.item),
                  line.qty,
                  money(line.amount),
                  `cost ${money(line.cost)}`,
                  at(line.location),
                ),
              )
            : lines(fact.lines, (line) =>
                lineText(
                  names.sold(line.line) ?? { name: line.line, decimals: 0 },
                  line.qty,
                  money(line.amount),
                  placeOf(line),
                  at(line.location),
                ),
              ),
        tax: "tax" in fact ? rest(fact.tax) : undefined,
        shipping: "shipping" in fact ? rest(fact.shipping) : undefined,
      };
    case "purchase_return":
      return {
        on,
        purchase: fact.purchase,
        lines: lines(fact.lines, (line) => lineText({ name: line.line, decimals: 0 }, line.qty, money(line.amount))),
      };
    case "transfer":
      return {
        on,
        arrives: fact.arrives ?? undefined,
        from: fact.from,
        to: fact.to,
        lines: lines(fact.lines, (line) => lineText(names.item(line.item), line.qty)),
      };
    case "adjustment":
      return {
        on,
        location: fact.location ?? undefined,
        reason: fact.reason ?? undefined,
        account: fact.account,
        lines: lines(fact.lines, (line) => lineText(names.item(line.item), line.qty, rest(line.amount))),
      };
    case "assembly":
      return {
        on,
        location: fact.location ?? undefined,
        ins: lines(fact.inputs, (line) => lineText(names.item(line.item), line.qty)),
        outs: lines(fact.outputs, (line) => lineText(names.item(line.item), line.qty, `share ${line.share}`)),
        overhead: rest(fact.overhead),
        account: fact.overhead === 0n ? undefined : fact.account,
      };
    case "payout":
      return { on, channel: fact.channel, amount: money(fact.amount), currency: fact.foreign?.currency };
    case "charge":
      return {
        on,
        channel: fact.channel,
        category: fact.category,
        type: fact.type,
        amount: money(fact.amount),
        account: fact.account,
        order: fact.order ?? undefined,
      };
    case "balance_row":
      return {
        on,
        channel: fact.channel,
        type: fact.type,
        amount: money(fact.amount),
        payout: fact.payout ?? undefined,
        about: fact.about ?? undefined,
      };
    case "placement":
      return {
        line: soldName(names, fact.line),
        place: placeOf({ ...fact, placed: true }),
        location: fact.location ?? undefined,
      };
    case "pin":
      return {
        sale: soldName(names, fact.sale),
        lot: fact.lot,
        qty: formatQuantity(fact.qty, names.sold(fact.sale)?.decimals ?? 0),
      };
    case "backfill":
      return {
        on,
        sale: soldName(names, fact.sale),
        amount: money(fact.amount),
        qty: fact.qty === null ? undefined : formatQuantity(fact.qty, names.sold(fact.sale)?.decimals ?? 0),
        account: fact.account,
      };
    case "match":
      return { sale: soldName(names, fact.sale), item: names.item(fact.item).name };
    case "undo":
      return { of: fact.key };
    case "close":
      return { through: fact.through };
  }
}

const soldName = (names: Names, line: string): string => names.sold(line)?.name ?? line;

/** Where goods that came back went. */
function placeOf(line: Readonly<{ restock: boolean; writeOff: boolean; placed: boolean }>): string {
  if (!line.placed) return "place not known";
  if (line.restock) return "back in stock";
  return line.writeOff ? "written off" : "not back";
}

/** The names of the items and sold lines that the facts name: nothing is asked where they name none. */
async function namesIn(tx: Tx, scope: InBusiness, facts: readonly Fact[], beside: readonly Fact[]): Promise<Names> {
  const items = new Set<string>();
  const sold = new Set<string>();
  for (const fact of facts) {
    if (fact.kind === "opening" || fact.kind === "purchase" || fact.kind === "adjustment" || fact.kind === "transfer")
      for (const line of fact.lines) items.add(line.item);
    else if (fact.kind === "assembly") for (const line of [...fact.inputs, ...fact.outputs]) items.add(line.item);
    else if (fact.kind === "item") for (const part of fact.components ?? []) items.add(part.item);
    else if (fact.kind === "order") for (const line of fact.lines) sold.add(line.id);
    else if (fact.kind === "return" && fact.order === null) for (const line of fact.lines) items.add(line.item);
    else if (fact.kind === "return" && fact.order !== null) for (const line of fact.lines) sold.add(line.line);
    else if (fact.kind === "pin" || fact.kind === "backfill") sold.add(fact.sale);
    else if (fact.kind === "placement") sold.add(fact.line);
    else if (fact.kind === "match") {
      items.add(fact.item);
      sold.add(fact.sale);
    }
  }
  const matched = new Map<string, string>();
  const made = new Map<string, Named>();
  for (const fact of beside) {
    if (fact.kind === "match") matched.set(fact.sale, fact.item);
    if (fact.kind === "item") made.set(fact.id, fact);
  }
  for (const item of matched.values()) items.add(item);
  const [known, lines] = await Promise.all([
    items.size === 0 ? (id: string): Named => ({ name: id, decimals: 0 }) : itemsNamed(tx, scope, [...items]),
    sold.size === 0 ? new Map<string, Named>() : soldNamed(tx, scope, [...sold]),
  ]);
  const item = (id: string): Named => made.get(id) ?? known(id);
  return {
    item,
    sold: (id) => {
      const of = matched.get(id);
      return of === undefined ? lines.get(id) : { name: lines.get(id)?.name ?? id, decimals: item(of).decimals };
    },
  };
}

/** Lines of sales, or of returns by what was sold, by their ids. */
async function soldNamed(tx: Tx, scope: InBusiness, ids: readonly string[]): Promise<Map<string, Named>> {
  const b = scope.businessId;
  const rows = await rowsOf<{ id: string; name: string; decimals: number }>(
    tx,
    sql`select l.id, l.name, coalesce(i.decimals, 0)::int as decimals from app.order_lines l
        left join app.items i on i.business_id = ${b} and i.id = l.item_id
        where l.business_id = ${b} and l.id = any(${list("text", ids)})`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}
