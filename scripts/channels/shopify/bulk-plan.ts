/**
 * A bulk operation's query, checked as Shopify checks it and made into a plan by which orders are written as lines: an object a line, what
 * hangs on it through a connection in lines of its own that name their parent. graphql's own executor would take ten times as long.
 */
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  getNamedType,
  isListType,
  isNullableType,
  isObjectType,
  parse,
  type SelectionSetNode,
  validate,
  valueFromASTUntyped,
} from "graphql";
import { localSchema } from "./schema";
import { inBulk } from "./view";

type Field = Readonly<{
  key: string;
  name: string;
  args: Readonly<Record<string, unknown>>;
  /** What is asked of the objects behind it; null for words and numbers. */
  within: Plan | null;
  /** It is a connection: its nodes are lines of their own. */
  isConnection: boolean;
}>;
export type Plan = Readonly<{ typename: string; fields: readonly Field[] }>;
/** What is asked of each order, and which orders. */
export type BulkQuery = Readonly<{ filter: string | null; order: Plan }>;
export type Planned = Readonly<{ query: BulkQuery | null; wrong: readonly string[] }>;

const isConnection = (name: string) => name.endsWith("Connection");

/** Reads a query as `bulkOperationRunQuery` does; `wrong` is what it says is wrong with it. */
export function planOf(text: string): Planned {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch (error) {
    return { query: null, wrong: [`Invalid bulk query: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const [operation] = document.definitions;
  if (operation?.kind !== "OperationDefinition" || operation.operation !== "query" || document.definitions.length > 1)
    return { query: null, wrong: ["Invalid operation type. Only `query` operations are supported."] };
  const invalid = validate(localSchema, document).map((error) => `Invalid bulk query: ${error.message}`);
  const root = localSchema.getQueryType();
  if (invalid.length > 0 || root === null || root === undefined) return { query: null, wrong: invalid };
  const wrong = problemsOf(operation.selectionSet, root);
  if (wrong.length > 0) return { query: null, wrong };
  const [orders] = fieldsOf(operation.selectionSet);
  if (orders?.name.value !== "orders") return { query: null, wrong: ["The local Shopify exports orders only."] };
  const made = planned(operation.selectionSet, root).fields[0];
  const filter = made?.args.query;
  return {
    query:
      made?.within === null || made === undefined
        ? null
        : { filter: typeof filter === "string" ? filter : null, order: made.within },
    wrong: [],
  };
}

const fieldsOf = (set: SelectionSetNode): readonly FieldNode[] =>
  set.selections.map((each) => {
    if (each.kind !== "Field") throw new Error("the local Shopify takes no fragments in bulk queries");
    return each;
  });

function problemsOf(set: SelectionSetNode, root: GraphQLObjectType): readonly string[] {
  const found = { connections: 0, depth: 0, byNodes: false, inList: false, withoutId: [] as string[] };
  const walk = (from: SelectionSetNode, type: GraphQLObjectType, depth: number, isInList: boolean): void => {
    for (const field of fieldsOf(from)) {
      const known = type.getFields()[field.name.value];
      const named = known === undefined ? undefined : getNamedType(known.type);
      if (known === undefined || field.selectionSet === undefined || !isObjectType(named)) continue;
      const bare = isNullableType(known.type) ? known.type : known.type.ofType;
      if (!isConnection(named.name)) {
        walk(field.selectionSet, named, depth, isInList || isListType(bare));
        continue;
      }
      found.connections += 1;
      found.depth = Math.max(found.depth, depth);
      found.inList ||= isInList;
      if (depth > 0 && !fieldsOf(from).some((each) => each.name.value === "id" && each.alias === undefined))
        found.withoutId.push(field.name.value);
      for (const edges of fieldsOf(field.selectionSet)) {
        if (edges.name.value === "nodes") found.byNodes = true;
        const node = edges.selectionSet === undefined ? undefined : fieldsOf(edges.selectionSet)[0];
        const edge = getNamedType(named.getFields().edges?.type);
        const target = isObjectType(edge) ? getNamedType(edge.getFields().node?.type) : undefined;
        if (node?.selectionSet !== undefined && isObjectType(target)) walk(node.selectionSet, target, depth + 1, false);
      }
    }
  };
  walk(set, root, 0, false);
  return [
    ...(found.byNodes
      ? ["All connection fields in a bulk query must select their contents using 'edges' > 'node'."]
      : []),
    ...(found.depth > 2 ? ["Bulk queries cannot contain connections with a nesting depth greater than 2."] : []),
    ...(found.connections > 5 ? ["Bulk queries cannot contain more than 5 connections."] : []),
    ...(found.withoutId.length > 0
      ? [`The parent 'node' field for a nested connection must select the 'id' field: ${found.withoutId.join(", ")}.`]
      : []),
    ...(found.inList
      ? ["Queries that contain a connection field within a list field are not currently supported."]
      : []),
    ...(found.connections === 0 ? ["Bulk queries must contain at least one connection."] : []),
  ];
}

function planned(set: SelectionSetNode, type: GraphQLObjectType): Plan {
  const fields = fieldsOf(set).map((field): Field => {
    const name = field.name.value;
    const known = type.getFields()[name];
    const named = known === undefined ? undefined : getNamedType(known.type);
    const of = { key: field.alias?.value ?? name, name, args: argumentsOf(field.arguments ?? []) };
    if (field.selectionSet === undefined || !isObjectType(named)) return { ...of, within: null, isConnection: false };
    if (!isConnection(named.name)) return { ...of, within: planned(field.selectionSet, named), isConnection: false };
    const edge = getNamedType(named.getFields().edges?.type);
    const target = isObjectType(edge) ? getNamedType(edge.getFields().node?.type) : undefined;
    const [edges] = fieldsOf(field.selectionSet);
    const node = edges?.selectionSet === undefined ? undefined : fieldsOf(edges.selectionSet)[0];
    if (node?.selectionSet === undefined || !isObjectType(target)) throw new Error(`${name} has no edges and nodes`);
    return { ...of, within: planned(node.selectionSet, target), isConnection: true };
  });
  return { typename: type.name, fields };
}

const argumentsOf = (given: readonly ArgumentNode[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));

type Shown = Readonly<Record<string, unknown>>;
const isShown = (value: unknown): value is Shown => typeof value === "object" && value !== null;

function got(from: Shown, field: Field): unknown {
  const value = from[field.name];
  return typeof value === "function"
    ? (value as (args: unknown, context: unknown) => unknown)(field.args, inBulk)
    : value;
}

function shown(plan: Plan, from: Shown): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const field of plan.fields) {
    if (field.isConnection) continue;
    const value = field.name === "__typename" ? plan.typename : got(from, field);
    const { within } = field;
    made[field.key] =
      within === null
        ? (value ?? null)
        : Array.isArray(value)
          ? value.map((each: Shown) => shown(within, each))
          : isShown(value)
            ? shown(within, value)
            : null;
  }
  return made;
}

/** An object's own line, then those that hang on it. */
export function linesOf(plan: Plan, from: Shown, parent: string | null = null): readonly string[] {
  const own = shown(plan, from);
  const lines = [JSON.stringify(parent === null ? own : { ...own, __parentId: parent })];
  for (const field of plan.fields) {
    if (!field.isConnection || field.within === null) continue;
    const connection = got(from, field);
    if (!isShown(connection) || !Array.isArray(connection.nodes)) continue;
    for (const node of connection.nodes as readonly Shown[]) lines.push(...linesOf(field.within, node, String(own.id)));
  }
  return lines;
}
