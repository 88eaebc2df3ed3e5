-- Rates of exchange: what a unit of another currency is worth in the books', by day, and which documents wait for one
-- (docs/decisions/0013-currencies.md).

-- 1. A file of rates that a person brought: kept as it came, previewed, taken or not, undone or not.
CREATE TABLE app.rate_files (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  file_name text NOT NULL,
  bytes bytea NOT NULL,
  state text NOT NULL,
  choices jsonb NOT NULL,
  result jsonb,
  user_id uuid,
  created_at timestamp with time zone NOT NULL,
  accepted_at timestamp with time zone,
  CONSTRAINT rate_files_pk PRIMARY KEY (business_id, id),
  CONSTRAINT rate_files_state CHECK (state in ('preview', 'accepted', 'undone', 'discarded'))
);
CREATE INDEX rate_files_accepted ON app.rate_files (business_id, accepted_at DESC) WHERE state = 'accepted';

-- 2. Rates by ten decimals, as whole numbers. What a file put in the place of an earlier rate is kept beside it, for the undo.
CREATE TABLE app.exchange_rates (
  business_id uuid NOT NULL,
  currency text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  rate bigint NOT NULL,
  source text NOT NULL,
  file_id uuid,
  former_rate bigint,
  former_source text,
  user_id uuid,
  recorded_at timestamp with time zone NOT NULL,
  CONSTRAINT exchange_rates_pk PRIMARY KEY (business_id, currency, on_date),
  CONSTRAINT exchange_rates_rate CHECK (rate > 0 AND (former_rate IS NULL OR former_rate > 0)),
  CONSTRAINT exchange_rates_former CHECK ((former_rate IS NULL) = (former_source IS NULL)),
  CONSTRAINT exchange_rates_currency CHECK (currency ~ '^[A-Z]{3}$'),
  CONSTRAINT exchange_rates_file FOREIGN KEY (business_id, file_id) REFERENCES app.rate_files (business_id, id)
);
CREATE INDEX exchange_rates_by_day ON app.exchange_rates (business_id, on_date, currency);
CREATE INDEX exchange_rates_of_file ON app.exchange_rates (business_id, file_id) WHERE file_id IS NOT NULL;

-- 3. The currencies that a business has met, with how its provider's rates stand.
CREATE TABLE app.met_currencies (
  business_id uuid NOT NULL,
  currency text COLLATE "C" NOT NULL,
  met_at timestamp with time zone NOT NULL,
  CONSTRAINT met_currencies_pk PRIMARY KEY (business_id, currency)
);
CREATE TABLE app.rate_fetches (
  business_id uuid NOT NULL,
  tried_at timestamp with time zone,
  fetched_at timestamp with time zone,
  next_at timestamp with time zone,
  failures integer NOT NULL,
  error text,
  CONSTRAINT rate_fetches_pk PRIMARY KEY (business_id)
);

-- 4. What a document waits for that was set aside for want of a rate.
ALTER TABLE app.raw_documents ADD COLUMN rate_currency text COLLATE "C";
ALTER TABLE app.raw_documents ADD COLUMN rate_on date;
ALTER TABLE app.raw_documents ADD CONSTRAINT raw_documents_rate CHECK ((rate_currency IS NULL) = (rate_on IS NULL));
CREATE INDEX raw_documents_unrated ON app.raw_documents (business_id, rate_currency, rate_on) WHERE state = 'refused' AND rate_currency IS NOT NULL;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['rate_files', 'exchange_rates', 'met_currencies', 'rate_fetches'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid)
      WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON app.%I TO lotbook_app', t);
  END LOOP;
END $$;
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.rate_files DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.rate_files DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.exchange_rates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.exchange_rates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();

-- 5. Rows of files in other currencies were counted as read and booked nowhere: now they can be, so they wait to be read again. The owner sees
-- a business's rows only as that business.
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT business_id FROM app.directory LOOP
    EXECUTE format('SET LOCAL app.business_id = %L', one.business_id);
    UPDATE app.raw_documents d SET state = 'refused', note = 'It is in another currency than the books, and can be read now.'
      FROM app.businesses b WHERE b.business_id = one.business_id AND d.business_id = b.business_id AND d.feed = 'file' AND d.state = 'read'
        AND d.body ->> 'currency' <> b.currency AND d.version <> '9-told-elsewhere';
  END LOOP;
END $$;
