/**
 * Every query of ours, and every answer of the local shop, against the schema that Shopify publishes (Admin API 2026-10). The schema lies
 * outside the project: FIXTURES_DIR, by default ../shared/fixtures; without it these tests are skipped and say so.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  buildClientSchema,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  type IntrospectionQuery,
  isEnumType,
  isObjectType,
  isScalarType,
  parse,
  specifiedScalarTypes,
  validate,
} from "graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { bulkOrders, queries } from "../../../integrations/shopify/queries";
import { localSchema } from "../../../scripts/channels/shopify/schema";

const folder = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures");
const file = join(folder, "shopify/schema/admin_2026-10.introspection.json.gz");
const isAbsent = !existsSync(file);
if (isAbsent) console.warn(`skipped: no schema of Shopify's at ${file} (set FIXTURES_DIR)`);
const fixtures = resolve(import.meta.dirname, "../../../integrations/shopify/fixtures");

describe.skipIf(isAbsent)("Shopify's published schema", () => {
  let published: GraphQLSchema;
  beforeAll(() => {
    const text = gunzipSync(readFileSync(file)).toString("utf8");
    const parsed = JSON.parse(text) as { data?: IntrospectionQuery } & IntrospectionQuery;
    // As it is: Shopify gives fields up that their interfaces keep, which graphql's own check of schemas minds.
    published = buildClientSchema(parsed.data ?? parsed, { assumeValid: true });
  }, 60_000);

  const wrongIn = (query: string): readonly string[] => validate(published, parse(query)).map((error) => error.message);

  it.each(Object.entries(queries))("has all that the query %s asks for", (_, query) => {
    expect(wrongIn(query)).toEqual([]);
  });

  it("has all that the bulk operation asks for", () => {
    for (const filter of [null, "processed_at:>='2026-01-01T00:00:00.000Z'"])
      expect(wrongIn(bulkOrders(filter))).toEqual([]);
    expect(wrongIn(bulkOrders(null).replace("totalTipReceivedSet", "totalTipRecievedSet"))).not.toEqual([]);
  });

  it("would not let a misspelt or removed field pass", () => {
    for (const [word, other] of [
      ["totalTipReceivedSet", "totalTipRecievedSet"],
      ["PROCESSED_AT", "NEVER"],
      ["restockType", "restock"],
    ]) {
      const named = Object.values(queries).filter((query) => query.includes(word ?? ""));
      for (const query of named) expect(wrongIn(query.replaceAll(word ?? "", other ?? ""))).not.toEqual([]);
    }
    expect(wrongIn(queries.orders.replace("totalTipReceivedSet", "totalTipRecievedSet"))).not.toEqual([]);
  });

  it("uses nothing that Shopify has given up", () => {
    const types = Object.values(localSchema.getTypeMap()).filter(isObjectType);
    for (const type of types.filter(({ name }) => !name.startsWith("__"))) {
      const known = published.getType(type.name);
      if (!isObjectType(known)) continue;
      for (const name of Object.keys(type.getFields()))
        expect(known.getFields()[name]?.deprecationReason ?? null, `${type.name}.${name}`).toBeNull();
    }
  });

  it("holds the local shop's schema: every type, field, argument and value of it is Shopify's", () => {
    expect(differences(localSchema, published)).toEqual([]);
    expect(localSchema.getQueryType()?.name).toBe(published.getQueryType()?.name);
  });

  it("would not let a local field of another type pass", () => {
    expect(differences(published, localSchema).length).toBeGreaterThan(0);
  });

  it.each(readdirSync(fixtures))("describes our fixture %s", (name) => {
    const body: unknown = JSON.parse(readFileSync(join(fixtures, name), "utf8"));
    const type = published.getType(typeOf(name));
    if (type === undefined) throw new Error(`no type for ${name}`);
    expect(misfits(body, type, name)).toEqual([]);
    // A field that is not Shopify's would be told.
    expect(misfits({ ...(body as object), netto: "1.0" }, type, name)).toEqual([`${name}.netto`]);
  });
});

function typeOf(name: string): string {
  if (name.startsWith("order")) return "Order";
  if (name.startsWith("balance")) return "ShopifyPaymentsBalanceTransaction";
  if (name.startsWith("payout")) return "ShopifyPaymentsPayout";
  return name.startsWith("dispute") ? "ShopifyPaymentsDispute" : "Product";
}

/** What `part` has and `whole` has not, or has otherwise. */
function differences(part: GraphQLSchema, whole: GraphQLSchema): readonly string[] {
  const found: string[] = [];
  const standard = new Set(specifiedScalarTypes.map(({ name }) => name));
  for (const type of Object.values(part.getTypeMap())) {
    if (type.name.startsWith("__") || standard.has(type.name)) continue;
    const known = whole.getType(type.name);
    if (isScalarType(type) && isScalarType(known)) continue;
    if (isEnumType(type) && isEnumType(known)) {
      const values = new Set(known.getValues().map(({ name }) => name));
      found.push(...type.getValues().flatMap(({ name }) => (values.has(name) ? [] : [`${type.name}.${name}`])));
      continue;
    }
    if (!isObjectType(type) || !isObjectType(known)) {
      found.push(type.name);
      continue;
    }
    for (const [name, field] of Object.entries(type.getFields())) {
      const other = known.getFields()[name];
      if (String(other?.type) !== String(field.type)) found.push(`${type.name}.${name}`);
      for (const argument of field.args) {
        const match = other?.args.find((each) => each.name === argument.name);
        if (String(match?.type) !== String(argument.type)) found.push(`${type.name}.${name}(${argument.name})`);
      }
    }
  }
  return found;
}

/** Paths of a document that its type has not. A list in the place of a connection is that connection's nodes. */
function misfits(value: unknown, type: GraphQLNamedType, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => misfits(each, nodesOf(type), `${path}.${index}`));
  if (typeof value !== "object" || value === null) {
    if (value === null) return [];
    if (isEnumType(type)) return type.getValue(String(value)) === undefined ? [path] : [];
    return isScalarType(type) ? [] : [path];
  }
  if (!isObjectType(type)) return [path];
  return Object.entries(value).flatMap(([key, each]) => {
    const field = type.getFields()[key];
    return field === undefined ? [`${path}.${key}`] : misfits(each, getNamedType(field.type), `${path}.${key}`);
  });
}

function nodesOf(type: GraphQLNamedType): GraphQLNamedType {
  const nodes = isObjectType(type) && type.name.endsWith("Connection") ? type.getFields().nodes : undefined;
  return nodes === undefined ? type : getNamedType(nodes.type);
}
