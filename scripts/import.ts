/**
 * `npm run --silent import -- FILE… [--preview] [--country US] [--currency USD] [--time-zone UTC] [--out RESULT.json | --out FOLDER/] [--keep]`:
 * what an upload's preview shows a person, for a program. See docs/importing.md.
 */
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { closeDatabase } from "../db/scope";
import { Refusal } from "../lib/core/errors";
import { importFile } from "../lib/desk/imports";
import type { Scope } from "../lib/people/access";
import { createBusiness, removeBusiness } from "../lib/people/businesses";
import { newId } from "../lib/system/ids";
import { withDatabase } from "./lib/with-database";

const usage =
  "Usage: npm run --silent import -- FILE… [--preview] [--country US] [--currency USD] [--time-zone UTC] [--out RESULT.json | --out FOLDER/] [--keep]";
const limitBytes = 20 * 1024 * 1024;

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        preview: { type: "boolean", default: false },
        country: { type: "string", default: "US" },
        currency: { type: "string", default: "USD" },
        "time-zone": { type: "string", default: "UTC" },
        out: { type: "string" },
        keep: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

const { values, positionals } = readArguments();
if (positionals.length === 0) {
  console.error(usage);
  process.exit(2);
}
const isFolder = values.out !== undefined && (values.out.endsWith("/") || positionals.length > 1);

async function write(file: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value)}\n`;
  if (values.out === undefined) {
    await new Promise<void>((resolve, reject) =>
      process.stdout.write(text, (error) => (error ? reject(error) : resolve())),
    );
    return;
  }
  const target = isFolder ? path.join(values.out, `${path.basename(file)}.json`) : values.out;
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
}

/** A file's bytes; refused where it is not there, or larger than an upload may be. */
async function bytesOf(file: string): Promise<Uint8Array> {
  let size: number;
  try {
    size = (await stat(file)).size;
  } catch (error) {
    throw new Refusal("not_found", `There is no file ${file}${error instanceof Error ? ` (${error.message})` : ""}.`);
  }
  if (size > limitBytes)
    throw new Refusal("file_too_large", `The file has ${Math.ceil(size / 1024 / 1024)} MB; the limit is 20 MB.`);
  return readFile(file);
}

let hasFailed = false;

async function takeAll(scope: Scope): Promise<void> {
  for (const file of positionals) {
    const name = path.basename(file);
    try {
      await write(file, await importFile(scope, { name, bytes: await bytesOf(file) }, values.preview));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      hasFailed = true;
      await write(file, { file: name, error: { code: error.code, message: error.message } });
    }
  }
}

await withDatabase(async () => {
  let scope: Scope | null = null;
  try {
    scope = await createBusiness(
      { id: newId() },
      {
        name: `Import ${path.basename(positionals[0] ?? "")}`.slice(0, 120),
        country: values.country,
        currency: values.currency,
        timeZone: values["time-zone"],
        taxYearStartMonth: 1,
      },
    );
    await takeAll(scope);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A wrong country, currency or time zone is about the command, not about a file.
    hasFailed = true;
    console.error(error.message);
  } finally {
    if (scope !== null) {
      if (values.keep) console.error(JSON.stringify({ business: scope.businessId, slug: scope.slug }));
      else await removeBusiness(scope);
    }
    await closeDatabase();
  }
});
process.exitCode = hasFailed ? 1 : 0;
