/**
 * `npm run bench [NAME…] [--json] [--lines N]`: programs that measure, on a database of their own that is thrown away. Figures of one run are
 * compared with a bound of the same run, since machines differ and are noisy. docs/performance.md says what each name measures.
 */
import { parseArgs } from "node:util";
import { closeDatabase } from "../db/scope";
import { benches } from "./lib/bench";
import { serverSettings } from "./lib/postgres.mjs";
import { withThrowaway } from "./lib/with-database";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, lines: { type: "string" } },
});
const wanted = positionals.length === 0 ? Object.keys(benches) : positionals;
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}. There are: ${Object.keys(benches).join(", ")}.`);
  process.exit(2);
}
const most = values.lines === undefined ? 100_000 : Number(values.lines);

await withThrowaway(
  async () => {
    for (const name of wanted) {
      const rows = await benches[name]?.(most);
      for (const row of rows ?? []) {
        console.log(
          values.json
            ? JSON.stringify({ bench: name, ...row })
            : `${name.padEnd(8)} ${Object.entries(row)
                .map(([key, value]) => `${key} ${value}`)
                .join(" · ")}`,
        );
      }
    }
    await closeDatabase();
    // Durable and with the memory that a real server has: otherwise the bound and the measured would both be too fast, or too slow.
  },
  { fsync: "on", synchronous_commit: "on", full_page_writes: "on", ...serverSettings() },
);
