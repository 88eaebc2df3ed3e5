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
