/**
 * `npx tsx scripts/distribute.ts`: writes scripts/citus/distribute.sql anew, from the migrations and db/placement.ts. It is what
 * `npm run migrate` does by itself on a Citus coordinator, to be read before, or run by hand.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { distributionFile, tablesOf } from "../db/citus";
import { withThrowaway } from "./lib/with-database";

await withThrowaway(async () => {
  const sql = postgres(process.env.DATABASE_URL ?? "", { max: 1, onnotice: () => undefined });
  const { names, references } = await tablesOf(sql);
  await sql.end();
  const file = path.join(import.meta.dirname, "citus", "distribute.sql");
  writeFileSync(file, distributionFile(names, references));
  console.log(`Wrote ${path.relative(process.cwd(), file)}.`);
});
