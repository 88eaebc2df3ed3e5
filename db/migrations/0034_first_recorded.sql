-- When the first of an item's movements was recorded, of each month and of all: a row of the ledger that was recorded with the first of them
-- was not recorded later than what follows it, and nothing has to be read to know it (lib/stock/ledger-names.ts).

ALTER TABLE app.item_months ADD COLUMN first_recorded_at timestamptz;
ALTER TABLE app.item_stock ADD COLUMN first_recorded_at timestamptz;

-- The owner sees no rows under forced row security, so it is lifted for the statements.
ALTER TABLE app.movements NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_months NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_stock NO FORCE ROW LEVEL SECURITY;
UPDATE app.item_months i SET first_recorded_at = m.first
  FROM (SELECT business_id, item_id, date_trunc('month', on_date::timestamp)::date AS month, location_id, min(recorded_at) AS first
    FROM app.movements WHERE kind <> 'write_off' GROUP BY 1, 2, 3, 4) m
  WHERE i.business_id = m.business_id AND i.item_id = m.item_id AND i.month = m.month AND i.location_id = m.location_id;
UPDATE app.item_stock s SET first_recorded_at = i.first
  FROM (SELECT business_id, item_id, min(first_recorded_at) AS first FROM app.item_months GROUP BY 1, 2) i
  WHERE s.business_id = i.business_id AND s.item_id = i.item_id;
ALTER TABLE app.movements FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_months FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_stock FORCE ROW LEVEL SECURITY;

ALTER TABLE app.item_months ALTER COLUMN first_recorded_at SET NOT NULL;
