-- Sums by day are kept for months in which an item moved sixty times or more, where it was a hundred: from two movements a day on a day's
-- sum is less to read than its rows (lib/books/costing-summaries.ts).

-- The owner sees no rows under forced row security, so it is lifted for the statement.
ALTER TABLE app.movements NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_months NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_days NO FORCE ROW LEVEL SECURITY;
INSERT INTO app.item_days (business_id, item_id, on_date, location_id, in_qty, out_qty, value_minor, "rows", added_minor, sold_qty, sold_minor,
    back_qty, back_minor, moved_in_qty, moved_in_minor, moved_out_qty, moved_out_minor)
  SELECT m.business_id, m.item_id, m.on_date, m.location_id, coalesce(sum(m.qty) filter (where m.qty > 0), 0),
    coalesce(-sum(m.qty) filter (where m.qty < 0), 0), sum(m.value_minor), count(*),
    coalesce(sum(m.value_minor) filter (where m.qty > 0 and m.kind not in ('sale_return', 'loose_return', 'transfer')), 0),
    coalesce(-sum(m.qty) filter (where m.kind = 'sale'), 0),
    coalesce(-sum(m.value_minor) filter (where m.kind = 'sale'), 0),
    coalesce(sum(m.qty) filter (where m.kind in ('sale_return', 'loose_return')), 0),
    coalesce(sum(m.value_minor) filter (where m.kind in ('sale_return', 'loose_return')), 0),
    coalesce(sum(m.qty) filter (where m.kind = 'transfer' and m.qty > 0), 0),
    coalesce(sum(m.value_minor) filter (where m.kind = 'transfer' and m.qty > 0), 0),
    coalesce(-sum(m.qty) filter (where m.kind = 'transfer' and m.qty < 0), 0),
    coalesce(-sum(m.value_minor) filter (where m.kind = 'transfer' and m.qty < 0), 0)
  FROM (SELECT business_id, item_id, month FROM app.item_months GROUP BY 1, 2, 3 HAVING sum("rows") >= 60 AND sum("rows") < 100) h
  JOIN app.movements m ON m.business_id = h.business_id AND m.item_id = h.item_id AND m.on_date >= h.month
    AND m.on_date < (h.month + interval '1 month')::date
  WHERE m.kind <> 'write_off' GROUP BY 1, 2, 3, 4;
ALTER TABLE app.item_days FORCE ROW LEVEL SECURITY;
ALTER TABLE app.item_months FORCE ROW LEVEL SECURITY;
ALTER TABLE app.movements FORCE ROW LEVEL SECURITY;
