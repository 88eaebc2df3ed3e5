-- Counts of stock, on paper, on phones and away from the network, and the barcodes by which things are found (docs/decisions/0010-counts.md).
-- A count is a row of the desk: what it puts right is told as adjustment facts when it is approved.

-- 1. A count of one place, from draft to approved.
CREATE TABLE app.counts (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  state text NOT NULL,
  -- Taken when it is first approved, and kept.
  number text,
  number_year integer,
  location_id text COLLATE "C" NOT NULL,
  plan text NOT NULL,
  words text NOT NULL,
  most integer NOT NULL,
  has_empty boolean NOT NULL,
  is_blind boolean NOT NULL,
  note text NOT NULL,
  version integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by uuid,
  started_at timestamp with time zone,
  approved_at timestamp with time zone,
  approved_by uuid,
  CONSTRAINT counts_pk PRIMARY KEY (business_id, id),
  CONSTRAINT counts_number UNIQUE (business_id, number),
  CONSTRAINT counts_location FOREIGN KEY (business_id, location_id) REFERENCES app.locations (business_id, id),
  CONSTRAINT counts_state CHECK (state in ('draft', 'counting', 'review', 'approved', 'cancelled')),
  CONSTRAINT counts_plan CHECK (plan in ('all', 'items', 'words', 'abc', 'oldest') and most > 0),
  CONSTRAINT counts_begun CHECK ((state not in ('counting', 'review', 'approved') or started_at is not null)
    and (state = 'approved') = (approved_at is not null) and (approved_at is null or number is not null)
    and (number is null) = (number_year is null))
);
CREATE INDEX counts_made ON app.counts (business_id, created_at, id);
CREATE INDEX counts_of_location ON app.counts (business_id, location_id);

-- 2. What it counts, each item once. What was counted and what was expected then is written when it is approved, and is its proof.
CREATE TABLE app.count_lines (
  business_id uuid NOT NULL,
  count_id text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  -- Found on the shelf, and not in the plan.
  is_extra boolean NOT NULL,
  -- A person said that what is dated on that day without a time had happened before.
  takes_day boolean NOT NULL,
  reason text COLLATE "C",
  -- What came to light is worth in all, where a person said so.
  worth_minor bigint,
  counted_qty bigint,
  counted_at timestamp with time zone,
  expected_qty bigint,
  -- The local day of counted_at, and what has come to be known of before it since it was approved: where that is not nothing, it differs otherwise by now.
  counted_on date,
  late_qty bigint NOT NULL,
  CONSTRAINT count_lines_pk PRIMARY KEY (business_id, count_id, item_id),
  CONSTRAINT count_lines_place UNIQUE (business_id, count_id, place),
  CONSTRAINT count_lines_count FOREIGN KEY (business_id, count_id) REFERENCES app.counts (business_id, id),
  CONSTRAINT count_lines_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id),
  CONSTRAINT count_lines_reason CHECK (reason in ('count', 'damaged', 'data_entry', 'found')),
  CONSTRAINT count_lines_counted CHECK ((counted_qty is null) = (counted_at is null) and (counted_qty is null) = (expected_qty is null)
    and (counted_qty is null) = (counted_on is null) and (counted_qty is not null or late_qty = 0)
    and coalesce(counted_qty, 0) >= 0 and coalesce(worth_minor, 0) >= 0)
);
CREATE INDEX count_lines_of_item ON app.count_lines (business_id, item_id);
CREATE INDEX count_lines_approved ON app.count_lines (business_id, item_id, counted_on) WHERE counted_on IS NOT NULL;
CREATE INDEX count_lines_late ON app.count_lines (business_id, count_id) WHERE late_qty <> 0;

-- 3. What people hand in. The id is made on the device, so that what is handed in twice is here once.
CREATE TABLE app.count_entries (
  business_id uuid NOT NULL,
  count_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  mode text NOT NULL,
  counted_at timestamp with time zone NOT NULL,
  handed_at timestamp with time zone NOT NULL,
  user_id uuid,
  CONSTRAINT count_entries_pk PRIMARY KEY (business_id, count_id, id),
  CONSTRAINT count_entries_line FOREIGN KEY (business_id, count_id, item_id) REFERENCES app.count_lines (business_id, count_id, item_id),
  CONSTRAINT count_entries_qty CHECK (qty >= 0 and mode in ('add', 'recount'))
);
CREATE INDEX count_entries_of_line ON app.count_entries (business_id, count_id, item_id);

-- 4. The adjustments that a count was approved with: one for each day and reason. Those of an approval that was taken back stay here.
CREATE TABLE app.count_documents (
  business_id uuid NOT NULL,
  document_id text COLLATE "C" NOT NULL,
  count_id text COLLATE "C" NOT NULL,
  CONSTRAINT count_documents_pk PRIMARY KEY (business_id, document_id),
  CONSTRAINT count_documents_count FOREIGN KEY (business_id, count_id) REFERENCES app.counts (business_id, id)
);
CREATE INDEX count_documents_of_count ON app.count_documents (business_id, count_id);

-- 5. What approved counts found, by item and place. Kept with them, can be rebuilt from their lines.
CREATE TABLE app.count_sums (
  business_id uuid NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  counts integer NOT NULL,
  shortages integer NOT NULL,
  surpluses integer NOT NULL,
  recent_short integer NOT NULL,
  net_qty bigint NOT NULL,
  last_at timestamp with time zone NOT NULL,
  CONSTRAINT count_sums_pk PRIMARY KEY (business_id, item_id, location_id),
  CONSTRAINT count_sums_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id),
  CONSTRAINT count_sums_location FOREIGN KEY (business_id, location_id) REFERENCES app.locations (business_id, id),
  CONSTRAINT count_sums_counts CHECK (counts > 0 and shortages >= 0 and surpluses >= 0 and shortages + surpluses <= counts
    and recent_short between 0 and 3)
);
CREATE INDEX count_sums_short ON app.count_sums (business_id, recent_short, shortages, item_id, location_id);
CREATE INDEX count_sums_of_location ON app.count_sums (business_id, location_id);

-- 6. Codes that are printed on things: one item's alone, any number for an item.
CREATE TABLE app.item_barcodes (
  business_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  CONSTRAINT item_barcodes_pk PRIMARY KEY (business_id, code),
  CONSTRAINT item_barcodes_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id)
);
CREATE INDEX item_barcodes_of_item ON app.item_barcodes (business_id, item_id);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['counts', 'count_lines', 'count_entries', 'count_documents', 'count_sums', 'item_barcodes'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT ON app.%I TO lotbook_app', t);
  END LOOP;
  -- What people say of counts and codes is in the audit trail (0011).
  FOREACH t IN ARRAY ARRAY['counts|INSERT OR UPDATE', 'count_entries|INSERT OR UPDATE', 'item_barcodes|INSERT OR UPDATE',
    -- What came to be known late follows from facts.
    'count_lines|INSERT OR UPDATE OF place, is_extra, takes_day, reason, worth_minor, counted_qty, counted_at, expected_qty'] LOOP
    EXECUTE format(
      'CREATE CONSTRAINT TRIGGER audited AFTER %s ON app.%I DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
      || 'WHEN (current_setting(''app.audited'', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited()',
      split_part(t, '|', 2), split_part(t, '|', 1));
  END LOOP;
  FOREACH t IN ARRAY ARRAY['count_lines', 'item_barcodes'] LOOP
    EXECUTE format(
      'CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.%I DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
      || 'WHEN (current_setting(''app.audited'', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited()', t);
  END LOOP;
END $$;
-- A count that has a number is cancelled, never deleted; nobody takes away what somebody counted, nor what a count was approved with.
GRANT UPDATE ON app.counts TO lotbook_app;
GRANT UPDATE, DELETE ON app.count_lines, app.count_sums, app.item_barcodes TO lotbook_app;
