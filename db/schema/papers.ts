/** Invoices and notes as they were issued, what stands on the head of a paper, and files beside documents. */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { app, instant, json, key, localDate, minor, ofBusiness, sha256 } from "../columns";

/** Who the seller is on paper, where that is more than the business's name. Written by Settings → Documents. */
export const letterheads = app.table(
  "letterheads",
  {
    businessId: ofBusiness(),
    /** Empty: the business's name. */
    legalName: text("legal_name").notNull(),
    address: text("address").notNull(),
    taxNumber: text("tax_number").notNull(),
    /** A line at the end of each paper: how to pay, thanks. */
    foot: text("foot").notNull(),
  },
  (t) => [primaryKey({ columns: [t.businessId], name: "letterheads_pk" })],
);

/** A paper as it was issued, never changed after. Written by lib/desk/issuing.ts, read by its page, the order's, and the list of papers. */
export const issuedDocuments = app.table(
  "issued_documents",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    /** invoice, credit_note, debit_note */
    kind: text("kind").notNull(),
    number: key("number").notNull(),
    /** Of its series; 0 where its numbers have no year. */
    taxYear: integer("tax_year").notNull(),
    onDate: localDate("on_date").notNull(),
    /** The key of the fact that it is of, and the order or purchase that this belongs to. */
    ofFact: key("of_fact").notNull(),
    ofParent: key("of_parent").notNull(),
    /** Empty: who it is made out to is in `party_pii`. */
    toName: text("to_name").notNull(),
    toAddress: text("to_address").notNull(),
    toTaxNumber: text("to_tax_number").notNull(),
    totalMinor: minor("total_minor").notNull(),
    paper: json<unknown>("paper").notNull(),
    issuedAt: instant("issued_at").notNull(),
    issuedBy: uuid("issued_by"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id], name: "issued_documents_pk" }),
    unique("issued_documents_number").on(t.businessId, t.number),
    index("issued_documents_of_fact").on(t.businessId, t.ofFact),
    index("issued_documents_of_parent").on(t.businessId, t.ofParent),
    check("issued_documents_kind", sql`${t.kind} in ('invoice', 'credit_note', 'debit_note')`),
  ],
);

/** Who a paper is made out to: sealed, or in clear from before; all null once it is erased. */
export const partyPii = app.table(
  "party_pii",
  {
    businessId: ofBusiness(),
    documentId: uuid("document_id").notNull(),
    name: text("name"),
    address: text("address"),
    keyId: text("key_id"),
    nonce: text("nonce"),
    ciphertext: text("ciphertext"),
    tag: text("tag"),
    erasedAt: instant("erased_at"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.documentId], name: "party_pii_pk" }),
    foreignKey({
      columns: [t.businessId, t.documentId],
      foreignColumns: [issuedDocuments.businessId, issuedDocuments.id],
      name: "party_pii_document",
    }),
    check(
      "party_pii_one",
      sql`(${t.name} is null) = (${t.address} is null) and (${t.keyId} is null) = (${t.ciphertext} is null)
    and (${t.keyId} is null) = (${t.nonce} is null) and (${t.keyId} is null) = (${t.tag} is null)
    and (case when ${t.erasedAt} is null then (${t.name} is null) <> (${t.keyId} is null) else ${t.name} is null and ${t.keyId} is null end)`,
    ),
  ],
);

/** That a paper was cancelled, and why. A row of its own, so that the paper's is never written again. */
export const issuedCancellations = app.table(
  "issued_cancellations",
  {
    businessId: ofBusiness(),
    documentId: uuid("document_id").notNull(),
    why: text("why").notNull(),
    cancelledAt: instant("cancelled_at").notNull(),
    cancelledBy: uuid("cancelled_by"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.documentId], name: "issued_cancellations_pk" }),
    foreignKey({
      columns: [t.businessId, t.documentId],
      foreignColumns: [issuedDocuments.businessId, issuedDocuments.id],
      name: "issued_cancellations_document",
    }),
  ],
);

/** A file beside a document: its bytes are in lib/system/store.ts, under the business's id and its own. */
export const attachments = app.table(
  "attachments",
  {
    businessId: ofBusiness(),
    id: uuid("id").notNull(),
    /** purchase/…, adjustment/… or transfer/… */
    ofDocument: key("of_document").notNull(),
    name: text("name").notNull(),
    type: text("type").notNull(),
    size: bigint("size", { mode: "bigint" }).notNull(),
    sha256: sha256("sha256").notNull(),
    /** false: its bytes are still coming, and it is shown to nobody. */
    isHere: boolean("is_here").notNull(),
    createdAt: instant("created_at").notNull(),
    createdBy: uuid("created_by"),
  },
  (t) => [
    primaryKey({ columns: [t.businessId, t.id], name: "attachments_pk" }),
    index("attachments_of_document").on(t.businessId, t.ofDocument, t.id),
    check(
      "attachments_type",
      sql`${t.type} in ('image/jpeg', 'image/png', 'image/webp', 'image/heic', 'application/pdf')`,
    ),
    check("attachments_size", sql`${t.size} > 0`),
  ],
);
