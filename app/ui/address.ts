/**
 * The state of a list, held in the address: search words, filters, sort, and the cursor of a keyset page. Pure, so that a page reads
 * it, a chip writes the next one, and a test needs no browser. Unknown parameters are kept when an address is written, and a changed
 * search, filter or sort starts at the first page again.
 */

/** What Next gives a page as `searchParams`, awaited. */
export type SearchParams = Readonly<Record<string, string | string[] | undefined>>;

export type ListAddress = Readonly<{
  /** Search words, trimmed; empty when there are none. */
  q: string;
  /** Set filters only. One filter may hold several values. */
  filters: Readonly<Record<string, readonly string[]>>;
  /** Key of a column and direction; null is the list's own order. */
  sort: Readonly<{ key: string; down: boolean }> | null;
  /** The page after this cursor, or before that one. */
  after: string | null;
  before: string | null;
  /** Every parameter as it came, for what the list does not know. */
  rest: SearchParams;
}>;

const own = new Set(["q", "sort", "after", "before"]);

function firstOf(value: string | string[] | undefined): string | null {
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first === "" ? null : first;
}

/** Reads the state; only the named filters and sort keys are taken, so a foreign parameter never reaches a query. */
export function readAddress(
  params: SearchParams,
  known: Readonly<{ filters: readonly string[]; sorts?: readonly string[] | undefined }>,
): ListAddress {
  const filters: Record<string, readonly string[]> = {};
  for (const name of known.filters) {
    const value = params[name];
    const values = (Array.isArray(value) ? value : value === undefined ? [] : [value]).filter((one) => one !== "");
    if (values.length > 0) filters[name] = values;
  }
  const sort = firstOf(params.sort);
  const key = sort?.replace(/^-/, "") ?? "";
  const rest: Record<string, string | string[] | undefined> = {};
  for (const [name, value] of Object.entries(params))
    if (!own.has(name) && !known.filters.includes(name)) rest[name] = value;
  return {
    q: firstOf(params.q)?.trim() ?? "",
    filters,
    sort: sort !== null && known.sorts?.includes(key) ? { key, down: sort.startsWith("-") } : null,
    after: firstOf(params.after),
    before: firstOf(params.before),
    rest,
  };
}

/** The one value of a filter, or null. */
export function filterOf(address: ListAddress, name: string): string | null {
  return address.filters[name]?.[0] ?? null;
}

/** What is changed in an address; a filter set to null is taken off. */
export type AddressChange = Readonly<{
  q?: string | undefined;
  filters?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  sort?: Readonly<{ key: string; down: boolean }> | null | undefined;
  after?: string | null | undefined;
  before?: string | null | undefined;
  /** Parameters outside the list: an opened row, a sheet. */
  rest?: Readonly<Record<string, string | null>> | undefined;
}>;

/** The link to a changed state of the same list. Anything but a page turn or a `rest` goes back to the first page. */
export function hrefOf(path: string, address: ListAddress, change: AddressChange = {}): string {
  const query = new URLSearchParams();
  const rest: Record<string, string | string[] | undefined | null> = { ...address.rest, ...change.rest };
  for (const [name, value] of Object.entries(rest)) add(query, name, value ?? null);
  const filters: Record<string, string | readonly string[] | null> = { ...address.filters, ...change.filters };
  for (const name of Object.keys(filters).sort()) add(query, name, filters[name] ?? null);
  const q = change.q ?? address.q;
  if (q !== "") query.set("q", q);
  const sort = change.sort === undefined ? address.sort : change.sort;
  if (sort) query.set("sort", `${sort.down ? "-" : ""}${sort.key}`);
  const starts = change.q !== undefined || change.filters !== undefined || change.sort !== undefined;
  const turned = change.after !== undefined || change.before !== undefined;
  const after = turned ? change.after : starts ? null : address.after;
  const before = turned ? change.before : starts ? null : address.before;
  if (after) query.set("after", after);
  if (before) query.set("before", before);
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

function add(query: URLSearchParams, name: string, value: string | readonly string[] | null): void {
  if (value === null) return;
  for (const one of typeof value === "string" ? [value] : value) query.append(name, one);
}

/** What a column head needs to sort by `key`: the link to the other direction and how it stands now. */
export function sortOf(
  path: string,
  address: ListAddress,
  key: string,
  downFirst = false,
): Readonly<{ href: string; direction: "ascending" | "descending" | null }> {
  const now = address.sort?.key === key ? address.sort : null;
  return {
    href: hrefOf(path, address, { sort: { key, down: now ? !now.down : downFirst } }),
    direction: now === null ? null : now.down ? "descending" : "ascending",
  };
}
