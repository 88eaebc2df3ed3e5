/**
 * What the environment says, read and checked once. Each variable is explained in .env.example. A wrong value gives one line that
 * names the variable and says what it must look like.
 */
import { z } from "zod";

/** An empty value means the same as none. */
const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), type.optional());
const withDefault = <T extends z.ZodType>(type: T, value: string) =>
  z.preprocess((given) => (given === undefined || given === "" ? value : given), type);
const urlOf = (protocols: readonly string[], example: string) =>
  z.string().refine((text) => protocols.includes(URL.parse(text)?.protocol ?? ""), `must be a URL such as ${example}`);
const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `must be a whole number from ${least} to ${most}`,
    )
    .transform(Number);

const Environment = z.object({
  NODE_ENV: withDefault(
    z.enum(["development", "test", "production"], "must be development, test or production"),
    "development",
  ),
  /** The address that people type; links in mails and the kind of cookie follow from it. */
  AUTH_URL: optional(urlOf(["http:", "https:"], "https://books.example.com")),
  AUTH_SECRET: optional(z.string().min(16, "must have at least 16 characters (openssl rand -base64 32)")),
  SMTP_URL: optional(urlOf(["smtp:", "smtps:"], "smtps://user:password@mail.example.com:465")),
  MAIL_FROM: withDefault(
    z.string().regex(/^[^\r\n]+@[^\r\n]+$/, "must be an e-mail address"),
    "Lotbook <lotbook@localhost>",
  ),
  LOG_LEVEL: withDefault(
    z.enum(["trace", "debug", "info", "warn", "error", "silent"], "must be a level such as info"),
    "info",
  ),
  /** How many proxies of ours stand before the web: that many entries at the end of X-Forwarded-For are believed. */
  TRUSTED_PROXIES: withDefault(wholeNumber(0, 10), "0"),
});

export type Env = Readonly<z.infer<typeof Environment>>;

/** Reads an environment. Throws one line that names each wrong variable, without its value, which may be a secret. */
export function readEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const read = Environment.safeParse(source);
  if (read.success) return read.data;
  const wrong = read.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  throw new Error(`The environment is wrong: ${wrong.join("; ")}.`);
}

let known: Env | undefined;

/** The environment of this process, read at first use. */
export function env(): Env {
  known ??= readEnv(process.env);
  return known;
}
