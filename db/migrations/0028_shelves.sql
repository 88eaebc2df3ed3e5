-- The shelves that a channel keeps for the seller (Amazon's FBA), and what is on order from suppliers.

-- 1. Which locations are a channel's shelves.
CREATE TABLE app.channel_shelves (
  business_id uuid NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  shelf text NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  CONSTRAINT channel_shelves_pk PRIMARY KEY (business_id, channel_id, shelf),
  CONSTRAINT channel_shelves_channel FOREIGN KEY (business_id, channel_id) REFERENCES app.channels (business_id, id),
  CONSTRAINT channel_shelves_location FOREIGN KEY (business_id, location_id) REFERENCES app.locations (business_id, id),
  CONSTRAINT channel_shelves_shelf CHECK (shelf in ('sellable', 'unsellable', 'removal'))
);
CREATE INDEX channel_shelves_of_location ON app.channel_shelves (business_id, location_id);

-- 2. What the channel says that it holds, by SKU, as it said it last.
CREATE TABLE app.channel_stock (
  business_id uuid NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  sku text COLLATE "C" NOT NULL,
  name text NOT NULL,
  sellable bigint NOT NULL,
  unsellable bigint NOT NULL,
  inbound bigint NOT NULL,
  said_at timestamp with time zone NOT NULL,
  item_id text COLLATE "C",
  times bigint NOT NULL,
  differs_since date,
  CONSTRAINT channel_stock_pk PRIMARY KEY (business_id, channel_id, sku),
  CONSTRAINT channel_stock_channel FOREIGN KEY (business_id, channel_id) REFERENCES app.channels (business_id, id),
  CONSTRAINT channel_stock_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id) ON DELETE CASCADE,
  CONSTRAINT channel_stock_times CHECK (times > 0)
);
CREATE INDEX channel_stock_of_item ON app.channel_stock (business_id, item_id);
CREATE INDEX channel_stock_differs ON app.channel_stock (business_id, differs_since) WHERE differs_since IS NOT NULL;

-- 3. What happened on the shelves, once, by the channel's own name for it, and the facts that it became; without any it waits, and says why.
CREATE TABLE app.shelf_moves (
  business_id uuid NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  kind text NOT NULL,
  shelf text NOT NULL,
  sku text NOT NULL,
  qty bigint NOT NULL,
  words text NOT NULL,
  facts jsonb,
  why text,
  CONSTRAINT shelf_moves_pk PRIMARY KEY (business_id, channel_id, id),
  CONSTRAINT shelf_moves_channel FOREIGN KEY (business_id, channel_id) REFERENCES app.channels (business_id, id),
  CONSTRAINT shelf_moves_kind CHECK (kind in ('received', 'sent back', 'moved', 'gone', 'found', 'returned')
    and (facts is null) = (why is not null))
);
CREATE INDEX shelf_moves_waiting ON app.shelf_moves (business_id, channel_id, id) WHERE facts IS NULL;
CREATE INDEX shelf_moves_day ON app.shelf_moves (business_id, channel_id, on_date, id);

-- 4. Orders to suppliers, from draft to closed. What was received is what purchases say that were made of them.
CREATE TABLE app.purchase_orders (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  state text NOT NULL,
  number text,
  number_year integer,
  supplier text NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  expected_on date,
  note text NOT NULL,
  version integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by uuid,
  CONSTRAINT purchase_orders_pk PRIMARY KEY (business_id, id),
  CONSTRAINT purchase_orders_number UNIQUE (business_id, number),
  CONSTRAINT purchase_orders_location FOREIGN KEY (business_id, location_id) REFERENCES app.locations (business_id, id),
  CONSTRAINT purchase_orders_state CHECK (state in ('draft', 'ordered', 'closed', 'cancelled')),
  CONSTRAINT purchase_orders_numbered CHECK ((state not in ('ordered', 'closed') or number is not null)
    and (number is null) = (number_year is null))
);
CREATE INDEX purchase_orders_day ON app.purchase_orders (business_id, on_date, id);
CREATE INDEX purchase_orders_open ON app.purchase_orders (business_id, id) WHERE state = 'ordered';
CREATE INDEX purchase_orders_of_location ON app.purchase_orders (business_id, location_id);

CREATE TABLE app.purchase_order_lines (
  business_id uuid NOT NULL,
  order_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  amount_minor bigint,
  CONSTRAINT purchase_order_lines_pk PRIMARY KEY (business_id, order_id, place),
  CONSTRAINT purchase_order_lines_once UNIQUE (business_id, order_id, item_id),
  CONSTRAINT purchase_order_lines_order FOREIGN KEY (business_id, order_id) REFERENCES app.purchase_orders (business_id, id),
  CONSTRAINT purchase_order_lines_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id),
  CONSTRAINT purchase_order_lines_qty CHECK (qty > 0 and coalesce(amount_minor, 0) >= 0)
);
CREATE INDEX purchase_order_lines_of_item ON app.purchase_order_lines (business_id, item_id);

-- 5. What a purchase brought of an order. It counts while the purchase stands, so taking a purchase back needs nothing here.
CREATE TABLE app.purchase_order_receipts (
  business_id uuid NOT NULL,
  order_id text COLLATE "C" NOT NULL,
  purchase_id text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  CONSTRAINT purchase_order_receipts_pk PRIMARY KEY (business_id, order_id, item_id, purchase_id),
  CONSTRAINT purchase_order_receipts_line FOREIGN KEY (business_id, order_id, item_id)
    REFERENCES app.purchase_order_lines (business_id, order_id, item_id),
  CONSTRAINT purchase_order_receipts_qty CHECK (qty > 0)
);
CREATE INDEX purchase_order_receipts_of_purchase ON app.purchase_order_receipts (business_id, purchase_id);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['channel_shelves', 'channel_stock', 'shelf_moves', 'purchase_orders', 'purchase_order_lines',
    'purchase_order_receipts'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT ON app.%I TO lotbook_app', t);
  END LOOP;
  -- What people say of shelves and orders is in the audit trail (0011).
  FOREACH t IN ARRAY ARRAY['channel_shelves', 'purchase_orders', 'purchase_order_lines', 'purchase_order_receipts'] LOOP
    EXECUTE format(
      'CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.%I DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
      || 'WHEN (current_setting(''app.audited'', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited()', t);
  END LOOP;
  EXECUTE 'CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.purchase_order_lines DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
    || 'WHEN (current_setting(''app.audited'', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited()';
END $$;
-- An order that has a number is cancelled, never deleted; what a channel said of a movement is kept.
GRANT UPDATE ON app.channel_shelves, app.channel_stock, app.shelf_moves, app.purchase_orders TO lotbook_app;
GRANT DELETE ON app.purchase_order_lines TO lotbook_app;
