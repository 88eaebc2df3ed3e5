/** How far the database's log is, for those who have just written and read again (db/reading.ts). */
export { isLogPlace, lastWrite } from "../../db/reading";
