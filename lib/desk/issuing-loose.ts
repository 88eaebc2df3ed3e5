/**
 * Credit notes of returns whose sale is not in the books: what came back has no order and no invoice of ours. So its party, its place of
 * supply and the invoice that it is of are what a person says, and its rates are those of the items on the invoice's day.
 */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { heldOn, looseNoteLines, stateOfGstin, untold } from "../core/gst";
import { parseMinor } from "../core/money";
import { require, type Scope } from "../people/access";
import { purchaseNumber } from "../stock/purchase-reads";
import {
  booksOfTaxes,
  type IssuedTaxes,
  type SupplyAsked,
  supplyOf,
  type ToldInvoice,
  usualSupply,
} from "./gst-issuing";
import { gstSettingsIn, hasGst, itemTaxesOn, operatorOf } from "./gst-settings";
import { type Addressee, addressee, type Issued, issueIn, lockFact, type ToIssue } from "./issuing";
import { paperText } from "./letterhead";

/** The invoice that the buyer has, as typed; all empty: nobody knows it. */
export type TypedInvoice = Readonly<{ number: string; on: string; value: string }>;

export type LooseNoteInput = Readonly<{
  return: string;
  on: LocalDate | null;
  to: Addressee;
  supply?: SupplyAsked;
  of?: TypedInvoice;
}>;

/**
 * Issues the credit note of a return without an order, dated `on` (null: today). Refuses `not_found`, `in_use` where one stands already, an
 * invoice that is told in part (`field_missing`) or is later than the return (`bad_date`), and what an invoice refuses of a supply.
 */
export async function issueLooseNote(scope: Scope, input: LooseNoteInput): Promise<Issued> {
  require(scope, "write");
  const to = addressee(scope, input.to);
  const told = toldOf(scope, input.of ?? { number: "", on: "", value: "" });
  return inBusiness(scope, async (tx) => {
    const books = await booksOfTaxes(tx, scope);
    const ready = await looseNoteIn(tx, scope, input.return, to, input.supply ?? usualSupply, told);
    return issueIn(tx, scope, books, ready, input.on);
  });
}

function toldOf(scope: Scope, typed: TypedInvoice): ToldInvoice | null {
  const number = paperText(typed.number, "ofNumber", 40);
  const [on, value] = [typed.on.trim(), typed.value.trim()];
  if (number === "" && on === "" && value === "") return null;
  const missing = number === "" ? "ofNumber" : on === "" ? "ofOn" : value === "" ? "ofValue" : null;
  if (missing !== null)
    throw new Refusal("field_missing", "Of that invoice say its number, its day and what it came to, or nothing.", {
      field: missing,
    });
  const amount = parseMinor(value, scope.currency);
  if (amount <= 0n) throw new Refusal("out_of_range", "An invoice comes to more than 0.", { field: "ofValue" });
  return { number, on: parseLocalDate(on), value: amount };
}

type LineRow = Record<"id" | "item" | "name" | "qty" | "amount" | "registration", string> &
  Readonly<{ sku: string | null; decimals: number }>;

async function looseNoteIn(
  tx: Tx,
  scope: Scope,
  id: string,
  to: Addressee,
  asked: SupplyAsked,
  told: ToldInvoice | null,
): Promise<ToIssue> {
  const b = scope.businessId;
  const fact = `return/${id}`;
  await lockFact(tx, scope, fact);
  const [head] = await rowsOf<Record<"on" | "channel" | "name" | "kind", string>>(
    tx,
    sql`select r.on_date::text as on, r.channel_id as channel, c.name, c.kind from app.returns r
        join app.channels c on c.business_id = ${b} and c.id = r.channel_id
        where r.business_id = ${b} and r.id = ${id} and r.order_id is null and not r.is_undone`,
  );
  if (head === undefined)
    throw new Refusal("not_found", "There is no such return without an order, or it was taken back.");
  if (told !== null && told.on > head.on)
    throw new Refusal("bad_date", `It came back on ${head.on}: its invoice is of that day or earlier.`, {
      field: "ofOn",
    });
  const lines = await rowsOf<LineRow>(
    tx,
    sql`select r.id, r.item_id as item, i.name, i.sku, i.decimals, r.qty::text, r.amount_minor::text as amount,
          coalesce(p.tax_number, '') as registration
        from app.return_lines r join app.items i on i.business_id = ${b} and i.id = r.item_id
        left join app.locations p on p.business_id = ${b} and p.id = r.location_id
        where r.business_id = ${b} and r.return_id = ${id} order by r.place, r.id`,
  );
  const total = lines.reduce((sum, line) => sum + BigInt(line.amount), 0n);
  return {
    kind: "credit_note",
    fact,
    parent: fact,
    since: head.on,
    to,
    total,
    taxes: () => taxesOf(tx, scope, { on: told?.on ?? head.on, channel: head.channel, lines, to, asked, told }),
    body: {
      about: [
        ...(told === null ? [] : [["Of invoice", told.number] as const, ["Invoice of", told.on] as const]),
        ["Returned", head.on],
        ...(head.kind === "hand" ? [] : [["Sold on", head.name] as const]),
      ],
      lines: lines.map(({ name, sku, qty, decimals, amount }) => ({ name, sku, qty, decimals, amount, discount: "0" })),
      sums: [["Credited", `${total}`]],
      notes: [],
      foot: "",
    },
  };
}

/** Its taxes at the rates of the items on the invoice's day, or on the return's; null where the business has no registration. */
async function taxesOf(
  tx: Tx,
  scope: Scope,
  of: Readonly<{
    on: LocalDate;
    channel: string;
    lines: readonly LineRow[];
    to: Addressee;
    asked: SupplyAsked;
    told: ToldInvoice | null;
  }>,
): Promise<IssuedTaxes | null> {
  if (!hasGst(scope)) return null;
  const { gstin } = await gstSettingsIn(tx, scope);
  if (gstin === "") return null;
  const said = of.lines[0]?.registration ?? "";
  const seller = said === "" ? gstin : said;
  const { pos, supply } = supplyOf(of.asked, seller, of.to);
  const taxes = await itemTaxesOn(
    tx,
    scope,
    of.lines.map(({ item }) => item),
    of.on,
  );
  const lines = looseNoteLines(
    { seller: stateOfGstin(seller), pos, supply },
    of.lines.map((line) => ({
      source: line.id,
      item: line.item,
      description: line.name,
      qty: BigInt(line.qty),
      decimals: line.decimals,
      amount: BigInt(line.amount),
      tax: taxes.get(line.item) ?? untold,
    })),
  );
  const operator = await operatorOf(tx, scope, of.channel);
  const held = heldOn({ kind: "credit_note", tax: 0n, taxBy: "seller", operatorPays: operator?.pays === true });
  return { seller, pos, supply, operator, of: null, told: of.told, lines, rest: 0n, heldOn: held };
}

/** A return without an order that has no credit note. Amounts in minor units. */
export type ReturnToNote = Readonly<{
  id: string;
  number: string;
  on: LocalDate;
  channel: string;
  amountMinor: bigint;
}>;
const mostShown = 10;

/** The latest returns whose sale is not in the books and that have no credit note that stands; at most ten. */
export function returnsToNote(scope: Scope): Promise<readonly ReturnToNote[]> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<Record<"id" | "on" | "channel" | "amount", string>>(
      tx,
      sql`select r.id, r.on_date::text as on, c.name as channel, coalesce(a.amount, 0)::text as amount from app.returns r
          join app.channels c on c.business_id = ${b} and c.id = r.channel_id
          cross join lateral (select sum(l.amount_minor) as amount from app.return_lines l where l.business_id = ${b} and l.return_id = r.id) a
          where r.business_id = ${b} and r.order_id is null and not r.is_undone and not exists (
            select 1 from app.issued_documents d where d.business_id = ${b} and d.of_fact = 'return/' || r.id and not exists (
              select 1 from app.issued_cancellations x where x.business_id = ${b} and x.document_id = d.id))
          order by r.on_date desc, r.id desc limit ${mostShown}`,
    );
    return rows.map(({ id, on, channel, amount }) => ({
      id,
      number: purchaseNumber(id),
      on,
      channel,
      amountMinor: BigInt(amount),
    }));
  });
}
