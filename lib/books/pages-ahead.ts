/** Long tables page by page: the database reads the next page while this one is worked out here, so that neither waits for the other. */

/**
 * The pages that `read` gives, the first after "", each next one after the id of the last row before; ends with an empty one. What a read
 * ahead throws is thrown when its page is asked for, and is nobody's where none is asked for any more.
 */
export async function* pagesAhead<Row extends Readonly<{ id: string }>>(
  read: (after: string) => Promise<readonly Row[]>,
): AsyncGenerator<readonly Row[], void> {
  const begin = (after: string) =>
    read(after).then(
      (rows) => ({ rows }),
      (error: unknown) => ({ error }),
    );
  let next = begin("");
  for (;;) {
    const page = await next;
    if ("error" in page) throw page.error;
    const last = page.rows.at(-1);
    if (last === undefined) return;
    next = begin(last.id);
    yield page.rows;
  }
}
