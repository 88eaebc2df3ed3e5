-- Several currencies in the books (docs/decisions/0013-currencies.md): what a posting moves in its document's own currency beside the books'
-- amount, the months' sums of it, and what documents of channels said. All of it is empty where the books' own currency was said, so that
-- every earlier digest of the chain holds.

ALTER TABLE app.postings ADD COLUMN currency text;
ALTER TABLE app.postings ADD COLUMN foreign_minor bigint;
ALTER TABLE app.postings ADD CONSTRAINT postings_foreign
  CHECK ((currency IS NULL) = (foreign_minor IS NULL) AND (currency IS NULL OR (currency ~ '^[A-Z]{3}$' AND foreign_minor > 0)));

-- Read by the proof and by who wants to know: nothing where all is in the books' currency, and nothing to keep for what is.
CREATE INDEX postings_abroad ON app.postings (business_id, currency, posted_on) WHERE currency IS NOT NULL;

CREATE TABLE app.account_currency_months (
  business_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  currency text NOT NULL,
  month date NOT NULL,
  debit_minor bigint NOT NULL,
  credit_minor bigint NOT NULL,
  CONSTRAINT account_currency_months_pk PRIMARY KEY (business_id, code, currency, month),
  CONSTRAINT account_currency_months_account FOREIGN KEY (business_id, code) REFERENCES app.accounts (business_id, code)
);
ALTER TABLE app.account_currency_months ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.account_currency_months FORCE ROW LEVEL SECURITY;
CREATE POLICY own_business ON app.account_currency_months FOR ALL USING (business_id = current_setting('app.business_id')::uuid)
  WITH CHECK (business_id = current_setting('app.business_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON app.account_currency_months TO lotbook_app;

-- What was said, in which currency: an order's total that the buyer paid, a return's refund, a charge, a payout, a row.
ALTER TABLE app.orders ADD COLUMN currency text;
ALTER TABLE app.orders ADD COLUMN said_minor bigint;
ALTER TABLE app.orders ADD CONSTRAINT orders_said CHECK ((currency IS NULL) = (said_minor IS NULL));
ALTER TABLE app.returns ADD COLUMN currency text;
ALTER TABLE app.returns ADD COLUMN said_minor bigint;
ALTER TABLE app.returns ADD CONSTRAINT returns_said CHECK ((currency IS NULL) = (said_minor IS NULL));
ALTER TABLE app.charges ADD COLUMN currency text;
ALTER TABLE app.charges ADD COLUMN said_minor bigint;
ALTER TABLE app.charges ADD CONSTRAINT charges_said CHECK ((currency IS NULL) = (said_minor IS NULL));
ALTER TABLE app.payouts ADD COLUMN currency text;
ALTER TABLE app.payouts ADD COLUMN said_minor bigint;
ALTER TABLE app.payouts ADD CONSTRAINT payouts_said CHECK ((currency IS NULL) = (said_minor IS NULL));
ALTER TABLE app.balance_rows ADD COLUMN currency text;
ALTER TABLE app.balance_rows ADD COLUMN said_minor bigint;
ALTER TABLE app.balance_rows ADD CONSTRAINT balance_rows_said CHECK ((currency IS NULL) = (said_minor IS NULL));

-- The rows of a document in another currency, and the payouts in one: few, and none where all is in the books' currency.
CREATE INDEX balance_rows_said_about ON app.balance_rows (business_id, about, on_date, id) WHERE currency IS NOT NULL;
CREATE INDEX payouts_said_in ON app.payouts (business_id, id) WHERE currency IS NOT NULL;
