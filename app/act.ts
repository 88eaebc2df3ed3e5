/**
 * What every form goes through: origin, session, scope, the schema, the service; then its answer, or what is wrong with all that was
 * typed kept. An action is one line: `export const pin = action(PinForm, pinSale, { done: () => "Pinned" })`.
 */
import { refresh, revalidatePath } from "next/cache";
import { headers } from "next/headers";
import { redirect, unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import type { Scope } from "@/lib/people/access";
import type { Person } from "@/lib/people/sessions";
import { MovesCosts } from "@/lib/preview";
import { passing } from "@/lib/system/away";
import { rememberWrite } from "./after-write";
import { faultReference } from "./answer";
import { askedOf } from "./asks";
import { refuseOtherOrigin } from "./origin";
import { personOrRefusal, scopeOfRequest } from "./scope";
import { type FormAction, type FormState, secretField, seenField, typedValues } from "./ui/form-state";

type Done = NonNullable<FormState["done"]>;

/** What comes after the service has done its work. */
export type After<Result, Who> = Readonly<{
  /** What was done, in a few words, and the way back, if there is one. */
  done?: ((result: Result, who: Who) => string | Done) | undefined;
  /** Where to go instead of staying: a path of ours, or a channel's own page. */
  to?: ((result: Result, who: Who) => string | Promise<string>) | undefined;
  /** Names of fields that are not sent back with an error. */
  secret?: readonly string[] | undefined;
}>;

/**
 * An action within a business: its scope is that of the page that sent the form. A service that refuses `moves_costs` has its preview
 * shown; `seen` is what the person has seen of it, "" before it was shown.
 */
export function action<Schema extends z.ZodType, Result>(
  schema: Schema,
  service: (scope: Scope, input: z.output<Schema>, seen: string) => Promise<Result>,
  after: After<Result, Scope> = {},
): FormAction {
  return async (_state, data) => {
    let scope: Scope | null = null;
    const seen = data.get(seenField);
    return run(
      data,
      schema,
      async () => {
        scope = await scopeOfRequest();
        return scope;
      },
      (who, input) => service(who, input, typeof seen === "string" ? seen : ""),
      after,
      (error) =>
        scope === null
          ? {}
          : {
              asks: {
                shows: error.changes === null ? null : askedOf(scope, error.changes),
                seen: error.detail.seen ?? "",
              },
            },
    );
  };
}

/** An action of a person outside any business. */
export function personAction<Schema extends z.ZodType, Result>(
  schema: Schema,
  service: (person: Person, input: z.output<Schema>) => Promise<Result>,
  after: After<Result, Person> = {},
): FormAction {
  return (_state, data) => run(data, schema, personOrRefusal, service, after);
}

/** An action of somebody who is not signed in yet. */
export function openAction<Schema extends z.ZodType, Result>(
  schema: Schema,
  service: (input: z.output<Schema>) => Promise<Result>,
  after: After<Result, null> = {},
): FormAction {
  return (_state, data) =>
    run(
      data,
      schema,
      async () => null,
      (_who, input) => service(input),
      after,
    );
}

async function run<Schema extends z.ZodType, Result, Who>(
  data: FormData,
  schema: Schema,
  whoAsks: () => Promise<Who>,
  service: (who: Who, input: z.output<Schema>) => Promise<Result>,
  after: After<Result, Who>,
  asks: (error: MovesCosts) => Pick<FormState, "asks"> = () => ({}),
): Promise<FormState> {
  let to: string | undefined;
  let state: FormState = {};
  try {
    refuseOtherOrigin(await headers());
    const who = await whoAsks();
    const result = await service(who, read(schema, data));
    const done = after.done?.(result, who);
    if (done !== undefined) state = { done: typeof done === "string" ? { message: done } : done };
    to = await after.to?.(result, who);
  } catch (error) {
    // Redirects and "not found" of Next are thrown too.
    unstable_rethrow(error);
    return {
      error: errorOf(error),
      values: kept(data, after.secret),
      ...(error instanceof MovesCosts ? asks(error) : {}),
    };
  }
  await rememberWrite();
  // All figures of the business may have moved: the page that sent the form, and every other that is visited next, is made anew.
  revalidatePath("/", "layout");
  if (to !== undefined) redirect(to);
  refresh();
  return state;
}

function errorOf(thrown: unknown): NonNullable<FormState["error"]> {
  const error = passing(thrown);
  if (error instanceof Refusal) return { code: error.code, message: error.message, field: error.detail.field };
  const { reference, message } = faultReference(error, "an action failed");
  return { code: "fault", message: `${message} (${reference})` };
}

function kept(data: FormData, secret: readonly string[] = []): Record<string, string> {
  const values = typedValues(data);
  for (const name of ["password", ...secret]) delete values[name];
  for (const name of Object.keys(values)) if (name.startsWith(secretField)) delete values[name];
  return values;
}

/** The form as an object: one value as it is, several of one name as a list. Fields of Next's own are left out. */
function read<Schema extends z.ZodType>(schema: Schema, data: FormData): z.output<Schema> {
  const fields = new Map<string, FormDataEntryValue | FormDataEntryValue[]>();
  for (const name of new Set(data.keys())) {
    if (name.startsWith("$ACTION") || name === seenField) continue;
    const all = data.getAll(name);
    fields.set(name, all.length === 1 && all[0] !== undefined ? all[0] : all);
  }
  const result = schema.safeParse(Object.fromEntries(fields));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join(".") ?? "";
  const where = field === "" ? {} : { field };
  if (issue?.code === "unrecognized_keys")
    throw new Refusal(
      "unknown_field",
      `This form has a field too many: ${issue.keys.join(", ")}. Load the page again.`,
    );
  const value = issue?.path[0] === undefined ? undefined : fields.get(String(issue.path[0]));
  if (value === undefined || value === "") throw new Refusal("field_missing", missing(issue?.message), where);
  throw new Refusal("bad_field", issue?.message ?? "This form cannot be read. Load the page again.", where);
}

/** zod's own words for what is missing are for programmers; a message that the schema gives is kept. */
function missing(message: string | undefined): string {
  return message === undefined || message.startsWith("Invalid input") || message.startsWith("Too small")
    ? "This is still missing."
    : message;
}
