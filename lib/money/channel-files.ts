/** A channel's file against the documents that are stored already: which of its rows say something new. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { ChannelReading } from "../../integrations/index";
import type { Counts } from "./import-result";

const documentsAQuery = 5_000;

/** The rows that a document was made of, by their numbers in the file. */
function rowsOfDocument(body: unknown): readonly number[] {
  const rows = (body as Readonly<{ rows?: readonly Readonly<{ row?: unknown }>[] }> | null)?.rows;
  return Array.isArray(rows) ? rows.flatMap(({ row }) => (typeof row === "number" ? [row] : [])) : [];
}

/**
 * Counts a file's rows: new are those that stand in a document which is not here yet, or only in a version that is replaced. `channel`
 * null: a channel that will be added, where all is new. Rows that no document holds are as the rest of the file.
 */
export async function countFresh(
  tx: Tx,
  scope: InBusiness,
  channel: string | null,
  reading: ChannelReading,
): Promise<Counts> {
  const fresh = await freshDocuments(tx, scope, channel, reading);
  const newRows = new Set<number>();
  const all = new Set<number>();
  for (const document of reading.documents) {
    for (const row of rowsOfDocument(document.body)) {
      all.add(row);
      if (fresh.has(document.externalId)) newRows.add(row);
    }
  }
  const outside = Math.max(0, reading.read - all.size);
  const isNew = Math.min(reading.read, newRows.size + (fresh.size > 0 ? outside : 0));
  return { new: isNew, already: reading.read - isNew, doubtful: 0 };
}

/**
 * The external ids of the documents that storing this file would add, or replace. A row that only stands elsewhere in another export says
 * nothing new, so numbers of rows are not compared.
 */
export async function freshDocuments(
  tx: Tx,
  scope: InBusiness,
  channel: string | null,
  { documents }: Pick<ChannelReading, "documents">,
): Promise<ReadonlySet<string>> {
  if (channel === null) return new Set(documents.map((document) => document.externalId));
  const fresh = new Set<string>();
  for (let from = 0; from < documents.length; from += documentsAQuery) {
    const part = documents.slice(from, from + documentsAQuery);
    const known = await rowsOf<{ id: string; version: string; body: unknown }>(
      tx,
      sql`select external_id as id, version, body from app.raw_documents where business_id = ${scope.businessId} and channel_id = ${channel}
            and feed = 'file' and external_id = any(${list(
              "text",
              part.map((document) => document.externalId),
            )})`,
    );
    const versions = new Map<string, (typeof known)[number][]>();
    for (const row of known) versions.set(row.id, [...(versions.get(row.id) ?? []), row]);
    for (const { externalId, version, body } of part) {
      const here = versions.get(externalId) ?? [];
      const said = contentOf(body);
      // What this product adds to a version whose body changed (`1#2f…`) still is that version.
      const isKnown = here.some(
        (row) => (row.version > version && !row.version.startsWith(`${version}#`)) || contentOf(row.body) === said,
      );
      if (!isKnown) fresh.add(externalId);
    }
  }
  return fresh;
}

/** A body as text that is the same for the same content: keys sorted, without the numbers of its rows. */
function contentOf(body: unknown): string {
  return JSON.stringify(body, (key, value: unknown) => {
    if (key === "row" && typeof value === "number") return undefined;
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
