/**
 * Where each table lies when one machine is outgrown (docs/scaling.md, reliability.md 10.1): the one list that the catalog's tests,
 * the statement test and the distribution over Citus read. Every table of schema `app` is a tenant's, distributed by `business_id`,
 * unless it is listed here with its reason.
 */

/** Small, rarely written, the same on every node; a tenant's table may refer to one. There is none yet: currencies and countries are code. */
export const referenceTables: Readonly<Record<string, string>> = {};

/** Belong to no business and stay on the coordinator: no key to or from a tenant's table, no statement with both. */
export const localTables: Readonly<Record<string, string>> = {
  users: "people span businesses",
  user_passwords: "of people",
  sessions: "of people",
  auth_accounts: "of people",
  verification_tokens: "of people, before they are known",
  sign_in_failures: "of who tries to sign in",
  directory: "finds a business before its rows can be read",
  user_businesses: "which businesses a person may look for",
  outbox: "read by the relay over all businesses; holds ids only",
  connecting: "OAuth dances come back before a business is known",
  connected_shops: "a channel's call names a shop before a business is known; holds ids only",
  hook_inbox: "a channel's call comes before a business is known",
  due: "lets the schedule find what is due; holds ids only",
  heartbeats: "of workers",
  migrations: "of the database itself",
};

/** Is a table of schema `app` a tenant's? */
export function isTenantTable(name: string): boolean {
  return !Object.hasOwn(localTables, name) && !Object.hasOwn(referenceTables, name);
}

/** Where many rows wait on their way in: a business's like the others, but without row-level security and not logged. */
export const stagingTable = "staging.rows";

/** Asks the database whether it is a Citus coordinator: one row, `is`. */
export const askCitus = `select exists (select 1 from pg_extension where extname = 'citus') as "is"`;
