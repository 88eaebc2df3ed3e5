/** Runs before each test file of the projects that have a database, so that what the file imports finds it and what it sends is heard. */
import { testDatabase } from "./database";
import { checkStatements } from "./statement-check";

// What is recorded asks for its days to be summed. Tests that count jobs or kill workers at the n-th one must not meet that in the middle.
process.env.SUMMARISE_AFTER_MS ??= "86400000";
await testDatabase();
checkStatements();
