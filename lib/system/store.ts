/**
 * Where the bytes of files beside documents are: a folder of this machine (DATA_DIR/files), or an object store that speaks S3 where
 * S3_ENDPOINT is set. A key is a business's id and a file's own, never a name that somebody typed. Never called within a transaction.
 */
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { AwsClient } from "aws4fetch";
import { invariant } from "../core/errors";
import { env } from "./env";
import { isId } from "./ids";

/** A file of a business, both by their ids. */
export type StoreKey = Readonly<{ business: string; file: string }>;

const checked = (id: string): string => {
  invariant(isId(id), "what is stored is named by ids");
  return id;
};

/** Keeps bytes under a key: whole or not at all. */
export function putBytes({ business, file }: StoreKey, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const [folder, name] = [checked(business), checked(file)];
  return env().S3_ENDPOINT === undefined ? putOnDisk(folder, name, bytes) : putInBucket(`${folder}/${name}`, bytes);
}

/** The bytes, or null where there are none. */
export async function getBytes({ business, file }: StoreKey): Promise<Uint8Array<ArrayBuffer> | null> {
  const [folder, name] = [checked(business), checked(file)];
  if (env().S3_ENDPOINT !== undefined) {
    const answer = await asked("GET", `${folder}/${name}`);
    return answer.status === 404 ? null : new Uint8Array(await answer.arrayBuffer());
  }
  try {
    return new Uint8Array(await readFile(path.join(root(), folder, name)));
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return null;
    throw error;
  }
}

/** Takes a file away, and what an upload left that died midway; nothing where there is none. */
export async function removeBytes({ business, file }: StoreKey): Promise<void> {
  const [folder, name] = [checked(business), checked(file)];
  if (env().S3_ENDPOINT !== undefined) {
    await asked("DELETE", `${folder}/${name}`);
    return;
  }
  for (const end of ["", partial]) await rm(path.join(root(), folder, `${name}${end}`), { force: true });
}

/** Takes all files of a business away. */
export async function removeAllBytes(business: string): Promise<void> {
  const folder = checked(business);
  if (env().S3_ENDPOINT === undefined) return rm(path.join(root(), folder), { recursive: true, force: true });
  for (;;) {
    const answer = await asked("GET", "", `list-type=2&max-keys=1000&prefix=${encodeURIComponent(`${folder}/`)}`);
    const keys = [...(await answer.text()).matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = ""]) => key);
    if (keys.length === 0) return;
    for (const key of keys) {
      invariant(key.startsWith(`${folder}/`), "only a business's own files are taken away");
      await asked("DELETE", key);
    }
  }
}

const partial = ".part";
/** Next to the bundler's eye a path of the environment is code. */
const root = (): string => path.resolve(/* turbopackIgnore: true */ env().DATA_DIR, "files");

async function putOnDisk(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const directory = path.join(root(), folder);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const whole = path.join(directory, name);
  const file = await open(`${whole}${partial}`, "w", 0o600);
  try {
    await file.writeFile(bytes);
    // What is said to be kept survives a power cut.
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${whole}${partial}`, whole);
}

const putInBucket = async (key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
  await asked("PUT", key, "", bytes);
};

/** A request to the bucket, signed. 404 is an answer; anything else that is not well is thrown. */
async function asked(
  method: "GET" | "PUT" | "DELETE",
  key: string,
  query = "",
  body?: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const { S3_ENDPOINT, S3_BUCKET, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = env();
  invariant(S3_ENDPOINT !== undefined && S3_BUCKET !== undefined, "a bucket is set with its endpoint");
  invariant(S3_ACCESS_KEY_ID !== undefined && S3_SECRET_ACCESS_KEY !== undefined, "keys are set with an endpoint");
  const client = new AwsClient({
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
    region: S3_REGION,
    service: "s3",
    retries: 2,
  });
  const url = `${S3_ENDPOINT.replace(/\/+$/, "")}/${S3_BUCKET}${key === "" ? "" : `/${key}`}${query === "" ? "" : `?${query}`}`;
  const answer = await client.fetch(url, {
    method,
    signal: AbortSignal.timeout(60_000),
    ...(body === undefined ? {} : { body }),
  });
  if (!answer.ok && answer.status !== 404) {
    await answer.body?.cancel();
    throw new Error(`the object store answered ${answer.status} to ${method}`);
  }
  return answer;
}
