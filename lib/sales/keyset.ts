/** Keyset pages, forwards and back: where a page begins is a row's sort key and id, never a count of rows. */
import { type SQL, sql } from "drizzle-orm";

/** A row's place in a list: its sort key as text, and its id. In an address as one opaque word. */
export type Cursor = Readonly<{ key: string; id: string }>;

/** The cursor in an address; null where there is none, or where somebody wrote one. */
export function readCursor(text: string | null): Cursor | null {
  if (text === null) return null;
  const parts = Buffer.from(text, "base64url").toString("utf8").split("\u001e");
  const [key, id] = parts;
  return parts.length === 2 && key !== undefined && id !== undefined && id !== "" ? { key, id } : null;
}

export function writeCursor(cursor: Cursor): string {
  return Buffer.from(`${cursor.key}\u001e${cursor.id}`, "utf8").toString("base64url");
}

const shapes: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-\d\d-\d\d$/,
  bigint: /^-?\d{1,18}$/,
  numeric: /^-?\d{1,25}$/,
};

/** How one query reads: in which direction, from where, how many rows (one more than a page holds). */
export type Way = Readonly<{
  direction: SQL;
  limit: number;
  /** The condition `and (key, id) > (…)` for columns of this SQL type; nothing on the first page or for a cursor that is no such value. */
  from: (key: SQL, id: SQL, type: string) => SQL;
}>;

/** Reads one page with `query` and says whether there is more on either side. Rows come back in the list's own order. */
export async function turned<R extends Cursor>(
  page: Readonly<{
    isDown?: boolean | undefined;
    after?: Cursor | null | undefined;
    before?: Cursor | null | undefined;
    limit?: number | undefined;
  }>,
  size: number,
  query: (way: Way) => Promise<readonly R[]>,
): Promise<Readonly<{ rows: readonly R[]; after: Cursor | null; before: Cursor | null }>> {
  const limit = page.limit ?? size;
  const isBack = page.before != null;
  const cursor = page.before ?? page.after ?? null;
  const isDown = (page.isDown ?? true) !== isBack;
  const rows = await query({
    direction: isDown ? sql`desc` : sql`asc`,
    limit: limit + 1,
    from: (key, id, type) => {
      if (cursor === null || shapes[type]?.test(cursor.key) === false) return sql``;
      return sql`and (${key}, ${id}) ${isDown ? sql`<` : sql`>`} (${cursor.key}::${sql.raw(type)}, ${cursor.id})`;
    },
  });
  const hasMore = rows.length > limit;
  const shown = isBack ? rows.slice(0, limit).reverse() : rows.slice(0, limit);
  const [first, last] = [shown[0], shown.at(-1)];
  const place = (row: R | undefined): Cursor | null => (row === undefined ? null : { key: row.key, id: row.id });
  return {
    rows: shown,
    after: (isBack ? cursor !== null : hasMore) ? place(last) : null,
    before: (isBack ? hasMore : cursor !== null) ? place(first) : null,
  };
}
