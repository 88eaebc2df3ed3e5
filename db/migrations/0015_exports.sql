-- What the item ledger of a long history is read by, and files that a worker has made.

-- 1. Sums by day, beside those by month, for months in which an item moved a hundred times or more: a balance in such a month is then a
--    few days' sums and the rows of one day. Other months are short enough to be added up, and have none.
CREATE TABLE app.item_days (
  business_id uuid NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  in_qty bigint NOT NULL,
  out_qty bigint NOT NULL,
  value_minor bigint NOT NULL,
  "rows" integer NOT NULL,
  CONSTRAINT item_days_pk PRIMARY KEY (business_id, item_id, on_date, location_id),
  CONSTRAINT item_days_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id) ON DELETE CASCADE
);
ALTER TABLE app.movements NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_months NO FORCE ROW LEVEL SECURITY;
INSERT INTO app.item_days (business_id, item_id, on_date, location_id, in_qty, out_qty, value_minor, "rows")
  SELECT m.business_id, m.item_id, m.on_date, m.location_id, coalesce(sum(m.qty) FILTER (WHERE m.qty > 0), 0),
    coalesce(-sum(m.qty) FILTER (WHERE m.qty < 0), 0), sum(m.value_minor), count(*)
  FROM (SELECT business_id, item_id, month FROM app.item_months GROUP BY 1, 2, 3 HAVING sum("rows") >= 100) h
  JOIN app.movements m ON m.business_id = h.business_id AND m.item_id = h.item_id AND m.on_date >= h.month
    AND m.on_date < (h.month + interval '1 month')::date
  WHERE m.kind <> 'write_off' GROUP BY 1, 2, 3, 4;
ALTER TABLE app.item_months FORCE ROW LEVEL SECURITY;
ALTER TABLE app.movements FORCE ROW LEVEL SECURITY;

-- 2. Nearly all movements are sales, and most businesses have one place, `main`: what is neither is found without walking through them,
--    and what is writes nothing to these.
CREATE INDEX movements_but_sales ON app.movements (business_id, item_id, kind, on_date, phase, "at" nulls first, id, leg) WHERE kind <> 'sale';
CREATE INDEX movements_elsewhere ON app.movements (business_id, item_id, location_id, on_date, phase, "at" nulls first, id, leg)
  WHERE location_id <> 'main';

-- 3. A file that was asked for, and its bytes in the order in which they were made. Both end with their run, and the bytes after a while.
CREATE TABLE app.exports (
  business_id uuid NOT NULL,
  run_id uuid NOT NULL,
  user_id uuid NOT NULL,
  report text NOT NULL,
  format text NOT NULL,
  asked jsonb NOT NULL,
  file_name text NOT NULL,
  size bigint,
  expires_at timestamp with time zone,
  CONSTRAINT exports_pk PRIMARY KEY (business_id, run_id),
  CONSTRAINT exports_run FOREIGN KEY (business_id, run_id) REFERENCES app.runs (business_id, id) ON DELETE CASCADE,
  CONSTRAINT exports_format CHECK (format in ('csv', 'xlsx', 'pdf')),
  CONSTRAINT exports_whole CHECK ((size is null) = (expires_at is null))
);
CREATE TABLE app.export_parts (
  business_id uuid NOT NULL,
  run_id uuid NOT NULL,
  part integer NOT NULL,
  bytes bytea NOT NULL,
  CONSTRAINT export_parts_pk PRIMARY KEY (business_id, run_id, part),
  CONSTRAINT export_parts_export FOREIGN KEY (business_id, run_id) REFERENCES app.exports (business_id, run_id) ON DELETE CASCADE
);
-- Two of the three formats are compressed already.
ALTER TABLE app.export_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['item_days', 'exports', 'export_parts'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON app.%I TO lotbook_app', t);
  END LOOP;
END $$;
