-- Where an order was delivered to (docs/decisions/0011-gst.md): the country by its two letters and the region as its source says it. Null
-- where no source said it, as of every order that was recorded before; one that is told anew has it.

ALTER TABLE app.orders ADD COLUMN ship_country text;
ALTER TABLE app.orders ADD COLUMN ship_region text;
ALTER TABLE app.orders ADD CONSTRAINT orders_ship_to CHECK ((ship_country IS NULL) = (ship_region IS NULL)
  AND (ship_country IS NULL OR ship_country ~ '^[A-Z]{2}$'));
