-- What channels hold back is summed over all their time: the few rows of holds and reserves have an index of their own.
CREATE INDEX balance_rows_held ON app.balance_rows (business_id, channel_id) WHERE "type" ~* '^(hold|release)|reserve|payable to amazon';
