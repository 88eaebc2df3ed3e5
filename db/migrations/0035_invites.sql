-- Invitations into a team (docs/decisions/0015-team.md). A row is an invitation that nobody has used and nobody has taken back; one whose day is
-- over stays to be seen until it is sent anew or taken back. Who joins uses the row up.
CREATE TABLE app.invites (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  email text NOT NULL,
  role text NOT NULL,
  limited_to text[],
  token_hash text NOT NULL,
  invited_by uuid NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT invites_pk PRIMARY KEY (business_id, id),
  CONSTRAINT invites_email UNIQUE (business_id, email),
  CONSTRAINT invites_token UNIQUE (business_id, token_hash),
  CONSTRAINT invites_role CHECK (role in ('owner', 'bookkeeper', 'helper', 'viewer')),
  CONSTRAINT invites_limited CHECK (limited_to is null or (cardinality(limited_to) > 0 and role in ('helper', 'viewer')))
);

ALTER TABLE app.invites ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.invites FORCE ROW LEVEL SECURITY;
CREATE POLICY own_business ON app.invites FOR ALL USING (business_id = current_setting('app.business_id')::uuid)
  WITH CHECK (business_id = current_setting('app.business_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON app.invites TO lotbook_app;
CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.invites DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
CREATE CONSTRAINT TRIGGER audited_end AFTER DELETE ON app.invites DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (current_setting('app.audited', true) IS DISTINCT FROM OLD.business_id::text) EXECUTE FUNCTION app.refuse_unaudited();
