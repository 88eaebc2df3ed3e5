-- The tables. Every tenant table begins with business_id, in each key (docs/decisions/0001); the guards follow in 0002.
CREATE TABLE app.account_months (
  business_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  month date NOT NULL,
  debit_minor bigint NOT NULL,
  credit_minor bigint NOT NULL,
  CONSTRAINT account_months_business_id_code_month_pk PRIMARY KEY(business_id,code,month)
);
CREATE TABLE app.accounts (
  business_id uuid NOT NULL,
  code text COLLATE "C" NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  holds text,
  currency text NOT NULL,
  tax_line text,
  bank_number text,
  is_archived boolean NOT NULL,
  CONSTRAINT accounts_business_id_code_pk PRIMARY KEY(business_id,code),
  CONSTRAINT accounts_type CHECK (type in ('asset', 'liability', 'equity', 'income', 'contra_income', 'cost_of_sales', 'expense'))
);
CREATE TABLE app.journal_entries (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  document_kind text NOT NULL,
  document_id text COLLATE "C" NOT NULL,
  purpose text NOT NULL,
  nth integer NOT NULL,
  effective_on date NOT NULL,
  posted_on date NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  memo text NOT NULL,
  is_correction boolean NOT NULL,
  postings smallint NOT NULL,
  CONSTRAINT journal_entries_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT journal_entries_posting_key UNIQUE(business_id,document_kind,document_id,purpose,nth),
  CONSTRAINT journal_entries_whole UNIQUE(business_id,id,postings),
  CONSTRAINT journal_entries_has_postings CHECK (postings > 0),
  CONSTRAINT journal_entries_not_backdated CHECK (posted_on >= effective_on)
);
CREATE TABLE app.postings (
  business_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  place smallint NOT NULL,
  "of" smallint NOT NULL,
  debit text COLLATE "C" NOT NULL,
  credit text COLLATE "C" NOT NULL,
  amount_minor bigint NOT NULL,
  posted_on date NOT NULL,
  channel_id text COLLATE "C",
  item_id text COLLATE "C",
  location_id text COLLATE "C",
  line_id text COLLATE "C",
  CONSTRAINT postings_business_id_entry_id_place_pk PRIMARY KEY(business_id,entry_id,place),
  CONSTRAINT postings_two_accounts CHECK (debit <> credit),
  CONSTRAINT postings_positive CHECK (amount_minor > 0),
  CONSTRAINT postings_place CHECK (place between 1 and "of")
);
CREATE TABLE app.dirty_marks (
  business_id uuid NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  since date NOT NULL,
  version integer NOT NULL,
  CONSTRAINT dirty_marks_business_id_item_id_pk PRIMARY KEY(business_id,item_id),
  CONSTRAINT dirty_marks_version CHECK (version > 0)
);
CREATE TABLE app.fact_names (
  business_id uuid NOT NULL,
  named text COLLATE "C" NOT NULL,
  "by" text COLLATE "C" NOT NULL,
  CONSTRAINT fact_names_business_id_named_by_pk PRIMARY KEY(business_id,named,"by")
);
CREATE TABLE app.facts (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  hash text NOT NULL,
  version text COLLATE "C",
  body jsonb NOT NULL,
  source text COLLATE "C",
  user_id uuid,
  recorded_at timestamp with time zone NOT NULL,
  undone_at timestamp with time zone,
  CONSTRAINT facts_business_id_id_pk PRIMARY KEY(business_id,id)
);
CREATE TABLE app.posting_marks (
  business_id uuid NOT NULL,
  document_kind text NOT NULL,
  document_id text COLLATE "C" NOT NULL,
  CONSTRAINT posting_marks_business_id_document_kind_document_id_pk PRIMARY KEY(business_id,document_kind,document_id)
);
CREATE TABLE app.bank_layouts (
  business_id uuid NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  layout jsonb NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT bank_layouts_business_id_fingerprint_pk PRIMARY KEY(business_id,fingerprint)
);
CREATE TABLE app.imports (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  layout text NOT NULL,
  file_name text NOT NULL,
  sha256 text NOT NULL,
  bytes bytea NOT NULL,
  state text NOT NULL,
  channel_id text COLLATE "C",
  account_code text COLLATE "C",
  choices jsonb,
  result jsonb NOT NULL,
  user_id uuid,
  created_at timestamp with time zone NOT NULL,
  accepted_at timestamp with time zone,
  CONSTRAINT imports_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT imports_state CHECK (state in ('preview', 'accepting', 'accepted', 'undone', 'discarded'))
);
CREATE TABLE app.rules (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  place integer NOT NULL,
  words text NOT NULL,
  direction text,
  account_code text COLLATE "C",
  state text NOT NULL,
  category_code text COLLATE "C",
  created_at timestamp with time zone NOT NULL,
  is_off boolean NOT NULL,
  CONSTRAINT rules_business_id_id_pk PRIMARY KEY(business_id,id)
);
CREATE TABLE app.statements (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  import_id uuid NOT NULL,
  account_code text COLLATE "C" NOT NULL,
  from_on date,
  through_on date,
  opening_minor bigint,
  closing_minor bigint,
  "rows" integer NOT NULL,
  CONSTRAINT statements_business_id_id_pk PRIMARY KEY(business_id,id)
);
CREATE TABLE app.transaction_splits (
  business_id uuid NOT NULL,
  transaction_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  category_code text COLLATE "C" NOT NULL,
  amount_minor bigint NOT NULL,
  memo text NOT NULL,
  CONSTRAINT transaction_splits_business_id_transaction_id_place_pk PRIMARY KEY(business_id,transaction_id,place)
);
CREATE TABLE app.transactions (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  account_code text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  amount_minor bigint NOT NULL,
  payee text NOT NULL,
  memo text NOT NULL,
  dedupe_key text COLLATE "C" NOT NULL,
  occurrence integer NOT NULL,
  import_id uuid,
  place integer NOT NULL,
  state text NOT NULL,
  category_code text COLLATE "C",
  matched_id text COLLATE "C",
  rule_id uuid,
  version integer NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT transactions_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT transactions_once UNIQUE(business_id,account_code,dedupe_key,occurrence),
  CONSTRAINT transactions_state CHECK (state in ('open', 'categorised', 'inventory', 'transfer', 'payout', 'personal', 'hidden', 'split'))
);
CREATE TABLE app.audit_trail (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  "at" timestamp with time zone NOT NULL,
  user_id uuid,
  what text NOT NULL,
  about text COLLATE "C" NOT NULL,
  before jsonb,
  after jsonb,
  why text,
  CONSTRAINT audit_trail_business_id_id_pk PRIMARY KEY(business_id,id)
);
CREATE TABLE app.auth_accounts (
  user_id uuid NOT NULL,
  type text NOT NULL,
  provider text NOT NULL,
  provider_account_id text NOT NULL,
  CONSTRAINT auth_accounts_provider_provider_account_id_pk PRIMARY KEY(provider,provider_account_id)
);
CREATE TABLE app.businesses (
  business_id uuid PRIMARY KEY NOT NULL,
  slug text NOT NULL,
  name text NOT NULL,
  country text NOT NULL,
  currency text NOT NULL,
  time_zone text NOT NULL,
  tax_year_start_month integer NOT NULL,
  pool text NOT NULL,
  grace_days integer NOT NULL,
  closed_through date,
  is_demo boolean NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT businesses_pool CHECK (pool in ('business', 'location')),
  CONSTRAINT businesses_grace CHECK (grace_days between 0 and 366),
  CONSTRAINT businesses_month CHECK (tax_year_start_month between 1 and 12)
);
CREATE TABLE app.directory (
  business_id uuid PRIMARY KEY NOT NULL,
  slug text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT directory_slug_unique UNIQUE(slug)
);
CREATE TABLE app.members (
  business_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT members_business_id_user_id_pk PRIMARY KEY(business_id,user_id),
  CONSTRAINT members_role CHECK (role in ('owner', 'bookkeeper', 'helper', 'viewer'))
);
CREATE TABLE app.proofs (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  "at" timestamp with time zone NOT NULL,
  took_ms integer NOT NULL,
  checks jsonb NOT NULL,
  findings integer NOT NULL,
  CONSTRAINT proofs_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT proofs_at UNIQUE(business_id,"at",id)
);
CREATE TABLE app.sessions (
  session_token text PRIMARY KEY NOT NULL,
  user_id uuid NOT NULL,
  expires timestamp with time zone NOT NULL
);
CREATE TABLE app.sign_in_failures (
  who text PRIMARY KEY NOT NULL,
  count integer NOT NULL,
  since timestamp with time zone NOT NULL
);
CREATE TABLE app.user_businesses (
  user_id uuid NOT NULL,
  business_id uuid NOT NULL,
  CONSTRAINT user_businesses_user_id_business_id_pk PRIMARY KEY(user_id,business_id)
);
CREATE TABLE app.user_passwords (
  user_id uuid PRIMARY KEY NOT NULL,
  hash text NOT NULL,
  changed_at timestamp with time zone NOT NULL
);
CREATE TABLE app.users (
  id uuid PRIMARY KEY NOT NULL,
  name text,
  email text NOT NULL,
  email_verified timestamp with time zone,
  image text,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT users_email_unique UNIQUE(email)
);
CREATE TABLE app.verification_tokens (
  identifier text NOT NULL,
  token text NOT NULL,
  expires timestamp with time zone NOT NULL,
  CONSTRAINT verification_tokens_identifier_token_pk PRIMARY KEY(identifier,token)
);
CREATE TABLE app.balance_rows (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  "at" timestamp with time zone,
  type text NOT NULL,
  amount_minor bigint NOT NULL,
  payout_id text COLLATE "C",
  about text COLLATE "C",
  memo text NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT balance_rows_business_id_id_pk PRIMARY KEY(business_id,id)
);
CREATE TABLE app.channel_feeds (
  business_id uuid NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  feed text NOT NULL,
  cursor text,
  watermark text,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT channel_feeds_business_id_channel_id_feed_pk PRIMARY KEY(business_id,channel_id,feed)
);
CREATE TABLE app.channel_secrets (
  business_id uuid NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  key_id text NOT NULL,
  nonce text NOT NULL,
  ciphertext text NOT NULL,
  tag text NOT NULL,
  fence integer NOT NULL,
  renewed_at timestamp with time zone NOT NULL,
  CONSTRAINT channel_secrets_business_id_channel_id_pk PRIMARY KEY(business_id,channel_id)
);
CREATE TABLE app.channels (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  account_code text COLLATE "C" NOT NULL,
  location_id text COLLATE "C",
  state text NOT NULL,
  note text,
  last_synced_at timestamp with time zone,
  next_sync_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT channels_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT channels_state CHECK (state in ('file', 'connected', 'reconnect', 'disconnected'))
);
CREATE TABLE app.charges (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  category text NOT NULL,
  type text NOT NULL,
  amount_minor bigint NOT NULL,
  order_id text COLLATE "C",
  memo text NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT charges_business_id_id_pk PRIMARY KEY(business_id,id)
);
CREATE TABLE app.listings (
  business_id uuid NOT NULL,
  listing_key text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  is_by_hand boolean NOT NULL,
  on_date date NOT NULL,
  "at" timestamp with time zone,
  line_id text COLLATE "C" NOT NULL,
  CONSTRAINT listings_business_id_listing_key_pk PRIMARY KEY(business_id,listing_key)
);
CREATE TABLE app.matches (
  business_id uuid NOT NULL,
  sale_id text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  user_id uuid,
  recorded_at timestamp with time zone NOT NULL,
  CONSTRAINT matches_business_id_sale_id_pk PRIMARY KEY(business_id,sale_id)
);
CREATE TABLE app.order_fees (
  business_id uuid NOT NULL,
  order_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  kind text NOT NULL,
  account_code text COLLATE "C" NOT NULL,
  amount_minor bigint NOT NULL,
  CONSTRAINT order_fees_business_id_order_id_place_pk PRIMARY KEY(business_id,order_id,place)
);
CREATE TABLE app.order_lines (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  order_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  "at" timestamp with time zone,
  sku text,
  sku_key text COLLATE "C",
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  listing_key text COLLATE "C",
  qty bigint NOT NULL,
  amount_minor bigint NOT NULL,
  discount_minor bigint NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  item_id text COLLATE "C",
  matched_by text,
  candidates integer NOT NULL,
  cost_minor bigint NOT NULL,
  cost_back_minor bigint NOT NULL,
  short_qty bigint NOT NULL,
  returned_qty bigint NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT order_lines_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT order_lines_qty CHECK (qty > 0)
);
CREATE TABLE app.orders (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  number text NOT NULL,
  on_date date NOT NULL,
  "at" timestamp with time zone,
  gross_minor bigint NOT NULL,
  shipping_minor bigint NOT NULL,
  tax_minor bigint NOT NULL,
  tax_by text NOT NULL,
  discount_minor bigint NOT NULL,
  fees_minor bigint NOT NULL,
  charges_minor bigint NOT NULL,
  refunded_minor bigint NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT orders_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT orders_tax_by CHECK (tax_by in ('seller', 'channel'))
);
CREATE TABLE app.payouts (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  amount_minor bigint NOT NULL,
  deposit_id text COLLATE "C",
  recorded_at timestamp with time zone NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT payouts_business_id_id_pk PRIMARY KEY(business_id,id)
);
CREATE TABLE app.raw_documents (
  business_id uuid NOT NULL,
  channel_id text COLLATE "C" NOT NULL,
  feed text NOT NULL,
  external_id text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  body jsonb NOT NULL,
  hash text NOT NULL,
  source text COLLATE "C",
  received_at timestamp with time zone NOT NULL,
  state text NOT NULL,
  note text,
  CONSTRAINT raw_documents_business_id_channel_id_feed_external_id_version_pk PRIMARY KEY(business_id,channel_id,feed,external_id,version),
  CONSTRAINT raw_documents_state CHECK (state in ('waiting', 'read', 'older', 'unreadable', 'refused'))
);
CREATE TABLE app.return_lines (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  return_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  sale_id text COLLATE "C",
  item_id text COLLATE "C",
  qty bigint NOT NULL,
  amount_minor bigint NOT NULL,
  cost_minor bigint NOT NULL,
  restock boolean NOT NULL,
  write_off boolean NOT NULL,
  is_placed boolean NOT NULL,
  location_id text COLLATE "C",
  CONSTRAINT return_lines_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT return_lines_qty CHECK (qty > 0),
  CONSTRAINT return_lines_one_way CHECK (not (restock and write_off))
);
CREATE TABLE app.returns (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  order_id text COLLATE "C",
  channel_id text COLLATE "C" NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT returns_business_id_id_pk PRIMARY KEY(business_id,id)
);
CREATE TABLE app.allocations (
  business_id uuid NOT NULL,
  movement_id text COLLATE "C" NOT NULL,
  lot_id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  qty bigint NOT NULL,
  cost_minor bigint NOT NULL,
  sale_id text COLLATE "C",
  made_lot_id text COLLATE "C",
  place integer NOT NULL,
  CONSTRAINT allocations_business_id_movement_id_kind_place_pk PRIMARY KEY(business_id,movement_id,kind,place),
  CONSTRAINT allocations_kind CHECK (kind in ('fifo', 'reserved', 'back')),
  CONSTRAINT allocations_signs CHECK ((kind = 'back') = (qty < 0) and qty <> 0)
);
CREATE TABLE app.backfills (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  sale_id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  amount_minor bigint NOT NULL,
  qty bigint NOT NULL,
  account_code text COLLATE "C" NOT NULL,
  user_id uuid,
  recorded_at timestamp with time zone NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT backfills_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT backfills_qty CHECK (qty > 0)
);
CREATE TABLE app.item_months (
  business_id uuid NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  month date NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  in_qty bigint NOT NULL,
  out_qty bigint NOT NULL,
  value_minor bigint NOT NULL,
  "rows" integer NOT NULL,
  CONSTRAINT item_months_business_id_item_id_month_location_id_pk PRIMARY KEY(business_id,item_id,month,location_id)
);
CREATE TABLE app.item_names (
  business_id uuid NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  CONSTRAINT item_names_business_id_name_key_item_id_pk PRIMARY KEY(business_id,name_key,item_id)
);
CREATE TABLE app.item_stock (
  business_id uuid NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  on_hand_qty bigint NOT NULL,
  value_minor bigint NOT NULL,
  short_qty bigint NOT NULL,
  oldest_lot_on date,
  last_sold_on date,
  CONSTRAINT item_stock_business_id_item_id_pk PRIMARY KEY(business_id,item_id)
);
CREATE TABLE app.items (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  sku text,
  sku_key text COLLATE "C",
  name_key text COLLATE "C" NOT NULL,
  decimals smallint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT items_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT items_decimals CHECK (decimals between 0 and 9)
);
CREATE TABLE app.locations (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  place integer NOT NULL,
  is_in_transit boolean NOT NULL,
  CONSTRAINT locations_business_id_id_pk PRIMARY KEY(business_id,id)
);
CREATE TABLE app.lots (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  source text NOT NULL,
  line_id text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  phase smallint NOT NULL,
  "at" timestamp with time zone,
  qty bigint NOT NULL,
  cost_minor bigint NOT NULL,
  reserved_qty bigint NOT NULL,
  left_qty bigint NOT NULL,
  left_minor bigint NOT NULL,
  CONSTRAINT lots_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT lots_qty CHECK (qty > 0 and reserved_qty >= 0),
  CONSTRAINT lots_left CHECK (left_qty >= 0 and left_qty <= qty and left_minor >= 0 and (left_qty > 0 or left_minor = 0))
);
CREATE TABLE app.movements (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  leg smallint NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  document_id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  phase smallint NOT NULL,
  "at" timestamp with time zone,
  qty bigint NOT NULL,
  value_minor bigint NOT NULL,
  short_qty bigint NOT NULL,
  is_posted boolean NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  CONSTRAINT movements_business_id_id_leg_pk PRIMARY KEY(business_id,id,leg),
  CONSTRAINT movements_qty CHECK ((qty = 0) = (kind = 'write_off')),
  CONSTRAINT movements_short CHECK (short_qty >= 0)
);
CREATE TABLE app.pins (
  business_id uuid NOT NULL,
  sale_id text COLLATE "C" NOT NULL,
  lot_id text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  user_id uuid,
  recorded_at timestamp with time zone NOT NULL,
  CONSTRAINT pins_business_id_sale_id_lot_id_pk PRIMARY KEY(business_id,sale_id,lot_id),
  CONSTRAINT pins_qty CHECK (qty > 0)
);
CREATE TABLE app.purchase_extras (
  business_id uuid NOT NULL,
  purchase_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  label text NOT NULL,
  amount_minor bigint NOT NULL,
  CONSTRAINT purchase_extras_business_id_purchase_id_place_pk PRIMARY KEY(business_id,purchase_id,place)
);
CREATE TABLE app.purchase_lines (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  purchase_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  amount_minor bigint NOT NULL,
  cost_minor bigint NOT NULL,
  location_id text COLLATE "C" NOT NULL,
  CONSTRAINT purchase_lines_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT purchase_lines_qty CHECK (qty > 0)
);
CREATE TABLE app.purchases (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  on_date date NOT NULL,
  amount_minor bigint NOT NULL,
  detailed_minor bigint NOT NULL,
  account_code text COLLATE "C" NOT NULL,
  supplier text NOT NULL,
  transaction_id text COLLATE "C",
  version integer NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT purchases_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT purchases_amounts CHECK (detailed_minor between 0 and amount_minor)
);
CREATE TABLE app.stock_documents (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  on_date date NOT NULL,
  arrives_on date,
  from_location_id text COLLATE "C",
  to_location_id text COLLATE "C",
  purchase_id text COLLATE "C",
  reason text,
  recorded_at timestamp with time zone NOT NULL,
  is_undone boolean NOT NULL,
  CONSTRAINT stock_documents_business_id_kind_id_pk PRIMARY KEY(business_id,kind,id),
  CONSTRAINT stock_documents_kind CHECK (kind in ('opening', 'adjustment', 'transfer', 'purchase_return'))
);
CREATE TABLE app.stock_lines (
  business_id uuid NOT NULL,
  id text COLLATE "C" NOT NULL,
  document_kind text NOT NULL,
  document_id text COLLATE "C" NOT NULL,
  place integer NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  qty bigint NOT NULL,
  amount_minor bigint NOT NULL,
  location_id text COLLATE "C",
  purchase_line_id text COLLATE "C",
  CONSTRAINT stock_lines_business_id_id_pk PRIMARY KEY(business_id,id)
);
CREATE TABLE app.connecting (
  state text PRIMARY KEY NOT NULL,
  business_id uuid NOT NULL,
  user_id uuid NOT NULL,
  kind text NOT NULL,
  verifier text NOT NULL,
  expires_at timestamp with time zone NOT NULL
);
CREATE TABLE app.due (
  business_id uuid NOT NULL,
  channel_id text NOT NULL,
  due_at timestamp with time zone NOT NULL,
  CONSTRAINT due_business_id_channel_id_pk PRIMARY KEY(business_id,channel_id)
);
CREATE TABLE app.heartbeats (
  worker text PRIMARY KEY NOT NULL,
  "at" timestamp with time zone NOT NULL,
  last_taken_at timestamp with time zone,
  last_ended_at timestamp with time zone,
  loop_lag_ms integer NOT NULL
);
CREATE TABLE app.migrations (
  name text PRIMARY KEY NOT NULL,
  sha256 text NOT NULL,
  ran_at timestamp with time zone NOT NULL
);
CREATE TABLE app.outbox (
  id uuid PRIMARY KEY NOT NULL,
  business_id uuid NOT NULL,
  job text NOT NULL,
  payload jsonb NOT NULL,
  key text NOT NULL,
  requested_at timestamp with time zone NOT NULL,
  not_before timestamp with time zone NOT NULL,
  relayed_at timestamp with time zone,
  attempts integer NOT NULL,
  last_error text,
  state text NOT NULL,
  CONSTRAINT outbox_once UNIQUE(job,key),
  CONSTRAINT outbox_state CHECK (state in ('waiting', 'dead'))
);
CREATE TABLE app.runs (
  business_id uuid NOT NULL,
  id uuid NOT NULL,
  job text NOT NULL,
  about text NOT NULL,
  label text NOT NULL,
  state text NOT NULL,
  done bigint NOT NULL,
  total bigint,
  skipped bigint NOT NULL,
  steps jsonb NOT NULL,
  note text,
  is_cancelled integer NOT NULL,
  created_at timestamp with time zone NOT NULL,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  CONSTRAINT runs_business_id_id_pk PRIMARY KEY(business_id,id),
  CONSTRAINT runs_state CHECK (state in ('waiting', 'running', 'done', 'failed', 'cancelled'))
);
ALTER TABLE app.account_months ADD CONSTRAINT account_months_account FOREIGN KEY (business_id,code) REFERENCES app.accounts(business_id,code);
ALTER TABLE app.postings ADD CONSTRAINT postings_entry FOREIGN KEY (business_id,entry_id,"of") REFERENCES app.journal_entries(business_id,id,postings);
ALTER TABLE app.postings ADD CONSTRAINT postings_debit FOREIGN KEY (business_id,debit) REFERENCES app.accounts(business_id,code);
ALTER TABLE app.postings ADD CONSTRAINT postings_credit FOREIGN KEY (business_id,credit) REFERENCES app.accounts(business_id,code);
ALTER TABLE app.fact_names ADD CONSTRAINT fact_names_named FOREIGN KEY (business_id,named) REFERENCES app.facts(business_id,id);
ALTER TABLE app.fact_names ADD CONSTRAINT fact_names_by_fact FOREIGN KEY (business_id,"by") REFERENCES app.facts(business_id,id);
ALTER TABLE app.statements ADD CONSTRAINT statements_import FOREIGN KEY (business_id,import_id) REFERENCES app.imports(business_id,id);
ALTER TABLE app.statements ADD CONSTRAINT statements_account FOREIGN KEY (business_id,account_code) REFERENCES app.accounts(business_id,code);
ALTER TABLE app.transaction_splits ADD CONSTRAINT transaction_splits_transaction FOREIGN KEY (business_id,transaction_id) REFERENCES app.transactions(business_id,id);
ALTER TABLE app.transaction_splits ADD CONSTRAINT transaction_splits_category FOREIGN KEY (business_id,category_code) REFERENCES app.accounts(business_id,code);
ALTER TABLE app.transactions ADD CONSTRAINT transactions_account FOREIGN KEY (business_id,account_code) REFERENCES app.accounts(business_id,code);
ALTER TABLE app.auth_accounts ADD CONSTRAINT auth_accounts_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES app.users(id) ON DELETE cascade ON UPDATE no action;
ALTER TABLE app.sessions ADD CONSTRAINT sessions_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES app.users(id) ON DELETE cascade ON UPDATE no action;
ALTER TABLE app.user_passwords ADD CONSTRAINT user_passwords_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES app.users(id) ON DELETE cascade ON UPDATE no action;
ALTER TABLE app.balance_rows ADD CONSTRAINT balance_rows_channel FOREIGN KEY (business_id,channel_id) REFERENCES app.channels(business_id,id);
ALTER TABLE app.channel_feeds ADD CONSTRAINT channel_feeds_channel FOREIGN KEY (business_id,channel_id) REFERENCES app.channels(business_id,id);
ALTER TABLE app.channel_secrets ADD CONSTRAINT channel_secrets_channel FOREIGN KEY (business_id,channel_id) REFERENCES app.channels(business_id,id);
ALTER TABLE app.channels ADD CONSTRAINT channels_account FOREIGN KEY (business_id,account_code) REFERENCES app.accounts(business_id,code);
ALTER TABLE app.charges ADD CONSTRAINT charges_channel FOREIGN KEY (business_id,channel_id) REFERENCES app.channels(business_id,id);
ALTER TABLE app.matches ADD CONSTRAINT matches_sale FOREIGN KEY (business_id,sale_id) REFERENCES app.order_lines(business_id,id);
ALTER TABLE app.order_fees ADD CONSTRAINT order_fees_order FOREIGN KEY (business_id,order_id) REFERENCES app.orders(business_id,id);
ALTER TABLE app.order_lines ADD CONSTRAINT order_lines_order FOREIGN KEY (business_id,order_id) REFERENCES app.orders(business_id,id);
ALTER TABLE app.orders ADD CONSTRAINT orders_channel FOREIGN KEY (business_id,channel_id) REFERENCES app.channels(business_id,id);
ALTER TABLE app.payouts ADD CONSTRAINT payouts_channel FOREIGN KEY (business_id,channel_id) REFERENCES app.channels(business_id,id);
ALTER TABLE app.raw_documents ADD CONSTRAINT raw_documents_channel FOREIGN KEY (business_id,channel_id) REFERENCES app.channels(business_id,id);
ALTER TABLE app.return_lines ADD CONSTRAINT return_lines_return FOREIGN KEY (business_id,return_id) REFERENCES app.returns(business_id,id);
ALTER TABLE app.return_lines ADD CONSTRAINT return_lines_sale FOREIGN KEY (business_id,sale_id) REFERENCES app.order_lines(business_id,id);
ALTER TABLE app.returns ADD CONSTRAINT returns_order FOREIGN KEY (business_id,order_id) REFERENCES app.orders(business_id,id);
ALTER TABLE app.item_months ADD CONSTRAINT item_months_item FOREIGN KEY (business_id,item_id) REFERENCES app.items(business_id,id);
ALTER TABLE app.item_names ADD CONSTRAINT item_names_item FOREIGN KEY (business_id,item_id) REFERENCES app.items(business_id,id);
ALTER TABLE app.item_stock ADD CONSTRAINT item_stock_item FOREIGN KEY (business_id,item_id) REFERENCES app.items(business_id,id);
ALTER TABLE app.movements ADD CONSTRAINT movements_location FOREIGN KEY (business_id,location_id) REFERENCES app.locations(business_id,id);
ALTER TABLE app.purchase_extras ADD CONSTRAINT purchase_extras_purchase FOREIGN KEY (business_id,purchase_id) REFERENCES app.purchases(business_id,id);
ALTER TABLE app.purchase_lines ADD CONSTRAINT purchase_lines_purchase FOREIGN KEY (business_id,purchase_id) REFERENCES app.purchases(business_id,id);
ALTER TABLE app.purchase_lines ADD CONSTRAINT purchase_lines_item FOREIGN KEY (business_id,item_id) REFERENCES app.items(business_id,id);
ALTER TABLE app.stock_documents ADD CONSTRAINT stock_documents_purchase FOREIGN KEY (business_id,purchase_id) REFERENCES app.purchases(business_id,id);
ALTER TABLE app.stock_lines ADD CONSTRAINT stock_lines_document FOREIGN KEY (business_id,document_kind,document_id) REFERENCES app.stock_documents(business_id,kind,id);
ALTER TABLE app.stock_lines ADD CONSTRAINT stock_lines_item FOREIGN KEY (business_id,item_id) REFERENCES app.items(business_id,id);
ALTER TABLE app.stock_lines ADD CONSTRAINT stock_lines_purchase_line FOREIGN KEY (business_id,purchase_line_id) REFERENCES app.purchase_lines(business_id,id);
CREATE INDEX journal_entries_day ON app.journal_entries (business_id,posted_on,id);
CREATE INDEX postings_of_debit ON app.postings (business_id,debit,posted_on,entry_id);
CREATE INDEX postings_of_credit ON app.postings (business_id,credit,posted_on,entry_id);
CREATE INDEX fact_names_by ON app.fact_names (business_id,"by");
CREATE INDEX facts_of_source ON app.facts (business_id,source,id);
CREATE INDEX rules_in_order ON app.rules (business_id,place);
CREATE INDEX statements_of_import ON app.statements (business_id,import_id);
CREATE INDEX statements_of_account ON app.statements (business_id,account_code,through_on);
CREATE INDEX transactions_day ON app.transactions (business_id,on_date,id);
CREATE INDEX transactions_of_account ON app.transactions (business_id,account_code,on_date,id);
CREATE INDEX transactions_open ON app.transactions (business_id,on_date,id) WHERE state = 'open' and not is_undone;
CREATE INDEX transactions_of_import ON app.transactions (business_id,import_id);
CREATE INDEX transactions_amount ON app.transactions (business_id,amount_minor,on_date);
CREATE INDEX audit_trail_about ON app.audit_trail (business_id,about,id);
CREATE INDEX auth_accounts_of_user ON app.auth_accounts (user_id);
CREATE INDEX sessions_of_user ON app.sessions (user_id);
CREATE INDEX balance_rows_of_payout ON app.balance_rows (business_id,payout_id,on_date,id);
CREATE INDEX balance_rows_of_channel ON app.balance_rows (business_id,channel_id,on_date,id);
CREATE INDEX charges_day ON app.charges (business_id,on_date,id);
CREATE INDEX charges_of_order ON app.charges (business_id,order_id);
CREATE INDEX charges_other ON app.charges (business_id,channel_id,type) WHERE category = 'other' and not is_undone;
CREATE INDEX matches_of_item ON app.matches (business_id,item_id);
CREATE INDEX order_lines_of_order ON app.order_lines (business_id,order_id,place);
CREATE INDEX order_lines_day ON app.order_lines (business_id,on_date,id);
CREATE INDEX order_lines_need_cost ON app.order_lines (business_id,on_date,id) WHERE short_qty > 0 and not is_undone;
CREATE INDEX order_lines_unmatched ON app.order_lines (business_id,on_date,id) WHERE item_id is null and not is_undone;
CREATE INDEX order_lines_of_item ON app.order_lines (business_id,item_id,on_date,id);
CREATE INDEX order_lines_by_listing ON app.order_lines (business_id,listing_key,on_date,id);
CREATE INDEX order_lines_by_sku ON app.order_lines (business_id,sku_key);
CREATE INDEX order_lines_by_name ON app.order_lines (business_id,name_key);
CREATE INDEX orders_day ON app.orders (business_id,on_date,id);
CREATE INDEX orders_of_channel ON app.orders (business_id,channel_id,on_date,id);
CREATE INDEX orders_number ON app.orders (business_id,number);
CREATE INDEX payouts_day ON app.payouts (business_id,on_date,id);
CREATE INDEX payouts_waiting ON app.payouts (business_id,on_date,id) WHERE deposit_id is null and not is_undone;
CREATE INDEX raw_documents_waiting ON app.raw_documents (business_id,channel_id,feed,external_id) WHERE state = 'waiting';
CREATE INDEX raw_documents_of_source ON app.raw_documents (business_id,source);
CREATE INDEX return_lines_of_return ON app.return_lines (business_id,return_id,place);
CREATE INDEX return_lines_of_sale ON app.return_lines (business_id,sale_id);
CREATE INDEX return_lines_to_place ON app.return_lines (business_id,id) WHERE not is_placed;
CREATE INDEX returns_of_order ON app.returns (business_id,order_id);
CREATE INDEX returns_day ON app.returns (business_id,on_date,id);
CREATE INDEX allocations_in_order ON app.allocations (business_id,item_id,on_date);
CREATE INDEX allocations_of_lot ON app.allocations (business_id,lot_id,on_date);
CREATE INDEX allocations_of_sale ON app.allocations (business_id,sale_id) WHERE sale_id is not null;
CREATE INDEX backfills_of_sale ON app.backfills (business_id,sale_id);
CREATE INDEX item_names_of_item ON app.item_names (business_id,item_id);
CREATE INDEX items_by_sku ON app.items (business_id,sku_key);
CREATE INDEX items_by_name ON app.items (business_id,name_key,id);
CREATE INDEX lots_open ON app.lots (business_id,item_id,on_date) WHERE left_qty > 0;
CREATE INDEX lots_of_item ON app.lots (business_id,item_id,on_date);
CREATE INDEX lots_of_line ON app.lots (business_id,line_id);
CREATE INDEX movements_in_order ON app.movements (business_id,item_id,on_date,phase,"at" nulls first,id,leg);
CREATE INDEX movements_short ON app.movements (business_id,item_id) WHERE short_qty > 0;
CREATE INDEX movements_of_document ON app.movements (business_id,kind,document_id);
CREATE INDEX pins_of_lot ON app.pins (business_id,lot_id);
CREATE INDEX purchase_lines_of_purchase ON app.purchase_lines (business_id,purchase_id,place);
CREATE INDEX purchase_lines_of_item ON app.purchase_lines (business_id,item_id);
CREATE INDEX purchases_day ON app.purchases (business_id,on_date,id);
CREATE INDEX purchases_to_detail ON app.purchases (business_id,on_date,id) WHERE detailed_minor < amount_minor and not is_undone;
CREATE INDEX purchases_of_transaction ON app.purchases (business_id,transaction_id);
CREATE INDEX stock_documents_day ON app.stock_documents (business_id,on_date,id);
CREATE INDEX stock_documents_of_purchase ON app.stock_documents (business_id,purchase_id);
CREATE INDEX stock_lines_of_document ON app.stock_lines (business_id,document_kind,document_id,place);
CREATE INDEX stock_lines_of_purchase_line ON app.stock_lines (business_id,purchase_line_id);
CREATE INDEX stock_lines_of_item ON app.stock_lines (business_id,item_id);
CREATE INDEX due_at ON app.due (due_at);
CREATE INDEX outbox_waiting ON app.outbox (not_before,id);
CREATE INDEX runs_about ON app.runs (business_id,job,about,id);
CREATE INDEX runs_open ON app.runs (business_id,id) WHERE state in ('waiting', 'running');