-- What each account was debited and credited on a day: a report as of any day adds whole months and the days that stand over, and with these it
-- reads no posting of them. Made from the journal by the job that sums days (lib/books/summarise-days.ts); a marked day is read from it.

CREATE TABLE app.account_days (
  business_id uuid NOT NULL,
  on_date date NOT NULL,
  code text COLLATE "C" NOT NULL,
  debit_minor bigint NOT NULL,
  credit_minor bigint NOT NULL,
  CONSTRAINT account_days_pk PRIMARY KEY (business_id, on_date, code)
);

ALTER TABLE app.account_days ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.account_days FORCE ROW LEVEL SECURITY;
CREATE POLICY own_business ON app.account_days FOR ALL USING (business_id = current_setting('app.business_id')::uuid)
  WITH CHECK (business_id = current_setting('app.business_id')::uuid);
GRANT SELECT, INSERT, DELETE ON app.account_days TO lotbook_app;

-- What is there already has no sums yet: every day of it is marked, and the job asked for where it is not waiting. The owner sees no rows
-- under forced row security, so it is lifted for the statements.
ALTER TABLE app.postings NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.touched_days NO FORCE ROW LEVEL SECURITY;
INSERT INTO app.touched_days (business_id, on_date, id)
  SELECT d.business_id, d.posted_on, gen_random_uuid() FROM (SELECT DISTINCT business_id, posted_on FROM app.postings) d;
INSERT INTO app.outbox (id, business_id, job, payload, key, requested_at, not_before, attempts, state)
  SELECT gen_random_uuid(), t.business_id, 'summariseDays', jsonb_build_object('business', t.business_id), t.business_id::text, now(), now(), 0, 'waiting'
  FROM (SELECT DISTINCT business_id FROM app.touched_days) t
  ON CONFLICT (job, key) DO NOTHING;
ALTER TABLE app.postings FORCE ROW LEVEL SECURITY;
ALTER TABLE app.touched_days FORCE ROW LEVEL SECURITY;
