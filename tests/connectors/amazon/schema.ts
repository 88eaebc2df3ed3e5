/**
 * Amazon's published models (Swagger 2.0) as checks of our calls and of what the local server answers. The models leave other fields open;
 * here every object is closed, so that a name that Amazon does not have fails.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";

const folder = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures", "amazon/api");
export const hasModels = existsSync(folder);

type Json = { readonly [name: string]: unknown };
type Parameter = Readonly<{
  name: string;
  in: string;
  required?: boolean;
  type?: string;
  format?: string;
  enum?: readonly string[];
  items?: Readonly<{ enum?: readonly string[] }>;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
}>;
type Operation = Readonly<{
  operationId: string;
  parameters: readonly Parameter[];
  responses: Readonly<Record<string, Readonly<{ schema?: Json }>>>;
}>;
type Model = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  definitions: Readonly<Record<string, Json>>;
}>;

const files = [
  "orders_2026-01-01.json",
  "finances_2024-06-19.json",
  "reports_2021-06-30.json",
  "fbaInventory.json",
] as const;
const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$/.test(text);

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schema with no room for other fields. Parts that are laid over each other (allOf) become one object first. */
function closed(schema: unknown, definitions: Model["definitions"]): unknown {
  if (Array.isArray(schema)) return schema.map((one) => closed(one, definitions));
  if (!isObject(schema)) return schema;
  if (Array.isArray(schema.allOf)) {
    const parts = schema.allOf.map((part) => {
      const name = isObject(part) && typeof part.$ref === "string" ? part.$ref.split("/").at(-1) : undefined;
      return name === undefined ? part : definitions[name];
    });
    const objects = parts.filter(isObject);
    return closed(
      {
        type: "object",
        properties: Object.assign({}, ...objects.map(({ properties }) => properties)),
        required: objects.flatMap(({ required }) => (Array.isArray(required) ? required : [])),
      },
      definitions,
    );
  }
  const kept = Object.entries(schema).filter(([name]) => !/^(x-|example|description|discriminator$)/.test(name));
  const inside = Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      name === "properties" && isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([field, one]) => [field, closed(one, definitions)]))
        : closed(value, definitions),
    ]),
  );
  return isObject(schema.properties) ? { ...inside, additionalProperties: false } : inside;
}

export type Models = Readonly<{
  /** What is wrong with a call; empty where nothing is. */
  call: (method: string, url: URL) => readonly string[];
  answer: (method: string, url: URL, status: number, body: unknown) => readonly string[];
  /** What is wrong with something of a definition's kind. */
  definition: (file: (typeof files)[number], name: string, value: unknown) => readonly string[];
}>;

export function models(): Models {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat("date-time", isTime);
  ajv.addFormat("int32", true);
  ajv.addFormat("date", /^\d{4}-\d\d-\d\d$/);
  const known = files.map((file) => {
    const model = JSON.parse(readFileSync(resolve(folder, file), "utf8")) as Model;
    const definitions = Object.fromEntries(
      Object.entries(model.definitions).map(([name, schema]) => [name, closed(schema, model.definitions)]),
    );
    ajv.addSchema({ $id: file, definitions });
    return { file, model };
  });
  const compiled = new Map<string, ValidateFunction>();
  const check = (file: string, schema: Json, value: unknown): readonly string[] => {
    const text = JSON.stringify(schema).replaceAll('"#/', `"${file}#/`);
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text));
    compiled.set(text, validate);
    return validate(value)
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
        );
  };
  const find = (method: string, url: URL) => {
    for (const { file, model } of known)
      for (const [path, operations] of Object.entries(model.paths)) {
        const pattern = new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`);
        const operation = operations[method.toLowerCase()];
        if (pattern.test(url.pathname) && operation !== undefined) return { file, operation };
      }
    return null;
  };
  return {
    call: (method, url) => {
      const found = find(method, url);
      if (found === null) return [`${method} ${url.pathname} is no operation`];
      const { parameters } = found.operation;
      const wrong: string[] = [];
      for (const [name, value] of url.searchParams) {
        const parameter = parameters.find((one) => one.in === "query" && one.name === name);
        if (parameter === undefined) wrong.push(`${name} is no parameter of ${found.operation.operationId}`);
        else wrong.push(...valueProblems(parameter, value));
      }
      for (const { name, required, in: where } of parameters)
        if (required === true && where === "query" && !url.searchParams.has(name)) wrong.push(`${name} is missing`);
      return wrong;
    },
    answer: (method, url, status, body) => {
      const found = find(method, url);
      const schema = found?.operation.responses[String(status)]?.schema;
      if (found === null || schema === undefined) return [`${method} ${url.pathname} has no answer ${status}`];
      return check(found.file, schema, body);
    },
    definition: (file, name, value) => check(file, { $ref: `#/definitions/${name}` }, value),
  };
}

function valueProblems(parameter: Parameter, text: string): readonly string[] {
  const values = parameter.type === "array" ? text.split(",") : [text];
  const allowed = parameter.items?.enum ?? parameter.enum;
  const wrong = values
    .filter((value) => allowed !== undefined && !allowed.includes(value))
    .map((value) => `${parameter.name} may not be ${value}`);
  if (parameter.format === "date-time" && !isTime(text)) wrong.push(`${parameter.name} is no time`);
  if (parameter.type === "boolean" && text !== "true" && text !== "false")
    wrong.push(`${parameter.name} is no boolean`);
  if (parameter.type === "integer") {
    const number = Number(text);
    if (!Number.isInteger(number) || number < (parameter.minimum ?? 1) || number > (parameter.maximum ?? 100))
      wrong.push(`${parameter.name} may not be ${text}`);
  }
  if (values.length > (parameter.maxItems ?? values.length)) wrong.push(`${parameter.name} has too many`);
  return wrong;
}
