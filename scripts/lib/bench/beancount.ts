/** The same history replayed here, and loaded by Beancount, which books FIFO in memory and stores nothing. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { replay } from "../../../lib/replay/run";
import { beancountOf, resultSchema } from "../beancount";
import { against, median, type Row, seconds } from "./figures";
import { fileOf } from "./histories";

/** Lines a second of `replay`, all recorded, costed and posted durably, beside `bean-check` of the same history without its cache. */
export async function benchBeancount(most: number): Promise<readonly Row[]> {
  if (spawnSync("bean-check", ["--help"]).error !== undefined)
    return [{ what: "beancount", skipped: "Beancount is not installed (on Debian: apt-get install beancount)" }];
  const lines = Math.min(most, 100_000);
  const history = fileOf(lines);
  const done = await replay(history, { chunk: null, keeps: false, name: "beancount" });
  const text = beancountOf(
    history.map(({ value }) => value),
    resultSchema.parse(
      JSON.parse(JSON.stringify(done.result, (_, value) => (typeof value === "bigint" ? Number(value) : value))),
    ),
  ).text;
  const folder = mkdtempSync(path.join(tmpdir(), "lotbook-bench-"));
  try {
    const file = path.join(folder, "history.beancount");
    writeFileSync(file, text);
    const took: number[] = [];
    for (let n = 0; n < (lines > 20_000 ? 3 : 5); n += 1)
      took.push(
        await seconds(async () => {
          const check = spawnSync("bean-check", ["--no-cache", file], { encoding: "utf8" });
          if (check.status !== 0) throw new Error(`Beancount refuses the history: ${check.stderr.slice(0, 500)}`);
        }),
      );
    const theirs = lines / median(took);
    return [
      {
        what: "beancount",
        lines,
        "lines/s": done.timings.sale_lines_a_second,
        "Beancount lines/s": Math.round(theirs),
        ...against(done.timings.sale_lines_a_second / theirs, 5, 20, true),
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
