/** Files beside documents, on whichever store: what may stand there, who sees it, what is left of one that dies midway or is removed. */

import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { recordAdjustment } from "../../lib/desk/adjustments";
import {
  addAttachment,
  attachmentFile,
  attachmentsOf,
  dropFile,
  mostFileBytes,
  mostFiles,
  removeAttachment,
} from "../../lib/desk/attachments";
import { saveTransfer } from "../../lib/desk/transfer-drafts";
import type { Scope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { removeBusiness } from "../../lib/people/businesses";
import { takeDue } from "../../lib/system/outbox";
import { getBytes, putBytes } from "../../lib/system/store";
import { makeRunner } from "../../workers/run";
import { aShelf, input } from "../support/adjusting";
import { testDatabase } from "../support/database";
import { proved, refused } from "../support/trading";

/** What a test asks of the store itself: how many files are in it, and how to break it. */
export type StoreUnderTest = Readonly<{ files: () => Promise<number>; breakIt: () => Promise<() => Promise<void>> }>;

const bytesOf = (...parts: readonly (string | readonly number[])[]) =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part)))),
  );
let nth = 0;
const photo = () => {
  nth += 1;
  return bytesOf([0xff, 0xd8, 0xff, 0xe0], `photo ${nth}`);
};
const purchase = "purchase/p1";

export function suite(name: string, open: () => Promise<StoreUnderTest>): void {
  let store: StoreUnderTest;
  let owner: postgres.Sql;
  let scope: Scope;
  let other: Scope;
  beforeAll(async () => {
    store = await open();
    owner = postgres((await testDatabase()).url, {
      max: 1,
      onnotice: () => undefined,
      connection: { search_path: "app" },
    });
  });
  afterAll(async () => {
    await Promise.all([owner.end(), closeDatabase()]);
  });
  beforeEach(async () => {
    [scope, other] = [await aShelf("One"), await aShelf("Two")];
  });
  const jobs = async (of: Scope) =>
    owner<{ job: string; soon: boolean }[]>`select job, not_before <= now() as soon from outbox
      where business_id = ${of.businessId} and job like 'drop%' order by not_before`;

  describe(`a file beside a document (${name})`, () => {
    it("is given back as it came, is told of, and is nobody else's", async () => {
      const bytes = photo();
      const id = await addAttachment(scope, { of: purchase, name: "C:\\photos\\receipt\u202e.jpg", bytes });
      expect(await attachmentsOf(scope, purchase)).toMatchObject([
        { id, name: "receipt .jpg", type: "image/jpeg", size: bytes.length },
      ]);
      expect(await attachmentFile(scope, id)).toEqual({ name: "receipt .jpg", type: "image/jpeg", bytes });
      expect(await attachmentsOf(other, purchase)).toEqual([]);
      expect((await refused(attachmentFile(other, id))).code).toBe("not_found");
      expect((await refused(removeAttachment(other, id))).code).toBe("not_found");
      expect((await refused(attachmentFile(scope, "../../secrets"))).code).toBe("not_found");
      expect((await auditRows(scope, { what: "attachment.add" })).rows).toMatchObject([
        { about: purchase, after: { id, name: "receipt .jpg" } },
      ]);
      const viewer: Scope = { ...scope, role: "viewer" };
      expect((await refused(addAttachment(viewer, { of: purchase, name: "a", bytes: photo() }))).code).toBe(
        "not_allowed",
      );
      expect((await refused(removeAttachment(viewer, id))).code).toBe("not_allowed");
      await proved(scope, other);
    });

    it("stands beside purchases, adjustments and transfers, and nothing that is not there", async () => {
      const adjustment = await recordAdjustment(scope, input());
      const transfer = await saveTransfer(scope, {
        id: null,
        version: null,
        from: "main",
        to: "shed",
        on: "2026-03-05",
        note: "",
        lines: [{ row: 0, item: "mug", qty: "1" }],
      });
      for (const of of [purchase, `adjustment/${adjustment.id}`, `transfer/${transfer}`]) {
        const id = await addAttachment(scope, { of, name: "a.jpg", bytes: photo() });
        expect((await attachmentsOf(scope, of)).map((one) => one.id)).toEqual([id]);
      }
      for (const of of ["purchase/none", "adjustment/none", "transfer/none", "order/o1", "purchase", ""])
        expect((await refused(addAttachment(scope, { of, name: "a", bytes: photo() }))).code).toBe("not_found");
    });

    it("is known by its content, whatever it is called", async () => {
      const cases: readonly (readonly [Uint8Array<ArrayBuffer>, string])[] = [
        [photo(), "image/jpeg"],
        [bytesOf([0x89], "PNG\r\n", [0x1a, 0x0a], "x"), "image/png"],
        [bytesOf("RIFF", [1, 0, 0, 0], "WEBPVP8 "), "image/webp"],
        [bytesOf([0, 0, 0, 24], "ftypheic", [0, 0, 0, 0]), "image/heic"],
        [bytesOf("%PDF-1.7\n"), "application/pdf"],
      ];
      for (const [bytes, type] of cases) {
        const id = await addAttachment(scope, { of: purchase, name: "x.html", bytes });
        expect((await attachmentFile(scope, id)).type).toBe(type);
      }
      for (const [bytes, code] of [
        [bytesOf("<html><script>alert(1)</script>"), "wrong_file_type"],
        [bytesOf("<svg xmlns='http://www.w3.org/2000/svg'/>"), "wrong_file_type"],
        [bytesOf("MZ\u0090"), "wrong_file_type"],
        [bytesOf("GIF89a"), "wrong_file_type"],
        [bytesOf(" %PDF-1.7"), "wrong_file_type"],
        [bytesOf([0, 0, 0, 24], "ftypisom"), "wrong_file_type"],
        [bytesOf([0xff, 0xd8]), "wrong_file_type"],
        [bytesOf(""), "file_empty"],
      ] as const)
        expect(await refused(addAttachment(scope, { of: purchase, name: "a.jpg", bytes }))).toEqual({
          code,
          field: "file",
        });
      expect(await attachmentsOf(scope, purchase)).toHaveLength(5);
    });

    it("has a measure: for one, beside one document, of one business; the same one stands once", async () => {
      const bytes = photo();
      await addAttachment(scope, { of: purchase, name: "a", bytes });
      expect((await refused(addAttachment(scope, { of: purchase, name: "b", bytes }))).code).toBe("already_imported");
      const huge = new Uint8Array(mostFileBytes + 1);
      huge.set(photo());
      expect((await refused(addAttachment(scope, { of: purchase, name: "b", bytes: huge }))).code).toBe(
        "file_too_large",
      );
      for (let n = 1; n < mostFiles; n += 1) await addAttachment(scope, { of: purchase, name: "c", bytes: photo() });
      expect((await refused(addAttachment(scope, { of: purchase, name: "d", bytes: photo() }))).code).toBe(
        "too_many_rows",
      );
      await addAttachment(other, { of: purchase, name: "a", bytes: photo() });
      await owner.begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        await tx`update attachments set size = 999999999 where business_id = ${other.businessId}`;
      });
      expect((await refused(addAttachment(other, { of: purchase, name: "b", bytes: photo() }))).code).toBe(
        "file_too_large",
      );
    });

    it("that is removed is gone at once, and its bytes with the job", async () => {
      const id = await addAttachment(scope, { of: purchase, name: "a", bytes: photo() });
      const key = { business: scope.businessId, file: id };
      expect((await jobs(scope)).map(({ soon }) => soon)).toEqual([false]);
      // Due an hour after it came: one that is here stays.
      await dropFile(scope, id);
      expect(await getBytes(key)).not.toBeNull();
      await removeAttachment(scope, id);
      expect(await attachmentsOf(scope, purchase)).toEqual([]);
      expect((await refused(attachmentFile(scope, id))).code).toBe("not_found");
      expect((await refused(removeAttachment(scope, id))).code).toBe("not_found");
      expect((await auditRows(scope, { what: "attachment.remove" })).rows).toHaveLength(1);
      expect((await jobs(scope)).map(({ soon }) => soon)).toEqual([true]);
      await dropFile(scope, id);
      await dropFile(scope, id);
      expect(await getBytes(key)).toBeNull();
      await proved(scope, other);
    });

    it("that dies midway is shown to nobody, and swept", async () => {
      const mend = await store.breakIt();
      await expect(addAttachment(scope, { of: purchase, name: "a", bytes: photo() })).rejects.toThrow();
      await mend();
      expect(await attachmentsOf(scope, purchase)).toEqual([]);
      const [row] = await inBusiness(scope, (tx) =>
        rowsOf<{ id: string }>(
          tx,
          sql`select id::text as id from app.attachments where business_id = ${scope.businessId} and not is_here`,
        ),
      );
      const id = row?.id ?? "";
      expect((await refused(attachmentFile(scope, id))).code).toBe("not_found");
      expect((await refused(removeAttachment(scope, id))).code).toBe("not_found");
      // Killed after the bytes came and before it was said that they are here.
      await putBytes({ business: scope.businessId, file: id }, photo());
      expect(await jobs(scope)).toEqual([{ job: "dropFile", soon: false }]);
      await dropFile(scope, id);
      expect(await getBytes({ business: scope.businessId, file: id })).toBeNull();
      expect(await owner`select id from attachments where business_id = ${scope.businessId}`).toEqual([]);
      await proved(scope, other);
    });

    it("of a business that is thrown away goes with it", async () => {
      for (let n = 0; n < 5; n += 1) await addAttachment(scope, { of: purchase, name: "a", bytes: photo() });
      await addAttachment(other, { of: purchase, name: "a", bytes: photo() });
      const before = await store.files();
      await removeBusiness(scope);
      expect((await jobs(scope)).map(({ job }) => job)).toEqual(["dropFiles"]);
      const runner = makeRunner(new AbortController().signal);
      for (const { id, job } of await takeDue(100)) if (job === "dropFiles") await runner.run(id);
      expect(await jobs(scope)).toEqual([]);
      expect(await store.files()).toBe(before - 5);
      expect(await attachmentsOf(other, purchase)).toHaveLength(1);
    });
  });
}
