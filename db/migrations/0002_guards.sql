-- What the database itself refuses, even if the code is wrong (reliability.md sections 2 and 7).

-- 1. A business sees its own rows and no others. The bare current_setting raises while no business is set; FORCE holds the owner too.
DO $$
DECLARE
  t text;
BEGIN
  FOR t IN
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'app' AND c.relkind = 'r' AND c.relname NOT IN (
      'users', 'user_passwords', 'sessions', 'auth_accounts', 'verification_tokens', 'sign_in_failures',
      'directory', 'user_businesses', 'outbox', 'connecting', 'due', 'heartbeats', 'migrations')
  LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
  END LOOP;
END $$;

-- 2. The application's role owns nothing and may do only this.
GRANT USAGE ON SCHEMA app TO lotbook_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO lotbook_app;
REVOKE UPDATE, DELETE ON app.journal_entries, app.postings, app.audit_trail, app.proofs FROM lotbook_app;
REVOKE DELETE ON app.businesses, app.accounts, app.items, app.locations, app.facts FROM lotbook_app;
REVOKE INSERT, UPDATE, DELETE ON app.migrations FROM lotbook_app;

-- 3. The journal and the audit trail are only ever added to, by anyone. The one way out is the end of the whole business: where its
--    row is gone (app.remove_business, for a demo or a trial run that is thrown away), what was its journal may go too.
CREATE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM app.businesses b WHERE b.business_id = OLD.business_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION app.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.journal_entries FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.postings FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.audit_trail FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app.journal_entries FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_truncate();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app.postings FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_truncate();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app.audit_trail FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_truncate();
ALTER TABLE app.journal_entries ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE app.postings ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE app.audit_trail ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE app.journal_entries ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE app.postings ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE app.audit_trail ENABLE ALWAYS TRIGGER no_truncate;

-- 4. Nothing is posted on a closed day. The lock on the business's row is the one that a close takes, so neither slips past the other.
CREATE FUNCTION app.refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  through date;
BEGIN
  SELECT closed_through INTO through FROM app.businesses WHERE business_id = NEW.business_id FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such business' USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF through IS NOT NULL AND NEW.posted_on <= through THEN
    RAISE EXCEPTION 'the books are closed through %', through USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entries_open_period';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER open_period BEFORE INSERT ON app.journal_entries FOR EACH ROW EXECUTE FUNCTION app.refuse_closed();
ALTER TABLE app.journal_entries ENABLE ALWAYS TRIGGER open_period;

-- 5. Removes a whole business, whose id must be the one that the transaction is in. Children go before what they refer to.
CREATE FUNCTION app.remove_business(gone uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS $$
DECLARE
  t text;
BEGIN
  IF gone <> current_setting('app.business_id')::uuid THEN
    RAISE EXCEPTION 'a transaction removes only its own business' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM app.businesses WHERE business_id = gone;
  FOREACH t IN ARRAY ARRAY[
    'postings', 'journal_entries', 'account_months', 'audit_trail', 'proofs', 'members',
    'fact_names', 'dirty_marks', 'posting_marks', 'allocations', 'lots', 'movements', 'item_months', 'item_stock',
    'pins', 'backfills', 'matches', 'listings', 'return_lines', 'returns', 'order_fees', 'order_lines', 'orders',
    'charges', 'balance_rows', 'payouts', 'raw_documents', 'channel_feeds', 'channel_secrets', 'channels',
    'stock_lines', 'stock_documents', 'purchase_extras', 'purchase_lines', 'purchases', 'item_names', 'items', 'locations',
    'transaction_splits', 'transactions', 'statements', 'imports', 'rules', 'bank_layouts', 'runs', 'facts', 'accounts']
  LOOP
    EXECUTE format('DELETE FROM app.%I WHERE business_id = $1', t) USING gone;
  END LOOP;
  DELETE FROM app.outbox WHERE business_id = gone;
  DELETE FROM app.due WHERE business_id = gone;
  DELETE FROM app.connecting WHERE business_id = gone;
  DELETE FROM app.user_businesses WHERE business_id = gone;
  DELETE FROM app.directory WHERE business_id = gone;
END $$;
REVOKE ALL ON FUNCTION app.remove_business(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.remove_business(uuid) TO lotbook_app;
