/** `npm run migrate`: brings the database of DATABASE_URL up to date, as its owner. */
import { migrate } from "../db/migrate";

const url = process.env.DATABASE_URL;
if (url === undefined || url === "") {
  console.error(
    "DATABASE_URL is not set: give the address of the database, as a login that may create roles and schemas.",
  );
  process.exit(1);
}
const result = await migrate(url, process.env.LOTBOOK_APP_PASSWORD ?? "");
if (result.isDistributed) console.log("This is a Citus coordinator: its tables are spread over the nodes by business.");
console.log(
  result.ran.length === 0 ? `Nothing to do: ${result.already} migrations ran before.` : `Ran ${result.ran.join(", ")}.`,
);
