-- Where many rows wait on their way into a table of a business (db/bulk.ts): COPY is refused under row-level security, and Citus
-- refuses any other way in but a table that lies beside the one that they go to. Rows are here only within one transaction, so nobody
-- but who wrote them ever sees them; nothing is lost with them, so they are not logged.
CREATE UNLOGGED TABLE staging.rows (
  business_id uuid NOT NULL,
  batch integer NOT NULL,
  place integer NOT NULL,
  c1 text COLLATE "C", c2 text COLLATE "C", c3 text COLLATE "C", c4 text COLLATE "C", c5 text COLLATE "C", c6 text COLLATE "C",
  c7 text COLLATE "C", c8 text COLLATE "C", c9 text COLLATE "C", c10 text COLLATE "C", c11 text COLLATE "C", c12 text COLLATE "C",
  c13 text COLLATE "C", c14 text COLLATE "C", c15 text COLLATE "C", c16 text COLLATE "C", c17 text COLLATE "C", c18 text COLLATE "C",
  c19 text COLLATE "C", c20 text COLLATE "C", c21 text COLLATE "C", c22 text COLLATE "C", c23 text COLLATE "C", c24 text COLLATE "C",
  c25 text COLLATE "C", c26 text COLLATE "C", c27 text COLLATE "C", c28 text COLLATE "C", c29 text COLLATE "C", c30 text COLLATE "C",
  c31 text COLLATE "C"
);
-- What a long transaction has staged and taken out again is dead, and stays until it ends: no batch may read past it.
CREATE INDEX rows_in_order ON staging.rows (business_id, batch, place);
GRANT USAGE ON SCHEMA staging TO lotbook_app;
GRANT SELECT, INSERT, DELETE ON staging.rows TO lotbook_app;
