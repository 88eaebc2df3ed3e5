-- What things are made of: recipes in versions, and which version a production was made by (docs/decisions/0005-movements.md). A recipe
-- moves nothing: what is made is told as a fact, as ever.

-- 1. A recipe is of one item: what it makes, or what it takes apart. Its latest version is the one that is used.
CREATE TABLE app.recipes (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  way text NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  version integer NOT NULL,
  retired_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  created_by uuid,
  CONSTRAINT recipes_pk PRIMARY KEY (business_id, id),
  CONSTRAINT recipes_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id),
  CONSTRAINT recipes_way CHECK (way in ('make', 'unmake')),
  CONSTRAINT recipes_version CHECK (version > 0)
);
CREATE INDEX recipes_by_name ON app.recipes (business_id, name, id);
CREATE INDEX recipes_of_item ON app.recipes (business_id, item_id);

-- 2. A version is never changed: an edit makes the next one.
CREATE TABLE app.recipe_versions (
  business_id uuid NOT NULL,
  recipe_id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  labour_minor bigint NOT NULL,
  labour_per text NOT NULL,
  overhead_minor bigint NOT NULL,
  overhead_per text NOT NULL,
  account_code text COLLATE "C" NOT NULL,
  note text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by uuid,
  CONSTRAINT recipe_versions_pk PRIMARY KEY (business_id, recipe_id, version),
  CONSTRAINT recipe_versions_recipe FOREIGN KEY (business_id, recipe_id) REFERENCES app.recipes (business_id, id),
  CONSTRAINT recipe_versions_account FOREIGN KEY (business_id, account_code) REFERENCES app.accounts (business_id, code),
  CONSTRAINT recipe_versions_amounts CHECK (version > 0 and labour_minor >= 0 and overhead_minor >= 0),
  CONSTRAINT recipe_versions_per CHECK (labour_per in ('batch', 'unit') and overhead_per in ('batch', 'unit'))
);
CREATE INDEX recipe_versions_of_account ON app.recipe_versions (business_id, account_code);

-- What goes into a batch and what comes out of it, each item once on its side. Waste is what is used up beyond what goes in: in hundredths
-- of a percent of it, or so much of the item for a batch.
CREATE TABLE app.recipe_lines (
  business_id uuid NOT NULL,
  recipe_id text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  place integer NOT NULL,
  side text NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  waste_qty bigint NOT NULL,
  waste_rate integer NOT NULL,
  share bigint NOT NULL,
  CONSTRAINT recipe_lines_pk PRIMARY KEY (business_id, recipe_id, version, place),
  CONSTRAINT recipe_lines_once UNIQUE (business_id, recipe_id, version, side, item_id),
  CONSTRAINT recipe_lines_version FOREIGN KEY (business_id, recipe_id, version) REFERENCES app.recipe_versions (business_id, recipe_id, version),
  CONSTRAINT recipe_lines_item FOREIGN KEY (business_id, item_id) REFERENCES app.items (business_id, id),
  CONSTRAINT recipe_lines_side CHECK (side in ('in', 'out')),
  CONSTRAINT recipe_lines_amounts CHECK (qty > 0 and waste_qty >= 0 and waste_rate >= 0 and share >= 0
    and (side = 'out' or share = 0) and (side = 'in' or (waste_qty = 0 and waste_rate = 0)))
);
CREATE INDEX recipe_lines_of_item ON app.recipe_lines (business_id, item_id);

-- 3. What a person said of a production beside its fact: whether something was made or taken apart, and by which version of which recipe.
CREATE TABLE app.productions (
  business_id uuid NOT NULL,
  document_id text COLLATE "C" NOT NULL,
  way text NOT NULL,
  recipe_id text COLLATE "C",
  version integer,
  created_at timestamp with time zone NOT NULL,
  created_by uuid,
  CONSTRAINT productions_pk PRIMARY KEY (business_id, document_id),
  CONSTRAINT productions_recipe FOREIGN KEY (business_id, recipe_id, version) REFERENCES app.recipe_versions (business_id, recipe_id, version),
  CONSTRAINT productions_way CHECK (way in ('make', 'unmake') and (recipe_id is null) = (version is null))
);
CREATE INDEX productions_of_recipe ON app.productions (business_id, recipe_id, version);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['recipes', 'recipe_versions', 'recipe_lines', 'productions'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY own_business ON app.%I FOR ALL USING (business_id = current_setting(''app.business_id'')::uuid) '
      || 'WITH CHECK (business_id = current_setting(''app.business_id'')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT ON app.%I TO lotbook_app', t);
    -- What a person says of recipes is in the audit trail (0011).
    EXECUTE format(
      'CREATE CONSTRAINT TRIGGER audited AFTER INSERT OR UPDATE ON app.%I DEFERRABLE INITIALLY DEFERRED FOR EACH ROW '
      || 'WHEN (current_setting(''app.audited'', true) IS DISTINCT FROM NEW.business_id::text) EXECUTE FUNCTION app.refuse_unaudited()', t);
  END LOOP;
END $$;
-- Only what a recipe is called, which version is the latest and whether it is retired may change; nothing of it is ever deleted.
GRANT UPDATE ON app.recipes TO lotbook_app;
