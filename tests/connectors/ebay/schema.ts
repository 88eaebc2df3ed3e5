/**
 * eBay's published descriptions (OpenAPI 3), strictly: a field that is not described is a mistake, in what we ask as in what the local
 * server answers. Of the tests alone.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";

const folder = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures", "ebay/api");
export const hasSchemas = existsSync(folder);

const Api = z.looseObject({
  servers: z.array(z.object({ variables: z.object({ basePath: z.object({ default: z.string() }) }) })),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});
const Operation = z.object({
  parameters: z.array(z.object({ name: z.string(), in: z.string() })).default([]),
  responses: z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()).optional() })),
});

const files = {
  fulfillment: "sell_fulfillment_v1_oas3.json",
  finances: "sell_finances_v1_oas3.json",
  notification: "commerce_notification_v1_oas3.json",
  identity: "commerce_identity_v1_oas3.json",
} as const;

function load(name: keyof typeof files) {
  const api = Api.parse(JSON.parse(readFileSync(resolve(folder, files[name]), "utf8")));
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat("int32", true);
  // Every object is closed, so that a misspelt field is seen.
  const closed = Object.fromEntries(
    Object.entries(api.components.schemas).map(([key, schema]) => [
      key,
      Object.hasOwn(schema, "properties") ? { ...schema, additionalProperties: false } : schema,
    ]),
  );
  ajv.addSchema({ $id: name, components: { schemas: closed } });
  return { api, ajv, base: api.servers[0]?.variables.basePath.default ?? "" };
}
const loaded = new Map<keyof typeof files, ReturnType<typeof load>>();
function apiOf(name: keyof typeof files) {
  const known = loaded.get(name) ?? load(name);
  loaded.set(name, known);
  return known;
}

/** What is wrong with a value, by a named schema of an API; nothing where it is as described. */
export function problemsOf(name: keyof typeof files, schema: string, value: unknown): readonly string[] {
  const { ajv } = apiOf(name);
  const check = ajv.getSchema(`${name}#/components/schemas/${schema}`);
  if (check === undefined) throw new Error(`${name} has no ${schema}`);
  if (check(value) === true) return [];
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** What is wrong with a call: a path, a method or a parameter that is not described. */
export function callProblems(method: string, address: string): readonly string[] {
  const url = new URL(address);
  for (const name of ["fulfillment", "finances", "notification", "identity"] as const) {
    const { api, base } = apiOf(name);
    if (!url.pathname.startsWith(`${base}/`)) continue;
    const path = url.pathname.slice(base.length);
    const template = Object.keys(api.paths).find((each) =>
      new RegExp(`^${each.replace(/\{[^}]+\}/g, "[^/]+")}$`).test(path),
    );
    const found = template === undefined ? undefined : api.paths[template]?.[method.toLowerCase()];
    if (found === undefined) return [`${method} ${path} is not in ${name}`];
    const known = Operation.parse(found)
      .parameters.filter((one) => one.in === "query")
      .map((one) => one.name);
    return [...url.searchParams.keys()]
      .filter((key) => !known.includes(key))
      .map((key) => `${path} has no parameter ${key}`);
  }
  return [`${url.pathname} is in no API that we have`];
}
