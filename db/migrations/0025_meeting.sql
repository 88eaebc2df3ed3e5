-- What a refund is made of, and the same money told twice.

-- 1. Tax and shipping that a refund gives back beside its lines; an order's shipping given back, which is no line's.
ALTER TABLE app.returns ADD COLUMN tax_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE app.returns ADD COLUMN shipping_minor bigint NOT NULL DEFAULT 0;
ALTER TABLE app.returns ADD CONSTRAINT returns_parts CHECK (tax_minor >= 0 AND shipping_minor >= 0);
ALTER TABLE app.orders ADD COLUMN shipping_back_minor bigint NOT NULL DEFAULT 0;

-- 2. Two facts that look like the same money, for a person to say. `one` is what is taken back where they are the same, `other` what stays;
-- `undone` and `made` are the keys of what saying so took back and recorded, `held` what came for it later, so that it can be taken back to
-- the letter.
CREATE TABLE app.alike_pairs (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  one text COLLATE "C" NOT NULL,
  other text COLLATE "C" NOT NULL,
  one_channel text COLLATE "C" NOT NULL,
  other_channel text COLLATE "C" NOT NULL,
  amount_minor bigint NOT NULL,
  one_on date NOT NULL,
  other_on date NOT NULL,
  state text NOT NULL,
  undone jsonb NOT NULL,
  made jsonb NOT NULL,
  held jsonb NOT NULL,
  found_at timestamp with time zone NOT NULL,
  decided_at timestamp with time zone,
  user_id uuid,
  CONSTRAINT alike_pairs_pk PRIMARY KEY (business_id, id),
  CONSTRAINT alike_pairs_once UNIQUE (business_id, one, other),
  CONSTRAINT alike_pairs_kind CHECK (kind in ('twice', 'payment')),
  CONSTRAINT alike_pairs_state CHECK (state in ('open', 'same', 'different')),
  CONSTRAINT alike_pairs_one FOREIGN KEY (business_id, one) REFERENCES app.facts (business_id, id),
  CONSTRAINT alike_pairs_other FOREIGN KEY (business_id, other) REFERENCES app.facts (business_id, id)
);
CREATE INDEX alike_pairs_of_other ON app.alike_pairs (business_id, other);
CREATE INDEX alike_pairs_open ON app.alike_pairs (business_id, one_on, id) WHERE state = 'open';
CREATE INDEX alike_pairs_decided ON app.alike_pairs (business_id, decided_at, id) WHERE state <> 'open';
ALTER TABLE app.alike_pairs ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.alike_pairs FORCE ROW LEVEL SECURITY;
CREATE POLICY own_business ON app.alike_pairs FOR ALL USING (business_id = current_setting('app.business_id')::uuid)
  WITH CHECK (business_id = current_setting('app.business_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON app.alike_pairs TO lotbook_app;
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.alike_pairs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.alike_pairs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();

-- 3. Money of an order that the shop's channel does not hold, by amount: what a wallet's payment is looked for among.
CREATE INDEX charges_elsewhere ON app.charges (business_id, amount_minor, on_date) WHERE category = 'elsewhere' AND NOT is_undone;

-- 4. Rows of a channel's balance that wait for a payout.
CREATE INDEX balance_rows_waiting ON app.balance_rows (business_id, channel_id, on_date)
  WHERE payout_id IS NULL AND NOT is_undone AND (about IS NULL OR about NOT LIKE 'payout/%');
