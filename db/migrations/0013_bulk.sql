-- What is written by the million is written with less (docs/performance.md has the figures of each).

-- 1. A line and a movement are written once when they are recorded and once when their cost is known. With room on its own page the second
--    version needs no new row in any index.
ALTER TABLE app.order_lines SET (fillfactor = 50);
ALTER TABLE app.movements SET (fillfactor = 50);

-- 2. The one service that writes postings writes the months' sums of their accounts in the same transaction, and those carry the key to
--    the account: asked once for an account and month instead of twice for each posting. Accounts are never deleted, and verify compares
--    the sums with the postings.
ALTER TABLE app.postings DROP CONSTRAINT postings_debit;
ALTER TABLE app.postings DROP CONSTRAINT postings_credit;

-- 3. The guard of closed days asks the business's row once in a transaction, and keeps the row locked; what it found is noted with the
--    business and ends with the transaction. Rows that the note lets through are let through by the trigger's WHEN. A change of the row
--    takes the note away.
CREATE OR REPLACE FUNCTION app.refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  through date;
BEGIN
  SELECT closed_through INTO through FROM app.businesses WHERE business_id = NEW.business_id FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such business' USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF through IS NOT NULL AND NEW.posted_on <= through THEN
    RAISE EXCEPTION 'the books are closed through %', through USING ERRCODE = 'check_violation', CONSTRAINT = 'journal_entries_open_period';
  END IF;
  PERFORM set_config('app.open_after', NEW.business_id::text || coalesce(through - date '2000-01-01', -1000000)::text, true);
  RETURN NEW;
END $$;
DROP TRIGGER open_period ON app.journal_entries;
CREATE TRIGGER open_period BEFORE INSERT ON app.journal_entries FOR EACH ROW
  WHEN (coalesce(left(current_setting('app.open_after', true), 36) <> NEW.business_id::text
    OR NEW.posted_on - date '2000-01-01' <= nullif(substr(current_setting('app.open_after', true), 37), '')::integer, true))
  EXECUTE FUNCTION app.refuse_closed();
ALTER TABLE app.journal_entries ENABLE ALWAYS TRIGGER open_period;

CREATE FUNCTION app.forget_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.open_after', '', true);
  RETURN NULL;
END $$;
CREATE TRIGGER forget_open AFTER UPDATE OR DELETE ON app.businesses FOR EACH ROW EXECUTE FUNCTION app.forget_open();
ALTER TABLE app.businesses ENABLE ALWAYS TRIGGER forget_open;
