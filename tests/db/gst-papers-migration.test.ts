/** Books from before 0026: names move apart from their papers, taxes of purchases wait to be booked, and India gets its account of TCS. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "../../db/migrate";
import { closeDatabase } from "../../db/scope";
import { gstr3bView } from "../../lib/desk/gst-reads";
import { issuedView } from "../../lib/desk/issued-reads";
import { testDatabase } from "../support/database";
import { anIndianShop, april, gstin, issueAll, theirs } from "../support/india";
import { aShop, proved } from "../support/trading";

let owner: postgres.Sql;
beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

/** The database as it was before 0026. */
const before = () =>
  owner.unsafe(`
    drop table app.party_pii, app.gst_set_offs;
    drop function app.refuse_other_party();
    alter table app.purchases drop column igst_minor, drop column cgst_minor, drop column sgst_minor;
    alter table app.purchase_taxes drop column is_booked;
    alter table app.issued_taxes drop column told_number, drop column told_on, drop column told_minor;
    set session_replication_role = replica;
    delete from app.accounts where code = '1224';
    update app.issued_documents set to_name = 'Ada', to_address = 'Pune' where number = 'INV-2026-0001';
    reset session_replication_role;
    delete from app.migrations where name = '0026_gst_papers.sql'`);

test("what was there is as it was, and is told from where it now is", async () => {
  const [scope, other] = [await anIndianShop(), await aShop("Elsewhere")];
  const { first, second } = await issueAll(scope);
  await before();
  await owner.begin(async (wrote) => {
    await wrote`set local session_replication_role = replica`;
    await wrote`insert into app.purchase_taxes (business_id, purchase_id, number, buyer, supplier, pos, nature, is_import, is_reverse_charge,
        is_blocked, taxable_minor, igst_minor, cgst_minor, sgst_minor, cess_minor)
      values (${scope.businessId}, 'p2', 'S-9', ${gstin}, ${theirs}, '27', 'taxable', false, false, false, 42373, 7627, 0, 0, 0)`;
  });
  const database = await testDatabase();
  expect((await migrate(database.url, database.appPassword)).ran).toEqual(["0026_gst_papers.sql"]);
  const left =
    await owner`select to_name, to_address from app.issued_documents where to_name <> '' or to_address <> ''`;
  expect(left).toHaveLength(0);
  expect((await issuedView(scope, first.id)).party).toEqual({ name: "Ada", address: "Pune", taxNumber: theirs });
  expect((await issuedView(scope, second.id)).party.name).toBe("");
  const accounts = await owner`select business_id as business from app.accounts where code = '1224'`;
  expect(accounts.map(({ business }) => business as string)).toEqual([scope.businessId]);
  expect((await gstr3bView(scope, gstin, april)).beside.unbooked).toBe(1);
  await proved(scope, other);
});
