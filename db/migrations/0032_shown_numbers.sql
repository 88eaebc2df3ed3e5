-- What a document is called where nobody gave it a number: the last part of its id, or P- and the end of an id that only chance made
-- (purchaseNumber in lib/stock/purchase-reads.ts). Kept, so that it is found by an index; a function in an index does not answer under row
-- security.

ALTER TABLE app.purchases ADD COLUMN shown_number text COLLATE "C" GENERATED ALWAYS AS (
  CASE WHEN id ~ '(^|/)[0-9a-f]{8}-[0-9a-f-]{27}$' THEN 'P-' || right(id, 6)
    WHEN length(substring(id FROM '[^/]*$')) <= 24 THEN substring(id FROM '[^/]*$')
    ELSE '…' || right(id, 20) END) STORED;
CREATE INDEX purchases_shown_number ON app.purchases (business_id, shown_number);

ALTER TABLE app.stock_documents ADD COLUMN shown_number text COLLATE "C" GENERATED ALWAYS AS (
  coalesce(number, CASE WHEN id ~ '(^|/)[0-9a-f]{8}-[0-9a-f-]{27}$' THEN 'P-' || right(id, 6)
    WHEN length(substring(id FROM '[^/]*$')) <= 24 THEN substring(id FROM '[^/]*$')
    ELSE '…' || right(id, 20) END)) STORED;
CREATE INDEX stock_documents_shown_number ON app.stock_documents (business_id, shown_number);

-- Of returns only those whose sale is not in the books: the others are called by their order's number.
ALTER TABLE app.returns ADD COLUMN shown_number text COLLATE "C" GENERATED ALWAYS AS (
  CASE WHEN order_id IS NOT NULL THEN NULL WHEN id ~ '(^|/)[0-9a-f]{8}-[0-9a-f-]{27}$' THEN 'P-' || right(id, 6)
    WHEN length(substring(id FROM '[^/]*$')) <= 24 THEN substring(id FROM '[^/]*$')
    ELSE '…' || right(id, 20) END) STORED;
CREATE INDEX returns_shown_number ON app.returns (business_id, shown_number) WHERE shown_number IS NOT NULL;
