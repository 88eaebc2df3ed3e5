/** A CSV file as it is made: rows are read page by page while the browser takes them, so that a long list needs little memory. */
import { stringify } from "csv-stringify";
import { decimalsOf, formatScaled } from "@/lib/core/money";

/** The answer with a file of these rows; the first is the head. Texts that a spreadsheet would run as a formula are escaped. */
export function csvAnswer(name: string, rows: AsyncIterable<readonly (string | number | null)[]>): Response {
  const lines = stringify({ bom: true });
  const write = async () => {
    for await (const row of rows) {
      if (!lines.write(row.map(safe))) await new Promise((resolve) => lines.once("drain", resolve));
    }
    lines.end();
  };
  write().catch((error: unknown) => lines.destroy(error instanceof Error ? error : new Error(String(error))));
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const encoder = new TextEncoder();
      lines.on("data", (chunk: unknown) => {
        controller.enqueue(encoder.encode(String(chunk)));
        if ((controller.desiredSize ?? 1) <= 0) lines.pause();
      });
      lines.on("end", () => controller.close());
      lines.on("error", (error) => controller.error(error));
    },
    pull() {
      lines.resume();
    },
    cancel() {
      lines.destroy();
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${name.replace(/[^A-Za-z0-9._-]+/g, "-")}.csv"`,
    },
  });
}

/**
 * What a spreadsheet would run as a formula stands behind an apostrophe. csv-stringify's own `escape_formulas` takes negative amounts
 * for formulas too, and a column of amounts must stay one.
 */
function safe(cell: string | number | null): string {
  const text = String(cell ?? "");
  return /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/u.test(text) && !/^-\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
}

/** An amount as a file has it: `-1240.50`, without grouping; empty for null. */
export function plainMoney(amountMinor: bigint | null, currency: string): string {
  return amountMinor === null ? "" : plain(amountMinor, decimalsOf(currency));
}

/** A quantity as a file has it. */
export function plain(units: bigint, decimals: number): string {
  return formatScaled(units, decimals).replaceAll(",", "").replace("\u2212", "-");
}
