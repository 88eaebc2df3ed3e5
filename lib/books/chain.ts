/**
 * The journal's hash chain (I9 of reliability.md, docs/decisions/0004-hash-chain.md). Entries are numbered without gaps in each
 * business. An entry's digest is the SHA-256 of its number, all its columns and its postings; each append is a block, whose hash covers
 * the hash of the block before it and its entries' digests in order. So a changed byte is named by its entry, a digest made to fit by
 * its block, a row that is gone by its number. The same text is made here, as entries are added, and by the database (`entryText`), as
 * they are proved: the database works through a million entries in seconds without handing them out.
 */
import * as crypto from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import type { journalEntries, postings } from "../../db/schema";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { invariant } from "../core/errors";
import { sha256Hex } from "../system/sha256";

type Header = Omit<typeof journalEntries.$inferInsert, "digest">;
type Line = typeof postings.$inferInsert;

/** An append on its way: `firstNo` is the number of its first entry, `added` how many of its `size` entries were digested so far. */
export type Block = {
  readonly blockNo: bigint;
  readonly firstNo: bigint;
  readonly size: number;
  readonly hash: crypto.Hash;
  /** When it is recorded, in microseconds, as the digests have it. */
  readonly micros: string;
  added: number;
};

/** The last number, block and hash (hex) of a business's journal. */
export type ChainHead = Readonly<{ entryNo: bigint; blockNo: bigint; hash: string }>;

/** The hash that stands before a business's first block. */
export function genesis(businessId: string): string {
  return sha256Hex(`lotbook journal ${businessId}`);
}

/** Where the chain ends now. Whoever goes on to append holds the row until the transaction ends. */
export async function chainHead(tx: Tx, scope: InBusiness, isHeld = false): Promise<ChainHead> {
  const [row] = await rowsOf<{ entry_no: string; block_no: string; hash: string }>(
    tx,
    sql`select entry_no::text, block_no::text, encode(hash, 'hex') as hash from app.journal_heads
        where business_id = ${scope.businessId}${isHeld ? sql` for update` : sql``}`,
  );
  if (row === undefined) return { entryNo: 0n, blockNo: 0n, hash: genesis(scope.businessId) };
  return { entryNo: BigInt(row.entry_no), blockNo: BigInt(row.block_no), hash: row.hash };
}

/** Begins a block of `size` entries, recorded at one instant, after the last block. The caller holds the books' lock. */
export async function beginBlock(tx: Tx, scope: InBusiness, size: number, recordedAt: string): Promise<Block> {
  const head = await chainHead(tx, scope, true);
  const blockNo = head.blockNo + 1n;
  const firstNo = head.entryNo + 1n;
  const hash = crypto
    .createHash("sha256")
    .update(head.hash, "hex")
    .update(`${blockNo} ${firstNo} ${firstNo + BigInt(size) - 1n}\n`);
  return { blockNo, firstNo, size, hash, micros: `${Date.parse(recordedAt)}000`, added: 0 };
}

/** The next entry of a block: its digest as the database takes it. Entries are digested in the order of their numbers. */
export function digestNext(block: Block, header: Header, lines: readonly Line[]): string {
  invariant(header.entryNo === block.firstNo + BigInt(block.added), "entries of a block are digested in their order");
  block.added += 1;
  const digest = sha256Hex(textOf(header, lines, block.micros));
  block.hash.update(digest, "hex");
  return `\\x${digest}`;
}

/** Writes a block whose entries are written, and moves the head of the chain to it. */
export async function endBlock(tx: Tx, scope: InBusiness, block: Block, recordedAt: string): Promise<void> {
  invariant(block.added === block.size, "a block has the entries that it was begun for");
  const lastNo = block.firstNo + BigInt(block.size) - 1n;
  const hash = sql`decode(${block.hash.digest("hex")}, 'hex')`;
  // Sent together: neither waits for the other's answer.
  await Promise.all([
    tx.execute(sql`insert into app.journal_blocks (business_id, block_no, first_no, last_no, hash, recorded_at)
      values (${scope.businessId}, ${block.blockNo}, ${block.firstNo}, ${lastNo}, ${hash}, ${recordedAt}::timestamptz)`),
    tx.execute(sql`insert into app.journal_heads (business_id, entry_no, block_no, hash)
      values (${scope.businessId}, ${lastNo}, ${block.blockNo}, ${hash})
      on conflict (business_id) do update set entry_no = excluded.entry_no, block_no = excluded.block_no, hash = excluded.hash`),
  ]);
}

/** A text as the database's `quote_nullable` writes it: where one ends can always be told, so two contents never make one text. */
function quoted(text: string | null | undefined): string {
  if (text === null || text === undefined) return "NULL";
  if (!/['\\]/.test(text)) return `'${text}'`;
  return `${text.includes("\\") ? "E" : ""}'${text.replace(/['\\]/g, "$&$&")}'`;
}

/** What is digested of an entry: the same text as `entryText` in the database. A change of it is a new version, `1` being this one. */
function textOf(e: Header, lines: readonly Line[], micros: string): string {
  let text = `1 ${e.entryNo} ${e.id} ${quoted(e.documentKind)} ${quoted(e.documentId)} ${quoted(e.purpose)} ${e.nth} ${e.effectiveOn} ${e.postedOn} ${micros} ${e.isCorrection} ${e.postings} ${quoted(e.memo)}`;
  for (const p of lines) {
    text += `\n${p.place} ${p.of} ${quoted(p.debit)} ${quoted(p.credit)} ${p.amountMinor} ${p.postedOn} ${quoted(p.channelId)} ${quoted(p.itemId)} ${quoted(p.locationId)} ${quoted(p.lineId)}`;
    // Only where there is one, so that what was digested before there were any is digested as it was.
    if (p.currency != null) text += ` ${quoted(p.currency)} ${p.foreignMinor}`;
  }
  return text;
}

/** The same in the database, for the entry `e` and the text of its postings (`postingText`, joined in the order of their places). Days are ISO there. */
export function entryText(postingsText: SQL): SQL {
  return sql`concat_ws(' ', '1', e.entry_no, e.id, quote_nullable(e.document_kind), quote_nullable(e.document_id), quote_nullable(e.purpose), e.nth,
      e.effective_on, e.posted_on, (extract(epoch from e.recorded_at) * 1000000)::bigint, e.is_correction::text, e.postings, quote_nullable(e.memo))
    || coalesce(${postingsText}, '')`;
}

/** One posting `p` of it; `concat_ws` leaves out what is null, so that one in the books' currency alone ends with its line. */
export const postingText =
  sql.raw(`chr(10) || concat_ws(' ', p.place, p."of", quote_nullable(p.debit), quote_nullable(p.credit), p.amount_minor,
  p.posted_on, quote_nullable(p.channel_id), quote_nullable(p.item_id), quote_nullable(p.location_id), quote_nullable(p.line_id),
  quote_literal(p.currency), p.foreign_minor)`);
