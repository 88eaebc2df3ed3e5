-- The journal's proof: entries are numbered without gaps, each has a digest of its content with its postings, and each append is a block
-- whose hash covers the block before it (docs/decisions/0004-hash-chain.md). And closing: seals, and tax years that are closed for good.

-- 1. Numbers and digests of what is there already. The owner sees no rows under forced row security and may not change entries, so both
--    are lifted for this one statement.
ALTER TABLE app.journal_entries ADD COLUMN entry_no bigint;
ALTER TABLE app.journal_entries ADD COLUMN digest bytea;
ALTER TABLE app.journal_entries DISABLE TRIGGER append_only;
ALTER TABLE app.journal_entries NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.postings NO FORCE ROW LEVEL SECURITY;
SET LOCAL datestyle = 'ISO, YMD';
UPDATE app.journal_entries e SET entry_no = n.entry_no, digest = sha256(convert_to(
    concat_ws(' ', '1', n.entry_no, e.id, quote_nullable(e.document_kind), quote_nullable(e.document_id), quote_nullable(e.purpose), e.nth,
      e.effective_on, e.posted_on, (extract(epoch FROM e.recorded_at) * 1000000)::bigint, e.is_correction::text, e.postings, quote_nullable(e.memo))
    || coalesce((SELECT string_agg(chr(10) || concat_ws(' ', p.place, p."of", quote_nullable(p.debit), quote_nullable(p.credit), p.amount_minor,
        p.posted_on, quote_nullable(p.channel_id), quote_nullable(p.item_id), quote_nullable(p.location_id), quote_nullable(p.line_id)), '' ORDER BY p.place)
      FROM app.postings p WHERE p.business_id = e.business_id AND p.entry_id = e.id), ''), 'UTF8'))
  FROM (SELECT business_id, id, row_number() OVER (PARTITION BY business_id ORDER BY id) AS entry_no FROM app.journal_entries) n
  WHERE e.business_id = n.business_id AND e.id = n.id;

CREATE TABLE app.journal_blocks (
  business_id uuid NOT NULL,
  block_no bigint NOT NULL,
  first_no bigint NOT NULL,
  last_no bigint NOT NULL,
  hash bytea NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  CONSTRAINT journal_blocks_pk PRIMARY KEY (business_id, block_no),
  CONSTRAINT journal_blocks_numbers CHECK (block_no > 0 and first_no > 0 and first_no <= last_no),
  CONSTRAINT journal_blocks_hash CHECK (octet_length(hash) = 32)
);
CREATE TABLE app.journal_heads (
  business_id uuid NOT NULL,
  entry_no bigint NOT NULL,
  block_no bigint NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT journal_heads_pk PRIMARY KEY (business_id),
  CONSTRAINT journal_heads_hash CHECK (octet_length(hash) = 32)
);

-- What was there is chained in blocks of ten thousand entries, from the business's own beginning.
DO $$
DECLARE
  one record;
  previous bytea;
  block bigint;
  first bigint;
  last bigint;
BEGIN
  FOR one IN SELECT business_id, max(entry_no) AS entries FROM app.journal_entries GROUP BY business_id LOOP
    previous := sha256(convert_to('lotbook journal ' || one.business_id, 'UTF8'));
    block := 0;
    first := 1;
    WHILE first <= one.entries LOOP
      block := block + 1;
      last := least(first + 9999, one.entries);
      SELECT sha256(previous || convert_to(block || ' ' || first || ' ' || last || chr(10), 'UTF8') || string_agg(digest, ''::bytea ORDER BY entry_no))
        INTO previous FROM app.journal_entries WHERE business_id = one.business_id AND entry_no BETWEEN first AND last;
      INSERT INTO app.journal_blocks VALUES (one.business_id, block, first, last, previous, now());
      first := last + 1;
    END LOOP;
    INSERT INTO app.journal_heads VALUES (one.business_id, one.entries, block, previous);
  END LOOP;
END $$;

ALTER TABLE app.journal_entries FORCE ROW LEVEL SECURITY;
ALTER TABLE app.postings FORCE ROW LEVEL SECURITY;
ALTER TABLE app.journal_entries ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE app.journal_entries ALTER COLUMN entry_no SET NOT NULL;
ALTER TABLE app.journal_entries ALTER COLUMN digest SET NOT NULL;
ALTER TABLE app.journal_entries ADD CONSTRAINT journal_entries_number UNIQUE (business_id, entry_no);
ALTER TABLE app.journal_entries ADD CONSTRAINT journal_entries_numbered CHECK (entry_no > 0);

-- Where a proof saw the chain end: a chain that is made anew as a whole does not have it.
ALTER TABLE app.proofs ADD COLUMN entry_no bigint;
ALTER TABLE app.proofs ADD COLUMN block_no bigint;
ALTER TABLE app.proofs ADD COLUMN chain bytea;

-- 2. Closing. Each close, opening and closing of a year is a row with the seal of what is closed after it; none is ever changed.
-- Their order is their number, which is taken under the business's lock: no clock decides it.
CREATE TABLE app.closings (
  business_id uuid NOT NULL,
  closing_no integer NOT NULL,
  kind text NOT NULL,
  through date,
  from_on date,
  at timestamp with time zone NOT NULL,
  user_id uuid,
  why text,
  entries bigint NOT NULL,
  postings bigint NOT NULL,
  sums jsonb NOT NULL,
  balances jsonb NOT NULL,
  entry_no bigint NOT NULL,
  block_no bigint NOT NULL,
  chain bytea NOT NULL,
  seal bytea NOT NULL,
  CONSTRAINT closings_pk PRIMARY KEY (business_id, closing_no),
  CONSTRAINT closings_numbered CHECK (closing_no > 0),
  CONSTRAINT closings_kind CHECK (kind in ('close', 'open', 'year')),
  CONSTRAINT closings_seal CHECK (octet_length(seal) = 32 and octet_length(chain) = 32)
);

-- A tax year that is closed for good never opens again: the day only goes forward, and nothing is open before it.
ALTER TABLE app.businesses ADD COLUMN final_through date;
ALTER TABLE app.businesses ADD CONSTRAINT businesses_final CHECK (final_through is null or (closed_through is not null and closed_through >= final_through));
CREATE FUNCTION app.refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.final_through IS NOT NULL AND (NEW.final_through IS NULL OR NEW.final_through < OLD.final_through) THEN
    RAISE EXCEPTION 'the books are closed for good through %', OLD.final_through
      USING ERRCODE = 'check_violation', CONSTRAINT = 'businesses_final';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER final_years BEFORE UPDATE ON app.businesses FOR EACH ROW WHEN (OLD.final_through IS NOT NULL) EXECUTE FUNCTION app.refuse_reopening();
ALTER TABLE app.businesses ENABLE ALWAYS TRIGGER final_years;

-- What counts on another day than its own is little: what was filed is compared with what is known now from these two alone.
CREATE INDEX journal_entries_late ON app.journal_entries (business_id, effective_on, id) WHERE posted_on <> effective_on;
CREATE INDEX journal_entries_brought ON app.journal_entries (business_id, posted_on, id) WHERE posted_on <> effective_on;

-- 3. The guards, as in 0002.
CREATE FUNCTION app.only_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.block_no = OLD.block_no + 1 AND NEW.entry_no > OLD.entry_no THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM app.businesses b WHERE b.business_id = OLD.business_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the head of the journal only goes forward' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER only_forward BEFORE UPDATE OR DELETE ON app.journal_heads FOR EACH ROW EXECUTE FUNCTION app.only_forward();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.journal_blocks FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.closings FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
ALTER TABLE app.journal_heads ENABLE ALWAYS TRIGGER only_forward;
ALTER TABLE app.journal_blocks ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE app.closings ENABLE ALWAYS TRIGGER append_only;
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['journal_blocks', 'journal_heads', 'closings'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT ON app.%I TO lotbook_app', t);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app.%I FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_truncate()', t);
    EXECUTE format('ALTER TABLE app.%I ENABLE ALWAYS TRIGGER no_truncate', t);
  END LOOP;
END $$;
GRANT UPDATE ON app.journal_heads TO lotbook_app;

-- 4. The end of a business takes every table of a business along, also those that later migrations add: children before what they refer to.
CREATE OR REPLACE FUNCTION app.remove_business(gone uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp AS $$
DECLARE
  rest text[];
  ready text[];
  t text;
BEGIN
  IF gone <> current_setting('app.business_id')::uuid THEN
    RAISE EXCEPTION 'a transaction removes only its own business' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- Its audit trail goes too, so nothing is left to write down (0011).
  PERFORM set_config('app.audited', gone::text, true);
  DELETE FROM app.businesses WHERE business_id = gone;
  SELECT array_agg(c.relname::text) INTO rest FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'app' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relrowsecurity AND c.relname <> 'businesses';
  WHILE cardinality(rest) > 0 LOOP
    SELECT array_agg(r.name) INTO ready FROM unnest(rest) r(name) WHERE NOT EXISTS (
      SELECT 1 FROM pg_constraint k JOIN pg_class child ON child.oid = k.conrelid
      WHERE k.contype = 'f' AND k.confrelid = format('app.%I', r.name)::regclass AND k.conrelid <> k.confrelid AND child.relname = ANY (rest));
    IF ready IS NULL THEN
      RAISE EXCEPTION 'tables refer to each other in a circle: %', rest;
    END IF;
    FOREACH t IN ARRAY ready LOOP
      EXECUTE format('DELETE FROM app.%I WHERE business_id = $1', t) USING gone;
    END LOOP;
    rest := ARRAY(SELECT name FROM unnest(rest) r(name) WHERE name <> ALL (ready));
  END LOOP;
  DELETE FROM app.outbox WHERE business_id = gone;
  DELETE FROM app.due WHERE business_id = gone;
  DELETE FROM app.connecting WHERE business_id = gone;
  DELETE FROM app.user_businesses WHERE business_id = gone;
  DELETE FROM app.directory WHERE business_id = gone;
END $$;
