/** Who the seller is on paper: name, address, tax registration and a closing line. It holds for what is issued from then on. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { gstinOf } from "../core/gstin";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";

/** `name` is the business's own where no other was given; `address` has line breaks; the rest may be empty. */
export type Letterhead = Readonly<{ name: string; address: string; taxNumber: string; foot: string }>;
/** The same as typed: `legalName` empty is the business's name. */
export type LetterheadInput = Readonly<{ legalName: string; address: string; taxNumber: string; foot: string }>;

const longest = { legalName: 120, address: 400, taxNumber: 40, foot: 300 } as const;

/** What is typed of a person or business on paper: NFC, without signs that no paper shows; lines kept where `lines`. */
export function paperText(typed: string, field: string, most: number, lines = false): string {
  const text = typed
    .normalize("NFC")
    .replace(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => line.replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, " ").trim())
    .filter((line) => line !== "")
    .join(lines ? "\n" : " ");
  if ([...text].length > most) throw new Refusal("text_too_long", `At most ${most} characters fit here.`, { field });
  return text;
}

/** A tax registration as it is kept: in India a GSTIN whose check digit is right, elsewhere any text. */
export function taxNumberOf(scope: Scope, typed: string, field: string): string {
  const text = paperText(typed, field, longest.taxNumber);
  if (text === "" || scope.country !== "IN") return text;
  const gstin = gstinOf(text);
  if (gstin === null)
    throw new Refusal("bad_field", "This is no GSTIN: it has 15 characters, and its last one proves the others.", {
      field,
    });
  return gstin;
}

/** The head of a paper that is made now. */
export async function letterheadIn(tx: Tx, scope: Scope): Promise<Letterhead> {
  const said = await saidIn(tx, scope);
  return { name: said.legalName === "" ? scope.name : said.legalName, ...said };
}

async function saidIn(tx: Tx, scope: Scope): Promise<LetterheadInput> {
  const [row] = await rowsOf<{ legal_name: string; address: string; tax_number: string; foot: string }>(
    tx,
    sql`select legal_name, address, tax_number, foot from app.letterheads where business_id = ${scope.businessId}`,
  );
  return {
    legalName: row?.legal_name ?? "",
    address: row?.address ?? "",
    taxNumber: row?.tax_number ?? "",
    foot: row?.foot ?? "",
  };
}

/** What was said of it, for its form. */
export function letterheadOf(scope: Scope): Promise<LetterheadInput> {
  require(scope, "read");
  return inBusiness(scope, (tx) => saidIn(tx, scope));
}

/** Changes it; owners only. Refuses what is too long, and in India a GSTIN that is none, at its field. */
export async function saveLetterhead(scope: Scope, typed: LetterheadInput): Promise<void> {
  require(scope, "settings");
  const after: LetterheadInput = {
    legalName: paperText(typed.legalName, "legalName", longest.legalName),
    address: paperText(typed.address, "address", longest.address, true),
    taxNumber: taxNumberOf(scope, typed.taxNumber, "taxNumber"),
    foot: paperText(typed.foot, "foot", longest.foot, true),
  };
  await inBusiness(scope, async (tx) => {
    await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
    const before = await saidIn(tx, scope);
    await recordAudit(tx, scope, { what: "letterhead.change", about: scope.businessId, before, after });
    await tx.execute(
      sql`insert into app.letterheads (business_id, legal_name, address, tax_number, foot)
          values (${scope.businessId}, ${after.legalName}, ${after.address}, ${after.taxNumber}, ${after.foot})
          on conflict (business_id) do update set legal_name = excluded.legal_name, address = excluded.address,
            tax_number = excluded.tax_number, foot = excluded.foot`,
    );
  });
}
