/** What the files of stock registers have in common: columns, figures, and a page of rows after another until the totals. */
import { isLimited, type Scope } from "../people/access";
import { localMoment } from "./moment";
import type { List } from "./reports";
import { type Cell, type Column, type Figure, type Line, quantitiesOf } from "./sheet";

export const text = (head: string, share: number): Column => ({ head, kind: "text", share });
export const figure = (head: string, share: number): Column => ({ head, kind: "figure", share });
/** A figure of money; it is left out for who is limited to some locations. */
export const worth = (head: string, share: number): Column => ({ ...figure(head, share), isWorth: true });
export const days = (head: string, share: number): Column => ({ head, kind: "day", share });
export const item: readonly Column[] = [text("Item", 22), text("SKU", 11)];
export const pageRows = 5_000;

export type Money = (units: bigint | null) => Figure | null;
export const pieces = (units: bigint | null, decimals = 0): Figure | null =>
  units === null ? null : { units, decimals };

/** How many items a list has, in words. */
export const itemCount = (items: number): string => (items === 1 ? "1 item" : `${items} items`);

/** How a register is read for a file: a page of rows, what a row says, and what all rows say. */
type Paged = Readonly<{ rows: readonly unknown[]; after: string | null }>;
type Reading<Page extends Paged> = Readonly<{
  title: string;
  stem: string;
  notes: readonly string[];
  columns: readonly Column[];
  page: (after: string | null) => Promise<Page>;
  count: (page: Page) => number;
  /** What must stay the same while it is read. */
  whole: (page: Page) => unknown;
  cells: (row: Page["rows"][number]) => readonly Cell[];
  closing: (page: Page) => readonly Cell[];
}>;

export async function listOf<Page extends Paged>(scope: Scope, read: Reading<Page>): Promise<List> {
  const first = await read.page(null);
  const same = (page: Page) =>
    JSON.stringify(read.whole(page), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  async function* lines(): AsyncGenerator<Line> {
    let page = first;
    for (;;) {
      for (const row of page.rows) yield { kind: "row", cells: read.cells(row) };
      if (page.after === null) break;
      page = await read.page(page.after);
    }
    yield { kind: "closing", cells: read.closing(first) };
  }
  const told = isLimited(scope) ? "Quantities alone" : `Amounts in ${scope.currency}`;
  const sheet = {
    business: scope.name,
    title: read.title,
    notes: [...read.notes, `${told}, made ${localMoment(new Date().toISOString(), scope.timeZone)}`],
    columns: read.columns,
    lines: lines(),
  };
  return {
    rows: read.count(first),
    stem: `${scope.slug}-${read.stem}`,
    sheet: isLimited(scope) ? quantitiesOf(sheet) : sheet,
    isStill: async () => same(first) === same(await read.page(null)),
  };
}
