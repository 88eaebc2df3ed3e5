/** What `npm run bench` measures, by name. */
import { replay } from "../../../lib/replay/run";
import { copyOf } from "./bare";
import { benchBeancount } from "./beancount";
import { benchGrowth, benchReports, benchVerify } from "./books";
import { benchBulk } from "./bulk";
import { benchFair } from "./fair";
import { type Bench, type Row, round } from "./figures";
import { fileOf } from "./histories";
import { benchAppend, benchLate } from "./item";
import { benchLedger } from "./ledger";
import { benchImport, benchSingle } from "./orders";
import { benchPages } from "./pages";
import { benchSizes } from "./sizes";
import { benchSync } from "./sync";

/** Sale lines costed and posted a second through `replay`, beside the raw COPY of the same rows. */
async function benchReplay(most: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const lines of new Set([1_000, Math.min(most, 10_000), most])) {
    const done = await replay(fileOf(lines), { chunk: null, keeps: true, name: "bench" });
    const copy = await copyOf(done.businessId, "0");
    const { seconds } = done.timings;
    rows.push({
      lines,
      "lines/s": done.timings.sale_lines_a_second,
      "recording s": seconds.recording,
      "costing s": seconds.costing,
      "posting s": seconds.posting,
      "all s": seconds.all,
      rows: copy.rows,
      "COPY s": round(copy.seconds),
      "COPY rows/s": Math.round(copy.rows / copy.seconds),
      "replay ÷ COPY": round(seconds.all / copy.seconds),
      "peak MB": done.timings.peak_memory_mb,
    });
  }
  return rows;
}

/** What a costed line took in the last run of `bulk`: what a late purchase is held against. */
let bulkUs: number | null = null;

export const benches: Readonly<Record<string, Bench>> = {
  bulk: async (most) => {
    const rows = await benchBulk(most);
    const last = rows.findLast((row) => row.what === "bulk");
    bulkUs = typeof last?.["µs a line"] === "number" ? last["µs a line"] : null;
    return rows;
  },
  // These two read the year that `bulk` leaves.
  reports: benchReports,
  verify: benchVerify,
  import: benchImport,
  single: benchSingle,
  append: benchAppend,
  late: (most) => benchLate(most, bulkUs),
  ledger: benchLedger,
  growth: benchGrowth,
  beancount: benchBeancount,
  pages: benchPages,
  replay: benchReplay,
  // Orders, not lines.
  sync: benchSync,
  fair: (most) => benchFair(fileOf(most), most),
  sizes: (most) => {
    const lines = Math.min(most, 10_000);
    return benchSizes(lines, fileOf(lines));
  },
};
