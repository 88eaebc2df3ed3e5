/**
 * Files that a person brings: kept as they came, read, and shown before anything is written. What is chosen at the preview (columns,
 * account, channel) is kept with the file, so that it survives a reload; accepting and undoing are in lib/desk/imports.ts.
 */
import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { imports } from "../../db/schema";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import {
  type BankReading,
  type ChannelReading,
  type CsvLayout,
  channels as kinds,
  type Problem,
  type Reading,
  readFile,
  type SalesLayout,
} from "../../integrations/index";
import { Refusal } from "../core/errors";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { isId, newId } from "../system/ids";
import { countFresh } from "./channel-files";
import { type Counts, type ImportResult, resultOf } from "./import-result";
import { keptLayout } from "./kept-layouts";
import { type AccountChoice, moneyAccountsIn, suggestAccount } from "./money-accounts";
import { type RowStatus, type SortedRow, sortRows } from "./statements";

/** What was chosen, or suggested: the columns of a CSV, an account for each of the file's accounts, the channel (null: a new one). */
export type Choices = Readonly<{
  layout: CsvLayout | null;
  accounts: readonly AccountChoice[];
  channel: string | null;
  takesDoubtful: boolean;
  /** The columns of a channel's list of sales that no reader knows. */
  sales?: SalesLayout | null;
}>;

/** A row as the preview shows it. */
export type ShownRow = Readonly<{
  row: number;
  date: string;
  payee: string;
  memo: string;
  amount: string;
  account: number;
  status: RowStatus;
}>;
/** What is stored of a reading: its figures, and the first rows. */
export type Stored = ImportResult & Readonly<{ first: readonly ShownRow[]; closingOn: string | null }>;

export type ImportState = "preview" | "accepting" | "accepted" | "undone" | "discarded";
export type Import = Readonly<{
  id: string;
  kind: "bank" | "channel";
  layout: string;
  fileName: string;
  sha256: string;
  state: ImportState;
  channelId: string | null;
  accountCode: string | null;
  choices: Choices;
  result: Stored;
  createdAt: string;
  acceptedAt: string | null;
}>;

const rowsShown = 40;
const problemsKept = 2_000;
const limitBytes = 20 * 1024 * 1024;

const columns = sql`id, kind, layout, file_name as "fileName", sha256, state, channel_id as "channelId", account_code as "accountCode", choices, result,
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt",
  to_char(accepted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "acceptedAt"`;
/** A name that can be shown: without folders, control and direction characters, at most 120 letters. */
export function cleanName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? "";
  const clean = last
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .trim();
  return clean === "" ? "file" : [...clean].slice(0, 120).join("");
}

/**
 * Takes a file in for its preview: read, sorted against what is here, stored. Gives its id. Refuses what cannot be read. `isSales`: it was
 * brought as a channel's, so a table that no reader knows is a list of sales.
 */
export async function takeFile(
  scope: Scope,
  file: Readonly<{ name: string; bytes: Uint8Array; channel?: string | null; isSales?: boolean }>,
): Promise<Readonly<{ id: string; kind: "bank" | "channel" }>> {
  require(scope, "write");
  if (file.bytes.length > limitBytes) {
    const size = Math.ceil(file.bytes.length / 1024 / 1024);
    throw new Refusal("file_too_large", `The file has ${size} MB; the limit is ${limitBytes / 1024 / 1024} MB.`);
  }
  const fileName = cleanName(file.name);
  const first = read(scope, file.bytes, fileName, { layout: null, sales: file.isSales === true ? "suggest" : null });
  return inBusiness(scope, async (tx) => {
    const { reading, remembered } = await asRemembered(tx, scope, file.bytes, fileName, first);
    const choices = await suggest(tx, scope, reading, remembered, file.channel ?? null);
    const id = newId();
    await tx.insert(imports).values({
      businessId: scope.businessId,
      id,
      kind: reading.type,
      layout: reading.kind,
      fileName,
      sha256: createHash("sha256").update(file.bytes).digest("hex"),
      bytes: Buffer.from(file.bytes),
      state: "preview",
      channelId: choices.channel,
      accountCode: firstCode(choices),
      choices,
      result: await look(tx, scope, fileName, reading, choices, null),
      userId: scope.userId,
      createdAt: new Date().toISOString(),
      acceptedAt: null,
    });
    return { id, kind: reading.type };
  });
}

type Layouts = Readonly<{ layout: CsvLayout | null; sales?: SalesLayout | "suggest" | null }>;

function read(scope: Scope, bytes: Uint8Array, fileName: string, layouts: Layouts): Reading {
  const { currency, country, timeZone } = scope;
  return readFile(bytes, {
    fileName,
    currency,
    country,
    timeZone,
    layout: layouts.layout,
    sales: layouts.sales ?? null,
  });
}

/** Read again as this bank's files were read before, where a person chose that once. */
async function asRemembered(tx: Tx, scope: Scope, bytes: Uint8Array, fileName: string, first: Reading) {
  if (first.type === "channel" && first.sales !== undefined) {
    const kept = await keptLayout<Readonly<{ sales: SalesLayout }>>(tx, scope, first.sales.fingerprint);
    const reading = kept === null ? first : read(scope, bytes, fileName, { layout: null, sales: kept.sales });
    return { reading, remembered: null };
  }
  if (first.type !== "bank" || first.layout === null) return { reading: first, remembered: null };
  type Kept = Readonly<{ layout: CsvLayout; account: string | null }>;
  const kept = await keptLayout<Kept>(tx, scope, first.layout.fingerprint);
  if (kept === null) return { reading: first, remembered: null };
  return { reading: read(scope, bytes, fileName, { layout: kept.layout }), remembered: kept.account };
}

/** What a person would likely choose; `channel` is the one that they came from, taken where the file is of its kind. */
async function suggest(
  tx: Tx,
  scope: Scope,
  reading: Reading,
  remembered: string | null,
  channel: string | null = null,
): Promise<Choices> {
  if (reading.type === "channel") {
    const rows = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.channels where business_id = ${scope.businessId} and kind = ${reading.channel} order by (id = ${channel ?? ""}) desc, (state = 'file') desc, created_at, id`,
    );
    const chosen = { layout: null, accounts: [], channel: rows[0]?.id ?? null, takesDoubtful: false };
    return reading.sales === undefined ? chosen : { ...chosen, sales: reading.sales };
  }
  const known = await moneyAccountsIn(tx, scope);
  const taken = new Set<string>();
  const accounts = reading.accounts.map((account) => {
    const choice = suggestAccount(account, known, remembered, taken);
    taken.add("code" in choice ? choice.code : choice.name.toLowerCase());
    return choice;
  });
  return { layout: reading.layout, accounts, channel: null, takesDoubtful: false };
}

const codeOf = (choice: AccountChoice | undefined) => (choice !== undefined && "code" in choice ? choice.code : null);
const firstCode = (choices: Choices) => codeOf(choices.accounts[0]);

/** Each account's rows, sorted against what is here. */
export function sortReading(
  tx: Tx,
  scope: InBusiness,
  reading: BankReading,
  choices: Choices,
  importId: string | null,
): Promise<readonly (readonly SortedRow[])[]> {
  return reading.accounts.reduce<Promise<readonly (readonly SortedRow[])[]>>(
    async (before, account, i) => [
      ...(await before),
      await sortRows(tx, scope, codeOf(choices.accounts[i]), account.rows, importId),
    ],
    Promise.resolve([]),
  );
}

/** The figures of a reading beside what is here now. */
async function look(
  tx: Tx,
  scope: Scope,
  fileName: string,
  reading: Reading,
  choices: Choices,
  importId: string | null,
): Promise<Stored> {
  if (reading.type === "channel") {
    const counts = await countFresh(tx, scope, choices.channel, reading);
    const result = cut(resultOf(fileName, reading, counts, scope.currency));
    return { ...result, ...told(scope, reading), first: [], closingOn: null };
  }
  const sorted = await sortReading(tx, scope, reading, choices, importId);
  const result = cut(resultOf(fileName, reading, countsOf(sorted), scope.currency));
  const all = sorted.flatMap((rows, account) => rows.map((one) => ({ ...one, account })));
  const doubtful = all.filter((one) => one.status === "doubtful").slice(0, rowsShown);
  const others = all.filter((one) => one.status !== "doubtful").slice(0, Math.max(15, rowsShown - doubtful.length));
  const first = [...doubtful, ...others].map(({ row, status, account }) => ({
    row: row.row,
    date: row.date,
    payee: row.payee,
    memo: row.memo,
    amount: row.amount.toString(),
    account,
    status,
  }));
  return { ...result, ...told(scope, reading), first, closingOn: reading.accounts[0]?.closingOn ?? null };
}

function countsOf(sorted: readonly (readonly SortedRow[])[]): Counts {
  const count = (status: RowStatus) =>
    sorted.reduce((sum, rows) => sum + rows.filter((one) => one.status === status).length, 0);
  return { new: count("new"), already: count("already"), doubtful: count("doubtful") };
}

function cut(result: ImportResult): ImportResult {
  return result.problems.length <= problemsKept
    ? result
    : { ...result, problems: result.problems.slice(0, problemsKept) };
}

/** Said in addition: a file in another currency cannot be booked yet; one that does not agree needs a person's word. */
function told(scope: Scope, reading: Reading): Partial<Pick<ImportResult, "accepted" | "problems">> {
  const foreign = foreignCurrency(reading, scope.currency);
  if (foreign !== null) {
    const problem: Problem = {
      row: null,
      column: null,
      code: "unknown_currency",
      message: `This file is in ${foreign}; the books are kept in ${scope.currency}. It cannot be booked yet.`,
    };
    return { accepted: false, problems: [problem, ...reading.problems].slice(0, problemsKept) };
  }
  return reading.agrees === false ? { accepted: false } : {};
}

/** A bank's currency that is not the books'; null where all of the file can be booked. */
export function foreignCurrency(reading: Reading, books: string): string | null {
  if (reading.type !== "bank") return null;
  return reading.accounts.find(({ currency }) => currency !== null && currency !== books)?.currency ?? null;
}

/** One import. Refuses `not_found`. */
export async function importOf(scope: Scope, id: string): Promise<Import> {
  require(scope, "read");
  return inBusiness(scope, (tx) => importIn(tx, scope, id));
}

/** The same in a transaction; `locks`: until it ends nobody else accepts or undoes it. */
export async function importIn(tx: Tx, scope: InBusiness, id: string, locks = false): Promise<Import> {
  const [row] = isId(id)
    ? await rowsOf<Import>(
        tx,
        sql`select ${columns} from app.imports where business_id = ${scope.businessId} and id = ${id} ${locks ? sql`for update` : sql``}`,
      )
    : [];
  if (row === undefined) throw new Refusal("not_found", "There is no such file any more.");
  return row;
}

/** The file read again as it was chosen. */
export async function readingOf(tx: Tx, scope: Scope, one: Import): Promise<Reading> {
  const [row] = await rowsOf<{ bytes: Buffer }>(
    tx,
    sql`select bytes from app.imports where business_id = ${scope.businessId} and id = ${one.id}`,
  );
  if (row === undefined || row.bytes.length === 0) throw new Refusal("not_found", "The file was thrown away.");
  return read(scope, row.bytes, one.fileName, one.choices);
}

export type Change = Partial<Choices>;

/** Another choice at the preview: columns, accounts, channel. The file is read again and counted again; nothing is written to the books. */
export async function chooseFor(scope: Scope, id: string, change: Change): Promise<Stored> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const one = await importIn(tx, scope, id, true);
    if (one.state !== "preview") throw new Refusal("stale", "This file was dealt with already. Load the page again.");
    const before = { ...one, choices: { ...one.choices, ...change } };
    const reading = await readingOf(tx, scope, before);
    const chosen: Choices = { ...one.choices, ...change };
    const suggested = reading.type === "bank" && chosen.accounts.length !== reading.accounts.length;
    const choices: Choices = {
      ...chosen,
      layout: reading.type === "bank" ? reading.layout : null,
      ...(reading.type === "channel" && reading.sales !== undefined ? { sales: reading.sales } : {}),
      accounts: suggested ? (await suggest(tx, scope, reading, null)).accounts : chosen.accounts,
    };
    await checkChoices(tx, scope, reading, choices);
    return write(tx, scope, one, reading, choices);
  });
}

async function checkChoices(tx: Tx, scope: Scope, reading: Reading, choices: Choices): Promise<void> {
  const known = await moneyAccountsIn(tx, scope);
  const codes = choices.accounts.flatMap((choice) => codeOf(choice) ?? []);
  if (codes.some((code) => !known.some((account) => account.code === code)))
    throw new Refusal("unknown_id", "Choose one of the accounts.", { field: "account" });
  if (new Set(codes).size < codes.length)
    throw new Refusal("duplicate_id", "The file has several accounts; each goes into one of its own.", {
      field: "account",
    });
  if (reading.type !== "channel" || choices.channel === null) return;
  const rows = await rowsOf<{ kind: string }>(
    tx,
    sql`select kind from app.channels where business_id = ${scope.businessId} and id = ${choices.channel}`,
  );
  if (rows[0]?.kind !== reading.channel)
    throw new Refusal("unknown_id", `Choose one of your ${kinds[reading.channel].manifest.name} channels.`, {
      field: "channel",
    });
}

async function write(tx: Tx, scope: Scope, one: Import, reading: Reading, choices: Choices): Promise<Stored> {
  const result = await look(tx, scope, one.fileName, reading, choices, one.id);
  await tx.execute(sql`
    update app.imports set choices = ${JSON.stringify(choices)}::jsonb, result = ${JSON.stringify(result)}::jsonb, layout = ${reading.kind},
      channel_id = ${choices.channel}, account_code = ${firstCode(choices)}
    where business_id = ${scope.businessId} and id = ${one.id}`);
  return result;
}

/** Changes an import's state and what is kept with it, in the caller's transaction. */
export async function moveImport(
  tx: Tx,
  scope: InBusiness,
  id: string,
  to: Readonly<{ state: ImportState; choices?: Choices; result?: Stored; channel?: string }>,
): Promise<void> {
  const sets = [sql`state = ${to.state}`];
  if (to.choices !== undefined)
    sets.push(sql`choices = ${JSON.stringify(to.choices)}::jsonb`, sql`account_code = ${firstCode(to.choices)}`);
  if (to.result !== undefined) sets.push(sql`result = ${JSON.stringify(to.result)}::jsonb`);
  if (to.channel !== undefined) sets.push(sql`channel_id = ${to.channel}`);
  if (to.state === "accepted") sets.push(sql`accepted_at = now()`);
  await tx.execute(
    sql`update app.imports set ${sql.join(sets, sql`, `)} where business_id = ${scope.businessId} and id = ${id}`,
  );
}

/** Throws a previewed file away. */
export async function discardImport(scope: Scope, id: string): Promise<void> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const one = await importIn(tx, scope, id, true);
    if (one.state === "discarded") return;
    if (one.state !== "preview")
      throw new Refusal("in_use", "This file was taken in. Take it back instead.", { import: id });
    await tx.execute(
      sql`update app.imports set state = 'discarded', bytes = ''::bytea where business_id = ${scope.businessId} and id = ${id}`,
    );
    await recordAudit(tx, scope, { what: "import.discard", about: id, before: { file: one.fileName } });
  });
}

/** Imports newest first, without those that were thrown away. `after` is the id of the last one that was seen. */
export async function listImports(
  scope: Scope,
  page: Readonly<{ kind?: "bank" | "channel" | undefined; after?: string | undefined; limit?: number }> = {},
): Promise<Readonly<{ rows: readonly Import[]; next: string | null }>> {
  require(scope, "read");
  const limit = Math.min(Math.max(page.limit ?? 50, 1), 200);
  return inBusiness(scope, async (tx) => {
    const wanted = [sql`business_id = ${scope.businessId}`, sql`state <> 'discarded'`];
    if (page.kind !== undefined) wanted.push(sql`kind = ${page.kind}`);
    if (page.after !== undefined && isId(page.after)) wanted.push(sql`id < ${page.after}::uuid`);
    const rows = await rowsOf<Import>(
      tx,
      sql`select ${columns} from app.imports where ${sql.join(wanted, sql` and `)} order by id desc limit ${limit + 1}`,
    );
    const shown = rows.slice(0, limit);
    return { rows: shown, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
  });
}

/** Earlier imports of the very same bytes that are in the books. */
export function sameFile(scope: Scope, one: Pick<Import, "id" | "sha256">): Promise<readonly Import[]> {
  return inBusiness(scope, (tx) =>
    rowsOf<Import>(
      tx,
      sql`select ${columns} from app.imports where business_id = ${scope.businessId} and sha256 = ${one.sha256} and id <> ${one.id} and state = 'accepted'
          order by id desc limit 5`,
    ),
  );
}

export type { SalesColumn } from "../../integrations/index";
export type { BankReading, ChannelReading, CsvLayout, Problem, SalesLayout };
