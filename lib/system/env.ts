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

const Environment = z
  .object({
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
    /** Where the files beside documents are, in `files`; npm start gives the whole path. */
    DATA_DIR: withDefault(z.string(), ".local"),
    /** An object store in its place; the other four belong to it. */
    S3_ENDPOINT: optional(urlOf(["https:", "http:"], "https://s3.eu-central-1.amazonaws.com")),
    S3_BUCKET: optional(z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket")),
    S3_REGION: withDefault(z.string(), "us-east-1"),
    S3_ACCESS_KEY_ID: optional(z.string()),
    S3_SECRET_ACCESS_KEY: optional(z.string()),
    /** A table of the day's exchange rates in the form of the European Central Bank's; empty: nothing is fetched. */
    EXCHANGE_RATES_URL: optional(
      urlOf(["https:", "http:"], "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"),
    ),
    /** How many megabytes of files a business may keep. */
    ATTACHMENTS_MB: withDefault(wholeNumber(0, 1_000_000), "1000"),
  })
  .superRefine((said, context) => {
    if (said.S3_ENDPOINT === undefined) return;
    for (const name of ["S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] as const)
      if (said[name] === undefined)
        context.addIssue({ code: "custom", path: [name], message: "must be set where S3_ENDPOINT is" });
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
