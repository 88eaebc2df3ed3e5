-- Documents that people see, print and send: the form of their numbers, each number that was given, invoices and notes as they were
-- issued, what stands on the head of a paper, and files beside documents (docs/decisions/0008-papers.md).

-- 1. Numbers. A series keeps the form that it began with; tax_year 0 is a series whose numbers have no year in them and go on for ever.
ALTER TABLE app.series ADD COLUMN first integer NOT NULL DEFAULT 1;
ALTER TABLE app.series ADD COLUMN prefix text NOT NULL DEFAULT 'TR';
ALTER TABLE app.series ADD COLUMN digits integer NOT NULL DEFAULT 4;
ALTER TABLE app.series ALTER COLUMN first DROP DEFAULT;
ALTER TABLE app.series ALTER COLUMN prefix DROP DEFAULT;
ALTER TABLE app.series ALTER COLUMN digits DROP DEFAULT;
ALTER TABLE app.series DROP CONSTRAINT series_next;
ALTER TABLE app.series ADD CONSTRAINT series_next CHECK (first > 0 and next >= first);

-- What a business chose for series that are still to begin; a kind without a row has the usual form (lib/core/numbering.ts).
CREATE TABLE app.series_forms (
  business_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  prefix text NOT NULL,
  digits integer NOT NULL,
  has_year boolean NOT NULL,
  CONSTRAINT series_forms_pk PRIMARY KEY (business_id, kind),
  CONSTRAINT series_forms_digits CHECK (digits between 3 and 8)
);

-- Every number that was given, once in its business whatever its kind.
CREATE TABLE app.series_numbers (
  business_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  tax_year integer NOT NULL,
  nth integer NOT NULL,
  number text COLLATE "C" NOT NULL,
  CONSTRAINT series_numbers_pk PRIMARY KEY (business_id, kind, tax_year, nth),
  CONSTRAINT series_numbers_once UNIQUE (business_id, number),
  CONSTRAINT series_numbers_series FOREIGN KEY (business_id, kind, tax_year) REFERENCES app.series (business_id, kind, tax_year)
);
ALTER TABLE app.series NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.transfers NO FORCE ROW LEVEL SECURITY;
INSERT INTO app.series_numbers (business_id, kind, tax_year, nth, number)
  SELECT business_id, 'transfer', number_year, split_part(number, '-', 3)::integer, number FROM app.transfers WHERE number IS NOT NULL;
ALTER TABLE app.transfers FORCE ROW LEVEL SECURITY;
ALTER TABLE app.series FORCE ROW LEVEL SECURITY;

-- 2. Who the seller is on paper.
CREATE TABLE app.letterheads (
  business_id uuid NOT NULL,
  legal_name text NOT NULL,
  address text NOT NULL,
  tax_number text NOT NULL,
  foot text NOT NULL,
  CONSTRAINT letterheads_pk PRIMARY KEY (business_id)
);

-- 3. Invoices and notes as they were issued: the whole paper, never changed after. One that is cancelled keeps its number.
CREATE TABLE app.issued_documents (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  number text COLLATE "C" NOT NULL,
  tax_year integer NOT NULL,
  on_date date NOT NULL,
  -- The fact that it is of (order/…, return/…, purchase_return/…), and the order or purchase that this belongs to.
  of_fact text COLLATE "C" NOT NULL,
  of_parent text COLLATE "C" NOT NULL,
  to_name text NOT NULL,
  to_address text NOT NULL,
  to_tax_number text NOT NULL,
  total_minor bigint NOT NULL,
  paper jsonb NOT NULL,
  issued_at timestamp with time zone NOT NULL,
  issued_by uuid,
  CONSTRAINT issued_documents_pk PRIMARY KEY (business_id, id),
  CONSTRAINT issued_documents_number UNIQUE (business_id, number),
  CONSTRAINT issued_documents_kind CHECK (kind in ('invoice', 'credit_note', 'debit_note'))
);
CREATE INDEX issued_documents_of_fact ON app.issued_documents (business_id, of_fact);
CREATE INDEX issued_documents_of_parent ON app.issued_documents (business_id, of_parent);

CREATE TABLE app.issued_cancellations (
  business_id uuid NOT NULL,
  document_id uuid NOT NULL,
  why text NOT NULL,
  cancelled_at timestamp with time zone NOT NULL,
  cancelled_by uuid,
  CONSTRAINT issued_cancellations_pk PRIMARY KEY (business_id, document_id),
  CONSTRAINT issued_cancellations_document FOREIGN KEY (business_id, document_id) REFERENCES app.issued_documents (business_id, id)
);

-- 4. Files beside documents. The bytes are on disk or in an object store, under the business's id and the file's.
CREATE TABLE app.attachments (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  -- purchase/…, adjustment/… or transfer/…
  of_document text COLLATE "C" NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  size bigint NOT NULL,
  sha256 bytea NOT NULL,
  -- false: its bytes are still coming, and it is shown to nobody.
  is_here boolean NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by uuid,
  CONSTRAINT attachments_pk PRIMARY KEY (business_id, id),
  CONSTRAINT attachments_type CHECK (type in ('image/jpeg', 'image/png', 'image/webp', 'image/heic', 'application/pdf')),
  CONSTRAINT attachments_size CHECK (size > 0)
);
CREATE INDEX attachments_of_document ON app.attachments (business_id, of_document, id);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['series_forms', 'series_numbers', 'letterheads', 'issued_documents', 'issued_cancellations', 'attachments'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT ON app.%I TO lotbook_app', t);
  END LOOP;
END $$;
-- What was given and what was issued stays as it is: only the choices may be changed, and a file taken away.
GRANT UPDATE ON app.series_forms, app.letterheads, app.attachments TO lotbook_app;
GRANT DELETE ON app.attachments TO lotbook_app;

-- What a person chose, issued, cancelled or put beside a document is in the audit trail (0011). A file that only begins to come in is not:
-- it is told of when it is here.
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['series_forms', 'letterheads', 'issued_documents', 'issued_cancellations'] LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.%I DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
      || 'WHEN (current_setting(''app.audited'', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited()', t);
  END LOOP;
END $$;
CREATE CONSTRAINT TRIGGER audited AFTER UPDATE ON app.attachments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.attachments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.is_here AND current_setting('app.audited', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
