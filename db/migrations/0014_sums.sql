-- Sums that pages read instead of rows: of what was sold and ordered on a day, and of what changed Inventory on a day. Who changes what they show
-- says so by a mark of the day, in the same transaction and without waiting for anybody; a job makes the sums of marked days anew
-- (lib/books/summarise-days.ts). A day that is marked is read from its rows, so what is shown is exact at any moment.

CREATE TABLE app.touched_days (
  business_id uuid NOT NULL,
  on_date date NOT NULL,
  id uuid NOT NULL,
  CONSTRAINT touched_days_pk PRIMARY KEY (business_id, on_date, id)
);

CREATE TABLE app.sold_days (
  business_id uuid NOT NULL,
  on_date date NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  lines bigint NOT NULL,
  qty bigint NOT NULL,
  price_minor bigint NOT NULL,
  fees_minor bigint NOT NULL,
  refunds_minor bigint NOT NULL,
  cost_minor bigint NOT NULL,
  unmatched bigint NOT NULL,
  known_lines bigint NOT NULL,
  known_qty bigint NOT NULL,
  known_price_minor bigint NOT NULL,
  known_fees_minor bigint NOT NULL,
  known_refunds_minor bigint NOT NULL,
  known_cost_minor bigint NOT NULL,
  known_unmatched bigint NOT NULL,
  CONSTRAINT sold_days_pk PRIMARY KEY (business_id, on_date, channel_id)
);

CREATE TABLE app.order_days (
  business_id uuid NOT NULL,
  on_date date NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  orders bigint NOT NULL,
  missing bigint NOT NULL,
  gross_minor bigint NOT NULL,
  shipping_minor bigint NOT NULL,
  discount_minor bigint NOT NULL,
  fees_minor bigint NOT NULL,
  charges_minor bigint NOT NULL,
  refunded_minor bigint NOT NULL,
  cost_minor bigint NOT NULL,
  cost_back_minor bigint NOT NULL,
  CONSTRAINT order_days_pk PRIMARY KEY (business_id, on_date, channel_id)
);

CREATE TABLE app.inventory_days (
  business_id uuid NOT NULL,
  on_date date NOT NULL,
  rank smallint NOT NULL,
  what text COLLATE "C" NOT NULL,
  owner text COLLATE "C" NOT NULL,
  amount_minor bigint NOT NULL,
  beside_minor bigint NOT NULL,
  documents bigint NOT NULL,
  units bigint,
  items bigint NOT NULL,
  item_id text COLLATE "C",
  line_id text COLLATE "C",
  order_id text COLLATE "C",
  channels jsonb NOT NULL,
  memo text NOT NULL,
  CONSTRAINT inventory_days_pk PRIMARY KEY (business_id, on_date, rank, owner, what)
);
CREATE INDEX inventory_days_beside ON app.inventory_days (business_id, on_date) WHERE beside_minor <> 0;

-- What is there already has no sums yet: every day of it is marked, and the job asked for. The owner sees no rows under forced row
-- security, so it is lifted for the one statement.
ALTER TABLE app.orders NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.postings NO FORCE ROW LEVEL SECURITY;
INSERT INTO app.touched_days (business_id, on_date, id)
  SELECT d.business_id, d.on_date, gen_random_uuid() FROM (
    SELECT business_id, on_date FROM app.orders
    UNION
    SELECT business_id, posted_on FROM app.postings WHERE debit = '1200' OR credit = '1200') d;
ALTER TABLE app.orders FORCE ROW LEVEL SECURITY;
ALTER TABLE app.postings FORCE ROW LEVEL SECURITY;
INSERT INTO app.outbox (id, business_id, job, payload, key, requested_at, not_before, attempts, state)
  SELECT gen_random_uuid(), t.business_id, 'summariseDays', jsonb_build_object('business', t.business_id), t.business_id::text, now(), now(), 0, 'waiting'
  FROM (SELECT DISTINCT business_id FROM app.touched_days) t;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['touched_days', 'sold_days', 'order_days', 'inventory_days'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON app.%I TO lotbook_app', t);
  END LOOP;
END $$;
