-- GST, the second part: the tax of purchases in the accounts, and credit notes of returns whose sale is not in
-- the books (docs/decisions/0011-gst.md). And who papers are made out to, apart from them (0008-papers.md).

-- 1. What may be set off of what was paid for a purchase. amount_minor is what the goods cost, as it was without such a tax.
ALTER TABLE app.purchases ADD COLUMN igst_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE app.purchases ADD COLUMN cgst_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE app.purchases ADD COLUMN sgst_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE app.purchases ADD CONSTRAINT purchases_input CHECK (igst_minor >= 0 and cgst_minor >= 0 and sgst_minor >= 0);

-- 2. Whether the purchase's fact says it. What was said before is not posted until somebody saves it again: entries are made by the
-- product, not by a migration.
ALTER TABLE app.purchase_taxes ADD COLUMN is_booked boolean NOT NULL DEFAULT false;

-- 3. The invoice that a note is of, as it was told: of a return whose sale is not in the books.
ALTER TABLE app.issued_taxes ADD COLUMN told_number text COLLATE "C";
ALTER TABLE app.issued_taxes ADD COLUMN told_on date;
ALTER TABLE app.issued_taxes ADD COLUMN told_minor bigint;
ALTER TABLE app.issued_taxes ADD CONSTRAINT issued_taxes_told CHECK ((told_number is null) = (told_on is null)
  and (told_number is null) = (told_minor is null) and (told_number is null or of_document_id is null));

-- 4. Who a paper is made out to lies apart from it, so that it can be erased when no law asks for it any more (docs/decisions/0008-papers.md).
-- Sealed with a key of its own, which lies with it: erased, both are gone. What was issued before is in clear until it is erased.
CREATE TABLE app.party_pii (
  business_id uuid NOT NULL,
  document_id uuid NOT NULL,
  name text,
  address text,
  key_id text,
  nonce text,
  ciphertext text,
  tag text,
  erased_at timestamp with time zone,
  CONSTRAINT party_pii_pk PRIMARY KEY (business_id, document_id),
  CONSTRAINT party_pii_document FOREIGN KEY (business_id, document_id) REFERENCES app.issued_documents (business_id, id),
  CONSTRAINT party_pii_one CHECK ((name is null) = (address is null) and (key_id is null) = (ciphertext is null)
    and (key_id is null) = (nonce is null) and (key_id is null) = (tag is null)
    and (case when erased_at is null then (name is null) <> (key_id is null) else name is null and key_id is null end))
);
ALTER TABLE app.party_pii ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.party_pii FORCE ROW LEVEL SECURITY;
CREATE POLICY own_business ON app.party_pii FOR ALL USING (business_id = current_setting('app.business_id')::uuid)
  WITH CHECK (business_id = current_setting('app.business_id')::uuid);
GRANT SELECT, INSERT, UPDATE ON app.party_pii TO lotbook_app;
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.party_pii DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
-- A paper's party is not changed: it is there, or it is erased.
CREATE FUNCTION app.refuse_other_party() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.erased_at IS NULL OR OLD.erased_at IS NOT NULL THEN
    RAISE EXCEPTION 'the party of a paper is never changed, only erased' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'party_pii_final';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER party_pii_final BEFORE UPDATE ON app.party_pii FOR EACH ROW EXECUTE FUNCTION app.refuse_other_party();

DO $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT business_id FROM app.directory LOOP
    EXECUTE format('SET LOCAL app.business_id = %L', one.business_id);
    PERFORM set_config('app.audited', one.business_id::text, true);
    INSERT INTO app.party_pii (business_id, document_id, name, address)
      SELECT business_id, id, to_name, to_address FROM app.issued_documents
      WHERE business_id = one.business_id AND (to_name <> '' OR to_address <> '');
    UPDATE app.issued_documents SET to_name = '', to_address = ''
      WHERE business_id = one.business_id AND (to_name <> '' OR to_address <> '');
  END LOOP;
END $$;

-- 5. What operators collected (TCS, section 52 of the CGST Act): every business in India gets the account. The owner sees no rows under
-- forced row security but those of the business that is named; nothing that a person chose is changed.
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT business_id FROM app.directory LOOP
    EXECUTE format('SET LOCAL app.business_id = %L', one.business_id);
    PERFORM set_config('app.audited', one.business_id::text, true);
    INSERT INTO app.accounts (business_id, code, name, type, holds, currency, tax_line, bank_number, is_archived)
      SELECT business_id, '1224', 'TCS collected by marketplaces', 'asset', NULL, currency, NULL, NULL, false FROM app.businesses
      WHERE business_id = one.business_id AND country = 'IN' ON CONFLICT DO NOTHING;
  END LOOP;
END $$;

-- 6. What input tax was set against what output tax at the end of a month (section 49 of the CGST Act). Posted as its row says; taken back,
-- the row goes.
CREATE TABLE app.gst_set_offs (
  business_id uuid NOT NULL,
  month date NOT NULL,
  credit text COLLATE "C" NOT NULL,
  owed text COLLATE "C" NOT NULL,
  amount_minor bigint NOT NULL,
  CONSTRAINT gst_set_offs_pk PRIMARY KEY (business_id, month, credit, owed),
  CONSTRAINT gst_set_offs_month CHECK (extract(day from month) = 1),
  CONSTRAINT gst_set_offs_amount CHECK (amount_minor > 0),
  CONSTRAINT gst_set_offs_pair CHECK (credit in ('igst', 'cgst', 'sgst') and owed in ('igst', 'cgst', 'sgst')
    and (credit = owed or credit = 'igst' or owed = 'igst'))
);
ALTER TABLE app.gst_set_offs ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.gst_set_offs FORCE ROW LEVEL SECURITY;
CREATE POLICY own_business ON app.gst_set_offs FOR ALL USING (business_id = current_setting('app.business_id')::uuid)
  WITH CHECK (business_id = current_setting('app.business_id')::uuid);
GRANT SELECT, INSERT, DELETE ON app.gst_set_offs TO lotbook_app;
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.gst_set_offs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.gst_set_offs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
