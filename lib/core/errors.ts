/**
 * Three kinds of error leave this product. A Refusal is something that the user can act on; a ChannelError is something that a
 * channel did; everything else is a bug. No error is ever recognised by its text: programs look at `code`, people read `message`.
 */

/** Every code that a refusal may carry, with the HTTP status that answers it. Each is described in docs/errors.md. */
export const errorCodes = {
  already_imported: 409,
  ambiguous_date: 422,
  ambiguous_number: 422,
  bad_character: 422,
  bad_date: 422,
  bad_encoding: 422,
  bad_field: 422,
  bad_json: 400,
  bad_number: 422,
  bad_ofx: 422,
  bad_quantity: 422,
  bad_quote: 422,
  bad_signature: 401,
  balance_mismatch: 422,
  books_closed: 422,
  column_count: 422,
  connect_failed: 400,
  database_away: 503,
  debit_credit: 422,
  does_not_fit: 422,
  does_not_reconcile: 422,
  duplicate_column: 422,
  duplicate_id: 409,
  fact_changed: 409,
  field_missing: 422,
  file_empty: 422,
  file_protected: 422,
  file_too_large: 413,
  future_date: 422,
  in_use: 409,
  invite_for_other: 403,
  invite_gone: 410,
  last_owner: 409,
  line_too_long: 422,
  missing_column: 422,
  moves_costs: 409,
  no_data_rows: 422,
  not_allowed: 403,
  not_found: 404,
  not_ready: 409,
  not_signed_in: 401,
  nothing_to_undo: 409,
  out_of_range: 422,
  over_allocated: 422,
  rate_missing: 422,
  running_already: 409,
  sign_in_failed: 401,
  stale: 409,
  text_too_long: 422,
  too_busy: 503,
  too_deep: 422,
  too_long_at_once: 422,
  too_many_decimals: 422,
  too_many_requests: 429,
  too_many_rows: 422,
  unknown_currency: 422,
  unknown_field: 400,
  unknown_id: 422,
  unknown_kind: 422,
  unknown_time_zone: 422,
  unsupported: 422,
  upload_incomplete: 422,
  weak_password: 422,
  wrong_file_type: 415,
  xml_refused: 422,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof errorCodes;

/** Where and what: the form field, or the row and column of a file, or ids that help to find the place. */
export type Detail = Readonly<Record<string, string>>;

/**
 * Something that the user can act on. `message` is one plain sentence that says what is and what to do, without SQL, stack or
 * ids of others; `detail` says where (`field`, `row`, `column`, `line`).
 */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly detail: Detail;
  constructor(code: ErrorCode, message: string, detail: Detail = {}) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.detail = detail;
  }
  get status(): number {
    return errorCodes[this.code];
  }
}

/** What can go wrong with a channel; workers/run.ts alone knows what each means to the queue. */
export type ChannelFailure = "disconnected" | "throttled" | "unavailable" | "refused" | "unreadable";

/** Something that a channel did. `retryAfterMs` is what the channel asked us to wait, where it said so. */
export class ChannelError extends Error {
  readonly failure: ChannelFailure;
  readonly retryAfterMs: number | null;
  constructor(failure: ChannelFailure, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.name = "ChannelError";
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * A document that is in another currency than it was read for. Whoever can keep that currency reads it again for that one; to everybody
 * else it is `unreadable` like any other.
 */
export class OtherCurrency extends ChannelError {
  /** ISO 4217, in capital letters. */
  readonly currency: string;
  constructor(message: string, currency: string) {
    super("unreadable", message);
    this.name = "OtherCurrency";
    this.currency = currency.toUpperCase();
  }
}

/** A bug: something that the code itself promised does not hold. */
export class InvariantBroken extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InvariantBroken";
  }
}

/** Throws InvariantBroken unless `holds`. For promises of our own code, never for input. */
export function invariant(holds: boolean, message: string): asserts holds {
  if (!holds) throw new InvariantBroken(message);
}

/** For the default branch of an exhaustive switch: adding a case elsewhere makes this a type error. */
export function unreachable(value: never): never {
  throw new InvariantBroken(`a case was forgotten: ${String(value)}`);
}
