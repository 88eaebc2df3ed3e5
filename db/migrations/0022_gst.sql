-- GST: what items are for the tax and since when, what was charged on documents as they were issued, what was paid on purchases
-- (docs/decisions/0011-gst.md).

-- 1. What a business in India says of itself. A business without a row has none of it.
CREATE TABLE app.gst_settings (
  business_id uuid NOT NULL,
  -- Prices hold the tax where an order charges none on top.
  is_within boolean NOT NULL,
  -- Turnover of the tax year before, which the return asks for and the digits of HSN codes follow from.
  turnover_minor bigint NOT NULL,
  CONSTRAINT gst_settings_pk PRIMARY KEY (business_id),
  CONSTRAINT gst_settings_turnover CHECK (turnover_minor >= 0)
);

-- 2. An item's code, unit and rate from a day on, until the next row.
CREATE TABLE app.item_taxes (
  business_id uuid NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  from_date date NOT NULL,
  hsn text COLLATE "C" NOT NULL,
  uqc text COLLATE "C" NOT NULL,
  nature text NOT NULL,
  -- Hundredths of a percent.
  rate integer NOT NULL,
  CONSTRAINT item_taxes_pk PRIMARY KEY (business_id, item_id, from_date),
  CONSTRAINT item_taxes_nature CHECK (nature in ('taxable', 'nil', 'exempt', 'non_gst')),
  CONSTRAINT item_taxes_rate CHECK (rate between 0 and 10000 and (rate = 0 or nature = 'taxable')),
  CONSTRAINT item_taxes_hsn CHECK (hsn ~ '^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{8})?$')
);

-- 3. The operator that a channel's sales go through (section 52), and whether it pays the tax itself (section 9(5)).
CREATE TABLE app.channel_operators (
  business_id uuid NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  tax_number text NOT NULL,
  pays boolean NOT NULL,
  CONSTRAINT channel_operators_pk PRIMARY KEY (business_id, channel_id)
);

-- 4. The taxes of an invoice or a credit note as it was issued, never changed after. of_*: the invoice that a note is of.
CREATE TABLE app.issued_taxes (
  business_id uuid NOT NULL,
  document_id uuid NOT NULL,
  on_date date NOT NULL,
  seller text NOT NULL,
  pos text NOT NULL,
  supply text NOT NULL,
  operator text,
  operator_pays boolean NOT NULL,
  of_document_id uuid,
  port_code text,
  port_bill text,
  port_on date,
  -- What the buyer pays that is no line's value or tax.
  rest_minor bigint NOT NULL,
  -- The account that the sale put its taxes on, from which they are posted to their own; null: another pays them.
  held_on text COLLATE "C",
  CONSTRAINT issued_taxes_pk PRIMARY KEY (business_id, document_id),
  CONSTRAINT issued_taxes_document FOREIGN KEY (business_id, document_id) REFERENCES app.issued_documents (business_id, id),
  CONSTRAINT issued_taxes_of FOREIGN KEY (business_id, of_document_id) REFERENCES app.issued_documents (business_id, id),
  CONSTRAINT issued_taxes_supply CHECK (supply in ('regular', 'sez_with', 'sez_without', 'deemed', 'export_with', 'export_without')),
  CONSTRAINT issued_taxes_port CHECK ((port_code is null) = (port_bill is null) and (port_code is null) = (port_on is null))
);
CREATE INDEX issued_taxes_by_day ON app.issued_taxes (business_id, on_date, document_id);
CREATE INDEX issued_taxes_of_document ON app.issued_taxes (business_id, of_document_id) WHERE of_document_id IS NOT NULL;

CREATE TABLE app.issued_tax_lines (
  business_id uuid NOT NULL,
  document_id uuid NOT NULL,
  place integer NOT NULL,
  -- The sold or returned line that it is of.
  source text COLLATE "C",
  item_id text COLLATE "C",
  description text NOT NULL,
  hsn text COLLATE "C" NOT NULL,
  uqc text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  decimals smallint NOT NULL,
  nature text NOT NULL,
  rate integer NOT NULL,
  taxable_minor bigint NOT NULL,
  igst_minor bigint NOT NULL,
  cgst_minor bigint NOT NULL,
  sgst_minor bigint NOT NULL,
  cess_minor bigint NOT NULL,
  CONSTRAINT issued_tax_lines_pk PRIMARY KEY (business_id, document_id, place),
  CONSTRAINT issued_tax_lines_document FOREIGN KEY (business_id, document_id) REFERENCES app.issued_taxes (business_id, document_id),
  CONSTRAINT issued_tax_lines_nature CHECK (nature in ('taxable', 'nil', 'exempt', 'non_gst')),
  CONSTRAINT issued_tax_lines_amounts CHECK (taxable_minor >= 0 and igst_minor >= 0 and cgst_minor = sgst_minor and cgst_minor >= 0
    and cess_minor >= 0 and (igst_minor = 0 or cgst_minor = 0))
);
CREATE INDEX issued_tax_lines_of_source ON app.issued_tax_lines (business_id, source) WHERE source IS NOT NULL;

-- 5. The tax of a purchase, as it stands on the supplier's invoice. It says what may be set against the tax of sales; the purchase's own
-- amount is what was paid, with it.
CREATE TABLE app.purchase_taxes (
  business_id uuid NOT NULL,
  purchase_id text COLLATE "C" NOT NULL,
  number text NOT NULL,
  buyer text NOT NULL,
  -- Empty: the supplier has no registration.
  supplier text NOT NULL,
  pos text NOT NULL,
  nature text NOT NULL,
  is_import boolean NOT NULL,
  is_reverse_charge boolean NOT NULL,
  is_blocked boolean NOT NULL,
  taxable_minor bigint NOT NULL,
  igst_minor bigint NOT NULL,
  cgst_minor bigint NOT NULL,
  sgst_minor bigint NOT NULL,
  cess_minor bigint NOT NULL,
  CONSTRAINT purchase_taxes_pk PRIMARY KEY (business_id, purchase_id),
  CONSTRAINT purchase_taxes_nature CHECK (nature in ('taxable', 'nil', 'non_gst')),
  CONSTRAINT purchase_taxes_amounts CHECK (taxable_minor >= 0 and igst_minor >= 0 and cgst_minor >= 0 and sgst_minor >= 0 and cess_minor >= 0)
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['gst_settings', 'item_taxes', 'channel_operators', 'issued_taxes', 'issued_tax_lines', 'purchase_taxes'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT ON app.%I TO lotbook_app', t);
    EXECUTE format('CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.%I DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
      || 'WHEN (current_setting(''app.audited'', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited()', t);
  END LOOP;
  -- What stands on a document that was issued stays as it is; the rest may be said anew.
  FOREACH t IN ARRAY ARRAY['gst_settings', 'item_taxes', 'channel_operators', 'purchase_taxes'] LOOP
    EXECUTE format('GRANT UPDATE, DELETE ON app.%I TO lotbook_app', t);
    EXECUTE format('CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.%I DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
      || 'WHEN (current_setting(''app.audited'', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited()', t);
  END LOOP;
END $$;
