-- No change without a row in the audit trail (I23 of reliability.md): what a person, a sync or an import says of the business may only
-- be written in a transaction that also writes why. All else follows from it and needs no row of its own.

-- The audit trail notes in the transaction that it has a row of this business; the note goes with the transaction.
CREATE FUNCTION app.note_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.audited', NEW.business_id::text, true);
  RETURN NEW;
END $$;
CREATE TRIGGER noted BEFORE INSERT ON app.audit_trail FOR EACH ROW EXECUTE FUNCTION app.note_audit();

-- Asked at commit, so that the row may come before the change or after it. Rows written after the note are let through by the trigger's
-- WHEN and are never asked: a thousand facts cost what one does.
CREATE FUNCTION app.refuse_unaudited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  business uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.business_id ELSE NEW.business_id END;
BEGIN
  IF current_setting('app.audited', true) IS DISTINCT FROM business::text THEN
    RAISE EXCEPTION '% was changed without a row in the audit trail', TG_TABLE_NAME USING ERRCODE = 'restrict_violation', CONSTRAINT = 'audited';
  END IF;
  RETURN NULL;
END $$;
DO $$
DECLARE
  t text;
  when_new text := 'WHEN (current_setting(''app.audited'', true) IS DISTINCT FROM NEW.business_id::text)';
BEGIN
  FOREACH t IN ARRAY ARRAY[
    'facts|INSERT OR UPDATE', 'businesses|INSERT OR UPDATE', 'members|INSERT OR UPDATE', 'locations|INSERT OR UPDATE',
    'accounts|INSERT OR UPDATE', 'rules|INSERT OR UPDATE', 'transactions|INSERT OR UPDATE', 'transaction_splits|INSERT OR UPDATE',
    'channels|INSERT OR UPDATE OF kind, name, account_code, location_id, shop', 'channel_secrets|INSERT', 'imports|UPDATE OF state', 'closings|INSERT']
  LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER audited AFTER %s ON app.%I DEFERRABLE INITIALLY DEFERRED FOR EACH ROW %s EXECUTE FUNCTION app.refuse_unaudited()',
      split_part(t, '|', 2), split_part(t, '|', 1), when_new);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['members', 'rules', 'transactions', 'transaction_splits', 'channels', 'channel_secrets', 'imports'] LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.%I DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
      || 'WHEN (current_setting(''app.audited'', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited()', t);
  END LOOP;
END $$;

-- The audit trail's page filters by who and by what, newest first.
CREATE INDEX audit_trail_who ON app.audit_trail (business_id, user_id, id);
CREATE INDEX audit_trail_what ON app.audit_trail (business_id, what, id);
