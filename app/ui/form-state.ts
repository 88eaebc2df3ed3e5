/** What an action answers to its form. Errors keep what was typed; what was done may be taken back. */
export type FormState = Readonly<{
  /** `field` is the name of the field that it is about; without it the message stands only above the fields. */
  error?: Readonly<{ code: string; message: string; field?: string | undefined }> | undefined;
  /** What was typed, by field name, so that nothing is lost. */
  values?: Readonly<Record<string, string>> | undefined;
  /** `copy`: what is told this once, to be taken along (a link). */
  done?: Readonly<{ message: string; undo?: Undo | undefined; copy?: Copy | undefined }> | undefined;
  /** It moves posted costs, so what it changes is shown first; sent again with `seen`, it is done. */
  asks?: Readonly<{ shows: Asked | null; seen: string }> | undefined;
}>;

/** What a change moves, in texts alone: without script the whole state travels with the form. */
export type Asked = Readonly<{
  figures: readonly Readonly<{ label: string; now: string; change: string; after: string }>[];
  sales: readonly Readonly<{ says: string; number: string; href: string }>[];
  lines: readonly string[];
}>;

/** A field whose name begins with this is a secret: what was typed is not sent back with an error. */
export const secretField = "secret.";

/** The field in which a form says what its person has seen of a change before it is made. */
export const seenField = "seen";

/** The field in which a form that shows what it changes while it is filled in says which preview that was. */
export const acceptedField = "accepted";

/** A server action that a form sends itself to. */
export type FormAction = (state: FormState, data: FormData) => Promise<FormState>;

/** The way back: the label of its button, the action, and what it is sent. */
export type Undo = Readonly<{ label: string; action: FormAction; values: Readonly<Record<string, string>> }>;

/** A text that stands in the form after it was sent, with its label. */
export type Copy = Readonly<{ label: string; text: string }>;

/** Before anything was sent. */
export const untouched: FormState = {};

/** Everything typed, as text, for `values`. Files are left out: a browser does not give them back. */
export function typedValues(data: FormData): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of data) if (typeof value === "string" && !name.startsWith("$ACTION")) values[name] = value;
  return values;
}
