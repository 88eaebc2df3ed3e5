-- A large business that is thrown away is gone for everybody at once, and its rows are taken away by a job, which may take minutes
-- (lib/people/businesses.ts). What shows it is deleted here: its own row, without which no job works for it, and how people and channels find it.

CREATE FUNCTION app.close_business(gone uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS $$
BEGIN
  IF gone <> current_setting('app.business_id')::uuid THEN
    RAISE EXCEPTION 'a transaction removes only its own business' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- Its audit trail goes too, so nothing is left to write down (0011).
  PERFORM set_config('app.audited', gone::text, true);
  DELETE FROM app.businesses WHERE business_id = gone;
  DELETE FROM app.due WHERE business_id = gone;
  DELETE FROM app.connecting WHERE business_id = gone;
  DELETE FROM app.connected_shops WHERE business_id = gone;
  DELETE FROM app.user_businesses WHERE business_id = gone;
  DELETE FROM app.directory WHERE business_id = gone;
END $$;
REVOKE ALL ON FUNCTION app.close_business(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.close_business(uuid) TO lotbook_app;

-- What takes the rows away closes the business first, where that is not done: twice is as once.
CREATE OR REPLACE FUNCTION app.remove_business(gone uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS $$
DECLARE
  rest text[];
  ready text[];
  t text;
BEGIN
  PERFORM app.close_business(gone);
  SELECT array_agg(c.relname::text) INTO rest FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'app' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relrowsecurity AND c.relname <> 'businesses';
  WHILE cardinality(rest) > 0 LOOP
    SELECT array_agg(r.name) INTO ready FROM unnest(rest) r(name) WHERE NOT EXISTS (
      SELECT 1 FROM pg_constraint k JOIN pg_class child ON child.oid = k.conrelid
      WHERE k.contype = 'f' AND k.confrelid = format('app.%I', r.name)::regclass AND k.conrelid <> k.confrelid AND child.relname = ANY (rest));
    IF ready IS NULL THEN
      RAISE EXCEPTION 'tables refer to each other in a circle: %', rest;
    END IF;
    FOREACH t IN ARRAY ready LOOP
      EXECUTE format('DELETE FROM app.%I WHERE business_id = $1', t) USING gone;
    END LOOP;
    rest := ARRAY(SELECT name FROM unnest(rest) r(name) WHERE name <> ALL (ready));
  END LOOP;
  DELETE FROM app.outbox WHERE business_id = gone;
END $$;
