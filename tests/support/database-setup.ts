/** Runs before each test file of the projects that have a database, so that what the file imports finds it. */
import { testDatabase } from "./database";

await testDatabase();
