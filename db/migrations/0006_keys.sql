-- Every key from a tenant's table to another has an index on its own side (reliability.md Q15), so that no delete or check scans.
-- A posting's key now also begins with what refers to its entry: the entry's count is the same in all its postings.
ALTER TABLE app.postings DROP CONSTRAINT postings_business_id_entry_id_place_pk;
ALTER TABLE app.postings ADD CONSTRAINT postings_pk PRIMARY KEY (business_id, entry_id, "of", place);
CREATE INDEX transaction_splits_of_category ON app.transaction_splits (business_id, category_code);
CREATE INDEX channels_of_account ON app.channels (business_id, account_code);
CREATE INDEX payouts_of_channel ON app.payouts (business_id, channel_id, on_date, id);
-- Movements are many and locations are never deleted: the one writer checks them, verify looks for orphans (performance.md).
ALTER TABLE app.movements DROP CONSTRAINT movements_location;
