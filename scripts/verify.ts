/** `npm run --silent verify [BUSINESS]`: proves the books of one business (its id or address word), or of all; status 1 where something fails. */
import { sql } from "drizzle-orm";
import { asSystem, closeDatabase, rowsOf } from "../db/scope";
import { verifyBooks } from "../lib/books/verify";
import { withDatabase } from "./lib/with-database";

const wanted = process.argv[2];
let findings = 0;
await withDatabase(async () => {
  const businesses = await asSystem("which businesses there are to prove", (tx) =>
    rowsOf<{ business_id: string; slug: string }>(tx, sql`select business_id, slug from app.directory order by slug`),
  );
  const chosen = businesses.filter((one) => wanted === undefined || one.slug === wanted || one.business_id === wanted);
  if (chosen.length === 0) {
    console.error(wanted === undefined ? "There is no business yet." : `There is no business ${wanted}.`);
    findings = wanted === undefined ? 0 : 1;
  }
  for (const business of chosen) {
    // What stops one proof (a database that is away, a bug of ours) is told, and the others are still done.
    const proof = await verifyBooks({ businessId: business.business_id }).catch((error: unknown) => {
      console.error(`${business.slug}: could not be proved: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    });
    findings += proof?.findings ?? 1;
    if (proof === null) continue;
    console.log(
      `${business.slug}: ${proof.findings === 0 ? "proved" : `${proof.findings} findings`} in ${proof.tookMs} ms`,
    );
    if (proof.head !== null)
      console.log(
        `  the journal ends with entry ${proof.head.entryNo}, block ${proof.head.blockNo}: ${proof.head.hash}`,
      );
    for (const check of proof.checks) {
      console.log(
        `  ${check.findings.length === 0 ? "holds " : "BROKEN"} ${check.name} (${check.invariant}; ${check.looked} looked at)`,
      );
      for (const finding of check.findings)
        console.log(`         ${finding.what}: expected ${finding.expected}, found ${finding.found}`);
    }
  }
  await closeDatabase();
});
process.exitCode = findings === 0 ? 0 : 1;
