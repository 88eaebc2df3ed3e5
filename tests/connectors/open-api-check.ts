/**
 * Checks calls and answers against a published OpenAPI 3.0 description: a path, a parameter or a field that it does not have is a
 * problem, as is a value of another kind. Fields that it does not say are refused, so that a misspelt one cannot pass.
 */
import { Ajv, type ValidateFunction } from "ajv";

type Json = Record<string, unknown>;
export type Api = Readonly<{
  /** What is wrong with a call; nothing where it is as described. */
  request: (method: string, path: string, query: URLSearchParams, body?: unknown) => readonly string[];
  answer: (method: string, path: string, status: number, body: unknown) => readonly string[];
}>;

export function apiOf(description: unknown): Api {
  const api = object(description);
  const schemas = object(object(api.components).schemas);
  const closed = closing(new Set(Object.keys(schemas).map((name) => `#/components/schemas/${name}`)));
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, coerceTypes: false });
  const loose = new Ajv({ strict: false, allErrors: true, validateFormats: false, coerceTypes: "array" });
  for (const each of [ajv, loose]) each.addSchema(object(closed({ components: { schemas } })), "api");
  const compiled = new Map<string, ValidateFunction>();
  const paths = Object.entries(object(api.paths)).map(([template, operations]) => ({
    operations: object(operations),
    pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, "[^/]+")}$`),
    // A path without parameters goes before one that would also fit it.
    open: template.split("{").length,
  }));
  paths.sort((a, b) => a.open - b.open);

  function operationOf(method: string, path: string): Json | null {
    const found = paths.find((each) => each.pattern.test(path) && each.operations[method.toLowerCase()] !== undefined);
    return found === undefined ? null : object(found.operations[method.toLowerCase()]);
  }
  function problemsOf(schema: unknown, value: unknown, where: string, by = ajv): readonly string[] {
    const key = `${by === ajv ? "as is" : "text"} ${JSON.stringify(schema)}`;
    const validate = compiled.get(key) ?? by.compile(object(closed(schema)));
    compiled.set(key, validate);
    // Coercion writes into what it is given.
    const holder = by === ajv ? value : structuredClone(value);
    if (validate(holder)) return [];
    return (validate.errors ?? []).map(
      (error) => `${where}${error.instancePath} ${error.message ?? ""} ${JSON.stringify(error.params)}`,
    );
  }

  return {
    request: (method, path, query, body) => {
      const operation = operationOf(method, path);
      if (operation === null) return [`${method} ${path} is not described`];
      const described = list(operation.parameters).map(object);
      const named = new Map(described.filter((each) => each.in === "query").map((each) => [String(each.name), each]));
      const problems: string[] = [];
      for (const [name, value] of query) {
        const parameter = named.get(name);
        if (parameter === undefined) problems.push(`${path} has no parameter ${name}`);
        else {
          const schema = object(parameter.schema);
          const given = schema.type === "array" ? value.split(",") : value;
          // A parameter is text: what it must be is what the text says.
          problems.push(...problemsOf({ properties: { value: schema } }, { value: given }, `${path}?${name}`, loose));
        }
      }
      for (const [name, parameter] of named)
        if (parameter.required === true && !query.has(name)) problems.push(`${path} lacks ${name}`);
      if (operation.requestBody !== undefined)
        problems.push(...problemsOf(schemaOf(object(operation.requestBody)), body, `${path} body`));
      return problems;
    },
    answer: (method, path, status, body) => {
      const operation = operationOf(method, path);
      if (operation === null) return [`${method} ${path} is not described`];
      const responses = object(operation.responses);
      const response = responses[String(status)] ?? responses.default;
      if (response === undefined) return [`${path} is not described to answer ${status}`];
      return problemsOf(schemaOf(object(response)), body, `${path} ${status}`);
    },
  };
}

function schemaOf(holder: Json): unknown {
  return object(object(holder.content)["application/json"]).schema;
}

/**
 * The same schema for ajv: references into `api`, null where it is allowed, and no field that is not named. A reference to what the
 * description forgot (`known` has the others) says nothing: anything fits it.
 */
function closing(known: ReadonlySet<string>): (value: unknown) => unknown {
  function closed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(closed);
    if (typeof value !== "object" || value === null) return value;
    const { nullable, example: _example, examples: _examples, discriminator: _discriminator, ...rest } = value as Json;
    if (typeof rest.$ref === "string" && !known.has(rest.$ref)) return {};
    const made: Json = {};
    for (const [key, each] of Object.entries(rest))
      made[key] =
        key === "$ref" && typeof each === "string"
          ? each.replace(/^#/, "api#")
          : key === "properties" || key === "schemas"
            ? Object.fromEntries(Object.entries(object(each)).map(([name, schema]) => [name, closed(schema)]))
            : closed(each);
    if (made.type === "object" && made.properties !== undefined && made.additionalProperties === undefined)
      made.additionalProperties = false;
    return nullable === true ? { anyOf: [{ type: "null" }, made] } : made;
  }
  return closed;
}

function object(value: unknown): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("the description is not as OpenAPI has it");
  return value as Json;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
