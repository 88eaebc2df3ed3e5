/** GraphQL as Shopify answers it: what a query could cost is counted before it runs, what it did cost after, by objects. */
import {
  type DocumentNode,
  execute,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLObjectType,
  getNamedType,
  isListType,
  isNullableType,
  isObjectType,
  parse,
  type SelectionSetNode,
  validate,
} from "graphql";
import { z } from "zod";
import type { Answer } from "../kit";
import { json } from "../kit";
import { localSchema } from "./schema";

export type Rate = Readonly<{ maximum: number; restore: number }>;
const mostForOne = 1_000;
const documentation = "https://shopify.dev/api/usage/rate-limits";

const Asked = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).nullish() });

export type Graph = Readonly<{
  answer: (body: string) => Answer;
  throttled: (seconds: number) => Answer;
}>;

export function graphOf(root: Readonly<Record<string, unknown>>, rate: Rate, clock: () => number): Graph {
  let [available, at] = [rate.maximum, clock()];
  const status = () => ({
    maximumAvailable: rate.maximum,
    currentlyAvailable: Math.floor(available),
    restoreRate: rate.restore,
  });
  const refill = () => {
    const now = clock();
    available = Math.min(rate.maximum, available + (Math.max(0, now - at) / 1000) * rate.restore);
    at = now;
  };
  const cost = (requested: number, actual: number | null) => ({
    cost: { requestedQueryCost: requested, actualQueryCost: actual, throttleStatus: status() },
  });
  const refused = (message: string, extensions: Readonly<Record<string, unknown>>, rest = {}) =>
    json(200, { errors: [{ message, extensions }], ...rest });

  return {
    throttled: (seconds) => {
      refill();
      const requested = Math.ceil(available + seconds * rate.restore);
      return refused("Throttled", { code: "THROTTLED", documentation }, { extensions: cost(requested, null) });
    },
    answer: (body) => {
      const asked = Asked.safeParse(JSON.parse(body));
      if (!asked.success) return json(400, { errors: { query: "Required parameter missing or invalid" } });
      const variables = asked.data.variables ?? {};
      const { document, wrong } = understood(asked.data.query);
      if (document === null) return json(200, { errors: wrong.map((error) => error.toJSON()) });
      const requested = priceOf(document, variables);
      if (requested > mostForOne)
        return refused(`Query cost is ${requested}, which exceeds the single query max cost limit (${mostForOne}).`, {
          code: "MAX_COST_EXCEEDED",
          cost: requested,
          maxCost: mostForOne,
          documentation,
        });
      refill();
      if (requested > available)
        return refused("Throttled", { code: "THROTTLED", documentation }, { extensions: cost(requested, null) });
      const result = execute({ schema: localSchema, document, rootValue: root, variableValues: variables });
      if (result instanceof Promise) throw new Error("the local shop answers at once");
      const actual = objectsIn(result.data) - 1;
      available -= actual;
      return json(200, { ...result, extensions: cost(requested, actual) });
    },
  };
}

type Understood = Readonly<{ document: DocumentNode | null; wrong: readonly GraphQLError[] }>;
/** By its text: a sync sends the same few queries thousands of times. */
const known = new Map<string, Understood>();

function understood(query: string): Understood {
  const before = known.get(query);
  if (before !== undefined) return before;
  const made = parsed(query);
  if (known.size < 200) known.set(query, made);
  return made;
}

function parsed(query: string): Understood {
  try {
    const document = parse(query);
    const wrong = validate(localSchema, document);
    return wrong.length > 0 ? { document: null, wrong } : { document, wrong };
  } catch (error) {
    if (error instanceof GraphQLError) return { document: null, wrong: [error] };
    throw error;
  }
}

/** An object costs one point, a list what each of as many as are asked for costs, a connection two and its page; words and numbers nothing. */
export function priceOf(document: DocumentNode, variables: Readonly<Record<string, unknown>>): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of document.definitions) if (each.kind === "FragmentDefinition") fragments.set(each.name.value, each);
  const operation = document.definitions.find((each) => each.kind === "OperationDefinition");
  const root = operation?.operation === "mutation" ? localSchema.getMutationType() : localSchema.getQueryType();
  if (operation === undefined || root === null || root === undefined) throw new Error("a document without a query");
  // A mutation has one price, whatever it answers.
  return operation.operation === "mutation" ? 10 : within(operation.selectionSet, root);

  function within(set: SelectionSetNode, type: GraphQLObjectType, page = 1): number {
    let price = 0;
    for (const each of set.selections) {
      if (each.kind === "Field") price += fieldPrice(each, type, page);
      else {
        const named = each.kind === "FragmentSpread" ? fragments.get(each.name.value) : each;
        if (named !== undefined) price += within(named.selectionSet, type, page);
      }
    }
    return price;
  }

  function fieldPrice(field: FieldNode, type: GraphQLObjectType, page: number): number {
    const known = type.getFields()[field.name.value];
    const named = known === undefined ? undefined : getNamedType(known.type);
    if (known === undefined || field.selectionSet === undefined || !isObjectType(named)) return 0;
    if (named.name === "PageInfo") return 0;
    const first = firstOf(field);
    if (named.name.endsWith("Connection")) return 2 + within(field.selectionSet, named, first ?? 50);
    const bare = isNullableType(known.type) ? known.type : known.type.ofType;
    const times =
      field.name.value === "nodes" || field.name.value === "edges" ? page : isListType(bare) ? (first ?? 1) : 1;
    return times * (1 + within(field.selectionSet, named));
  }

  function firstOf(field: FieldNode): number | null {
    const value = field.arguments?.find((each) => each.name.value === "first")?.value;
    if (value?.kind === "IntValue") return Number(value.value);
    if (value?.kind === "Variable") return Number(variables[value.name.value]);
    return null;
  }
}

function objectsIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + objectsIn(each), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, each]) => sum + (key === "pageInfo" ? 0 : objectsIn(each)), 1);
}
