/** A CSV file as it is made: rows are read page by page while the browser takes them, so that a long list needs little memory. */
import { stringify } from "csv-stringify";
import { decimalsOf } from "@/lib/core/money";
import { harmless, plainFigure } from "@/lib/exports/csv";
import { fileNameOf } from "@/lib/exports/sheet";

/** The answer with a file of these rows; the first is the head. Texts that a spreadsheet would run as a formula are escaped. */
export function csvAnswer(name: string, rows: AsyncIterable<readonly (string | number | null)[]>): Response {
  const lines = stringify({ bom: true });
  const write = async () => {
    for await (const row of rows) {
      if (!lines.write(row.map((cell) => harmless(String(cell ?? "")))))
        await new Promise((resolve) => lines.once("drain", resolve));
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
      "content-disposition": `attachment; filename="${fileNameOf(name, "csv")}"`,
    },
  });
}

/** An amount as a file has it: `-1240.50`, without grouping; empty for null. */
export function plainMoney(amountMinor: bigint | null, currency: string): string {
  return amountMinor === null ? "" : plain(amountMinor, decimalsOf(currency));
}

/** A quantity as a file has it. */
export const plain = plainFigure;
