/**
 * Files beside documents: the photo of a receipt beside its purchase. A row says that a file comes, its bytes are stored, and then it is
 * here: so an upload that dies midway is shown to nobody, and an hour later the job `dropFile` takes away what it left. One that is
 * removed is gone from the page at once, its bytes by the same job after the commit.
 */
import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { attachments } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { namesOf } from "../people/users";
import { env } from "../system/env";
import { newId } from "../system/ids";
import { request } from "../system/outbox";
import { getBytes, putBytes, removeBytes } from "../system/store";
import { fileTypeOf } from "./file-types";
import { issuedId } from "./issued-reads";
import { paperText } from "./letterhead";

export const mostFiles = 20;
export const mostFileBytes = 10 * 1024 * 1024;
const sweptAfterMs = 3_600_000;

/** What files stand beside. */
const documentKinds = ["purchase", "adjustment", "transfer"] as const;

export type Attachment = Readonly<{
  id: string;
  name: string;
  type: string;
  size: number;
  at: string;
  who: string | null;
}>;

/** The files beside a document (`purchase/…`, `adjustment/…`, `transfer/…`), the first first. */
export function attachmentsOf(scope: Scope, of: string): Promise<readonly Attachment[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{
      id: string;
      name: string;
      type: string;
      size: number;
      at: string;
      user: string | null;
    }>(
      tx,
      sql`select id::text as id, name, type, size::float8 as size, created_at::text as at, created_by as user from app.attachments
          where business_id = ${scope.businessId} and of_document = ${of} and is_here order by id`,
    );
    const names = await namesOf(
      tx,
      rows.map((row) => row.user),
    );
    return rows.map(({ user, ...row }) => ({ ...row, who: user === null ? null : (names.get(user) ?? null) }));
  });
}

/**
 * Puts a file beside a document. Refuses `not_found` for a document that is not there, `wrong_file_type`, `file_empty`, `file_too_large`
 * (also where the business's measure is full), `too_many_rows`, and `already_imported` for the very same file.
 */
export async function addAttachment(
  scope: Scope,
  input: Readonly<{ of: string; name: string; bytes: Uint8Array<ArrayBuffer> }>,
): Promise<string> {
  require(scope, "write");
  const { of, bytes } = input;
  const type = fileTypeOf(bytes);
  if (bytes.length > mostFileBytes) throw tooLarge();
  const hash = createHash("sha256").update(bytes).digest("hex");
  const id = newId();
  const name = nameOf(input.name);
  const key = { business: scope.businessId, file: id };
  await inBusiness(scope, async (tx) => {
    // Two who add at once are counted one after the other.
    await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
    await refuseUnknown(tx, scope, of);
    await refuseFull(tx, scope, { of, size: bytes.length, hash });
    await bulkInsert(tx, attachments, [
      {
        businessId: scope.businessId,
        id,
        ofDocument: of,
        name,
        type,
        size: BigInt(bytes.length),
        sha256: `\\x${hash}`,
        isHere: false,
        createdAt: new Date().toISOString(),
        createdBy: scope.userId,
      },
    ]);
    await request(tx, "dropFile", key, sweptAfterMs);
  });
  await putBytes(key, bytes);
  await inBusiness(scope, async (tx) => {
    await recordAudit(tx, scope, { what: "attachment.add", about: of, after: { id, name, type, size: bytes.length } });
    const rows = await rowsOf<{ id: string }>(
      tx,
      sql`update app.attachments set is_here = true where business_id = ${scope.businessId} and id = ${id}::uuid returning id`,
    );
    if (rows.length === 0) throw new Refusal("upload_incomplete", "It took too long to come in. Send it again.");
  }).catch(async (error: unknown) => {
    if (error instanceof Refusal) await removeBytes(key);
    throw error;
  });
  return id;
}

/** Removes a file; its bytes follow. Refuses `not_found`. */
export async function removeAttachment(scope: Scope, id: string): Promise<void> {
  require(scope, "write");
  const file = issuedId(id);
  await inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ name: string; of: string }>(
      tx,
      sql`delete from app.attachments where business_id = ${scope.businessId} and id = ${file}::uuid and is_here returning name, of_document as of`,
    );
    if (row === undefined) throw new Refusal("not_found", "There is no such file any more.");
    await recordAudit(tx, scope, { what: "attachment.remove", about: row.of, before: { id, name: row.name } });
    await request(tx, "dropFile", { business: scope.businessId, file });
  });
}

/** A file with its bytes. Refuses `not_found`. */
export async function attachmentFile(
  scope: Scope,
  id: string,
): Promise<Readonly<{ name: string; type: string; bytes: Uint8Array<ArrayBuffer> }>> {
  require(scope, "read");
  const file = issuedId(id);
  const row = await inBusiness(scope, async (tx) => {
    const [found] = await rowsOf<{ name: string; type: string }>(
      tx,
      sql`select name, type from app.attachments where business_id = ${scope.businessId} and id = ${file}::uuid and is_here`,
    );
    return found;
  });
  const bytes = row === undefined ? null : await getBytes({ business: scope.businessId, file });
  if (row === undefined || bytes === null) throw new Refusal("not_found", "There is no such file.");
  return { ...row, bytes };
}

/** The job: takes the bytes of a file away that is not here. One that is here stays. */
export async function dropFile(scope: Scope, file: string): Promise<void> {
  const isHere = await inBusiness(scope, async (tx) => {
    await tx.execute(
      sql`delete from app.attachments where business_id = ${scope.businessId} and id = ${file}::uuid and not is_here`,
    );
    const rows = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.attachments where business_id = ${scope.businessId} and id = ${file}::uuid`,
    );
    return rows.length > 0;
  });
  if (!isHere) await removeBytes({ business: scope.businessId, file });
}

/** What people called it, as a line that a page can show; a folder's name is no part of it. */
function nameOf(typed: string): string {
  const name = paperText(typed.replace(/^.*[\\/]/s, ""), "file", 100_000);
  return name === "" ? "File" : [...name].slice(-120).join("");
}

const tooLarge = () =>
  new Refusal("file_too_large", `A file has at most ${mostFileBytes / 1024 / 1024} MB. Send a smaller picture.`, {
    field: "file",
  });

async function refuseUnknown(tx: Tx, scope: Scope, of: string): Promise<void> {
  const b = scope.businessId;
  const id = of.slice(of.indexOf("/") + 1);
  const kind = documentKinds.find((one) => of.startsWith(`${one}/`));
  const rows =
    kind === undefined
      ? []
      : await rowsOf<{ id: string }>(
          tx,
          kind === "purchase"
            ? sql`select id from app.purchases where business_id = ${b} and id = ${id} and not is_undone`
            : kind === "adjustment"
              ? sql`select id from app.stock_documents where business_id = ${b} and kind = 'adjustment' and id = ${id}`
              : sql`select id from app.transfers where business_id = ${b} and id = ${id}`,
        );
  if (rows.length === 0) throw new Refusal("not_found", "There is no such document.");
}

async function refuseFull(
  tx: Tx,
  scope: Scope,
  file: Readonly<{ of: string; size: number; hash: string }>,
): Promise<void> {
  const b = scope.businessId;
  const [beside] = await rowsOf<{ n: number; same: number }>(
    tx,
    sql`select count(*)::int as n, (count(*) filter (where is_here and sha256 = decode(${file.hash}, 'hex')))::int as same
        from app.attachments where business_id = ${b} and of_document = ${file.of}`,
  );
  if ((beside?.same ?? 0) > 0)
    throw new Refusal("already_imported", "This very file stands beside it already.", { field: "file" });
  if ((beside?.n ?? 0) >= mostFiles)
    throw new Refusal("too_many_rows", `At most ${mostFiles} files stand beside a document.`, { field: "file" });
  const [all] = await rowsOf<{ bytes: number }>(
    tx,
    sql`select coalesce(sum(size), 0)::float8 as bytes from app.attachments where business_id = ${b}`,
  );
  const most = env().ATTACHMENTS_MB;
  if ((all?.bytes ?? 0) + file.size > most * 1_000_000)
    throw new Refusal(
      "file_too_large",
      `All files of the business together have at most ${most} MB. Remove some first.`,
      {
        field: "file",
      },
    );
}
