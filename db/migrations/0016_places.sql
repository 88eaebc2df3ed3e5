-- Where things are, and what is on its way between two places: locations as people keep them, transfers that take days and arrive in
-- parts, and numbers without gaps for documents (docs/decisions/0005-movements.md).

-- 1. Locations. What the books follow from is the id and the name; the rest is for people. The kind of the one between leaving and
-- arriving says nothing: is_in_transit does.
ALTER TABLE app.locations ADD COLUMN kind text NOT NULL DEFAULT 'warehouse';
ALTER TABLE app.locations ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE app.locations ADD COLUMN tax_number text NOT NULL DEFAULT '';
ALTER TABLE app.locations ADD COLUMN retired_at timestamp with time zone;
ALTER TABLE app.locations ALTER COLUMN kind DROP DEFAULT;
ALTER TABLE app.locations ALTER COLUMN address DROP DEFAULT;
ALTER TABLE app.locations ALTER COLUMN tax_number DROP DEFAULT;
ALTER TABLE app.locations ADD CONSTRAINT locations_kind
  CHECK (kind in ('warehouse', 'shop', 'godown', 'channel_sellable', 'channel_unsellable', 'channel_removal') and (retired_at is null or not is_in_transit));

-- Where a person's own documents begin. The owner sees no rows under forced row security, so it is lifted while the keys are made.
ALTER TABLE app.locations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.members NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.channels NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.members ADD COLUMN location_id text COLLATE "C";
ALTER TABLE app.members ADD CONSTRAINT members_location FOREIGN KEY (business_id, location_id) REFERENCES app.locations (business_id, id);
CREATE INDEX members_of_location ON app.members (business_id, location_id);
ALTER TABLE app.channels ADD CONSTRAINT channels_location FOREIGN KEY (business_id, location_id) REFERENCES app.locations (business_id, id);
CREATE INDEX channels_of_location ON app.channels (business_id, location_id);
ALTER TABLE app.locations FORCE ROW LEVEL SECURITY;
ALTER TABLE app.members FORCE ROW LEVEL SECURITY;
ALTER TABLE app.channels FORCE ROW LEVEL SECURITY;

-- 2. The documents of stock that belong to goods on their way name the transfer that sent them, and bear the number that people know.
ALTER TABLE app.stock_documents ADD COLUMN consignment_id text COLLATE "C";
ALTER TABLE app.stock_documents ADD COLUMN number text;
CREATE INDEX stock_documents_of_consignment ON app.stock_documents (business_id, consignment_id) WHERE consignment_id IS NOT NULL;
CREATE INDEX stock_documents_on_the_way ON app.stock_documents (business_id, on_date) WHERE arrives_on IS NOT NULL OR consignment_id IS NOT NULL;

-- What is in transit is a few rows among all: asked for by the balance sheet and the list of movements.
CREATE INDEX item_months_on_the_way ON app.item_months (business_id, month, item_id) WHERE location_id = 'in-transit';

-- 3. Numbers of documents: the next one of each kind and tax year, taken in the transaction that numbers the document.
CREATE TABLE app.series (
  business_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  tax_year integer NOT NULL,
  next integer NOT NULL,
  CONSTRAINT series_pk PRIMARY KEY (business_id, kind, tax_year),
  CONSTRAINT series_next CHECK (next > 0)
);

-- 4. Transfers, as people write and follow them. The facts of what moved are told when something moves.
CREATE TABLE app.transfers (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  state text NOT NULL,
  number text,
  number_year integer,
  from_location_id text COLLATE "C" NOT NULL,
  to_location_id text COLLATE "C" NOT NULL,
  -- The day it is planned for; once it is sent, the day it left.
  on_date date NOT NULL,
  note text NOT NULL,
  consignment_id text COLLATE "C",
  version integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by uuid,
  CONSTRAINT transfers_pk PRIMARY KEY (business_id, id),
  CONSTRAINT transfers_number UNIQUE (business_id, number),
  CONSTRAINT transfers_from FOREIGN KEY (business_id, from_location_id) REFERENCES app.locations (business_id, id),
  CONSTRAINT transfers_to FOREIGN KEY (business_id, to_location_id) REFERENCES app.locations (business_id, id),
  CONSTRAINT transfers_state CHECK (state in ('draft', 'sent', 'short', 'received', 'cancelled')),
  CONSTRAINT transfers_ways CHECK (from_location_id <> to_location_id),
  CONSTRAINT transfers_sent CHECK ((state in ('sent', 'short', 'received')) = (consignment_id is not null)
    and (consignment_id is null or number is not null) and (number is null) = (number_year is null))
);
CREATE INDEX transfers_day ON app.transfers (business_id, on_date, id);
CREATE INDEX transfers_short ON app.transfers (business_id, on_date) WHERE state = 'short';
CREATE INDEX transfers_leaving ON app.transfers (business_id, from_location_id);
CREATE INDEX transfers_coming ON app.transfers (business_id, to_location_id);

CREATE TABLE app.transfer_lines (
  business_id uuid NOT NULL,
  transfer_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  CONSTRAINT transfer_lines_pk PRIMARY KEY (business_id, transfer_id, place),
  CONSTRAINT transfer_lines_once UNIQUE (business_id, transfer_id, item_id),
  CONSTRAINT transfer_lines_transfer FOREIGN KEY (business_id, transfer_id) REFERENCES app.transfers (business_id, id),
  CONSTRAINT transfer_lines_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id),
  CONSTRAINT transfer_lines_qty CHECK (qty > 0)
);
CREATE INDEX transfer_lines_of_item ON app.transfer_lines (business_id, item_id);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['series', 'transfers', 'transfer_lines'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON app.%I TO lotbook_app', t);
  END LOOP;
END $$;
-- A transfer that has a number is cancelled, never deleted, and so is a draft; a number is never given twice.
REVOKE DELETE ON app.transfers, app.series FROM lotbook_app;

-- What a person says of a transfer is in the audit trail (0011).
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.transfers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.transfer_lines DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
