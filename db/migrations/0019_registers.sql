-- The stock register at any date, summaries by what moved, and minimums. What an item changed by in a month (and on a day of a busy month)
-- is kept by what moved it as well; what is on hand now is kept by place, so that any date is reached from now backwards.

-- 1. Of what a month or a day changed: what came in but by a return or from another place, what was sold and came back at cost, what went
-- between places. What was taken out otherwise is the rest.
ALTER TABLE app.item_months
  ADD COLUMN added_minor bigint NOT NULL DEFAULT 0,
  ADD COLUMN sold_qty bigint NOT NULL DEFAULT 0,
  ADD COLUMN sold_minor bigint NOT NULL DEFAULT 0,
  ADD COLUMN back_qty bigint NOT NULL DEFAULT 0,
  ADD COLUMN back_minor bigint NOT NULL DEFAULT 0,
  ADD COLUMN moved_in_qty bigint NOT NULL DEFAULT 0,
  ADD COLUMN moved_in_minor bigint NOT NULL DEFAULT 0,
  ADD COLUMN moved_out_qty bigint NOT NULL DEFAULT 0,
  ADD COLUMN moved_out_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE app.item_days
  ADD COLUMN added_minor bigint NOT NULL DEFAULT 0,
  ADD COLUMN sold_qty bigint NOT NULL DEFAULT 0,
  ADD COLUMN sold_minor bigint NOT NULL DEFAULT 0,
  ADD COLUMN back_qty bigint NOT NULL DEFAULT 0,
  ADD COLUMN back_minor bigint NOT NULL DEFAULT 0,
  ADD COLUMN moved_in_qty bigint NOT NULL DEFAULT 0,
  ADD COLUMN moved_in_minor bigint NOT NULL DEFAULT 0,
  ADD COLUMN moved_out_qty bigint NOT NULL DEFAULT 0,
  ADD COLUMN moved_out_minor bigint NOT NULL DEFAULT 0;

-- 2. What is on hand now at each place, and what it is worth.
CREATE TABLE app.item_places (
  business_id uuid NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  value_minor bigint NOT NULL,
  CONSTRAINT item_places_pk PRIMARY KEY (business_id, item_id, location_id),
  CONSTRAINT item_places_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id) ON DELETE CASCADE
);

-- 3. How much of an item a place shall have at least, and up to how much is bought. `told_at`: its people were told that it fell below.
CREATE TABLE app.stock_minimums (
  business_id uuid NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  min_qty bigint NOT NULL,
  target_qty bigint NOT NULL,
  told_at timestamp with time zone,
  CONSTRAINT stock_minimums_pk PRIMARY KEY (business_id, item_id, location_id),
  CONSTRAINT stock_minimums_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id),
  CONSTRAINT stock_minimums_location FOREIGN KEY (business_id, location_id) REFERENCES app.locations (business_id, id),
  CONSTRAINT stock_minimums_qty CHECK (min_qty > 0 and target_qty >= min_qty)
);
CREATE INDEX stock_minimums_of_location ON app.stock_minimums (business_id, location_id);

-- 4. Is a mail sent when something falls below its minimum?
ALTER TABLE app.businesses ADD COLUMN mails_low_stock boolean NOT NULL DEFAULT true;

-- What is there already. The owner sees no rows under forced row security, so it is lifted meanwhile.
ALTER TABLE app.movements NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.items NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_months NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_days NO FORCE ROW LEVEL SECURITY;
UPDATE app.item_months i SET added_minor = s.added_minor, sold_qty = s.sold_qty, sold_minor = s.sold_minor, back_qty = s.back_qty,
    back_minor = s.back_minor, moved_in_qty = s.moved_in_qty, moved_in_minor = s.moved_in_minor, moved_out_qty = s.moved_out_qty,
    moved_out_minor = s.moved_out_minor
  FROM (SELECT m.business_id, m.item_id, date_trunc('month', m.on_date::timestamp)::date AS month, m.location_id,
      coalesce(sum(m.value_minor) filter (where m.qty > 0 and m.kind not in ('sale_return', 'loose_return', 'transfer')), 0) AS added_minor,
      coalesce(-sum(m.qty) filter (where m.kind = 'sale'), 0) AS sold_qty,
      coalesce(-sum(m.value_minor) filter (where m.kind = 'sale'), 0) AS sold_minor,
      coalesce(sum(m.qty) filter (where m.kind in ('sale_return', 'loose_return')), 0) AS back_qty,
      coalesce(sum(m.value_minor) filter (where m.kind in ('sale_return', 'loose_return')), 0) AS back_minor,
      coalesce(sum(m.qty) filter (where m.kind = 'transfer' and m.qty > 0), 0) AS moved_in_qty,
      coalesce(sum(m.value_minor) filter (where m.kind = 'transfer' and m.qty > 0), 0) AS moved_in_minor,
      coalesce(-sum(m.qty) filter (where m.kind = 'transfer' and m.qty < 0), 0) AS moved_out_qty,
      coalesce(-sum(m.value_minor) filter (where m.kind = 'transfer' and m.qty < 0), 0) AS moved_out_minor
    FROM app.movements m WHERE m.kind <> 'write_off' GROUP BY 1, 2, 3, 4) s
  WHERE i.business_id = s.business_id AND i.item_id = s.item_id AND i.month = s.month AND i.location_id = s.location_id;
UPDATE app.item_days i SET added_minor = s.added_minor, sold_qty = s.sold_qty, sold_minor = s.sold_minor, back_qty = s.back_qty,
    back_minor = s.back_minor, moved_in_qty = s.moved_in_qty, moved_in_minor = s.moved_in_minor, moved_out_qty = s.moved_out_qty,
    moved_out_minor = s.moved_out_minor
  FROM (SELECT m.business_id, m.item_id, m.on_date, m.location_id,
      coalesce(sum(m.value_minor) filter (where m.qty > 0 and m.kind not in ('sale_return', 'loose_return', 'transfer')), 0) AS added_minor,
      coalesce(-sum(m.qty) filter (where m.kind = 'sale'), 0) AS sold_qty,
      coalesce(-sum(m.value_minor) filter (where m.kind = 'sale'), 0) AS sold_minor,
      coalesce(sum(m.qty) filter (where m.kind in ('sale_return', 'loose_return')), 0) AS back_qty,
      coalesce(sum(m.value_minor) filter (where m.kind in ('sale_return', 'loose_return')), 0) AS back_minor,
      coalesce(sum(m.qty) filter (where m.kind = 'transfer' and m.qty > 0), 0) AS moved_in_qty,
      coalesce(sum(m.value_minor) filter (where m.kind = 'transfer' and m.qty > 0), 0) AS moved_in_minor,
      coalesce(-sum(m.qty) filter (where m.kind = 'transfer' and m.qty < 0), 0) AS moved_out_qty,
      coalesce(-sum(m.value_minor) filter (where m.kind = 'transfer' and m.qty < 0), 0) AS moved_out_minor
    FROM app.movements m WHERE m.kind <> 'write_off' GROUP BY 1, 2, 3, 4) s
  WHERE i.business_id = s.business_id AND i.item_id = s.item_id AND i.on_date = s.on_date AND i.location_id = s.location_id;
INSERT INTO app.item_places (business_id, item_id, location_id, qty, value_minor)
  SELECT business_id, item_id, location_id, sum(in_qty - out_qty), sum(value_minor) FROM app.item_months GROUP BY 1, 2, 3;
ALTER TABLE app.movements FORCE ROW LEVEL SECURITY;
ALTER TABLE app.items FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_months FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_days FORCE ROW LEVEL SECURITY;

DO $$
DECLARE
  c text;
BEGIN
  -- From here on every writer says them all.
  FOREACH c IN ARRAY ARRAY['added_minor', 'sold_qty', 'sold_minor', 'back_qty', 'back_minor', 'moved_in_qty', 'moved_in_minor',
    'moved_out_qty', 'moved_out_minor'] LOOP
    EXECUTE format('ALTER TABLE app.item_months ALTER COLUMN %I DROP DEFAULT', c);
    EXECUTE format('ALTER TABLE app.item_days ALTER COLUMN %I DROP DEFAULT', c);
  END LOOP;
  FOREACH c IN ARRAY ARRAY['item_places', 'stock_minimums'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', c);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', c);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', c);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON app.%I TO lotbook_app', c);
  END LOOP;
END $$;

-- What a person wants at least is in the audit trail (0011).
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.stock_minimums DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.stock_minimums DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
