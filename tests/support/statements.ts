/**
 * What a statement must be for Citus to send it to the one node where its business lies (reliability.md 10.1, rule 12, and the
 * table of what a real cluster did), read off its syntax by PostgreSQL 15's own parser: what this parser does not understand,
 * PostgreSQL 15 would not either.
 *
 * A tenant's table is bound, in the level of the query in which it stands, where `business_id` of it is said to equal
 *
 * - a parameter, or a constant;
 * - `business_id` of another tenant's table of the same level that is itself bound (in WHERE or in a join's ON or USING).
 *
 * Only what stands in a conjunction counts. A subselect is a level of its own: that it is correlated with a bound table is not
 * enough, because the planner routes each table by a constant of its own.
 */
import { loadModule, parseSync } from "libpg-query";

/** What the parser gives: objects with one key that names their kind, and lists of them. */
type Tree = Readonly<Record<string, unknown>>;

/** The catalogue that statements are held against. */
export type Catalogue = Readonly<{
  /** The tenants' tables: the type of each column by its name. */
  tenant: ReadonlyMap<string, ReadonlyMap<string, string>>;
  local: ReadonlySet<string>;
  /** The most changeable of each function's variants: i(mmutable), s(table), v(olatile). */
  volatility: ReadonlyMap<string, "i" | "s" | "v">;
}>;

type Level = Readonly<{ tables: readonly { alias: string; name: string }[]; equalities: readonly Tree[] }>;

const isTree = (value: unknown): value is Tree => value !== null && typeof value === "object" && !Array.isArray(value);
const treeAt = (node: Tree | undefined, key: string): Tree | undefined => {
  const value = node?.[key];
  return isTree(value) ? value : undefined;
};
const listAt = (node: Tree | undefined, key: string): readonly Tree[] => {
  const value = node?.[key];
  return Array.isArray(value) ? value.filter(isTree) : [];
};
const textAt = (node: Tree | undefined, key: string): string | undefined => {
  const value = node?.[key];
  return typeof value === "string" ? value : undefined;
};
const statementKinds = ["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt"] as const;
/** What needs no business: it says something of the transaction, or of the session. */
const harmless = new Set(["TransactionStmt", "VariableSetStmt", "VariableShowStmt", "ExplainStmt", "FetchStmt"]);
/** Work on one machine, and break or mean something else on many (rule 13). */
const forbidden =
  /^(pg_(try_)?advisory|nextval$|setval$|currval$|lastval$|set_config$|pg_notify$|txid_|pg_current_xact)/;

/** Loads the parser; once is enough. */
export const loadParser = loadModule;

/** What is wrong with a statement; nothing where Citus can route it. `catalogue` says which tables there are. */
export function refusalsOf(statement: string, catalogue: Catalogue): readonly string[] {
  const parsed = parseSync(statement) as { stmts?: { stmt: Tree }[] };
  return (parsed.stmts ?? []).flatMap(({ stmt }) => new Reading(catalogue).statement(stmt));
}

class Reading {
  private readonly found: string[] = [];
  private readonly seen = new Set<string>();

  constructor(private readonly catalogue: Catalogue) {}

  statement(stmt: Tree): readonly string[] {
    const [kind] = Object.keys(stmt);
    if (kind === "CopyStmt") this.copy(treeAt(stmt, kind));
    else if (kind === "DeclareCursorStmt") this.cursor(treeAt(stmt, kind));
    else if (statementKinds.some((one) => one === kind)) this.any(stmt, new Set());
    else if (kind !== undefined && !harmless.has(kind)) this.found.push(`${kind} is not sent by the product`);
    const tenants = [...this.seen].filter((name) => this.catalogue.tenant.has(name));
    const locals = [...this.seen].filter((name) => this.catalogue.local.has(name));
    if (tenants.length > 0 && locals.length > 0)
      this.found.push(
        `${tenants.join(", ")} lie on a node and ${locals.join(", ")} on the coordinator: two statements`,
      );
    return [...new Set(this.found)];
  }

  private copy(stmt: Tree | undefined): void {
    const relation = treeAt(stmt, "relation");
    if (stmt?.is_from !== true) this.found.push("COPY … TO reads every business");
    if (textAt(relation, "schemaname") !== "staging")
      this.found.push(`COPY into ${textAt(relation, "relname")} is refused under row-level security: stage it`);
  }

  /** A cursor is as its query is; a parameter in it is not what Citus is known to take. */
  private cursor(stmt: Tree | undefined): void {
    const query = treeAt(stmt, "query");
    if (query !== undefined) this.any(query, new Set());
    if (JSON.stringify(query).includes('"ParamRef"')) this.found.push("a cursor has no parameters");
  }

  /** Any statement, wrapped in its kind, as a level of its own. */
  private any(wrapped: Tree, ctes: ReadonlySet<string>): void {
    const [kind] = Object.keys(wrapped);
    const stmt = kind === undefined ? undefined : treeAt(wrapped, kind);
    if (stmt === undefined) return;
    const known = this.withClause(stmt, ctes);
    if (kind === "SelectStmt") this.select(stmt, known);
    else if (kind === "InsertStmt") this.insert(stmt, known);
    else if (kind === "UpdateStmt" || kind === "DeleteStmt") this.change(kind, stmt, known);
  }

  private withClause(stmt: Tree, ctes: ReadonlySet<string>): ReadonlySet<string> {
    const clause = treeAt(stmt, "withClause");
    const known = new Set(ctes);
    for (const one of listAt(clause, "ctes")) {
      const cte = treeAt(one, "CommonTableExpr");
      const name = textAt(cte, "ctename") ?? "";
      if (clause?.recursive === true) known.add(name);
      const query = treeAt(cte, "ctequery");
      if (query !== undefined) this.any(query, known);
      known.add(name);
    }
    return known;
  }

  private select(stmt: Tree, ctes: ReadonlySet<string>): void {
    if (stmt.op !== undefined && stmt.op !== "SETOP_NONE") {
      for (const side of ["larg", "rarg"]) {
        const part = treeAt(stmt, side);
        if (part !== undefined) this.any({ SelectStmt: part }, ctes);
      }
      return;
    }
    const level = this.level(listAt(stmt, "fromClause"), treeAt(stmt, "whereClause"), ctes);
    this.bound(level);
    if (
      listAt(stmt, "lockingClause").some(
        (one) => textAt(treeAt(one, "LockingClause"), "waitPolicy") !== "LockWaitBlock",
      )
    )
      for (const { name } of level.tables.filter((table) => this.catalogue.tenant.has(table.name)))
        this.found.push(`${name}: SKIP LOCKED and NOWAIT are for the coordinator's own tables`);
    this.nested({ ...stmt, withClause: undefined }, ctes);
  }

  private insert(stmt: Tree, ctes: ReadonlySet<string>): void {
    const into = this.table(treeAt(stmt, "relation"), ctes);
    const source = treeAt(treeAt(stmt, "selectStmt"), "SelectStmt");
    if (into !== null && this.catalogue.tenant.has(into.name)) {
      const place = listAt(stmt, "cols").findIndex((col) => textAt(treeAt(col, "ResTarget"), "name") === "business_id");
      if (stmt.withClause !== undefined)
        this.found.push(
          `${into.name}: an insert has no WITH, whose tables keep their own names on the node (the SELECT's own may)`,
        );
      if (place < 0) this.found.push(`${into.name}: an insert names business_id among its columns`);
      else if (source !== undefined) this.source(into.name, place, source, ctes);
      this.conflict(into, treeAt(stmt, "onConflictClause"));
      this.returning(into, stmt);
    }
    this.nested({ ...stmt, withClause: undefined }, ctes);
  }

  /** Where an insert's rows come from: VALUES with the business given, or a SELECT that the node itself can run. */
  private source(into: string, place: number, source: Tree, ctes: ReadonlySet<string>): void {
    const rows = listAt(source, "valuesLists");
    if (rows.length > 0) {
      for (const row of rows) {
        const value = listAt(treeAt(row, "List"), "items")[place];
        if (!isGiven(value)) this.found.push(`${into}: business_id is a parameter or a constant in VALUES`);
      }
      walk({ rows }, (kind) => {
        if (kind === "SubLink") this.found.push(`${into}: VALUES has no subselect`);
        return true;
      });
      return;
    }
    const level = this.level(listAt(source, "fromClause"), treeAt(source, "whereClause"), ctes);
    const target = treeAt(treeAt(listAt(source, "targetList")[place], "ResTarget"), "val");
    const column = columnOf(target);
    const tenants = level.tables.filter((table) => this.catalogue.tenant.has(table.name));
    const isFromTenant =
      column?.name === "business_id" && tenants.some((table) => column.of === null || column.of === table.alias);
    if (!isFromTenant)
      this.found.push(
        `${into}: INSERT … SELECT takes business_id from a tenant's table (from a parameter, unnest or a local table Citus copies over the coordinator, which row-level security refuses)`,
      );
    for (const part of ["limitCount", "limitOffset", "distinctClause", "windowClause"])
      if (source[part] !== undefined && !(Array.isArray(source[part]) && source[part].length === 0))
        this.found.push(`${into}: INSERT … SELECT has no ${part}, which cannot be sent to the node`);
    if (source.op !== undefined && source.op !== "SETOP_NONE")
      this.found.push(`${into}: INSERT … SELECT has no UNION, which cannot be sent to the node`);
    if (this.functionsIn(source).some((name) => this.catalogue.volatility.get(name) === "v"))
      this.found.push(`${into}: INSERT … SELECT calls no volatile function`);
  }

  private change(kind: "UpdateStmt" | "DeleteStmt", stmt: Tree, ctes: ReadonlySet<string>): void {
    const relation = treeAt(stmt, "relation");
    const others = listAt(stmt, kind === "UpdateStmt" ? "fromClause" : "usingClause");
    const where = treeAt(stmt, "whereClause");
    const level = this.level(relation === undefined ? others : [{ RangeVar: relation }, ...others], where, ctes);
    this.bound(level);
    const target = this.table(relation, ctes);
    if (target !== null && this.catalogue.tenant.has(target.name)) {
      const sets = listAt(stmt, "targetList").map((one) => treeAt(one, "ResTarget"));
      if (sets.some((one) => textAt(one, "name") === "business_id"))
        this.found.push(`${target.name}: business_id is never changed`);
      const parts: Tree[] = kind === "UpdateStmt" ? sets.flatMap((one) => setTo(one)) : [];
      if (where !== undefined) parts.push(where);
      for (const part of parts) this.mutable(target.name, part, level);
      this.returning(target, stmt);
    }
    this.nested({ ...stmt, withClause: undefined }, ctes);
  }

  /** Rule 10: what is in a change is worked out before it is sent, so nothing in it may depend on when and where it runs. */
  private mutable(name: string, part: Tree, level: Level): void {
    walk(part, (kind, node) => {
      if (statementKinds.some((one) => one === kind)) return false;
      const isMutable = this.isMutable(kind, node, level);
      if (isMutable === "v") this.found.push(`${name}: ${nameOf(kind, node)} is volatile, in a change`);
      else if (isMutable === "s" && columnsIn(node).length > 0)
        this.found.push(`${name}: ${nameOf(kind, node)} is stable and is given a column, in a change`);
      if (kind === "CoalesceExpr" || kind === "CaseExpr") {
        walk(node, (inner, of) => {
          if (this.isMutable(inner, of, level) !== "i")
            this.found.push(
              `${name}: ${nameOf(inner, of)} is not immutable and stands in COALESCE or CASE, in a change`,
            );
          return true;
        });
      }
      return true;
    });
  }

  private conflict(into: { alias: string; name: string }, clause: Tree | undefined): void {
    if (clause === undefined) return;
    const level: Level = { tables: [into, { ...into, alias: "excluded" }], equalities: [] };
    const parts = [
      ...listAt(clause, "targetList").map((one) => treeAt(treeAt(one, "ResTarget"), "val")),
      treeAt(clause, "whereClause"),
      treeAt(treeAt(clause, "infer"), "whereClause"),
    ].filter((part) => part !== undefined);
    for (const part of parts) {
      walk(part, (kind, node) => {
        if (this.isMutable(kind, node, level) !== "i")
          this.found.push(`${into.name}: ${nameOf(kind, node)} is not immutable, in ON CONFLICT`);
        return true;
      });
    }
  }

  private returning(of: { alias: string; name: string }, stmt: Tree): void {
    const level: Level = { tables: [of], equalities: [] };
    for (const one of listAt(stmt, "returningList")) {
      walk(one, (kind, node) => {
        if (this.isMutable(kind, node, level) !== "i")
          this.found.push(`${of.name}: ${nameOf(kind, node)} is not immutable, in RETURNING`);
        return true;
      });
    }
  }

  /** Of one node, not of what is in it. Casts to and from text of days and instants look at the session's settings. */
  private isMutable(kind: string, node: Tree, level: Level): "i" | "s" | "v" {
    if (kind === "SQLValueFunction") return "s";
    if (kind === "FuncCall") {
      const name = functionName(node);
      if (
        name === "date_trunc" &&
        !/timestamptz/.test(JSON.stringify(node)) &&
        /"timestamp"/.test(JSON.stringify(node))
      )
        return "i";
      return this.catalogue.volatility.get(name) ?? "i";
    }
    if (kind === "A_Expr" && /^[+-]$/.test(textAt(treeAt(listAt(node, "name")[0], "String"), "sval") ?? ""))
      return /"interval"/.test(JSON.stringify(node)) ? "s" : "i";
    if (kind === "TypeCast") {
      const to = typeName(node);
      const column = columnOf(treeAt(node, "arg"));
      if (column === null) return "i";
      const from = level.tables
        .filter((table) => column.of === null || column.of === table.alias)
        .flatMap((table) => this.catalogue.tenant.get(table.name)?.get(column.name) ?? []);
      const zoned = (type: string) => /^(date|time)/.test(type);
      if (from.some((type) => zoned(type)) && to === "text") return "s";
      if (from.some((type) => type.startsWith("text")) && zoned(to)) return "s";
      if (from.some((type) => type === "timestamp with time zone") && /^(date|timestamp)$/.test(to)) return "s";
    }
    return "i";
  }

  private level(from: readonly Tree[], where: Tree | undefined, ctes: ReadonlySet<string>): Level {
    const tables: { alias: string; name: string }[] = [];
    const equalities: Tree[] = where === undefined ? [] : [...conjuncts(where)];
    const visit = (item: Tree): void => {
      const table = this.table(treeAt(item, "RangeVar"), ctes);
      if (table !== null) tables.push(table);
      const join = treeAt(item, "JoinExpr");
      if (join === undefined) return;
      for (const side of ["larg", "rarg"]) {
        const part = treeAt(join, side);
        if (part !== undefined) visit(part);
      }
      const on = treeAt(join, "quals");
      if (on !== undefined) equalities.push(...conjuncts(on));
      if (listAt(join, "usingClause").some((one) => textAt(treeAt(one, "String"), "sval") === "business_id"))
        equalities.push({ using: true });
    };
    for (const item of from) visit(item);
    return { tables, equalities };
  }

  /** The table that a name stands for, null for a CTE's. */
  private table(range: Tree | undefined, ctes: ReadonlySet<string>): { alias: string; name: string } | null {
    const name = textAt(range, "relname");
    if (name === undefined) return null;
    const schema = textAt(range, "schemaname");
    if (schema === undefined && ctes.has(name)) return null;
    const full = schema === undefined || schema === "app" ? name : `${schema}.${name}`;
    if (this.catalogue.tenant.has(full) || this.catalogue.local.has(full)) this.seen.add(full);
    else if (schema !== "pg_catalog" && schema !== "information_schema" && !name.startsWith("pg_"))
      this.found.push(`${full} is no table of the catalogue`);
    return { alias: textAt(treeAt(range, "alias"), "aliasname") ?? name, name: full };
  }

  private bound(level: Level): void {
    const tenants = level.tables.filter((table) => this.catalogue.tenant.has(table.name));
    const bound = new Set<string>();
    const same: (readonly [string, string])[] = [];
    const aliasOf = (column: { of: string | null }): string | undefined =>
      column.of !== null
        ? tenants.find((table) => table.alias === column.of)?.alias
        : tenants.length === 1
          ? tenants[0]?.alias
          : undefined;
    for (const equality of level.equalities) {
      if (equality.using === true) {
        for (const a of tenants) for (const b of tenants) same.push([a.alias, b.alias]);
        continue;
      }
      const [left, right] = [columnOf(treeAt(equality, "lexpr")), columnOf(treeAt(equality, "rexpr"))];
      const sides = [left, right].map((one) => (one?.name === "business_id" ? aliasOf(one) : undefined));
      const [a, b] = sides;
      if (a !== undefined && b !== undefined) same.push([a, b]);
      else if (a !== undefined && isGiven(treeAt(equality, "rexpr"))) bound.add(a);
      else if (b !== undefined && isGiven(treeAt(equality, "lexpr"))) bound.add(b);
    }
    for (let grew = true; grew; ) {
      grew = false;
      for (const [a, b] of same) {
        if (bound.has(a) === bound.has(b)) continue;
        bound.add(a).add(b);
        grew = true;
      }
    }
    for (const { alias, name } of tenants)
      if (!bound.has(alias))
        this.found.push(`${name}${alias === name ? "" : ` (${alias})`} has no business_id = … of its own`);
  }

  /** The statements inside, each a level of its own, and the functions that no node may be asked for. */
  private nested(node: Tree, ctes: ReadonlySet<string>): void {
    walk({ of: node }, (kind, inner) => {
      if (inner === node) return true;
      if (kind === "FuncCall" && forbidden.test(functionName(inner)))
        this.found.push(`${functionName(inner)}() says nothing across nodes`);
      if (!statementKinds.some((one) => one === kind)) return true;
      this.any({ [kind]: inner }, ctes);
      return false;
    });
  }

  private functionsIn(node: Tree): readonly string[] {
    const names: string[] = [];
    walk(node, (kind, inner) => {
      if (kind === "FuncCall") names.push(functionName(inner));
      return true;
    });
    return names;
  }
}

/** Goes through a tree; `visit` gets each object with the key under which it stands, and says whether to go into it. */
function walk(node: Tree, visit: (kind: string, node: Tree) => boolean): void {
  for (const [key, value] of Object.entries(node)) {
    for (const part of Array.isArray(value) ? value : [value]) {
      if (isTree(part) && visit(key, part)) walk(part, visit);
    }
  }
}

function conjuncts(node: Tree): readonly Tree[] {
  const both = treeAt(node, "BoolExpr");
  if (both?.boolop === "AND_EXPR") return listAt(both, "args").flatMap(conjuncts);
  const one = treeAt(node, "A_Expr");
  const isEqual =
    one?.kind === "AEXPR_OP" &&
    textAt(treeAt(listAt(one, "name")[0], "String"), "sval") === "=" &&
    listAt(one, "name").length === 1;
  return isEqual ? [one] : [];
}

function columnOf(node: Tree | undefined): Readonly<{ of: string | null; name: string }> | null {
  const fields = listAt(treeAt(node, "ColumnRef"), "fields").map(
    (field) => textAt(treeAt(field, "String"), "sval") ?? "*",
  );
  const name = fields.at(-1);
  return name === undefined ? null : { of: fields.at(-2) ?? null, name };
}

/** A parameter or a constant, also with a cast. */
function isGiven(node: Tree | undefined): boolean {
  if (node === undefined) return false;
  if (node.ParamRef !== undefined || node.A_Const !== undefined) return true;
  return isGiven(treeAt(treeAt(node, "TypeCast"), "arg"));
}

const functionName = (node: Tree): string => textAt(treeAt(listAt(node, "funcname").at(-1), "String"), "sval") ?? "";
const typeName = (node: Tree): string =>
  textAt(treeAt(listAt(treeAt(node, "typeName"), "names").at(-1), "String"), "sval") ?? "";
const nameOf = (kind: string, node: Tree): string =>
  kind === "FuncCall" ? `${functionName(node)}()` : kind === "TypeCast" ? `a cast to ${typeName(node)}` : kind;

/** What a column is set to; nothing for what is not a tree. */
function setTo(target: Tree | undefined): readonly Tree[] {
  const value = treeAt(target, "val");
  return value === undefined ? [] : [value];
}

function columnsIn(node: Tree): readonly Tree[] {
  const found: Tree[] = [];
  walk(node, (kind, inner) => {
    if (kind === "ColumnRef") found.push(inner);
    return true;
  });
  return found;
}
