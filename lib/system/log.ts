/**
 * The log: one line of JSON for each event, to standard output, in UTC. Secrets are kept out by the names of their fields at any
 * depth, by their place in addresses, and by dropping the parameters that a database error carries. Who logs gives ids, not rows.
 */
import pino from "pino";
import { env } from "./env";

const secretName = /pass(word|wd|phrase)|token|secret|authorization|cookie|credential|api_?key|private_?key|verifier/i;
/** In addresses, headers and command lines that are only text: `?token=…`, `password: …`, `Bearer …`, `//user:password@host`. */
const secretInText = [
  /\b([a-z_]*(?:password|token|secret|code|api_?key|signature|hmac))("?\s*[=:]\s*"?)[^\s&"',;}]+/gi,
  /\b(bearer|basic)(\s+)[a-z0-9._~+/=-]{8,}/gi,
  /(:\/\/[^\s:/@]*)(:)[^\s@/]+(?=@)/g,
] as const;
const hidden = "[hidden]";
const deepest = 6;
const longestText = 4_000;

/** Text as it may be logged. */
export function safeText(text: string): string {
  let safe = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  for (const pattern of secretInText) safe = safe.replace(pattern, `$1$2${hidden}`);
  return safe;
}

/** A value as it may be logged: secrets hidden, errors opened without their parameters, bigint as text. */
export function safe(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return safeText(value);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return value;
  if (depth >= deepest) return "[deeper]";
  if (value instanceof Error) return safeError(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, 100).map((part) => safe(part, depth + 1));
  const out: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) out[name] = secretName.test(name) ? hidden : safe(part, depth + 1);
  return out;
}

/** A database error says its query and parameters in its own text: the parameters, and the rows of `detail`, stay out. */
function safeError(error: Error, depth: number): Record<string, unknown> {
  const message = safeText(error.message.replace(/\nparams:[\s\S]*$/, ""));
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const { code, constraint_name: constraint } = error as { code?: unknown; constraint_name?: unknown };
  return {
    type: error.name,
    message,
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof constraint === "string" ? { constraint } : {}),
    stack: frames.slice(0, 20).map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: safe(error.cause, depth + 1) }),
  };
}

/** A log that writes where it is told: the tests read it, `log` is the process's own. */
export function makeLog(level: string, to?: pino.DestinationStream): pino.Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: (fields) => safe(fields) as Record<string, unknown> },
    hooks: {
      logMethod(args, method) {
        method.apply(this, args.map((part) => (typeof part === "string" ? safeText(part) : part)) as typeof args);
      },
    },
    // `formatters.log` has opened errors already.
    serializers: { err: (error: unknown) => error },
  };
  return to === undefined ? pino(options) : pino(options, to);
}

let own: pino.Logger | undefined;

/** The log of this process. */
export function log(): pino.Logger {
  own ??= makeLog(env().LOG_LEVEL);
  return own;
}
