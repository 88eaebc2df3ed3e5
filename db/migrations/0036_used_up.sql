-- The day on which the last of a lot was taken: which lots were open on a past day is asked of the lots alone, however much was sold since
-- (lib/stock/register.ts).

ALTER TABLE app.lots ADD COLUMN used_up_on date;

-- The owner sees no rows under forced row security, so it is lifted for the statement.
ALTER TABLE app.lots NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.allocations NO FORCE ROW LEVEL SECURITY;
UPDATE app.lots l SET used_up_on = a.last
  FROM (SELECT business_id, lot_id, max(on_date) AS last FROM app.allocations WHERE kind <> 'back' GROUP BY 1, 2) a
  WHERE l.business_id = a.business_id AND l.id = a.lot_id AND l.left_qty = 0;
ALTER TABLE app.lots FORCE ROW LEVEL SECURITY;
ALTER TABLE app.allocations FORCE ROW LEVEL SECURITY;

ALTER TABLE app.lots DROP CONSTRAINT lots_left;
ALTER TABLE app.lots ADD CONSTRAINT lots_left CHECK ((left_qty = 0) = (used_up_on IS NOT NULL) AND left_qty >= 0 AND left_qty <= qty
  AND left_minor >= 0 AND (left_qty > 0 OR left_minor = 0));
CREATE INDEX lots_used_up ON app.lots (business_id, item_id, used_up_on) WHERE left_qty = 0;
