-- The server takes a table for empty that was looked at (VACUUM or ANALYZE, of which a worker that died is enough to ask for one) while all its
-- rows were still of an open transaction. Every index of the business then costs the same, and from then on in that very transaction a key's
-- check may read all rows of the business for each row that is added: 10 seconds of costing became 83 (docs/performance.md). So who adds many rows asks
-- for a second look, which counts the transaction's own rows. What is held for it until the transaction ends keeps VACUUM from the table, so
-- once is enough; where another holds it, that one looks.
CREATE FUNCTION app.look_again() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp SET default_statistics_target = 10 AS $$
DECLARE
  t regclass;
BEGIN
  -- Fewer than one row a page is no table of ours, but one that was looked at too early, or is nearly empty, which half a megabyte is not.
  FOR t IN SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r'
      AND c.relpages > 0 AND c.reltuples >= 0 AND c.reltuples < c.relpages LOOP
    CONTINUE WHEN pg_relation_size(t) < 524288 OR EXISTS (SELECT 1 FROM pg_catalog.pg_locks l
      WHERE l.pid = pg_backend_pid() AND l.relation = t AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted);
    EXECUTE format('ANALYZE (SKIP_LOCKED) %s', t);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION app.look_again() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.look_again() TO lotbook_app;
