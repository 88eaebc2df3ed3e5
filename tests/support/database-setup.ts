/** Runs before each test file of the projects that have a database, so that what the file imports finds it and what it sends is heard. */
import { testDatabase } from "./database";
import { checkStatements } from "./statement-check";

await testDatabase();
checkStatements();
