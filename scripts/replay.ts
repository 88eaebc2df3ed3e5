/** `npm run --silent replay -- FACTS.jsonl… [--out RESULT.json | --out FOLDER/] [--shuffle SEED] [--chunk N] [--keep]`: a history of facts (lib/replay/parse.ts) in, the books out. */
import { createReadStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { closeDatabase } from "../db/scope";
import { Refusal } from "../lib/core/errors";
import { exactJson } from "../lib/replay/exact-json";
import { ReplayRefused, replay } from "../lib/replay/run";
import { shuffleFacts } from "../lib/replay/shuffle";
import { withDatabase } from "./lib/with-database";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string" },
    shuffle: { type: "string" },
    chunk: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
const chunk = values.chunk === undefined ? null : Number(values.chunk);
if (positionals.length === 0 || (chunk !== null && !(Number.isSafeInteger(chunk) && chunk > 0))) {
  console.error(
    "Usage: npm run --silent replay -- FACTS.jsonl… [--out RESULT.json | --out FOLDER/] [--shuffle SEED] [--chunk N] [--keep]",
  );
  process.exit(2);
}
const isFolder = values.out !== undefined && (values.out.endsWith("/") || positionals.length > 1);

/** A file's lines as JSON with their numbers; an empty line is passed over. */
async function readLines(file: string): Promise<{ line: number; value: unknown }[]> {
  const lines: { line: number; value: unknown }[] = [];
  let number = 0;
  for await (const text of createInterface({
    input: createReadStream(file, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1;
    const clean = number === 1 ? text.replace(/^\uFEFF/, "") : text;
    if (clean.trim() === "") continue;
    try {
      lines.push({ line: number, value: JSON.parse(clean) });
    } catch (error) {
      if (error instanceof SyntaxError)
        throw new ReplayRefused(number, new Refusal("bad_json", `This line is not JSON: ${error.message}`));
      throw error;
    }
  }
  return lines;
}

async function write(file: string, value: unknown): Promise<void> {
  const text = `${exactJson(value)}\n`;
  if (values.out === undefined) {
    await new Promise<void>((resolve, reject) =>
      process.stdout.write(text, (error) => (error ? reject(error) : resolve())),
    );
    return;
  }
  const target = isFolder ? path.join(values.out, `${path.basename(file).replace(/\.jsonl$/, "")}.json`) : values.out;
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
}

let hasFailed = false;
await withDatabase(async () => {
  for (const file of positionals) {
    const name = path.basename(file).replace(/\.jsonl$/, "");
    try {
      const lines = await readLines(file);
      const ordered = values.shuffle === undefined ? lines : shuffleFacts(lines, values.shuffle);
      const done = await replay(ordered, { chunk, keeps: values.keep, name });
      await write(file, done.result);
      console.error(
        JSON.stringify({ file: name, ...done.timings, ...(values.keep ? { business: done.businessId } : {}) }),
      );
    } catch (error) {
      if (!(error instanceof ReplayRefused)) throw error;
      hasFailed = true;
      const told = { error: { line: error.line, code: error.refusal.code, message: error.refusal.message } };
      if (isFolder) await write(file, told);
      console.error(JSON.stringify({ file: name, ...told }));
      if (!isFolder) break;
    }
  }
  await closeDatabase();
});
process.exitCode = hasFailed ? 1 : 0;
