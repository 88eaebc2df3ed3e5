-- Channels for real: what a person answered before signing in, where a channel's calls find its connections, and the account of what was
-- paid by a way that a channel does not hold.

-- 1. A sign-in under way keeps what was answered (a shop's address, a region), from when on to pull, and the channel that it goes on with.
ALTER TABLE app.connecting ADD COLUMN answers jsonb NOT NULL DEFAULT '{}'::jsonb;
ALTER TABLE app.connecting ADD COLUMN since timestamp with time zone;
ALTER TABLE app.connecting ADD COLUMN channel_id text COLLATE "C";
ALTER TABLE app.connecting ADD COLUMN is_trial boolean NOT NULL DEFAULT false;

-- 2. The same of a channel, for connecting again, and whether a person let it rest.
ALTER TABLE app.channels ADD COLUMN answers jsonb NOT NULL DEFAULT '{}'::jsonb;
ALTER TABLE app.channels ADD COLUMN since timestamp with time zone;
ALTER TABLE app.channels ADD COLUMN paused_at timestamp with time zone;
-- Connected for looking only: what comes stays out of the books until a person says so; what it would post was worked out and taken back.
ALTER TABLE app.channels ADD COLUMN is_trial boolean NOT NULL DEFAULT false;
ALTER TABLE app.channels ADD COLUMN trial jsonb;

-- 3. Local: whose connection a call from a channel is about, before a business is known. Holds ids only.
CREATE TABLE app.connected_shops (
  kind text NOT NULL,
  shop text COLLATE "C" NOT NULL,
  business_id uuid NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  CONSTRAINT connected_shops_pk PRIMARY KEY (kind, shop, business_id, channel_id)
);
CREATE INDEX connected_shops_of_business ON app.connected_shops (business_id, channel_id);

-- 4. Local: every call that a channel made and proved, by the channel's own id of the event, so that a second delivery is known. It says
-- what became of it. The body is kept only of what a person must act on (privacy requests).
CREATE TABLE app.hook_inbox (
  kind text NOT NULL,
  event text COLLATE "C" NOT NULL,
  shop text COLLATE "C" NOT NULL,
  what text NOT NULL,
  feeds jsonb NOT NULL,
  body jsonb,
  state text NOT NULL,
  note text,
  received_at timestamp with time zone NOT NULL,
  CONSTRAINT hook_inbox_pk PRIMARY KEY (kind, event),
  CONSTRAINT hook_inbox_state CHECK (state in ('taken', 'ignored', 'waiting'))
);
CREATE INDEX hook_inbox_received ON app.hook_inbox (received_at);
CREATE INDEX hook_inbox_waiting ON app.hook_inbox (kind, shop, received_at) WHERE state = 'waiting';

GRANT SELECT, INSERT, UPDATE, DELETE ON app.connected_shops, app.hook_inbox TO lotbook_app;

-- 5. Payments taken elsewhere (1190): every business gets the account. The owner sees no rows under forced row security, so it is lifted
-- for the one statement; nothing that a person chose is changed, so there is nothing to audit.
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT business_id FROM app.directory LOOP
    EXECUTE format('SET LOCAL app.business_id = %L', one.business_id);
    PERFORM set_config('app.audited', one.business_id::text, true);
    INSERT INTO app.accounts (business_id, code, name, type, holds, currency, tax_line, bank_number, is_archived)
      SELECT business_id, '1190', 'Payments taken elsewhere', 'asset', NULL, currency, NULL, NULL, false FROM app.businesses
      WHERE business_id = one.business_id ON CONFLICT DO NOTHING;
  END LOOP;
END $$;

-- 6. What a person said that rows of a type are which no connector knows, and the account on each of those rows.
ALTER TABLE app.charges ADD COLUMN account_code text COLLATE "C";
-- The check of a new key looks at all rows, as the owner, who sees none under forced row security.
ALTER TABLE app.charges NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.charges ADD CONSTRAINT charges_account FOREIGN KEY (business_id, account_code) REFERENCES app.accounts (business_id, code);
ALTER TABLE app.charges FORCE ROW LEVEL SECURITY;
ALTER TABLE app.accounts FORCE ROW LEVEL SECURITY;
CREATE INDEX charges_of_account ON app.charges (business_id, account_code) WHERE account_code IS NOT NULL;

CREATE TABLE app.placed_types (
  business_id uuid NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  account_code text COLLATE "C" NOT NULL,
  CONSTRAINT placed_types_pk PRIMARY KEY (business_id, channel_id, type),
  CONSTRAINT placed_types_channel FOREIGN KEY (business_id, channel_id) REFERENCES app.channels (business_id, id),
  CONSTRAINT placed_types_account FOREIGN KEY (business_id, account_code) REFERENCES app.accounts (business_id, code)
);
CREATE INDEX placed_types_of_account ON app.placed_types (business_id, account_code);
ALTER TABLE app.placed_types ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.placed_types FORCE ROW LEVEL SECURITY;
CREATE POLICY own_business ON app.placed_types FOR ALL USING (business_id = current_setting('app.business_id')::uuid)
  WITH CHECK (business_id = current_setting('app.business_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON app.placed_types TO lotbook_app;
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.placed_types DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.placed_types DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();

-- 7. The end of a business takes along where its shops are found.
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
  DELETE FROM app.connected_shops WHERE business_id = gone;
  DELETE FROM app.user_businesses WHERE business_id = gone;
  DELETE FROM app.directory WHERE business_id = gone;
END $$;
