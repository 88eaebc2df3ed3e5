/** The catalog's rules for tenant tables (reliability.md section 10.2): each query names what breaks one, and should name nothing. */

import { localTables, referenceTables } from "../../db/placement";

/** The functions that run with their owner's rights, each reviewed. */
const definers = ["close_business", "look_again", "remove_business"];

/** The functions that look at tables, each reviewed: in a trigger only at the row's own business (rule 8); what its node knows of them (look_again). */
const functions = [
  "close_business",
  "forget_open",
  "is_audited",
  "note_audit",
  "look_again",
  "only_forward",
  "refuse_change",
  "refuse_closed",
  "refuse_other_party",
  "refuse_reopening",
  "refuse_truncate",
  "refuse_unaudited",
  "remove_business",
];

/**
 * Those that leave a note for the rest of the transaction. That a change was audited is asked by a guard that is not there on Citus
 * (db/citus.ts); that a day is open is noted and asked on the one node where the business's rows are.
 */
const noting = ["forget_open", "note_audit", "refuse_closed"];
const listed = (names: readonly string[]) => names.map((name) => `'${name}'`).join(", ");

const tenant = `tenant_tables as (
  select c.oid, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'app' and c.relkind in ('r','p') and not c.relispartition
    and c.relname not in (${[...Object.keys(localTables), ...Object.keys(referenceTables)]
      .map((name) => `'${name}'`)
      .join(", ")}))`;

export const catalog: Readonly<Record<string, string>> = {
  "Q1 business_id is a uuid that is never null": `with ${tenant} select t.relname as found from tenant_tables t
    left join pg_attribute a on a.attrelid = t.oid and a.attname = 'business_id' and not a.attisdropped
    where a.attname is null or a.atttypid <> 'uuid'::regtype or not a.attnotnull or a.attgenerated <> ''`,
  "Q2 every table has a primary key": `with ${tenant} select t.relname as found from tenant_tables t
    where not exists (select 1 from pg_constraint k where k.conrelid = t.oid and k.contype = 'p')`,
  "Q3 every unique key has business_id": `with ${tenant} select i.indexrelid::regclass::text as found from tenant_tables t
    join pg_index i on i.indrelid = t.oid where (i.indisunique or i.indisexclusion) and not exists (
      select 1 from generate_series(0, i.indnkeyatts - 1) p
      join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[p] where a.attname = 'business_id')`,
  "Q3b a primary key begins with business_id": `with ${tenant} select t.relname as found from tenant_tables t
    join pg_index i on i.indrelid = t.oid and i.indisprimary
    join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0] where a.attname <> 'business_id'`,
  "Q4 foreign keys carry business_id at the same place, and forbid what Citus refuses": `with ${tenant} select k.conname as found from pg_constraint k
    join tenant_tables f on f.oid = k.conrelid join tenant_tables r on r.oid = k.confrelid
    where k.contype = 'f' and (not exists (
      select 1 from generate_subscripts(k.conkey, 1) p
      join pg_attribute fa on fa.attrelid = k.conrelid and fa.attnum = k.conkey[p] and fa.attname = 'business_id'
      join pg_attribute ra on ra.attrelid = k.confrelid and ra.attnum = k.confkey[p] and ra.attname = 'business_id')
      or k.confdeltype in ('n','d') or k.confupdtype in ('n','d','c'))`,
  "Q5 no key from a local table to a tenant's, or the other way": `with ${tenant} select k.conname as found from pg_constraint k
    where k.contype = 'f' and k.connamespace = 'app'::regnamespace
      and (k.confrelid in (select oid from tenant_tables)) <> (k.conrelid in (select oid from tenant_tables))`,
  "Q6 no sequences": `with ${tenant} select t.relname || '.' || a.attname as found from tenant_tables t
    join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
    where a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%'`,
  "Q7 triggers are by row, but for the guards against truncate": `select g.tgname as found from pg_trigger g
    join pg_class c on c.oid = g.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'app' and not g.tgisinternal and g.tgname <> 'no_truncate'
      and ((g.tgtype & 1) = 0 or g.tgoldtable is not null or g.tgnewtable is not null
        or c.relname in (${listed(["", ...Object.keys(referenceTables)])}))`,
  "Q8 no type that loses digits or zones": `select c.relname || '.' || a.attname as found from pg_attribute a
    join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'app' and c.relkind in ('r','p') and a.attnum > 0 and not a.attisdropped
      and a.atttypid in ('timestamp'::regtype, 'timetz'::regtype, 'float4'::regtype, 'float8'::regtype, 'money'::regtype)`,
  "Q9 no rules, inheritance, unlogged or foreign tables": `select c.relname as found from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'app' and c.relkind in ('r','p','f') and (c.relpersistence <> 'p' or c.relkind = 'f'
      or exists (select 1 from pg_rewrite r where r.ev_class = c.oid) or exists (select 1 from pg_inherits i where i.inhrelid = c.oid and not c.relispartition))`,
  "Q10 no partitions of partitions": `select c.relname as found from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'app' and c.relkind = 'p' and c.relispartition`,
  "Q11 views run as who asks, no materialised views, functions with owner's rights are listed": `select c.relname as found from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'app' and (c.relkind = 'm' or (c.relkind = 'v' and not coalesce(c.reloptions, '{}') && array['security_invoker=true','security_invoker=on']))
    union all select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'app' and p.prosecdef and p.proname not in (${listed(definers)})`,
  "Q12 every index begins with business_id": `with ${tenant} select i.indexrelid::regclass::text as found from tenant_tables t join pg_index i on i.indrelid = t.oid
    left join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
    where not i.indisunique and a.attname is distinct from 'business_id'`,
  "Q13 row-level security is on, forced, and whole": `with ${tenant} select t.relname as found from tenant_tables t join pg_class c on c.oid = t.oid
    where not c.relrowsecurity or not c.relforcerowsecurity or not exists (select 1 from pg_policy p
      where p.polrelid = t.oid and p.polcmd = '*' and p.polqual is not null and p.polwithcheck is not null)`,
  "Q13b no policy has a subquery": `select polname as found from pg_policy
    where pg_get_expr(polqual, polrelid) ~* '\\mselect\\M' or pg_get_expr(polwithcheck, polrelid) ~* '\\mselect\\M'`,
  "Q14 the application's role is weak": `select r.rolname as found from pg_roles r where r.rolname = 'lotbook_app' and (r.rolsuper or r.rolbypassrls
      or r.rolcreaterole or r.rolcreatedb or exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relowner = r.oid and n.nspname = 'app')
      or pg_has_role(r.oid, 'app_owner', 'MEMBER'))`,
  "Q15 every tenant foreign key has an index on its own side": `with ${tenant} select k.conname as found from pg_constraint k
    join tenant_tables t on t.oid = k.conrelid join tenant_tables r on r.oid = k.confrelid
    where k.contype = 'f' and not exists (select 1 from pg_index i where i.indrelid = k.conrelid
      and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`,
  "Q16 no sequence of any kind": `select c.relname as found from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('app', 'staging') and c.relkind = 'S'`,
  "Q17 no type, domain or default of our own making": `select c.relname || '.' || a.attname as found from pg_attribute a
    join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace join pg_type t on t.oid = a.atttypid
    where n.nspname in ('app', 'staging') and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
      and (t.typnamespace <> 'pg_catalog'::regnamespace or exists (select 1 from pg_attrdef d where d.adrelid = c.oid and d.adnum = a.attnum
        and a.attgenerated = '' and pg_get_expr(d.adbin, d.adrelid) ~ '[(]'))`,
  "Q18 functions are listed, and rely on nothing that one node alone knows (rules 8, 13)": `select p.proname as found from pg_proc p
    where p.pronamespace in ('app'::regnamespace, 'staging'::regnamespace) and (p.proname not in (${listed(functions)})
      or (p.prosrc ~* 'set_config' and p.proname not in (${listed(noting)}))
      or p.prosrc ~* '(advisory|nextval|notify|listen|temp(orary)? table|pg_temp\\.)')`,
  "Q19 a policy is the bare setting, which raises where it is not set (rule 9)": `select c.relname as found from pg_policy p
    join pg_class c on c.oid = p.polrelid where c.relnamespace = 'app'::regnamespace and (p.polroles <> '{0}' or not p.polpermissive
      or pg_get_expr(p.polqual, p.polrelid) <> '(business_id = (current_setting(''app.business_id''::text))::uuid)'
      or pg_get_expr(p.polwithcheck, p.polrelid) <> pg_get_expr(p.polqual, p.polrelid))`,
  "Q20 keys are checked at once": `select k.conname as found from pg_constraint k
    where k.connamespace = 'app'::regnamespace and (k.condeferrable or k.condeferred)
      and not (k.contype = 't' and k.conname in ('audited', 'audited_end'))`,
  "Q21 staging is for the application alone, and holds nothing that outlives a crash": `select c.relname as found from pg_class c
    where c.relnamespace = 'staging'::regnamespace and c.relkind in ('r', 'p') and (c.relpersistence <> 'u' or c.relrowsecurity
      or not exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'business_id' and a.atttypid = 'uuid'::regtype and a.attnotnull)
      or exists (select 1 from aclexplode(c.relacl) g where g.grantee not in ('lotbook_app'::regrole, c.relowner)
        or (g.grantee = 'lotbook_app'::regrole and g.privilege_type not in ('SELECT', 'INSERT', 'DELETE')))
      or exists (select 1 from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] where i.indrelid = c.oid and a.attname <> 'business_id'))`,
  "every table is a tenant's or listed with its reason": `with ${tenant} select t.relname as found from tenant_tables t
    where not exists (select 1 from pg_attribute a where a.attrelid = t.oid and a.attname = 'business_id')`,
};

/** A table, function or key that breaks each rule: so each query is seen to be able to fail. */
export const planted: Readonly<Record<string, string>> = {
  "Q1 business_id is a uuid that is never null": "create table app.bad (business_id text primary key)",
  "Q2 every table has a primary key": "create table app.bad (business_id uuid not null)",
  "Q3 every unique key has business_id":
    "create table app.bad (business_id uuid not null, id int, primary key (business_id, id), unique (id))",
  "Q3b a primary key begins with business_id":
    "create table app.bad (business_id uuid not null, id int, primary key (id, business_id))",
  "Q4 foreign keys carry business_id at the same place, and forbid what Citus refuses":
    "create table app.bad (business_id uuid not null, code text, primary key (business_id), foreign key (business_id, code) references app.accounts (business_id, code) on update cascade)",
  "Q5 no key from a local table to a tenant's, or the other way":
    "create table app.bad (business_id uuid not null, user_id uuid references app.users (id), primary key (business_id))",
  "Q6 no sequences": "create table app.bad (business_id uuid not null, id serial, primary key (business_id, id))",
  "Q7 triggers are by row, but for the guards against truncate":
    "create trigger bad after insert on app.items for each statement execute function app.refuse_truncate()",
  "Q8 no type that loses digits or zones": "create table app.bad (business_id uuid primary key, at timestamp)",
  "Q9 no rules, inheritance, unlogged or foreign tables":
    "create unlogged table app.bad (business_id uuid primary key)",
  "Q10 no partitions of partitions":
    "create table app.bad (business_id uuid, id int, primary key (business_id, id)) partition by list (id); create table app.bad1 partition of app.bad for values in (1) partition by list (id)",
  "Q11 views run as who asks, no materialised views, functions with owner's rights are listed":
    "create view app.bad as select 1 as one",
  "Q12 every index begins with business_id": "create index bad on app.items (name)",
  "Q13 row-level security is on, forced, and whole": "alter table app.items no force row level security",
  "Q13b no policy has a subquery": "create policy bad on app.items using (exists (select 1))",
  "Q14 the application's role is weak": "alter table app.items owner to lotbook_app",
  "Q15 every tenant foreign key has an index on its own side":
    "create table app.bad (business_id uuid not null, id int, code text, primary key (business_id, id), foreign key (business_id, code) references app.accounts (business_id, code))",
  "Q16 no sequence of any kind": "create sequence app.bad",
  "Q17 no type, domain or default of our own making":
    "create table app.bad (business_id uuid primary key default gen_random_uuid())",
  "Q18 functions are listed, and rely on nothing that one node alone knows (rules 8, 13)":
    "create function app.bad() returns void language sql as 'select pg_advisory_xact_lock(1)'",
  "Q19 a policy is the bare setting, which raises where it is not set (rule 9)":
    "alter policy own_business on app.items using (business_id = nullif(current_setting('app.business_id', true), '')::uuid)",
  "Q20 keys are checked at once":
    "create table app.bad (business_id uuid not null, code text, primary key (business_id), foreign key (business_id, code) references app.accounts (business_id, code) deferrable)",
  "Q21 staging is for the application alone, and holds nothing that outlives a crash":
    "grant update on staging.rows to lotbook_app",
  "every table is a tenant's or listed with its reason": "create table app.bad (id int primary key)",
};
