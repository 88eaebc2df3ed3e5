-- That a change has its row in the audit trail was known by a note, which whoever sends SQL as the application's role could write without a row
-- (0011). The note names the row now, and the row says which transaction wrote it: both by trigger, so a note of one's own names nothing.
ALTER TABLE app.audit_trail ADD COLUMN tx bigint;

CREATE OR REPLACE FUNCTION app.note_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.tx := pg_current_xact_id()::text::bigint;
  PERFORM set_config('app.audited', NEW.id::text, true);
  RETURN NEW;
END $$;

-- Has this transaction a row of this business? The owner needs none: who may alter the tables can take their guards away. It is who removes a
-- business with its trail (0037), and migrations.
CREATE FUNCTION app.is_audited(business uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN current_user = 'app_owner' OR EXISTS (SELECT FROM app.audit_trail a WHERE a.business_id = business
    AND a.id = nullif(current_setting('app.audited', true), '')::uuid AND a.tx = pg_current_xact_id_if_assigned()::text::bigint);
END $$;

CREATE OR REPLACE FUNCTION app.refuse_unaudited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT app.is_audited(CASE WHEN TG_OP = 'DELETE' THEN OLD.business_id ELSE NEW.business_id END) THEN
    RAISE EXCEPTION '% was changed without a row in the audit trail', TG_TABLE_NAME USING ERRCODE = 'restrict_violation', CONSTRAINT = 'audited';
  END IF;
  RETURN NULL;
END $$;

-- Every guard asks for the row before it waits for the commit, where it asked for the note.
DO $$
DECLARE
  one record;
  made text;
BEGIN
  FOR one IN SELECT g.tgname, g.tgrelid::regclass AS "table", pg_get_triggerdef(g.oid) AS def FROM pg_trigger g
      WHERE g.tgfoid = 'app.refuse_unaudited'::regproc LOOP
    made := regexp_replace(one.def, 'current_setting\(''app\.audited''::text, true\) IS DISTINCT FROM \((new|old)\.business_id\)::text',
      'NOT app.is_audited(\1.business_id)');
    IF made = one.def THEN
      RAISE EXCEPTION 'the guard % of % is not as expected: %', one.tgname, one."table", one.def;
    END IF;
    EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one."table");
    EXECUTE made;
  END LOOP;
END $$;

-- As in 0037, without the note.
CREATE OR REPLACE FUNCTION app.close_business(gone uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS $$
BEGIN
  IF gone <> current_setting('app.business_id')::uuid THEN
    RAISE EXCEPTION 'a transaction removes only its own business' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM app.businesses WHERE business_id = gone;
  DELETE FROM app.due WHERE business_id = gone;
  DELETE FROM app.connecting WHERE business_id = gone;
  DELETE FROM app.connected_shops WHERE business_id = gone;
  DELETE FROM app.user_businesses WHERE business_id = gone;
  DELETE FROM app.directory WHERE business_id = gone;
END $$;
