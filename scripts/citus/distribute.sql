-- Spreads the tables over the nodes of a Citus cluster by business. Written by scripts/distribute.ts; `npm run migrate` does the same
-- by itself, after it has taken away the triggers by statement, which Citus refuses.
--
-- These stay on the coordinator, with the queue's own (schema bullmq):
--   users: people span businesses
--   user_passwords: of people
--   sessions: of people
--   auth_accounts: of people
--   verification_tokens: of people, before they are known
--   sign_in_failures: of who tries to sign in
--   directory: finds a business before its rows can be read
--   user_businesses: which businesses a person may look for
--   outbox: read by the relay over all businesses; holds ids only
--   connecting: OAuth dances come back before a business is known
--   connected_shops: a channel's call names a shop before a business is known; holds ids only
--   hook_inbox: a channel's call comes before a business is known
--   due: lets the schedule find what is due; holds ids only
--   heartbeats: of workers
--   migrations: of the database itself
set citus.enable_unsafe_triggers = on;
select create_distributed_table('app.businesses', 'business_id', colocate_with => 'none') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.businesses'::regclass);
select create_distributed_table('app.account_days', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.account_days'::regclass);
select create_distributed_table('app.accounts', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.accounts'::regclass);
select create_distributed_table('app.account_currency_months', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.account_currency_months'::regclass);
select create_distributed_table('app.account_months', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.account_months'::regclass);
select create_distributed_table('app.allocations', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.allocations'::regclass);
select create_distributed_table('app.attachments', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.attachments'::regclass);
select create_distributed_table('app.audit_trail', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.audit_trail'::regclass);
select create_distributed_table('app.backfills', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.backfills'::regclass);
select create_distributed_table('app.bank_layouts', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.bank_layouts'::regclass);
select create_distributed_table('app.channel_operators', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.channel_operators'::regclass);
select create_distributed_table('app.closings', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.closings'::regclass);
select create_distributed_table('app.dirty_marks', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.dirty_marks'::regclass);
select create_distributed_table('app.facts', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.facts'::regclass);
select create_distributed_table('app.alike_pairs', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.alike_pairs'::regclass);
select create_distributed_table('app.fact_names', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.fact_names'::regclass);
select create_distributed_table('app.gst_set_offs', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.gst_set_offs'::regclass);
select create_distributed_table('app.gst_settings', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.gst_settings'::regclass);
select create_distributed_table('app.imports', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.imports'::regclass);
select create_distributed_table('app.inventory_days', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.inventory_days'::regclass);
select create_distributed_table('app.invites', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.invites'::regclass);
select create_distributed_table('app.issued_documents', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.issued_documents'::regclass);
select create_distributed_table('app.issued_cancellations', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.issued_cancellations'::regclass);
select create_distributed_table('app.issued_taxes', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.issued_taxes'::regclass);
select create_distributed_table('app.issued_tax_lines', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.issued_tax_lines'::regclass);
select create_distributed_table('app.item_taxes', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.item_taxes'::regclass);
select create_distributed_table('app.items', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.items'::regclass);
select create_distributed_table('app.cost_groups', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.cost_groups'::regclass);
select create_distributed_table('app.item_barcodes', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.item_barcodes'::regclass);
select create_distributed_table('app.item_components', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.item_components'::regclass);
select create_distributed_table('app.item_days', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.item_days'::regclass);
select create_distributed_table('app.item_months', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.item_months'::regclass);
select create_distributed_table('app.item_names', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.item_names'::regclass);
select create_distributed_table('app.item_places', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.item_places'::regclass);
select create_distributed_table('app.item_stock', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.item_stock'::regclass);
select create_distributed_table('app.journal_blocks', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.journal_blocks'::regclass);
select create_distributed_table('app.journal_entries', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.journal_entries'::regclass);
select create_distributed_table('app.journal_heads', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.journal_heads'::regclass);
select create_distributed_table('app.letterheads', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.letterheads'::regclass);
select create_distributed_table('app.listings', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.listings'::regclass);
select create_distributed_table('app.locations', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.locations'::regclass);
select create_distributed_table('app.channels', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.channels'::regclass);
select create_distributed_table('app.balance_rows', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.balance_rows'::regclass);
select create_distributed_table('app.channel_feeds', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.channel_feeds'::regclass);
select create_distributed_table('app.channel_secrets', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.channel_secrets'::regclass);
select create_distributed_table('app.channel_shelves', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.channel_shelves'::regclass);
select create_distributed_table('app.channel_stock', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.channel_stock'::regclass);
select create_distributed_table('app.charges', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.charges'::regclass);
select create_distributed_table('app.count_sums', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.count_sums'::regclass);
select create_distributed_table('app.counts', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.counts'::regclass);
select create_distributed_table('app.count_documents', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.count_documents'::regclass);
select create_distributed_table('app.count_lines', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.count_lines'::regclass);
select create_distributed_table('app.count_entries', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.count_entries'::regclass);
select create_distributed_table('app.lots', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.lots'::regclass);
select create_distributed_table('app.members', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.members'::regclass);
select create_distributed_table('app.met_currencies', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.met_currencies'::regclass);
select create_distributed_table('app.movements', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.movements'::regclass);
select create_distributed_table('app.order_days', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.order_days'::regclass);
select create_distributed_table('app.orders', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.orders'::regclass);
select create_distributed_table('app.order_fees', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.order_fees'::regclass);
select create_distributed_table('app.order_lines', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.order_lines'::regclass);
select create_distributed_table('app.matches', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.matches'::regclass);
select create_distributed_table('app.party_pii', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.party_pii'::regclass);
select create_distributed_table('app.payouts', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.payouts'::regclass);
select create_distributed_table('app.pins', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.pins'::regclass);
select create_distributed_table('app.placed_types', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.placed_types'::regclass);
select create_distributed_table('app.posting_marks', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.posting_marks'::regclass);
select create_distributed_table('app.postings', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.postings'::regclass);
select create_distributed_table('app.proofs', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.proofs'::regclass);
select create_distributed_table('app.purchase_orders', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.purchase_orders'::regclass);
select create_distributed_table('app.purchase_order_lines', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.purchase_order_lines'::regclass);
select create_distributed_table('app.purchase_order_receipts', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.purchase_order_receipts'::regclass);
select create_distributed_table('app.purchase_taxes', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.purchase_taxes'::regclass);
select create_distributed_table('app.purchases', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.purchases'::regclass);
select create_distributed_table('app.purchase_extras', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.purchase_extras'::regclass);
select create_distributed_table('app.purchase_lines', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.purchase_lines'::regclass);
select create_distributed_table('app.rate_fetches', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.rate_fetches'::regclass);
select create_distributed_table('app.rate_files', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.rate_files'::regclass);
select create_distributed_table('app.exchange_rates', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.exchange_rates'::regclass);
select create_distributed_table('app.raw_documents', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.raw_documents'::regclass);
select create_distributed_table('app.reason_accounts', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.reason_accounts'::regclass);
select create_distributed_table('app.recipes', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.recipes'::regclass);
select create_distributed_table('app.recipe_versions', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.recipe_versions'::regclass);
select create_distributed_table('app.productions', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.productions'::regclass);
select create_distributed_table('app.recipe_lines', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.recipe_lines'::regclass);
select create_distributed_table('app.returns', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.returns'::regclass);
select create_distributed_table('app.return_lines', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.return_lines'::regclass);
select create_distributed_table('app.rules', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.rules'::regclass);
select create_distributed_table('app.runs', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.runs'::regclass);
select create_distributed_table('app.exports', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.exports'::regclass);
select create_distributed_table('app.export_parts', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.export_parts'::regclass);
select create_distributed_table('app.series', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.series'::regclass);
select create_distributed_table('app.series_forms', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.series_forms'::regclass);
select create_distributed_table('app.series_numbers', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.series_numbers'::regclass);
select create_distributed_table('app.shelf_moves', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.shelf_moves'::regclass);
select create_distributed_table('app.sold_days', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.sold_days'::regclass);
select create_distributed_table('app.statements', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.statements'::regclass);
select create_distributed_table('app.stock_documents', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.stock_documents'::regclass);
select create_distributed_table('app.stock_lines', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.stock_lines'::regclass);
select create_distributed_table('app.stock_minimums', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.stock_minimums'::regclass);
select create_distributed_table('app.touched_days', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.touched_days'::regclass);
select create_distributed_table('app.transactions', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.transactions'::regclass);
select create_distributed_table('app.transaction_splits', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.transaction_splits'::regclass);
select create_distributed_table('app.transfers', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.transfers'::regclass);
select create_distributed_table('app.transfer_lines', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'app.transfer_lines'::regclass);
select create_distributed_table('staging.rows', 'business_id', colocate_with => 'app.businesses') where not exists (select 1 from pg_dist_partition where logicalrelid = 'staging.rows'::regclass);
