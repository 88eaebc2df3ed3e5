/** One description of a list that is taken away: its columns and its lines. The three writers beside it make a file of it, line by line. */

/** A number of so many smallest units, `decimals` of which make one: `{ units: 12345n, decimals: 2 }` is 123.45. */
export type Figure = Readonly<{ units: bigint; decimals: number }>;
export type Cell = string | Figure | null;

export type Column = Readonly<{
  head: string;
  /** `day`: cells are `YYYY-MM-DD`. */
  kind: "text" | "day" | "figure";
  /** Width on paper, beside the others'. */
  share: number;
  /** Of what things cost or are worth: left out for who is told quantities alone. */
  isWorth?: boolean | undefined;
}>;

/** `opening` and `closing` stand out, and are no rows of the list. */
export type Line = Readonly<{ kind: "opening" | "row" | "closing"; cells: readonly Cell[] }>;

export type Sheet = Readonly<{
  business: string;
  title: string;
  /** What it is of, in words: the filter, a line each. */
  notes: readonly string[];
  columns: readonly Column[];
  lines: AsyncIterable<Line>;
}>;

export const formats = ["csv", "xlsx", "pdf"] as const;
export type Format = (typeof formats)[number];

export const contentTypes: Readonly<Record<Format, string>> = {
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pdf: "application/pdf",
};

/** The sheet without its columns of worth. */
export function quantitiesOf(sheet: Sheet): Sheet {
  const kept = sheet.columns.map(({ isWorth }) => isWorth !== true);
  const of = <T>(cells: readonly T[]) => cells.filter((_, at) => kept[at] === true);
  const lines = async function* (): AsyncGenerator<Line> {
    for await (const line of sheet.lines) yield { ...line, cells: of(line.cells) };
  };
  return { ...sheet, columns: of(sheet.columns), lines: lines() };
}

/** A file name of letters, digits, dots and hyphens. */
export function fileNameOf(stem: string, format: Format): string {
  return `${stem.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|-+$/g, "") || "list"}.${format}`;
}

/** The file's bytes as they are made. What is not taken is not made: a long list needs little memory. */
export async function* fileOf(format: Format, sheet: Sheet): AsyncGenerator<Uint8Array> {
  // Loaded when needed: the two are large, and most processes never make one.
  if (format === "xlsx") yield* (await import("./xlsx")).xlsxOf(sheet);
  else if (format === "pdf") yield* (await import("./pdf")).pdfOf(sheet);
  else yield* (await import("./csv")).csvOf(sheet);
}
