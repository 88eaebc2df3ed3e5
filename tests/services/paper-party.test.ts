/** Whom papers are made out to: kept apart and sealed, found by name, erased when no law asks for it, and the books stay proved. */
import { sql } from "drizzle-orm";
import type postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { issuedPaper, issuedRows, issuedView } from "../../lib/desk/issued-reads";
import { issueCreditNote, issueInvoice } from "../../lib/desk/issuing";
import { eraseParty } from "../../lib/desk/paper-erasing";
import { newId } from "../../lib/system/ids";
import { anIndianShop, issueAll, theirs } from "../support/india";
import { openRaces } from "../support/races";
import { aShop, give, item, order, proved, purchase, refused } from "../support/trading";

let owner: postgres.Sql;
beforeAll(async () => {
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

const sold = async (name: string) => {
  const scope = await aShop(name);
  await give(scope, [
    item("mug", "Mug", "MUG"),
    purchase("p1", "2026-03-01", [["mug", 9n, 9_000n]]),
    order("o1", "2026-04-03", [["Mug", 2n, 4_000n, "MUG"]]),
    order("o2", "2026-04-04", [["Mug", 1n, 2_000n, "MUG"]]),
    {
      kind: "return",
      id: "r1",
      date: "2026-04-20",
      order: "o1",
      lines: [
        {
          id: "r1-1",
          line: "o1-1",
          qty: 1n,
          amount: 2_000n,
          restock: true,
          writeOff: false,
          location: null,
          placed: true,
        },
      ],
    },
  ]);
  return scope;
};
const ada = { name: "Ada Lovelace", address: "12 St James’s Square\nLondon", taxNumber: "" };

test("a name and an address lie sealed and apart, stand on the paper, and are found by name", async () => {
  const [scope, other] = [await sold("Papers"), await sold("Other papers")];
  const invoice = await issueInvoice(scope, { order: "o1", on: "2026-04-05", to: ada });
  const nobody = await issueInvoice(scope, {
    order: "o2",
    on: "2026-04-05",
    to: { name: "", address: "", taxNumber: "" },
  });
  const note = await issueCreditNote(scope, { return: "r1", on: "2026-04-21" });
  const everything = await owner<{ text: string }[]>`
    select d::text as text from issued_documents d where business_id = ${scope.businessId}
    union all select y::text from party_pii y where business_id = ${scope.businessId}
    union all select a::text from audit_trail a where business_id = ${scope.businessId}
    union all select e::text from journal_entries e where business_id = ${scope.businessId}`;
  expect(everything.filter(({ text }) => /Lovelace|James/.test(text))).toEqual([]);
  expect((await issuedView(scope, invoice.id)).party).toEqual(ada);
  // The credit note is made out to whom the invoice was.
  expect((await issuedView(scope, note.id)).party).toEqual(ada);
  expect(issuedPaper(await issuedView(scope, nobody.id)).to).toBeNull();
  const found = async (words: string) => (await issuedRows(scope, { words }, null)).rows.map(({ number }) => number);
  expect(await found("lovelace")).toEqual([note.number, invoice.number]);
  expect(await found(invoice.number)).toEqual([invoice.number]);
  expect(await found("Turing")).toEqual([]);
  expect((await issuedRows(scope, {}, null)).rows.map(({ to }) => to)).toEqual([ada.name, "", ada.name]);
  expect((await issuedRows(other, { words: "lovelace" }, null)).rows).toEqual([]);
  // Another paper's party opens under no other paper.
  await owner.begin(async (moved) => {
    await moved`set local session_replication_role = replica`;
    await moved`update party_pii y set key_id = z.key_id, nonce = z.nonce, ciphertext = z.ciphertext, tag = z.tag from party_pii z
      where y.business_id = ${scope.businessId} and z.business_id = ${scope.businessId} and y.document_id = ${note.id} and z.document_id = ${invoice.id}`;
  });
  expect((await refused(issuedView(scope, note.id))).code).toBe("connect_failed");
  expect((await issuedRows(scope, {}, null)).rows.map(({ to }) => to)).toEqual([
    "cannot be read: its key is not here",
    "",
    ada.name,
  ]);
  await proved(scope, other);
});

test("they are erased at once where no law asks for them, once and for good, and the books stay proved", async () => {
  const [scope, other] = [await sold("Erasing"), await sold("Not erasing")];
  const { id } = await issueInvoice(scope, { order: "o1", on: "2026-04-05", to: { ...ada, taxNumber: "GB 1" } });
  expect((await refused(eraseParty({ ...scope, role: "viewer" }, id))).code).toBe("not_allowed");
  expect((await refused(eraseParty(other, id))).code).toBe("not_found");
  expect((await refused(eraseParty(scope, newId()))).code).toBe("not_found");
  await eraseParty(scope, id);
  const view = await issuedView(scope, id);
  expect(view.party).toEqual({ name: "", address: "", taxNumber: "GB 1" });
  expect(view.erasedAt).not.toBeNull();
  expect(issuedPaper(view).notes[0]).toBe("The name and address that stood here were erased.");
  const [left] =
    await owner`select name, address, key_id, nonce, ciphertext, tag from party_pii where document_id = ${id}`;
  expect(Object.values({ ...left })).toEqual([null, null, null, null, null, null]);
  expect((await refused(eraseParty(scope, id))).code).toBe("stale");
  // The credit note of an invoice without a name has none either.
  const note = await issueCreditNote(scope, { return: "r1", on: "2026-04-21" });
  expect((await issuedView(scope, note.id)).party.name).toBe("");
  // Nobody writes another party over it.
  const write = inBusiness(scope, (tx) =>
    tx.execute(
      sql`update app.party_pii set name = 'Eve', address = '', erased_at = null where business_id = ${scope.businessId}`,
    ),
  );
  await expect(write).rejects.toMatchObject({ cause: { code: "23001", constraint_name: "party_pii_final" } });
  await proved(scope);
});

test("in India they are kept until the term of the law is over, and what was kept in clear before is erased as well", async () => {
  const scope = await anIndianShop();
  const { first } = await issueAll(scope);
  expect((await issuedView(scope, first.id)).kept).toMatchObject({ until: "2033-12-31" });
  expect((await refused(eraseParty(scope, first.id))).code).toBe("not_ready");
  expect((await issuedView(scope, first.id)).party).toMatchObject({ name: "Ada", taxNumber: theirs });
  await proved(scope);
  const elsewhere = await sold("Before");
  const { id } = await issueInvoice(elsewhere, { order: "o1", on: "2026-04-05", to: ada });
  await owner.begin(async (before) => {
    await before`set local session_replication_role = replica`;
    await before`update party_pii set name = 'Grace', address = '', key_id = null, nonce = null, ciphertext = null, tag = null where document_id = ${id}`;
  });
  expect((await issuedView(elsewhere, id)).party.name).toBe("Grace");
  await eraseParty(elsewhere, id);
  expect((await issuedView(elsewhere, id)).party.name).toBe("");
  await proved(elsewhere);
});
