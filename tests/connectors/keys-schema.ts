/** Holds answers against what a channel has published: its examples, or its JSON schema. Strict: a field that is not there is told. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const folder = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures");
export const isAbsent = !existsSync(folder);
if (isAbsent) console.warn(`skipped: no fixtures at ${folder} (set FIXTURES_DIR)`);

export const published = (path: string): unknown => JSON.parse(readFileSync(resolve(folder, path), "utf8"));

const typeOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value === "object" ? "object" : typeof value;
const isObject = (value: unknown): value is Record<string, unknown> => typeOf(value) === "object";

/** What is in `value` and in none of the examples. An empty list or an empty object of the examples says nothing of what may be within. */
export function unlike(value: unknown, examples: readonly unknown[], path = "$"): readonly string[] {
  const types = new Set(examples.map(typeOf));
  // Something that was null in every example could be anything; null where something was is how these APIs leave a thing out.
  if (value === null || types.size === 0 || (types.size === 1 && types.has("null"))) return [];
  if (!types.has(typeOf(value))) return [`${path} is ${typeOf(value)}, published as ${[...types].join(" or ")}`];
  if (Array.isArray(value)) {
    const items = examples.flatMap((example) => (Array.isArray(example) ? example : []));
    return value.flatMap((each, at) => unlike(each, items, `${path}[${at}]`));
  }
  if (!isObject(value)) return [];
  const shapes = examples.filter(isObject);
  if (shapes.every((shape) => Object.keys(shape).length === 0)) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const known = shapes.filter((shape) => Object.hasOwn(shape, name)).map((shape) => shape[name]);
    return known.length === 0 ? [`${path}.${name} is not published`] : unlike(each, known, `${path}.${name}`);
  });
}

/** What of `value` a JSON schema (of an OpenAPI document, with its `$ref`s) does not allow; fields that it does not name among it. */
export function against(document: unknown, schema: unknown, value: unknown, path = "$"): readonly string[] {
  if (!isObject(schema)) return [];
  if (typeof schema.$ref === "string") return against(document, resolved(document, schema.$ref), value, path);
  const both = [schema.allOf, schema.oneOf, schema.anyOf].find(Array.isArray);
  if (both !== undefined) return both.flatMap((each) => against(document, each, value, path));
  const wrong: string[] = [];
  const type = typeOf(value);
  const wanted = schema.type === "integer" ? "number" : schema.type;
  if (wanted !== undefined && wanted !== type) return [`${path} is ${type}, published as ${String(wanted)}`];
  if (schema.type === "integer" && !Number.isInteger(value)) wrong.push(`${path} is no whole number`);
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) wrong.push(`${path} is none of the published words`);
  if (typeof value === "string") {
    if (typeof schema.pattern === "string" && !new RegExp(schema.pattern).test(value))
      wrong.push(`${path} does not match ${schema.pattern}: ${value}`);
    if (typeof schema.minLength === "number" && value.length < schema.minLength) wrong.push(`${path} is too short`);
    if (typeof schema.maxLength === "number" && value.length > schema.maxLength) wrong.push(`${path} is too long`);
  }
  if (typeof value === "number") {
    if (typeof schema.minimum === "number" && value < schema.minimum) wrong.push(`${path} is too small`);
    if (typeof schema.maximum === "number" && value > schema.maximum) wrong.push(`${path} is too large`);
  }
  if (Array.isArray(value))
    wrong.push(...value.flatMap((each, at) => against(document, schema.items, each, `${path}[${at}]`)));
  if (isObject(value) && isObject(schema.properties)) {
    for (const name of Array.isArray(schema.required) ? schema.required : [])
      if (!Object.hasOwn(value, String(name))) wrong.push(`${path}.${String(name)} is missing`);
    for (const [name, each] of Object.entries(value))
      if (Object.hasOwn(schema.properties, name))
        wrong.push(...against(document, schema.properties[name], each, `${path}.${name}`));
      else wrong.push(`${path}.${name} is not published`);
  }
  return wrong;
}

function resolved(document: unknown, reference: string): unknown {
  let at: unknown = document;
  for (const part of reference.replace(/^#\//, "").split("/")) at = isObject(at) ? at[part] : undefined;
  if (at === undefined) throw new Error(`${reference} leads nowhere`);
  return at;
}
