-- What moves inside the business: production, bundles, pool `location` with transfers as moves of lots (costing.md rules 8 and 9), and
-- extras of a purchase that are spread by quantity or by weight (rule 10).

-- A bundle's components: its sale moves them, the bundle itself is never stocked.
CREATE TABLE app.item_components (
  business_id uuid NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  component_id text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  CONSTRAINT item_components_pk PRIMARY KEY (business_id, item_id, place),
  CONSTRAINT item_components_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id),
  CONSTRAINT item_components_component FOREIGN KEY (business_id, component_id) REFERENCES app.items (business_id, id),
  CONSTRAINT item_components_qty CHECK (qty > 0)
);
CREATE INDEX item_components_of_component ON app.item_components (business_id, component_id);

-- Items that production joins into one cost group (docs/decisions/0003-cost-groups.md); any other item is a group of its own.
CREATE TABLE app.cost_groups (
  business_id uuid NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  CONSTRAINT cost_groups_pk PRIMARY KEY (business_id, item_id),
  CONSTRAINT cost_groups_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id)
);
CREATE INDEX cost_groups_members ON app.cost_groups (business_id, group_id, item_id);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['item_components', 'cost_groups'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON app.%I TO lotbook_app', t);
  END LOOP;
END $$;

-- Production is a document like the others: its inputs have a negative quantity, its outputs a share of the cost.
ALTER TABLE app.stock_documents DROP CONSTRAINT stock_documents_kind;
ALTER TABLE app.stock_documents ADD CONSTRAINT stock_documents_kind CHECK (kind in ('opening', 'adjustment', 'transfer', 'purchase_return', 'assembly'));
ALTER TABLE app.stock_documents ADD COLUMN overhead_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE app.stock_documents ADD COLUMN account_code text COLLATE "C";
ALTER TABLE app.stock_documents ALTER COLUMN overhead_minor DROP DEFAULT;
ALTER TABLE app.stock_lines ADD COLUMN share bigint;

ALTER TABLE app.purchase_lines ADD COLUMN weight bigint;
ALTER TABLE app.purchase_extras ADD COLUMN spread_by text NOT NULL DEFAULT 'value';
ALTER TABLE app.purchase_extras ALTER COLUMN spread_by DROP DEFAULT;
ALTER TABLE app.purchase_extras ADD CONSTRAINT purchase_extras_spread_by CHECK (spread_by in ('value', 'quantity', 'weight'));

-- A lot's place in the order (on_date, phase, at, place_id, rank, number) is no longer that of its acquisition: a transfer brings
-- lots as old as what they were taken from, and takes them (made_on) before it brings them. The owner sees no rows under forced row
-- security, so it is lifted for the one statement that fills the columns.
ALTER TABLE app.lots ADD COLUMN acquired_on date;
ALTER TABLE app.lots ADD COLUMN made_on date;
ALTER TABLE app.lots ADD COLUMN place_id text COLLATE "C";
ALTER TABLE app.lots ADD COLUMN rank smallint;
ALTER TABLE app.lots NO FORCE ROW LEVEL SECURITY;
UPDATE app.lots SET acquired_on = on_date, made_on = on_date, place_id = line_id, rank = 0;
-- The several lots of one line were named by it and ".1", ".2", …, which another line's id may be: now by it, U+001F and the number.
ALTER TABLE app.allocations NO FORCE ROW LEVEL SECURITY;
UPDATE app.allocations a SET lot_id = l.line_id || chr(31) || l.number FROM app.lots l
  WHERE l.business_id = a.business_id AND l.id = a.lot_id AND l.source = 'return' AND l.id <> l.line_id;
UPDATE app.allocations a SET made_lot_id = l.line_id || chr(31) || l.number FROM app.lots l
  WHERE l.business_id = a.business_id AND l.id = a.made_lot_id AND l.source = 'return' AND l.id <> l.line_id;
UPDATE app.lots SET id = line_id || chr(31) || number WHERE source = 'return' AND id <> line_id;
ALTER TABLE app.allocations FORCE ROW LEVEL SECURITY;
ALTER TABLE app.lots FORCE ROW LEVEL SECURITY;
ALTER TABLE app.lots ALTER COLUMN acquired_on SET NOT NULL;
ALTER TABLE app.lots ALTER COLUMN made_on SET NOT NULL;
ALTER TABLE app.lots ALTER COLUMN place_id SET NOT NULL;
ALTER TABLE app.lots ALTER COLUMN rank SET NOT NULL;

-- A bundle's line moves several items, each a leg (1, 2, …) with allocations of its own.
ALTER TABLE app.allocations ADD COLUMN leg smallint NOT NULL DEFAULT 0;
ALTER TABLE app.allocations ALTER COLUMN leg DROP DEFAULT;
ALTER TABLE app.allocations DROP CONSTRAINT allocations_business_id_movement_id_kind_place_pk;
ALTER TABLE app.allocations ADD CONSTRAINT allocations_pk PRIMARY KEY (business_id, movement_id, leg, kind, place);

-- The end of a business takes the new tables along.
CREATE OR REPLACE FUNCTION app.remove_business(gone uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS $$
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
    'stock_lines', 'stock_documents', 'purchase_extras', 'purchase_lines', 'purchases', 'item_components', 'cost_groups',
    'item_names', 'items', 'locations',
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
