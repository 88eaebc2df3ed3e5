-- Why stock leaves or comes in: what was noted beside an adjustment, and the accounts that a business chose for reasons. The account that
-- an adjustment itself names stands in stock_documents.account_code, as that of a production's overhead does.

ALTER TABLE app.stock_documents ADD COLUMN note text;

-- One row for each reason whose account is not the one that it has of itself (lib/core/reasons.ts). A later change touches nothing that
-- was recorded before: each adjustment names its own account.
CREATE TABLE app.reason_accounts (
  business_id uuid NOT NULL,
  reason text COLLATE "C" NOT NULL,
  account_code text COLLATE "C" NOT NULL,
  CONSTRAINT reason_accounts_pk PRIMARY KEY (business_id, reason),
  CONSTRAINT reason_accounts_account FOREIGN KEY (business_id, account_code) REFERENCES app.accounts (business_id, code),
  CONSTRAINT reason_accounts_reason CHECK (reason in ('lost', 'stolen', 'destroyed', 'damaged', 'written_off', 'gift', 'sample', 'own_use',
    'scrap', 'wastage', 'count', 'data_entry', 'found'))
);
CREATE INDEX reason_accounts_of_account ON app.reason_accounts (business_id, account_code);

ALTER TABLE app.reason_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.reason_accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY own_business ON app.reason_accounts FOR ALL USING (business_id = current_setting('app.business_id')::uuid)
  WITH CHECK (business_id = current_setting('app.business_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON app.reason_accounts TO lotbook_app;

-- What a person chose is in the audit trail (0011).
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.reason_accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.reason_accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
