/**
 * What a business in India says for its tax: whether its prices hold it, its turnover, what each item is (code, unit, rate, from a day on)
 * and which operator a channel's sales go through. Rows of the desk: they hold for what is issued from then on and change nothing that is.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { channelOperators, gstSettings, itemTaxes } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { gstBegan, type ItemTax, type Nature, natures, parseRate, unitOf } from "../core/gst";
import { parseMinor } from "../core/money";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { taxNumberOf } from "./letterhead";

/** Only a business in India that keeps its books in rupees has GST. */
export const hasGst = (scope: Pick<Scope, "country" | "currency">): boolean =>
  scope.country === "IN" && scope.currency === "INR";

/** Refuses `not_found` for a business that has none: its pages are not there. */
export function requireGst(scope: Scope): void {
  if (!hasGst(scope)) throw new Refusal("not_found", "Only a business in India has GST.");
}

/** `gstin` is the letterhead's, empty where none was given; amounts in paise. */
export type GstSettings = Readonly<{ gstin: string; isWithin: boolean; turnoverMinor: bigint }>;

export async function gstSettingsIn(tx: Tx, scope: Scope): Promise<GstSettings> {
  const b = scope.businessId;
  const [row] = await rowsOf<{ gstin: string | null; within: boolean | null; turnover: string | null }>(
    tx,
    sql`select (select l.tax_number from app.letterheads l where l.business_id = ${b}) as gstin,
          (select s.is_within from app.gst_settings s where s.business_id = ${b}) as within,
          (select s.turnover_minor::text from app.gst_settings s where s.business_id = ${b}) as turnover`,
  );
  return { gstin: row?.gstin ?? "", isWithin: row?.within ?? true, turnoverMinor: BigInt(row?.turnover ?? "0") };
}

/** What was said, for its form and the returns. */
export async function gstSettingsOf(scope: Scope): Promise<GstSettings> {
  require(scope, "read");
  requireGst(scope);
  return inBusiness(scope, (tx) => gstSettingsIn(tx, scope));
}

/** Says it anew; owners only. `turnover` as typed, of the tax year before. Refuses what is no amount at its field. */
export async function saveGstSettings(
  scope: Scope,
  input: Readonly<{ isWithin: boolean; turnover: string }>,
): Promise<void> {
  require(scope, "settings");
  requireGst(scope);
  const turnoverMinor = input.turnover.trim() === "" ? 0n : parseMinor(input.turnover, scope.currency);
  if (turnoverMinor < 0n) throw new Refusal("bad_number", "A turnover is not below 0.", { field: "turnover" });
  return inBusiness(scope, async (tx) => {
    const { isWithin, turnoverMinor: was } = await gstSettingsIn(tx, scope);
    await recordAudit(tx, scope, {
      what: "gst.settings",
      about: scope.name,
      before: { isWithin, turnover: was },
      after: { isWithin: input.isWithin, turnover: turnoverMinor },
    });
    await bulkInsert(
      tx,
      gstSettings,
      [{ businessId: scope.businessId, isWithin: input.isWithin, turnoverMinor }],
      sql`on conflict (business_id) do update set is_within = excluded.is_within, turnover_minor = excluded.turnover_minor`,
    );
  });
}

export type ItemTaxRow = ItemTax & Readonly<{ from: LocalDate }>;

const isNature = (text: string): text is Nature => natures.some((nature) => nature === text);

type TaxRow = { item_id: string; from: string; hsn: string; uqc: string; nature: string; rate: number };

function taxOf({ hsn, uqc, nature, rate }: TaxRow): ItemTax {
  // The table's own check holds the words; a newer one would be taxable until this program knows it.
  return { hsn, uqc, nature: isNature(nature) ? nature : "taxable", rate: BigInt(rate) };
}

/** What an item was and is for the tax, newest first. */
export async function itemTaxesOf(scope: Scope, item: string): Promise<readonly ItemTaxRow[]> {
  require(scope, "read");
  requireGst(scope);
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<TaxRow>(
      tx,
      sql`select item_id, from_date::text as from, hsn, uqc, nature, rate from app.item_taxes
          where business_id = ${scope.businessId} and item_id = ${item} order by from_date desc`,
    );
    return rows.map((row) => ({ from: row.from, ...taxOf(row) }));
  });
}

/** What these items are on a day; one that nobody said anything of is left out. */
export async function itemTaxesOn(
  tx: Tx,
  scope: Scope,
  items: readonly string[],
  on: LocalDate,
): Promise<ReadonlyMap<string, ItemTax>> {
  const b = scope.businessId;
  const rows = await rowsOf<TaxRow>(
    tx,
    sql`select distinct on (t.item_id) t.item_id, t.from_date::text as from, t.hsn, t.uqc, t.nature, t.rate from app.item_taxes t
        where t.business_id = ${b} and t.item_id = any(${list("text", [...new Set(items)])}) and t.from_date <= ${on}::date
        order by t.item_id, t.from_date desc`,
  );
  return new Map(rows.map((row) => [row.item_id, taxOf(row)]));
}

/** A code, a unit, a nature and a rate as typed. */
export type TypedItemTax = Readonly<{
  item: string;
  from: LocalDate;
  hsn: string;
  uqc: string;
  nature: string;
  rate: string;
}>;

/** Says what an item is for the tax from a day on; said again for the same day it is corrected. Refuses each field at itself. */
export async function saveItemTax(scope: Scope, input: TypedItemTax): Promise<void> {
  require(scope, "write");
  requireGst(scope);
  const hsn = input.hsn.replace(/\s/g, "");
  if (!/^(\d{2}|\d{4}|\d{6}|\d{8})?$/.test(hsn))
    throw new Refusal("bad_field", "An HSN or SAC code has 2, 4, 6 or 8 digits.", { field: "hsn" });
  const uqc = unitOf(input.uqc);
  if (uqc === null) throw new Refusal("bad_field", "Choose a unit of the portal’s list.", { field: "uqc" });
  if (!isNature(input.nature)) throw new Refusal("bad_field", "Choose how it is taxed.", { field: "nature" });
  const { nature } = input;
  const rate = nature === "taxable" ? parseRate(input.rate) : 0n;
  if (input.from < gstBegan) throw new Refusal("bad_date", "GST began on 1 July 2017.", { field: "from" });
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [known] = await rowsOf<{ name: string }>(
      tx,
      sql`select name from app.items where business_id = ${b} and id = ${input.item} and not is_undone for update`,
    );
    if (known === undefined) throw new Refusal("not_found", "There is no such product, or it was taken back.");
    const before = (await itemTaxesOn(tx, scope, [input.item], input.from)).get(input.item);
    await recordAudit(tx, scope, {
      what: "gst.item",
      about: `item/${input.item}`,
      ...(before === undefined ? {} : { before }),
      after: { from: input.from, hsn, uqc, nature, rate },
    });
    await bulkInsert(
      tx,
      itemTaxes,
      [{ businessId: b, itemId: input.item, fromDate: input.from, hsn, uqc, nature, rate: Number(rate) }],
      sql`on conflict (business_id, item_id, from_date) do update set hsn = excluded.hsn, uqc = excluded.uqc, nature = excluded.nature,
          rate = excluded.rate`,
    );
  });
}

/** The operator of a channel, null where none was named. */
export async function operatorOf(
  tx: Tx,
  scope: Scope,
  channel: string,
): Promise<Readonly<{ gstin: string; pays: boolean }> | null> {
  const [row] = await rowsOf<{ tax_number: string; pays: boolean }>(
    tx,
    sql`select tax_number, pays from app.channel_operators where business_id = ${scope.businessId} and channel_id = ${channel}`,
  );
  return row === undefined ? null : { gstin: row.tax_number, pays: row.pays };
}

/** Every channel with its operator, by name; the number is empty where none was named. */
export async function operatorsOf(
  scope: Scope,
): Promise<readonly Readonly<{ channel: string; name: string; gstin: string; pays: boolean }>[]> {
  require(scope, "read");
  requireGst(scope);
  const b = scope.businessId;
  return inBusiness(scope, (tx) =>
    rowsOf<{ channel: string; name: string; gstin: string; pays: boolean }>(
      tx,
      sql`select c.id as channel, c.name, coalesce(o.tax_number, '') as gstin, coalesce(o.pays, false) as pays from app.channels c
          left join app.channel_operators o on o.business_id = ${b} and o.channel_id = c.id
          where c.business_id = ${b} order by c.name, c.id`,
    ),
  );
}

/** Names the operator that a channel's sales go through; an empty number names none any more. Owners only. */
export async function saveOperator(
  scope: Scope,
  input: Readonly<{ channel: string; taxNumber: string; pays: boolean }>,
): Promise<void> {
  require(scope, "settings");
  requireGst(scope);
  const taxNumber = taxNumberOf(scope, input.taxNumber, "taxNumber");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [known] = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.channels where business_id = ${b} and id = ${input.channel} for update`,
    );
    if (known === undefined) throw new Refusal("not_found", "There is no such channel.");
    const before = await operatorOf(tx, scope, input.channel);
    await recordAudit(tx, scope, {
      what: "gst.operator",
      about: `channel/${input.channel}`,
      before: { operator: before?.gstin ?? "", pays: before?.pays ?? false },
      after: { operator: taxNumber, pays: input.pays },
    });
    if (taxNumber === "") {
      await tx.execute(
        sql`delete from app.channel_operators where business_id = ${b} and channel_id = ${input.channel}`,
      );
      return;
    }
    await bulkInsert(
      tx,
      channelOperators,
      [{ businessId: b, channelId: input.channel, taxNumber, pays: input.pays }],
      sql`on conflict (business_id, channel_id) do update set tax_number = excluded.tax_number, pays = excluded.pays`,
    );
  });
}
